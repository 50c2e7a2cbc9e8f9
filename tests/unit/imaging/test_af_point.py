"""Where the camera focused: what files state is read, whatever is broken states nothing."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging.af_point import AfArea, af_area
from aesthetic_studio.imaging.decode import read_af_area

if TYPE_CHECKING:
    from pathlib import Path

SHORT, LONG, RATIONAL, UNDEFINED, ASCII = 3, 4, 5, 7, 2


def entries(order: str, base: int, tags: dict[int, tuple[int, int, bytes]]) -> bytes:
    """A directory that lies at ``base``, with the values that do not fit into it behind it."""
    body, behind = struct.pack(f"{order}H", len(tags)), b""
    end = base + 2 + 12 * len(tags) + 4
    for tag, (kind, count, value) in sorted(tags.items()):
        if len(value) <= 4:
            body += struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")
        else:
            body += struct.pack(f"{order}HHII", tag, kind, count, end + len(behind))
            behind += value + b"\0" * (len(value) % 2)
    return body + b"\0\0\0\0" + behind


def shorts(order: str, *values: int) -> tuple[int, int, bytes]:
    return SHORT, len(values), struct.pack(f"{order}{len(values)}H", *(value % 0x10000 for value in values))


def block(
    exif: dict[int, tuple[int, int, bytes]],
    *,
    make: str = "Canon",
    model: str = "Canon EOS 30D",
    orientation: int = 1,
    order: str = "<",
) -> bytes:
    """An EXIF block of a camera, with these tags in its EXIF directory."""
    main = {
        0x010F: (ASCII, len(make) + 1, make.encode() + b"\0"),
        0x0110: (ASCII, len(model) + 1, model.encode() + b"\0"),
        0x0112: shorts(order, orientation),
        0x8769: (LONG, 1, b"\0\0\0\0"),
    }
    at = 8 + len(entries(order, 8, main))
    main[0x8769] = (LONG, 1, struct.pack(f"{order}I", at))
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    return head + entries(order, 8, main) + entries(order, at, exif)


def note(data: bytes) -> tuple[int, int, bytes]:
    return UNDEFINED, len(data), data


def frame(order: str, width: int = 4000, height: int = 3000) -> dict[int, tuple[int, int, bytes]]:
    return {0xA002: shorts(order, width), 0xA003: shorts(order, height)}


def maker_block(
    make: str, start: bytes, tags: dict[int, tuple[int, int, bytes]], model: str = "Canon EOS 30D"
) -> bytes:
    """A block with a maker's note that counts its offsets from the block's start."""
    exif = {**frame("<"), 0x927C: note(start + entries("<", 0, tags))}
    at = block(exif, make=make, model=model).index(exif[0x927C][2])
    exif[0x927C] = note(start + entries("<", at + len(start), tags))
    return block(exif, make=make, model=model)


def area(found: AfArea | None) -> tuple[float, float, float, float]:
    assert found is not None
    return found.x, found.y, found.width, found.height


# -- Exif's subject area ---------------------------------------------------------------------


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ((1000, 750), (0.25, 0.25, 0, 0)),
        ((1000, 750, 400), (0.25, 0.25, 0.1, 400 / 3000)),
        ((1000, 750, 400, 300), (0.25, 0.25, 0.1, 0.1)),
    ],
)
def test_a_subject_area_is_a_point_a_circle_or_a_rectangle(order: str, stated, expected) -> None:
    found = af_area(block({**frame(order), 0x9214: shorts(order, *stated)}, make="Apple", order=order))
    assert area(found) == pytest.approx(expected)
    assert found is not None
    assert found.source == "Exif"


def test_a_block_that_names_no_size_is_read_with_that_of_the_picture() -> None:
    made = block({0x9214: shorts("<", 1000, 750)}, make="Apple")
    assert af_area(made) is None
    assert area(af_area(made, (2000, 1000))) == pytest.approx((0.5, 0.75, 0, 0))


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, (0.25, 0.2)),
        (2, (0.75, 0.2)),
        (3, (0.75, 0.8)),
        (4, (0.25, 0.8)),
        (5, (0.2, 0.25)),
        (6, (0.8, 0.25)),
        (7, (0.8, 0.75)),
        (8, (0.2, 0.75)),
    ],
)
def test_the_area_turns_with_the_photo(orientation: int, expected: tuple[float, float]) -> None:
    made = block({**frame("<"), 0x9214: shorts("<", 1000, 600, 400, 150)}, make="Apple", orientation=orientation)
    x, y, width, height = area(af_area(made))
    assert (x, y) == pytest.approx(expected)
    assert (width, height) == pytest.approx((0.05, 0.1) if orientation >= 5 else (0.1, 0.05))


def test_a_point_turns_as_its_pixel_does(tmp_path: Path) -> None:
    from aesthetic_studio.imaging.decode import load_upright

    for orientation in range(1, 9):
        image = Image.new("RGB", (400, 300))
        image.paste((255, 255, 255), (90, 50, 110, 70))
        made = block({0x9214: shorts("<", 100, 60)}, make="Apple", orientation=orientation)
        path = tmp_path / f"{orientation}.jpg"
        image.save(path, quality=95, exif=b"Exif\0\0" + made)
        found = read_af_area(str(path))
        assert found is not None
        upright = load_upright(str(path))
        assert upright.getpixel((int(found.x * upright.width), int(found.y * upright.height)))[0] > 200


# -- makers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "y"), [("Canon EOS 30D", 0.4), ("Canon PowerShot A80", 0.6)])
def test_canon_names_the_points_in_focus_from_the_middle(model: str, y: float) -> None:
    # Three points, the second in focus: 200 right of the middle, 100 up in an EOS and down in a compact camera.
    lists = (40, 40, 40, 30, 30, 30, -200, 200, 0, -100, 100, 0, 0b010)
    words = shorts("<", 2 * 21, 2, 3, 3, 4000, 3000, 2000, 1000, *lists)
    found = af_area(maker_block("Canon", b"", {0x0026: words}, model=model))
    assert area(found) == pytest.approx((0.6, y, 0.02, 0.03))
    assert found is not None
    assert found.source == "Canon"


def test_sony_states_a_point_in_its_own_picture() -> None:
    found = af_area(maker_block("SONY", b"SONY DSC \0\0\0", {0x2027: shorts("<", 6000, 4000, 1500, 3000)}))
    assert area(found) == pytest.approx((0.25, 0.75, 0, 0))


def test_panasonic_states_shares_and_marks_the_absence_of_a_point() -> None:
    def stated(x: int, y: int) -> bytes:
        value = struct.pack("<4I", x, 1024, y, 1024)
        return maker_block("Panasonic", b"Panasonic\0\0\0", {0x004D: (RATIONAL, 2, value)})

    assert area(af_area(stated(256, 768))) == pytest.approx((0.25, 0.75, 0, 0))
    assert af_area(stated(16 * 1024 * 1024, 16 * 1024 * 1024)) is None


def test_fujifilm_counts_from_its_own_note_and_in_its_own_order() -> None:
    inner = b"FUJIFILM" + struct.pack("<I", 12) + entries("<", 12, {0x1023: shorts("<", 3000, 1500)})
    found = af_area(block({**frame(">"), 0x927C: note(inner)}, make="FUJIFILM", order=">"))
    assert area(found) == pytest.approx((0.75, 0.5, 0, 0))


@pytest.mark.parametrize(
    ("version", "said_at", "start"), [(b"0100", 4, 0x10), (b"0101", 4, 0x46), (b"0300", 7, 0x2A), (b"0400", 7, 0x3E)]
)
def test_nikon_states_an_area_only_where_it_says_so(version: bytes, said_at: int, start: int) -> None:
    def stated(said: int) -> bytes:
        info = bytearray(start + 12)
        info[:4] = version
        info[said_at] = said
        struct.pack_into(">6H", info, start, 6000, 4000, 1500, 1000, 600, 200)
        inner = b"MM" + struct.pack(">HI", 42, 8) + entries(">", 8, {0x00B7: note(bytes(info))})
        return block({**frame("<"), 0x927C: note(b"Nikon\0\x02\x10\0\0" + inner)}, make="NIKON CORPORATION")

    assert area(af_area(stated(1))) == pytest.approx((0.25, 0.25, 0.1, 0.05))
    assert af_area(stated(0)) is None


def test_a_maker_that_states_none_leaves_the_word_to_exif() -> None:
    exif = {**frame("<"), 0x9214: shorts("<", 1000, 750), 0x927C: note(b"\0\0\0\0\0\0\0\0")}
    found = af_area(block(exif))
    assert found is not None
    assert found.source == "Exif"


# -- what is broken --------------------------------------------------------------------------


@pytest.mark.parametrize("stated", [(9000, 750), (1000, 750, 9000, 10), (0, 0), (1,), (1, 2, 3, 4, 5)])
def test_an_area_that_cannot_be_is_none(stated: tuple[int, ...]) -> None:
    assert af_area(block({**frame("<"), 0x9214: shorts("<", *stated)}, make="Apple")) is None


good_blocks = st.sampled_from(
    [
        block({**frame("<"), 0x9214: shorts("<", 1000, 750, 40, 30)}, make="Apple"),
        maker_block("SONY", b"SONY DSC \0\0\0", {0x2027: shorts("<", 6000, 4000, 1500, 3000)}),
        maker_block("Canon", b"", {0x0026: shorts("<", 42, 2, 1, 1, 40, 30, 40, 30, 4, 4, 2, 2, 1)}),
        maker_block("Canon", b"", {0x0012: shorts("<", 1, 1, 40, 30, 40, 30, 4, 4, 2, 2, 1)}),
    ]
)


@given(good_blocks, st.data())
def test_no_damage_makes_the_reader_fail_or_leave_the_photo(good: bytes, data: st.DataObject) -> None:
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    found = af_area(bytes(bad[: data.draw(st.integers(0, len(bad)))]), (4000, 3000))
    assert found is None or (0 <= found.x <= 1 and 0 <= found.y <= 1 and max(found.width, found.height) <= 1)


@given(st.binary(max_size=400))
def test_any_bytes_state_at_most_an_area_on_the_photo(rubbish: bytes) -> None:
    for start in (b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"):
        found = af_area(start + rubbish, (4000, 3000))
        assert found is None or 0 <= found.x <= 1


def test_a_file_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePhoto, match="no longer there"):
        read_af_area(str(tmp_path / "gone.jpg"))


def test_a_photo_without_camera_data_states_none(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "plain.png")
    assert read_af_area(str(tmp_path / "plain.png")) is None


def test_real_cameras_state_areas_on_their_photos(real_data: Path) -> None:
    stated = {
        path.name: found
        for path in sorted((real_data / "photos" / "jpeg").glob("*.jpg"))
        if (found := read_af_area(str(path))) is not None
    }
    assert {found.source for found in stated.values()} >= {"Canon", "Exif"}
    assert "Canon EOS 30D (4).jpg" in stated
    for found in stated.values():
        assert 0 < found.x < 1
        assert 0 < found.y < 1
        assert found.width < 0.7
