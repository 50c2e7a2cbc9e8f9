"""Reads the words of one file, a photo's or a sidecar's, without decoding a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging import pixels, source
from aesthetic_studio.imaging.words import gear_of, words_of, words_of_sidecar
from aesthetic_studio.imaging.xmp_words import MAX_PACKET
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from aesthetic_studio.records import Words

_ADVICE = kept("problem", "Save it again with the program that wrote it.")


def read_words(path: str) -> Words:
    """Read what was written in a photo, without decoding its picture, or in a sidecar.

    Of a RAW only what its own structure says. Raises ``UnreadablePhoto`` in plain words.
    """
    try:
        return _of_sidecar(path) if path.lower().endswith(".xmp") else _of_photo(path)
    except (UnreadablePhoto, MemoryError):
        raise
    except OSError as problem:
        raise UnreadablePhoto(path, problem.strerror or str(problem), _ADVICE) from problem
    except Exception as problem:  # readers raise nearly every built-in error on damaged bytes
        raise UnreadablePhoto(
            path, kept("problem", "it is damaged: {problem}").format(problem=problem), _ADVICE
        ) from problem


def _of_sidecar(path: str) -> Words:
    with source.open_regular(path) as file:
        return words_of_sidecar(file.read(MAX_PACKET + 1))


def _of_photo(path: str) -> Words:
    tags, xmp, iptc = pixels.read_header(path)
    return words_of(tags.texts, xmp, iptc, gear_of(tags.values))
