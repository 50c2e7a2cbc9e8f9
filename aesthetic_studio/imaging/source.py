"""From a path to bytes, and from bytes to what kind of file they are.

Only regular files are ever opened: a pipe or a device in a photo folder must not make the program wait. A file's
kind is told by its first bytes, as names lie; the name decides only between TIFF and the RAW formats built upon it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, BinaryIO

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging.formats import RAW_SUFFIXES
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILE_BYTES = 2 * 1024**3
"""A file is held in memory while it is read; no camera writes more for one photo."""

HASH_BYTES = 16
_CHUNK = 1 << 20


class Kind(Enum):
    """What a file's bytes are."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    TIFF = "TIFF"
    BMP = "BMP"
    GIF = "GIF"
    PSD = "PSD"
    HEIF = "HEIF"
    AVIF = "AVIF"
    RAW = "RAW"


_STARTS = (
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"8BPS", Kind.PSD),
    (b"BM", Kind.BMP),
)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_RAW_STARTS = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM", b"II\x1a\0\0\0HEAPCCDR")
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_OTHER_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", kept("problem", "a PDF document")),
    (b"PK\x03\x04", kept("problem", "a ZIP archive or an office document")),
    (b"\x1a\x45\xdf\xa3", kept("problem", "a movie")),
    (b"\0\0\x01\xba", kept("problem", "a movie")),
    (b"\0\0\x01\xb3", kept("problem", "a movie")),
    (b"ID3", kept("problem", "a sound file")),
    (b"\xff\xfb", kept("problem", "a sound file")),
    (b"OggS", kept("problem", "a sound file")),
    (b"%!PS", kept("problem", "a PostScript document")),
    (b"\x7fELF", kept("problem", "a program")),
    (b"MZ", kept("problem", "a program")),
    (b"SQLite format 3", kept("problem", "a database")),
)


def read_bytes(path: str) -> bytes:
    """Read the whole file. Raises ``UnreadablePhoto`` with the reason in plain words where it cannot be had."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        _refuse_irregular(path, os.stat(path))  # noqa: PTH116 - a path may hold bytes that are not UTF-8
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            status = os.fstat(descriptor)
            _refuse_irregular(path, status)
            if status.st_size > MAX_FILE_BYTES:
                raise UnreadablePhoto(
                    path,
                    kept("problem", "the file is {st_size} GB, more than a photo can be").format(
                        st_size=f"{status.st_size / 1024**3:.1f}"
                    ),
                    kept("problem", "If it is a photo, save a smaller copy of it."),
                )
            data = _read_all(file.fileno(), status.st_size)
    except (OSError, ValueError) as problem:
        raise _plain(path, problem) from problem
    if not data:
        raise UnreadablePhoto(
            path, kept("problem", "the file is empty"), kept("problem", "Copy it again from the camera or a backup.")
        )
    return data


@contextlib.contextmanager
def open_regular(path: str) -> Iterator[BinaryIO]:
    """Open a file to read a part. Raises ``OSError``, ``ValueError``, or for what is no file ``UnreadablePhoto``."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    _refuse_irregular(path, os.stat(path))  # noqa: PTH116 - a path may hold bytes that are not UTF-8
    with os.fdopen(os.open(path, flags), "rb") as file:
        _refuse_irregular(path, os.fstat(file.fileno()))
        yield file


def content_hash(path: str) -> bytes:
    """Compute the photo's identity: 16 bytes BLAKE2b of the whole file. Raises ``UnreadablePhoto``."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    digest = hashlib.blake2b(digest_size=HASH_BYTES)
    try:
        _refuse_irregular(path, os.stat(path))  # noqa: PTH116 - a path may hold bytes that are not UTF-8
        with os.fdopen(os.open(path, flags), "rb", buffering=0) as file:
            _refuse_irregular(path, os.fstat(file.fileno()))
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except (OSError, ValueError) as problem:
        raise _plain(path, problem) from problem
    return digest.digest()


def hash_bytes(data: bytes) -> bytes:
    """Compute the identity of a file whose bytes are at hand; equals ``content_hash`` of that file."""
    return hashlib.blake2b(data, digest_size=HASH_BYTES).digest()


def sniff(data: bytes, path: str) -> Kind:
    """Tell what these bytes are. Raises ``UnreadablePhoto`` saying what they look like where they are no photo."""
    head = data[:64]
    suffix = PurePath(path).suffix.lower()
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head.startswith(_TIFF_STARTS):
        return Kind.RAW if suffix in RAW_SUFFIXES or head[8:10] == b"CR" else Kind.TIFF
    if head[4:8] == b"ftyp":
        return _sniff_boxes(data, path)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head.startswith(_RAW_STARTS) or (suffix in RAW_SUFFIXES and not _looks_like_text(data)):
        return Kind.RAW
    raise _no_photo(path, _what_else(data))


def _sniff_boxes(data: bytes, path: str) -> Kind:
    size = min(max(int.from_bytes(data[:4], "big"), 16), 256)
    brands = [data[8:12], *(data[start : start + 4] for start in range(16, size, 4))]
    if brands[0] == b"crx ":
        return Kind.RAW
    if _AVIF_BRANDS.intersection(brands):
        return Kind.AVIF
    if _HEIF_BRANDS.intersection(brands):
        return Kind.HEIF
    raise _no_photo(path, kept("problem", "a movie"))


def _what_else(data: bytes) -> str:
    for start, what in _OTHER_STARTS:
        if data.startswith(start):
            return what
    if data[:4] == b"RIFF":
        return kept("problem", "a movie") if data[8:12] == b"AVI " else kept("problem", "a sound file")
    if not data[:65536].strip(b"\0"):
        return kept("problem", "nothing but zeros, as a failed copy or a failing card leaves behind")
    if _looks_like_text(data):
        return (
            kept("problem", "a web page")
            if data[:512].lstrip().lower().startswith((b"<!doctype html", b"<html"))
            else kept("problem", "text")
        )
    return kept("problem", "none of the picture formats this program reads")


def _looks_like_text(data: bytes) -> bool:
    sample = data[:512]
    return b"\0" not in sample and sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in sample) == 0


def _no_photo(path: str, what: str) -> UnreadablePhoto:
    return UnreadablePhoto(
        path,
        kept("problem", "the file holds {what}").format(what=what)
        if not what.startswith("none")
        else kept("problem", "the file is in {what}").format(what=what),
        kept(
            "problem",
            "If it should be a photo, copy it again from the camera or a backup; else move it out of the photo folder.",
        ),
    )


def _refuse_irregular(path: str, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    what = kept("problem", "a folder") if stat.S_ISDIR(status.st_mode) else kept("problem", "a pipe, socket or device")
    raise UnreadablePhoto(
        path, kept("problem", "this is {what}, not a file").format(what=what), kept("problem", "Choose a photo file.")
    )


def _read_all(descriptor: int, expected: int) -> bytes:
    """Read to the end in as few calls as the size promises; a file that grows meanwhile stays bounded."""
    data = os.read(descriptor, expected + 1) if expected < 2**30 else b""
    if len(data) == expected and expected:
        return data
    parts = [data]
    total = len(data)
    while total <= MAX_FILE_BYTES and (chunk := os.read(descriptor, 16 * _CHUNK)):
        parts.append(chunk)
        total += len(chunk)
    return b"".join(parts)


def _plain(path: str, problem: OSError | ValueError) -> UnreadablePhoto:
    code = problem.errno if isinstance(problem, OSError) else None
    if isinstance(problem, FileNotFoundError | NotADirectoryError):
        return UnreadablePhoto(
            path,
            kept("problem", "the file is no longer there"),
            kept("problem", "Index its folder again to see what became of it."),
        )
    if isinstance(problem, PermissionError):
        return UnreadablePhoto(
            path,
            kept("problem", "there is no permission to read the file"),
            kept("problem", "Give yourself the right to read it, then index again."),
        )
    if code in {errno.ELOOP, errno.ENAMETOOLONG} or isinstance(problem, ValueError):
        return UnreadablePhoto(
            path, kept("problem", "the path leads to no file"), kept("problem", "Check the link or the name.")
        )
    return UnreadablePhoto(
        path,
        kept("problem", "the disk could not read the file ({value})").format(
            value=os.strerror(code) if code else problem
        ),
        kept(
            "problem", "Check the drive and its cable, then index again; recover the file from a backup if this stays."
        ),
    )
