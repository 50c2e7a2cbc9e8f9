"""Walking folders by stat alone: which photos are there, and which folders have changed.

A folder's *signature* is a hash over the name, size and times of every file in it that matters. Where the catalogue
knows the same signature, nothing in the folder has to be looked up, which is what makes a rescan as quick as a listing.
"""

# ruff: noqa: PTH100, PTH110, PTH112, PTH113, PTH116, PTH118 - strings all the way: a Path a file would cost more than the walk itself

from __future__ import annotations

import logging
import os
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from aesthetic_studio.records import PhotoFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

log = logging.getLogger("aesthetic_studio.library.scan")

_TRASH = frozenset(
    {
        "$recycle.bin",
        "@eadir",
        "lost+found",
        "system volume information",
        "__macosx",
        "#recycle",
        "#snapshot",
        "recycler",
    }
)
_PACKAGES = (".photoslibrary", ".photolibrary", ".migratedphotolibrary", ".aplibrary", ".lrdata", ".lrcat-data", ".app")
"""Folders that another program keeps as one document: their insides are not the person's albums."""
_STILL_OF_MOVIE = frozenset({".heic", ".heif", ".hif"})
_CAMERA_RENDITIONS = _STILL_OF_MOVIE | {".jpg", ".jpeg", ".jpe"}
"""What cameras write beside a RAW; a TIFF or PNG of the same stem is somebody's export, and a photo of its own."""
_IS_WINDOWS = os.name == "nt"
_WINDOWS_HIDDEN = 0x2


@dataclass(frozen=True, slots=True)
class FormatSets:
    """Lower-case suffixes with their dot. ``photo`` holds every suffix that can be a photo, those of ``raw`` too."""

    photo: frozenset[str]
    raw: frozenset[str]
    movie: frozenset[str]
    sidecar: frozenset[str]


@dataclass(frozen=True, slots=True)
class SkipCounts:
    """What a walk passed by."""

    hidden: int = 0
    """Hidden files and folders, and folders that are another program's document."""
    trashed: int = 0
    """Trash and system folders."""
    links: int = 0
    """Links that lead nowhere, and ways into a folder that was walked already."""
    special: int = 0
    """Pipes, sockets and devices with a photo's name."""
    unreadable: tuple[str, ...] = ()
    """Folders that could not be listed."""

    def __add__(self, other: SkipCounts) -> SkipCounts:
        return SkipCounts(
            self.hidden + other.hidden,
            self.trashed + other.trashed,
            self.links + other.links,
            self.special + other.special,
            self.unreadable + other.unreadable,
        )

    @property
    def total(self) -> int:
        """Everything that was passed by."""
        return self.hidden + self.trashed + self.links + self.special + len(self.unreadable)


@dataclass(frozen=True, slots=True)
class FolderScan:
    """What one folder holds now."""

    path: str
    signature: bytes
    unchanged: bool
    """The catalogue knows exactly this state; ``files`` is left empty."""
    files: tuple[PhotoFile, ...] = ()
    skipped: SkipCounts = field(default_factory=SkipCounts)
    """What this folder adds to the walk's counts."""
    reachable: bool = True
    """False where the folder is there and cannot be listed."""
    partial: bool = False
    """Only a single file was asked for, so the rest of the folder says nothing."""


@dataclass(slots=True)
class _Listing:
    """The entries of one folder that matter."""

    marks: list[str] = field(default_factory=list)
    """One ``name/size/times`` for each file."""
    photos: list[tuple[str, int, int]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Names of movies and sidecars."""
    folders: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    """Links to folders."""
    hidden: int = 0
    trashed: int = 0
    dead_links: int = 0
    special: int = 0

    def signature(self) -> bytes:
        """16 bytes over everything that could make a rescan worthwhile."""
        joined = "\n".join(sorted(self.marks)).encode("utf-8", "surrogateescape")
        return blake2b(joined, digest_size=16, person=b"folder-1").digest()

    def skipped(self) -> SkipCounts:
        """The counts of this folder."""
        return SkipCounts(self.hidden, self.trashed, self.dead_links, self.special)


def walk(
    roots: Iterable[str],
    formats: FormatSets,
    *,
    known: Callable[[str], bytes | None],
    should_stop: Callable[[], bool],
) -> Iterator[FolderScan]:
    """Walk each root, folders and names in order; a root may also be a single file.

    Real folders come before links to folders, and no folder is walked twice, so loops end and a photo is found under
    its real place where that is within the roots. A root that is not there yields nothing: see ``finish_scan``.
    """
    going = _Walk(formats, known, should_stop)
    for root in roots:
        path = os.path.abspath(root)  # not resolve(): it would rename what the person named
        if os.path.isdir(path):
            yield from going.tree(path)
        elif os.path.isfile(path):
            yield from going.single(path)
    while going.links and not should_stop():
        links, going.links = sorted(going.links), []
        for link in links:
            yield from going.tree(link)


def _kinds(formats: FormatSets) -> dict[str, bool]:
    """Suffix → whether it is a photo (and not merely a companion)."""
    return dict.fromkeys(formats.movie | formats.sidecar, False) | dict.fromkeys(formats.photo | formats.raw, True)


class _Walk:
    """One walk over some roots.

    Attributes:
        links: Links to folders that were met and not followed yet.
    """

    def __init__(
        self, formats: FormatSets, known: Callable[[str], bytes | None], should_stop: Callable[[], bool]
    ) -> None:
        self.links: list[str] = []
        self._formats = formats
        self._kinds = _kinds(formats)
        self._known = known
        self._should_stop = should_stop
        self._seen: set[tuple[int, int]] = set()

    def tree(self, top: str) -> Iterator[FolderScan]:
        """A folder and all below it."""
        stack = [top]
        while stack and not self._should_stop():
            folder = stack.pop()
            try:
                status = os.stat(folder)
                identity = (status.st_dev, status.st_ino)
                if identity in self._seen:
                    yield FolderScan(folder, b"", unchanged=True, skipped=SkipCounts(links=1))
                    continue
                listing = _list(folder, self._kinds)
            except (FileNotFoundError, NotADirectoryError):
                continue  # it vanished while we walked
            except OSError:
                skipped = SkipCounts(unreadable=(folder,))
                yield FolderScan(folder, b"", unchanged=False, skipped=skipped, reachable=False)
                continue
            self._seen.add(identity)
            stack += [os.path.join(folder, name) for name in sorted(listing.folders, reverse=True)]
            self.links += [os.path.join(folder, name) for name in listing.links]
            yield self._scan(folder, listing)

    def _scan(self, folder: str, listing: _Listing) -> FolderScan:
        signature = listing.signature()
        if self._known(folder) == signature:
            return FolderScan(folder, signature, unchanged=True, skipped=listing.skipped())
        files = pair(folder, listing.photos, listing.others, self._formats)
        return FolderScan(folder, signature, unchanged=False, files=files, skipped=listing.skipped())

    def single(self, path: str) -> Iterator[FolderScan]:
        """The photo that this one file belongs to."""
        folder, name = os.path.split(path)
        try:
            listing = _list(folder, self._kinds)
        except OSError:
            skipped = SkipCounts(unreadable=(folder,))
            yield FolderScan(folder, b"", unchanged=False, skipped=skipped, partial=True)
            return
        files = tuple(
            file
            for file in pair(folder, listing.photos, listing.others, self._formats)
            if name == file.name or name in file.companions
        )
        yield FolderScan(folder, b"", unchanged=False, files=files, partial=True)


def _list(folder: str, kinds: dict[str, bool]) -> _Listing:
    """List one folder. Raises ``OSError`` where that is not possible."""
    listing = _Listing()
    mark, photo = listing.marks.append, listing.photos.append
    kind_of = kinds.get
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name[0] == ".":
                listing.hidden += 1
                continue
            is_photo = kind_of(name[name.rfind(".") :].lower()) if "." in name else None
            try:
                if is_photo is None or not entry.is_file():
                    _note_other(entry, name, is_photo is not None, listing)
                    continue
            except OSError as error:
                _pass_by(entry, error, listing)
                continue
            try:
                status = entry.stat()
            except OSError:
                continue  # it vanished since it was listed
            if _IS_WINDOWS and _is_hidden_on_windows(status):
                listing.hidden += 1
                continue
            size, modified = status.st_size, status.st_mtime_ns
            # The change time is in here, so that a file whose permissions were mended is tried again.
            mark(f"{name}/{size}/{modified}/{status.st_ctime_ns}")
            if is_photo:
                photo((name, size, modified))
            else:
                listing.others.append(name)
    return listing


def _note_other(entry: os.DirEntry[str], name: str, has_photo_name: bool, listing: _Listing) -> None:
    """A folder, a link to one, or something that no photo can be made of."""
    if entry.is_dir():
        lowered = name.lower()
        if lowered in _TRASH:
            listing.trashed += 1
        elif lowered.endswith(_PACKAGES) or (_IS_WINDOWS and _is_hidden_on_windows(entry.stat())):
            listing.hidden += 1
        elif entry.is_symlink():
            listing.links.append(name)
        else:
            listing.folders.append(name)
    elif entry.is_symlink() and not os.path.exists(entry.path):
        listing.dead_links += 1
    elif has_photo_name:
        listing.special += 1


def _pass_by(entry: os.DirEntry[str], error: OSError, listing: _Listing) -> None:
    """A link that cannot be followed, as one that leads in a circle; it must not hide the rest of its folder."""
    if not entry.is_symlink():
        raise error
    log.warning("the link %s is skipped: %s", entry.path, error.strerror or error)
    listing.dead_links += 1


def _is_hidden_on_windows(status: os.stat_result) -> bool:
    return bool(getattr(status, "st_file_attributes", 0) & _WINDOWS_HIDDEN)


def pair(
    folder: str, photos: Sequence[tuple[str, int, int]], others: Sequence[str], formats: FormatSets
) -> tuple[PhotoFile, ...]:
    """Make one photo of the files that one press of the shutter left: RAW+JPEG, a still and its movie, sidecars.

    They share the stem, case aside. Where it is not clear what belongs to what (a JPEG and a PNG, two JPEGs), each
    stays a photo of its own.
    """
    photos = sorted(photos)
    companions: dict[str, list[str]] = defaultdict(list)
    joined: set[str] = set()
    if others or any(_suffix(name) in formats.raw for name, _, _ in photos):
        by_stem: dict[str, list[str]] = defaultdict(list)
        for name, _, _ in photos:
            by_stem[_stem(name)].append(name)
        for stem, names in by_stem.items():
            if len(names) > 1:
                _join_raws(names, formats, companions, joined)
            by_stem[stem] = [name for name in names if name not in joined]
        by_name = {name.casefold(): name for name, _, _ in photos}
        for other in sorted(others):
            host = _host_of(other, by_stem, by_name, companions, formats)
            if host is not None:
                companions[host].append(other)
    return tuple(
        PhotoFile(folder, name, size, modified, tuple(companions[name]) if name in companions else ())
        for name, size, modified in photos
        if name not in joined
    )


def _stem(name: str) -> str:
    return name[: name.rfind(".")].casefold()


def _suffix(name: str) -> str:
    return name[name.rfind(".") :].lower()


def _join_raws(names: list[str], formats: FormatSets, companions: dict[str, list[str]], joined: set[str]) -> None:
    """Give the RAWs of one stem to its only camera rendition."""
    raws = [name for name in names if _suffix(name) in formats.raw]
    renditions = [name for name in names if _suffix(name) in _CAMERA_RENDITIONS and name not in raws]
    if raws and len(renditions) == 1:
        companions[renditions[0]] += raws
        joined.update(raws)


def _host_of(
    other: str,
    by_stem: dict[str, list[str]],
    by_name: dict[str, str],
    companions: dict[str, list[str]],
    formats: FormatSets,
) -> str | None:
    """The photo that a movie or a sidecar belongs to."""
    stem = _stem(other)
    if _suffix(other) in formats.sidecar and stem in by_name:  # IMG_1.CR2.xmp
        named = by_name[stem]
        return next((host for host, members in companions.items() if named in members), named)
    hosts = by_stem.get(stem, [])
    if _suffix(other) in formats.movie:
        stills = [name for name in hosts if _suffix(name) in _STILL_OF_MOVIE]
        stills = stills or [name for name in hosts if _suffix(name) in _CAMERA_RENDITIONS]
        return stills[0] if len(stills) == 1 else None
    with_raw = [name for name in hosts if _suffix(name) in formats.raw or name in companions]
    return next(iter(with_raw or hosts), None)
