"""What a file says of itself is kept where it can be true, and is None where it cannot."""

from __future__ import annotations

import struct
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from aesthetic_studio.imaging import exif_tags
from aesthetic_studio.imaging.burst_ids import from_maker_note, from_name, from_xmp
from aesthetic_studio.imaging.decode import read_facts
from aesthetic_studio.imaging.exif_tags import ExifTags, read_block
from aesthetic_studio.imaging.metadata import read_metadata

FULL = (
    {0x10F: (2, "Canon"), 0x110: (2, "Canon EOS 350D DIGITAL\0\0\0"), 0x112: (3, 6), 0x132: (2, "2020:01:01 00:00:00")},
    {
        0x829A: (5, (1, 250)),
        0x829D: (5, (28, 10)),
        0x8827: (3, 400),
        0x9003: (2, "2021:05:06 07:08:09"),
        0x9011: (2, "+02:00"),
        0x9204: (10, (-2, 3)),
        0x920A: (5, (50, 1)),
        0x9291: (2, "12"),
        0xA434: (2, "EF50mm f/1.8 STM"),
    },
    {
        1: (2, "S"),
        2: (5, [(33, 1), (51, 1), (30, 1)]),
        3: (2, "E"),
        4: (5, [(151, 1), (12, 1), (0, 1)]),
    },
)


def read(block: bytes, xmp: bytes = b"", path: str = "a.jpg"):
    return read_metadata(read_block(block), xmp, path)


def test_everything_the_camera_wrote_is_read(exif_block, jpeg):
    said = read_facts(str(jpeg(exif=exif_block(*FULL)))).metadata
    assert said.taken.local == datetime(2021, 5, 6, 7, 8, 9, 120_000)
    assert said.taken.resolution == pytest.approx(0.01)
    assert said.taken.utc_offset_minutes == 120
    assert (said.make, said.model, said.lens) == ("Canon", "Canon EOS 350D DIGITAL", "EF50mm f/1.8 STM")
    assert (said.aperture, said.iso, said.focal_length_mm) == (2.8, 400, 50)
    assert said.shutter_s == pytest.approx(1 / 250)
    assert said.exposure_bias_ev == pytest.approx(-2 / 3)
    assert said.latitude == pytest.approx(-(33 + 51 / 60 + 30 / 3600))
    assert said.longitude == pytest.approx(151.2)
    assert said.orientation == 6


@pytest.mark.parametrize("suffix", ["png", "webp", "tiff", "avif", "heic"])
def test_other_formats_say_the_same_as_a_jpeg(exif_block, tmp_path, scene, suffix):
    import pillow_heif

    pillow_heif.register_heif_opener()
    path = tmp_path / f"photo.{suffix}"
    main = {tag: value for tag, value in FULL[0].items() if tag != 0x112}
    exif = Image.Exif()
    exif.load(exif_block(main, *FULL[1:]))
    scene(320, 240).save(path, exif=exif)
    said = read_facts(str(path)).metadata
    assert said.taken.local == datetime(2021, 5, 6, 7, 8, 9, 120_000)
    assert (said.make, said.aperture, said.iso) == ("Canon", 2.8, 400)
    assert said.shutter_s == pytest.approx(1 / 250)
    assert said.longitude == pytest.approx(151.2)


def test_pillow_reads_what_the_exif_package_cannot(exif_block, monkeypatch):
    block = exif_block(*FULL)
    by_package = read(block)
    monkeypatch.setattr(exif_tags, "_by_package", lambda *_: {})
    assert read(block) == by_package


def test_a_name_that_is_not_ascii_is_kept(exif_block):
    assert read(exif_block({0x10F: (2, "Caméra".encode() + b"\0")})).make == "Caméra"
    assert read(exif_block({0x10F: (2, "Caméra".encode("latin-1") + b"\0")})).make == "Caméra"


@pytest.mark.parametrize(
    ("text", "subsecond", "local", "resolution"),
    [
        ("2021:05:06 07:08", None, datetime(2021, 5, 6, 7, 8), 60.0),
        ("2021:05:06 07:08:09", None, datetime(2021, 5, 6, 7, 8, 9), 1.0),
        ("2021-05-06T07:08:09", "5", datetime(2021, 5, 6, 7, 8, 9, 500_000), 0.1),
        ("2021:05:06 07:08:09", "045   ", datetime(2021, 5, 6, 7, 8, 9, 45_000), 0.001),
        ("2021:05:06 07:08:09", "1234567", datetime(2021, 5, 6, 7, 8, 9, 123_456), 0.001),
        ("2021:05:06 07:08:09", "x", datetime(2021, 5, 6, 7, 8, 9), 1.0),
        ("2021:05:06 07:08:60", None, datetime(2021, 5, 6, 7, 8, 59), 1.0),
    ],
)
def test_a_time_is_as_exact_as_the_file_says(text, subsecond, local, resolution):
    tags = ExifTags({"datetime_original": text, "subsec_time_original": subsecond})
    taken = read_metadata(tags, b"", "a.jpg").taken
    assert taken.local == local
    assert taken.resolution == pytest.approx(resolution)


@pytest.mark.parametrize(
    "text", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2021:13:06 07:08:09", "0001:01:01 00:00:00", ""]
)
def test_a_clock_that_was_not_set_gives_no_time(text):
    assert read_metadata(ExifTags({"datetime_original": text}), b"", "a.jpg").taken is None


def test_the_next_clock_is_asked_when_the_first_was_not_set():
    tags = ExifTags({"datetime_original": "0000:00:00 00:00:00", "datetime": "2019:02:03 04:05:06"})
    assert read_metadata(tags, b"", "a.jpg").taken.local == datetime(2019, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    ("text", "minutes"), [("+05:30", 330), ("-08:00", -480), ("Z", 0), ("+99:00", None), ("local", None)]
)
def test_a_zone_is_read_where_it_can_be_one(text, minutes):
    tags = ExifTags({"datetime_original": "2021:05:06 07:08:09", "offset_time_original": text})
    assert read_metadata(tags, b"", "a.jpg").taken.utc_offset_minutes == minutes


def test_what_cannot_be_believed_is_none(exif_block):
    said = read(
        exif_block(
            {0x112: (3, 9)},
            {0x829A: (5, (0, 0)), 0x829D: (5, (0, 0)), 0x8827: (3, 65535), 0x920A: (5, (0, 1)), 0xA434: (2, "----")},
            {1: (2, "N"), 2: (5, [(91, 1), (0, 1), (0, 1)]), 3: (2, "E"), 4: (5, [(10, 1), (0, 1), (0, 1)])},
        )
    )
    assert said.orientation == 1
    assert (said.shutter_s, said.aperture, said.iso, said.focal_length_mm, said.lens) == (None,) * 5
    assert (said.latitude, said.longitude) == (None, None)


def test_a_receiver_without_a_fix_gives_no_position(exif_block):
    zero = [(0, 1), (0, 1), (0, 1)]
    said = read(exif_block({0x10F: (2, "Make")}, None, {1: (2, "N"), 2: (5, zero), 3: (2, "E"), 4: (5, zero)}))
    assert (said.latitude, said.longitude) == (None, None)


def test_apex_values_stand_in_for_missing_ones(exif_block):
    said = read(exif_block({0x10F: (2, "Make")}, {0x9201: (10, (8, 1)), 0x9202: (5, (4, 1))}))
    assert said.shutter_s == pytest.approx(1 / 256)
    assert said.aperture == pytest.approx(4.0)


def test_a_lens_is_named_by_its_specification_where_it_has_no_name(exif_block):
    block = exif_block({0x10F: (2, "Make")}, {0xA432: (5, [(24, 1), (70, 1), (28, 10), (28, 10)])})
    assert read(block).lens == "24–70mm f/2.8"


def test_a_directory_that_bites_its_tail_does_not_hang(exif_block):
    block = bytearray(exif_block({0x10F: (2, "Make and more")}))
    struct.pack_into("<I", block, 6 + 8 + 2 + 12, 8)
    assert read(bytes(block)).make == "Make and more"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 200))
def test_damaged_exif_never_breaks_reading(exif_block, noise, at):
    block = bytearray(exif_block(*FULL))
    start = 6 + at % (len(block) - 6)
    block[start : start + len(noise)] = noise
    said = read(bytes(block), noise, "a.jpg")
    assert said.orientation in range(1, 9)
    assert said.shutter_s is None or said.shutter_s > 0


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_may_stand_where_exif_should(noise):
    assert read(noise).orientation in range(1, 9)
    assert read(b"Exif\0\0II*\0\x08\0\0\0" + noise).orientation in range(1, 9)
    from_maker_note(b"Apple iOS\0\0\x01MM" + noise)
    from_xmp(noise)


def apple_note(entries: dict[int, bytes]) -> bytes:
    head = b"Apple iOS\0\0\x01MM" + struct.pack(">H", len(entries))
    at = len(head) + 12 * len(entries)
    body, texts = b"", b""
    for tag, text in entries.items():
        body += struct.pack(">HHII", tag, 2, len(text), at + len(texts))
        texts += text
    return head + body + texts


def test_apples_burst_and_live_photo_are_found(exif_block, jpeg):
    note = apple_note({0x0B: b"F4D5A1F0-0000-4A2B\0", 0x11: b"1745E022-9712-43C7\0"})
    said = read_facts(str(jpeg(exif=exif_block({0x10F: (2, "Apple")}, {0x927C: (7, note)})))).metadata
    assert (said.burst_id, said.live_id) == ("F4D5A1F0-0000-4A2B", "1745E022-9712-43C7")


def test_a_maker_note_that_points_anywhere_is_harmless():
    note = bytearray(apple_note({0x0B: b"F4D5A1F0-0000-4A2B\0"}))
    struct.pack_into(">I", note, 14 + 2 + 8, 0xFFFFFFF0)
    assert from_maker_note(bytes(note)).burst_id is None
    struct.pack_into(">H", note, 14, 0xFFFF)
    assert from_maker_note(bytes(note)).burst_id is None
    assert from_maker_note(b"Nikon\0\x02\0").burst_id is None


XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description xmlns:%s="http://ns.google.com/photos/1.0/camera/"
 %s/></rdf:RDF></x:xmpmeta>"""


@pytest.mark.parametrize("prefix", [b"GCamera", b"cam"])
def test_googles_burst_is_found_under_any_prefix(prefix, tmp_path, scene):
    xmp = XMP % (prefix, prefix + b':BurstID="6e5c" ' + prefix + b':BurstPrimary="1"')
    path = tmp_path / "a.jpg"
    scene(64, 64).save(path, xmp=xmp)
    said = read_facts(str(path)).metadata
    assert (said.burst_id, said.burst_primary) == ("6e5c", True)


def test_googles_burst_is_found_as_elements():
    xmp = b'<d xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"><GCamera:BurstID>77</GCamera:BurstID></d>'
    assert from_xmp(xmp).burst_id == "77"
    assert not from_xmp(xmp).primary


def test_xmp_entities_are_not_expanded():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + XMP % (b"GCamera", b'GCamera:BurstID="&a;"')
    assert from_xmp(bomb).burst_id is None


@pytest.mark.parametrize(
    ("name", "burst_id", "primary"),
    [
        ("IMG_20200102_030405_BURST001_COVER.jpg", "IMG_20200102_030405", True),
        ("IMG_20200102_030405_BURST012.jpg", "IMG_20200102_030405", False),
        ("DSC_0001_BURST20230102030405678.JPG", "BURST20230102030405678", False),
        ("00001IMG_00001_BURST20200102030405678.jpg", "BURST20200102030405678", False),
        ("00000IMG_00000_BURST20200102030405678_COVER.jpg", "BURST20200102030405678", True),
        ("IMG_0001.JPG", None, False),
        ("Sunburst.jpg", None, False),
        ("starburst_12.jpg", None, False),
    ],
)
def test_families_of_names_are_bursts(name, burst_id, primary):
    found = from_name(f"/photos/{name}")
    assert (found.burst_id, found.primary) == (burst_id, primary)


def test_the_makers_note_is_believed_before_the_name(exif_block):
    block = exif_block({0x10F: (2, "Apple")}, {0x927C: (7, apple_note({0x0B: b"F4D5A1F0\0"}))})
    assert read(block, path="IMG_1_BURST001_COVER.jpg").burst_id == "F4D5A1F0"
