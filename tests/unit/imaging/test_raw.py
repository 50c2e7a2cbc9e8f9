"""RAW files give their embedded preview, or a half-size development where they hold none."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging import raw
from aesthetic_studio.imaging.decode import load_upright, read_facts

WIDTH, HEIGHT = 1600, 1200


def dng(thumbnail: bytes | None, orientation: int = 1) -> bytes:
    """A DNG of a plain colour: uncompressed sensor data, and a JPEG preview before it where one is given."""
    mosaic = np.zeros((HEIGHT, WIDTH), "<u2")
    mosaic[0::2, 0::2], mosaic[0::2, 1::2], mosaic[1::2, 0::2], mosaic[1::2, 1::2] = 9000, 20000, 20000, 12000
    mosaic[: HEIGHT // 2] //= 3
    sensor = [
        (254, 4, [0]),
        (256, 4, [WIDTH]),
        (257, 4, [HEIGHT]),
        (258, 3, [16]),
        (259, 3, [1]),
        (262, 3, [32803]),
        (273, 4, ["sensor"]),
        (277, 3, [1]),
        (278, 4, [HEIGHT]),
        (279, 4, [mosaic.nbytes]),
        (33421, 3, [2, 2]),
        (33422, 1, b"\0\1\1\2"),
        (50714, 3, [0]),
        (50717, 4, [65535]),
    ]
    common = [
        (271, 2, b"Maker\0"),
        (272, 2, b"Model One\0"),
        (274, 3, [orientation]),
        (50706, 1, b"\1\4\0\0"),
        (50708, 2, b"Maker Model One\0"),
        (50721, 10, [(1, 1), (0, 1), (0, 1), (0, 1), (1, 1), (0, 1), (0, 1), (0, 1), (1, 1)]),
        (50728, 5, [(1, 1), (1, 1), (1, 1)]),
        (50778, 3, [21]),
        (33434, 5, [(1, 125)]),
        (33437, 5, [(4, 1)]),
    ]
    size = Image.open(io.BytesIO(thumbnail)).size if thumbnail else (0, 0)
    shown = [
        (254, 4, [1]),
        (256, 4, [size[0]]),
        (257, 4, [size[1]]),
        (258, 3, [8, 8, 8]),
        (259, 3, [7]),
        (262, 3, [6]),
        (273, 4, ["thumbnail"]),
        (277, 3, [3]),
        (278, 4, [size[1]]),
        (279, 4, [len(thumbnail or b"")]),
        (330, 4, ["directory"]),
    ]
    directories = [shown + common, sensor] if thumbnail else [sensor + common]
    places = {"thumbnail": 8, "sensor": 8 + len(thumbnail or b"") + len(thumbnail or b"") % 2}
    body = (thumbnail or b"").ljust(places["sensor"] - 8, b"\0") + mosaic.tobytes()
    at = 8 + len(body)
    starts = []
    for entries in directories:
        starts.append(at)
        at += 2 + 12 * len(entries) + 4
    places["directory"] = starts[-1]
    heap = b""
    tables = b""
    for entries in directories:
        tables += struct.pack("<H", len(entries))
        for tag, kind, values in sorted(entries, key=lambda entry: entry[0]):
            data, count = _packed(kind, values, places)
            if len(data) > 4:
                tables += struct.pack("<HHII", tag, kind, count, at + len(heap))
                heap += data + b"\0" * (len(data) % 2)
            else:
                tables += struct.pack("<HHI", tag, kind, count) + data.ljust(4, b"\0")
        tables += struct.pack("<I", 0)
    return b"II*\0" + struct.pack("<I", starts[0]) + body + tables + heap


def _packed(kind: int, values, places: dict[str, int]) -> tuple[bytes, int]:
    if isinstance(values, bytes):
        return values, len(values)
    values = [places.get(value, value) if isinstance(value, str) else value for value in values]
    if kind in (5, 10):
        return b"".join(struct.pack("<ii", *pair) for pair in values), len(values)
    return b"".join(struct.pack({3: "<H", 4: "<I"}[kind], value) for value in values), len(values)


def jpeg(width: int, height: int) -> bytes:
    image = Image.new("RGB", (width, height), (30, 60, 200))
    image.paste((200, 60, 30), (0, 0, width, height // 2))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def test_a_raw_without_a_preview_is_developed_at_half_size(tmp_path):
    path = tmp_path / "a.dng"
    path.write_bytes(dng(None))
    facts = read_facts(str(path))
    assert (facts.format, facts.width, facts.height) == ("DNG", WIDTH, HEIGHT)
    assert facts.metadata.model == "Model One"
    assert facts.metadata.shutter_s == pytest.approx(1 / 125)
    top, bottom = (Image.open(io.BytesIO(facts.preview)).getpixel((200, y)) for y in (50, 330))
    assert sum(bottom) > sum(top) + 60


def test_a_raw_shows_its_embedded_preview(tmp_path, monkeypatch):
    path = tmp_path / "a.DNG"
    path.write_bytes(dng(jpeg(1200, 900)))
    facts = read_facts(str(path))
    assert (facts.format, facts.width, facts.height) == ("DNG", WIDTH, HEIGHT)
    red, _, blue = Image.open(io.BytesIO(facts.preview)).getpixel((200, 50))
    assert red > 150 > 100 > blue


def test_a_thumbnail_is_too_small_to_stand_for_the_raw(tmp_path):
    path = tmp_path / "a.dng"
    path.write_bytes(dng(jpeg(160, 120)))
    red, _, _ = Image.open(io.BytesIO(read_facts(str(path)).preview)).getpixel((200, 50))
    assert red < 150


def test_a_raw_taken_upright_is_shown_upright(tmp_path):
    path = tmp_path / "a.dng"
    path.write_bytes(dng(jpeg(1200, 900), orientation=6))
    facts = read_facts(str(path))
    assert (facts.width, facts.height) == (HEIGHT, WIDTH)
    preview = Image.open(io.BytesIO(facts.preview))
    assert preview.height > preview.width
    # The red half was on top, and turned with the clock it lies on the right.
    assert preview.getpixel((preview.width - 20, 200))[0] > 150 > preview.getpixel((20, 200))[0]


def test_the_loupe_sees_the_sensors_pixels(tmp_path):
    path = tmp_path / "a.dng"
    path.write_bytes(dng(jpeg(1200, 900)))
    assert load_upright(str(path)).size == (WIDTH, HEIGHT)
    assert load_upright(str(path), max_long_side=600).size == (600, 450)


def test_a_damaged_raw_is_refused_in_words(tmp_path):
    path = tmp_path / "a.nef"
    path.write_bytes(b"II*\0\x08\0\0\0" + bytes(range(256)) * 4)
    with pytest.raises(UnreadablePhoto, match="RAW data is damaged") as caught:
        read_facts(str(path))
    assert caught.value.advice


def test_canons_boxes_are_read_for_exif(exif_block):
    main = exif_block({0x10F: (2, "Canon"), 0x110: (2, "Canon EOS R5")})[6:]
    shot = exif_block({0x829D: (5, (28, 10)), 0x9003: (2, "2021:05:06 07:08:09")})[6:]
    boxes = b"".join(
        struct.pack(">I", 8 + len(body)) + name + body for name, body in ((b"CMT1", main), (b"CMT2", shot))
    )
    tags = raw._canon_boxes(b"\0\0\0\x18ftypcrx \0\0\0\1" + boxes).values
    assert (tags["model"], float(tags["f_number"])) == ("Canon EOS R5", 2.8)
    assert tags["datetime_original"] == "2021:05:06 07:08:09"
