"""Pictures that these tests draw themselves, with flaws of known size, and EXIF blocks written byte by byte."""

from __future__ import annotations

import math
import struct
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw

from aesthetic_studio.imaging import measurements, preview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aesthetic_studio.records import Measurements


@lru_cache(maxsize=4)
def _shapes(width: int, height: int, seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (2 * width, 2 * height), (120, 140, 170))
    draw = ImageDraw.Draw(image)
    for _ in range(250):
        x, y = rng.integers(0, 2 * width), rng.integers(0, 2 * height)
        size, turn = int(rng.integers(20, 200)), rng.random() * 2 * math.pi
        colour = tuple(int(value) for value in rng.integers(20, 235, 3))
        if rng.random() < 0.5:
            draw.ellipse((x, y, x + size, y + size), fill=colour)
        else:
            corners = [turn + quarter * math.pi / 2 for quarter in range(4)]
            draw.polygon([(x + size * math.cos(a), y + size * math.sin(a)) for a in corners], fill=colour)
    return image.resize((width, height), Image.Resampling.BOX)


@pytest.fixture(scope="session")
def scene() -> Callable[..., Image.Image]:
    """A sharp scene of discs and squares: ``scene(width, height, seed)``."""

    def draw(width: int = 1200, height: int = 900, seed: int = 1) -> Image.Image:
        return _shapes(width, height, seed).copy()

    return draw


_STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.fixture(scope="session")
def as_stored() -> Callable[[Image.Image, int], Image.Image]:
    """An upright picture as a camera stores it that was held so: ``as_stored(picture, EXIF orientation)``."""

    def turn(upright: Image.Image, orientation: int) -> Image.Image:
        return upright.transpose(_STORED[orientation]) if orientation in _STORED else upright.copy()

    return turn


@pytest.fixture(scope="session")
def measure() -> Callable[[Image.Image], Measurements]:
    """Measure an upright picture."""

    def run(image: Image.Image) -> Measurements:
        return measurements.measure(image, preview.shrink(image).convert("RGB"), 1)

    return run


def tiff_block(
    main: dict[int, tuple[int, object]],
    exif: dict[int, tuple[int, object]] | None = None,
    gps: dict[int, tuple[int, object]] | None = None,
) -> bytes:
    """A little-endian EXIF block; values are ``(type, value)`` as the TIFF specification numbers types."""
    parts = {0x8769: exif, 0x8825: gps}
    present = {tag: entries for tag, entries in parts.items() if entries}
    sizes = [2 + 12 * (len(main) + len(present)) + 4] + [2 + 12 * len(entries) + 4 for entries in present.values()]
    starts = [8 + sum(sizes[:index]) for index in range(len(sizes))]
    data_at = 8 + sum(sizes)
    heap = b""
    out = b""
    pointers = {tag: (4, start) for tag, start in zip(present, starts[1:], strict=True)}
    for entries in ({**main, **pointers}, *present.values()):
        out += struct.pack("<H", len(entries))
        for tag, (kind, value) in sorted(entries.items()):
            raw, count = _packed(kind, value)
            if len(raw) > 4:
                out += struct.pack("<HHII", tag, kind, count, data_at + len(heap))
                heap += raw + b"\0" * (len(raw) % 2)
            else:
                out += struct.pack("<HHI", tag, kind, count) + raw.ljust(4, b"\0")
        out += struct.pack("<I", 0)
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + out + heap


def _packed(kind: int, value: object) -> tuple[bytes, int]:
    if kind in (2, 7):
        raw = value if isinstance(value, bytes) else str(value).encode() + b"\0"
        return raw, len(raw)
    values = value if isinstance(value, list) else [value]
    if kind in (5, 10):
        return b"".join(struct.pack("<II" if kind == 5 else "<ii", *pair) for pair in values), len(values)
    return b"".join(struct.pack({3: "<H", 4: "<I"}[kind], number) for number in values), len(values)


@pytest.fixture(scope="session")
def exif_block() -> Callable[..., bytes]:
    """Write an EXIF block: ``exif_block(main, exif, gps)``."""
    return tiff_block


@pytest.fixture
def jpeg(tmp_path: Path, scene: Callable[..., Image.Image]) -> Callable[..., Path]:
    """Write a small JPEG: ``jpeg(name, exif=…, image=…)``."""

    def write(name: str = "photo.jpg", image: Image.Image | None = None, **options: object) -> Path:
        path = tmp_path / name
        (image or scene(320, 240)).save(path, "JPEG", **{"quality": 90, **options})
        return path

    return write


@pytest.fixture(scope="session")
def display_p3() -> bytes:
    """A matrix profile with Display P3's primaries, adapted to D50, and a gamma of 2.2."""

    def tag(name: bytes, data: bytes) -> tuple[bytes, bytes]:
        return name, data + b"\0" * (-len(data) % 4)

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))
    text = b"Wide and made for tests\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    tags = [
        tag(b"desc", description),
        tag(b"cprt", b"text\0\0\0\0none\0"),
        tag(b"wtpt", xyz(0.9642, 1.0, 0.8249)),
        tag(b"rXYZ", xyz(0.5151, 0.2412, -0.0011)),
        tag(b"gXYZ", xyz(0.2920, 0.6922, 0.0419)),
        tag(b"bXYZ", xyz(0.1571, 0.0666, 0.7841)),
        tag(b"rTRC", curve),
        tag(b"gTRC", curve),
        tag(b"bTRC", curve),
    ]
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        table += struct.pack(">4sII", name, at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2020, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    head += struct.pack(">iii", round(0.9642 * 65536), 65536, round(0.8249 * 65536))
    return head.ljust(128, b"\0") + table + body
