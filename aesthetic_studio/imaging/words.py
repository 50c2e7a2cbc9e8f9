"""The words that somebody wrote about a photo: from EXIF, IPTC, the embedded XMP packet, and a sidecar.

    ImageDescription, UserComment, XPTitle… ┐
    IPTC caption and keywords ──────────────┼──▶ cleaned, bounded, camera talk left out ──▶ Words
    XMP dc:title, description, subject ─────┘

Where several say something, XMP comes before IPTC and IPTC before EXIF, as programs that write all three write them in
this order of care; keywords are united.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from aesthetic_studio.imaging import xmp_words
from aesthetic_studio.imaging.xmp_words import MalformedXmp, XmpWords
from aesthetic_studio.records import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from PIL import Image

MAX_CAPTION = 2000
"""Letters of a title, and of a description."""
MAX_KEYWORD = 100
MAX_KEYWORDS = 100
_MAX_COMMENT_WORD = 60
"""A longer run of letters without a space in a comment is some program's data."""

_IPTC_TITLE, _IPTC_KEYWORDS, _IPTC_CAPTION = (2, 5), (2, 25), (2, 120)
_COMMENT_CODES = {b"ASCII\0\0\0": "ascii", b"UNICODE\0": "utf-16", b"\0" * 8: "any", b"JIS\0\0\0\0\0": "iso2022_jp"}
_MAKERS = "olympus|(?:konica )?minolta|kodak|samsung|casio|sony|nikon|canon|fujifilm|pentax|panasonic|medion|vivitar"
_CAMERA_TALK = (
    re.compile(rf"(?:(?:{_MAKERS})[\w ]*?)?digital ?(?:still ?)?camera", re.IGNORECASE),
    re.compile(rf"(?:{_MAKERS})(?: dsc)?", re.IGNORECASE),
    re.compile(r"[A-Z0-9 .,&_-]+ CAMERA"),
    re.compile(r"exif[ _]jpeg.*|jpeg|default|untitled|no ?title|image|photo|dcim[\\/].*", re.IGNORECASE),
    re.compile(r"[A-Z]{0,5}[_-]?\d{3,}(?:[_-]\d+)*|\w+\.(?i:jpe?g|png|tiff?|heic|dng|cr[23]|nef|arw|raf|orf|rw2)"),
)
"""What cameras and programs fill in by themselves, names and numbers of files among it."""


def words_of(texts: Mapping[str, object], xmp: bytes, iptc: Mapping[Any, Any], gear: Iterable[str] = ()) -> Words:
    """Gather the words that a file holds; ``texts`` are its EXIF texts by name, as they lie in the file.

    Never raises: what cannot be read is left out.
    """
    by_xmp = XmpWords()
    with contextlib.suppress(MalformedXmp):
        by_xmp = xmp_words.parse(xmp) if xmp else by_xmp
    named = {name.casefold() for name in gear if name}
    titles = (by_xmp.title, _iptc(iptc, _IPTC_TITLE), _wide(texts.get("xp_title")))
    descriptions = (
        by_xmp.description,
        _iptc(iptc, _IPTC_CAPTION),
        _narrow(texts.get("image_description")),
        _wide(texts.get("xp_comment")),
        _wide(texts.get("xp_subject")),
        _comment(texts.get("user_comment")),
    )
    keywords = [*by_xmp.subject, *_all_iptc(iptc, _IPTC_KEYWORDS), *_wide(texts.get("xp_keywords")).split(";")]
    return Words(_caption(titles, descriptions, named), _keywords(keywords))


def words_of_sidecar(packet: bytes) -> Words:
    """Gather the words of a sidecar's XMP packet. Raises ``MalformedXmp``."""
    found = xmp_words.parse(packet)
    return Words(_caption((found.title,), (found.description,), ()), _keywords(found.subject))


def gear_of(values: Mapping[str, object]) -> tuple[str, ...]:
    """Maker and model of the camera by its EXIF values, whose names are no words about a photo."""
    return tuple(_cleaned(_narrow(values.get(name))) for name in ("make", "model"))


def iptc_of(image: Image.Image) -> Mapping[Any, Any]:
    """The IPTC records of an open picture, by record and data set. Never raises."""
    from PIL import IptcImagePlugin  # noqa: PLC0415 - few photos have IPTC records

    if "photoshop" not in image.info and image.format != "TIFF":
        return {}
    with contextlib.suppress(Exception):  # whatever damaged records make the reader raise, the photo is still one
        return IptcImagePlugin.getiptcinfo(image) or {}  # type: ignore[arg-type]
    return {}


def _caption(titles: Iterable[str], descriptions: Iterable[str], gear: Iterable[str]) -> str | None:
    title = _first(titles, gear)
    description = _first(descriptions, gear)
    if title and description and title.casefold() in description.casefold():
        title = ""
    return "\n".join(part for part in (title, description) if part) or None


def _first(texts: Iterable[str], gear: Iterable[str]) -> str:
    return next((text for text in map(_cleaned, texts) if _says_something(text, gear)), "")


def _keywords(texts: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for text in texts:
        keyword = _cleaned(text, MAX_KEYWORD)
        if keyword:
            found.setdefault(keyword.casefold(), keyword)
        if len(found) >= MAX_KEYWORDS:
            break
    return tuple(found.values())


def _cleaned(text: str, limit: int = MAX_CAPTION) -> str:
    """One line of printable text in one way to write accents."""
    text = unicodedata.normalize("NFC", text[: 4 * limit])
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())[:limit].strip()


def _says_something(text: str, gear: Iterable[str]) -> bool:
    if not any(letter.isalpha() for letter in text) or text.casefold() in gear:
        return False
    return not any(talk.fullmatch(text) for talk in _CAMERA_TALK)


def _narrow(value: object) -> str:
    """Text of a tag that should be ASCII, and is UTF-8 or Latin-1 as often."""
    if isinstance(value, str):  # by Pillow, which reads everything as Latin-1
        try:
            value = value.encode("latin-1")
        except UnicodeEncodeError:
            return str(value)
    raw = _bytes(value).split(b"\0", 1)[0]
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _wide(value: object) -> str:
    """Text of one of the tags that Windows writes: UTF-16, little endian."""
    raw = _bytes(value)
    return raw[: len(raw) & ~1].decode("utf-16-le", "replace").split("\0", 1)[0]


def _comment(value: object) -> str:
    """``UserComment``: eight bytes that name its encoding, then the text."""
    raw = _bytes(value)
    code = _COMMENT_CODES.get(raw[:8])
    if code is None:
        return ""
    text = _comment_text(raw[8:].rstrip(b"\0"), code)
    if text.lstrip().startswith(("{", "<")) or any(len(word) > _MAX_COMMENT_WORD for word in text.split()):
        return ""
    return text


def _comment_text(raw: bytes, code: str) -> str:
    if code == "utf-16":
        raw += b"\0" * (len(raw) & 1)
        # Which end comes first is not said; letters of most languages have the smaller byte there.
        text = raw.decode("utf-16-be" if raw[::2].count(0) > raw[1::2].count(0) else "utf-16-le", "replace")
        return "" if "\ufffd" in text else text.split("\0", 1)[0]
    try:
        return raw.decode("utf-8" if code in ("ascii", "any") else code).split("\0", 1)[0]
    except UnicodeDecodeError:
        return "" if code == "any" else _narrow(raw)


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, tuple | list) and all(isinstance(part, int) and 0 <= part < 256 for part in value):
        return bytes(value)
    return b""


def _iptc(records: Mapping[Any, Any], which: tuple[int, int]) -> str:
    return next(iter(_all_iptc(records, which)), "")


def _all_iptc(records: Mapping[Any, Any], which: tuple[int, int]) -> list[str]:
    value = records.get(which, ())
    parts = value if isinstance(value, list) else [value]
    return [_narrow(part) for part in parts[: 10 * MAX_KEYWORDS] if isinstance(part, bytes)]
