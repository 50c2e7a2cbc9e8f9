"""Photos without a photo's name, as recovery programs leave them behind: found by their first bytes.

Only in folders that the user named, not below them: there it costs one look at a few files, and elsewhere it would mean
opening every file of a disk.
"""

from __future__ import annotations

import os
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.records import PhotoFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aesthetic_studio.library.scan import FolderScan, FormatSets

_HEAD_BYTES = 256


class NamelessPhotos:
    """Completes the scans of named folders with the photos that only their bytes tell.

    Such files are part of their folder's signature: a folder that has none costs nothing more, and one that has not
    changed is recognised without opening them.
    """

    def __init__(
        self, roots: Sequence[str], formats: FormatSets, known_signature: Callable[[str], bytes | None]
    ) -> None:
        self._known_signature = known_signature
        self._candidates = {root: files for root in roots if (files := _files_of_unknown_kind(root, formats))}

    def known(self, folder: str) -> bytes | None:
        """For the walk: the signature that it may compare with, and none for folders that are compared here."""
        return None if folder in self._candidates else self._known_signature(folder)

    def complete(self, scan: FolderScan) -> FolderScan:
        """Return the scan with its nameless photos."""
        candidates = self._candidates.get(scan.path)
        if not candidates or not scan.reachable or scan.partial:
            return scan
        marks = "\n".join(f"{file.name}/{file.size}/{file.mtime_ns}" for file in candidates)
        signature = blake2b(scan.signature + os.fsencode(marks), digest_size=16, person=b"folder-named").digest()
        if signature == self._known_signature(scan.path):
            return replace(scan, signature=signature, unchanged=True, files=())
        photos = tuple(file for file in candidates if _is_photo(str(file.path)))
        return replace(scan, signature=signature, files=scan.files + photos)


def _files_of_unknown_kind(folder: str, formats: FormatSets) -> list[PhotoFile]:
    """Regular files whose suffix says nothing to us, by name."""
    named = formats.photo | formats.raw | formats.movie | formats.sidecar
    found: list[PhotoFile] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 – a name, not a path
                if entry.name.startswith(".") or suffix in named or not entry.is_file(follow_symlinks=False):
                    continue
                status = entry.stat(follow_symlinks=False)
                found.append(PhotoFile(folder, entry.name, status.st_size, status.st_mtime_ns))
    except OSError:
        # The walk reports folders that cannot be listed; a file that vanished is none.
        return []
    return sorted(found, key=lambda file: file.name)


def _is_photo(path: str) -> bool:
    from aesthetic_studio.imaging.source import sniff

    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 – one system call less
            sniff(file.read(_HEAD_BYTES), path)
    except (UnreadablePhoto, OSError):
        return False
    return True
