"""One decode yields the preview, the size, the look and the measurements, of every format and of damaged files."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFile, ImageOps, ImageStat

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging import pixels, preview
from aesthetic_studio.imaging.decode import load_for_screen, load_upright, read_facts

if TYPE_CHECKING:
    from pathlib import Path


def shown(facts) -> Image.Image:
    return Image.open(io.BytesIO(facts.preview))


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


def test_a_preview_is_a_small_upright_baseline_jpeg(jpeg, scene):
    facts = read_facts(str(jpeg(image=scene(1200, 900))))
    small = shown(facts)
    assert (small.format, small.mode, small.size) == ("JPEG", "RGB", (512, 384))
    assert "progressive" not in small.info
    assert 10_000 < len(facts.preview) < 100_000
    assert (facts.format, facts.width, facts.height, facts.warnings) == ("JPEG", 1200, 900, ())


def test_a_preview_shows_the_photo(jpeg, scene):
    expected = scene(1200, 900).resize((512, 384), Image.Resampling.LANCZOS)
    assert difference(shown(read_facts(str(jpeg(image=scene(1200, 900), quality=95)))), expected) < 8


def test_a_small_photo_is_not_enlarged(jpeg, scene):
    assert shown(read_facts(str(jpeg(image=scene(200, 150))))).size == (200, 150)


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (3000, 2), (7, 9), (16, 16), (65, 33)])
def test_photos_of_odd_shapes_are_photos(tmp_path, size):
    path = tmp_path / "odd.png"
    Image.new("RGB", size, (90, 120, 60)).save(path)
    facts = read_facts(str(path))
    assert (facts.width, facts.height) == size
    assert max(shown(facts).size) == min(512, max(size))
    assert len(facts.measurements.focus_map) == 64


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_gives_the_same_photo(jpeg, scene, exif_block, as_stored, orientation):
    upright = scene(640, 400)
    block = exif_block({0x112: (3, orientation)})
    stored = as_stored(upright, orientation)
    with_exif = Image.open(jpeg(name="check.jpg", image=stored, exif=block, quality=95))
    assert difference(ImageOps.exif_transpose(with_exif), upright) < 6
    facts = read_facts(str(jpeg(image=stored, exif=block, quality=95)))
    plain = read_facts(str(jpeg(name="plain.jpg", image=upright, quality=95)))
    assert (facts.width, facts.height) == (640, 400)
    assert facts.metadata.orientation == orientation
    assert difference(shown(facts), shown(plain)) < 6
    assert np.abs(np.frombuffer(facts.look.luma, "u1").astype(int) - np.frombuffer(plain.look.luma, "u1")).mean() < 3
    assert facts.measurements.sharpness == pytest.approx(plain.measurements.sharpness, abs=0.05)
    brightest = int(np.argmax(np.array(plain.measurements.focus_map)))
    assert facts.measurements.focus_map[brightest] > np.median(facts.measurements.focus_map)
    assert difference(load_upright(str(jpeg(image=stored, exif=block, quality=95))), upright) < 6


@pytest.mark.parametrize("suffix", ["png", "webp", "tiff", "bmp", "gif", "avif", "heic"])
def test_every_format_shows_the_same_photo(tmp_path, scene, suffix):
    import pillow_heif

    pillow_heif.register_heif_opener()
    path = tmp_path / f"photo.{suffix}"
    scene(640, 400).save(path, quality=90)
    facts = read_facts(str(path))
    assert facts.format == {"heic": "HEIF"}.get(suffix, suffix.upper())
    assert (facts.width, facts.height, facts.warnings) == (640, 400, ())
    assert difference(shown(facts), scene(640, 400).resize((512, 320))) < 6


def test_the_preview_in_a_psd_is_read(tmp_path, scene):
    image = scene(100, 60)
    planes = b"".join(channel.tobytes() for channel in image.split())
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 60, 100, 8, 3)
    (tmp_path / "a.psd").write_bytes(header + bytes(12) + b"\0\0" + planes)
    facts = read_facts(str(tmp_path / "a.psd"))
    assert (facts.format, facts.width, facts.height) == ("PSD", 100, 60)
    assert difference(shown(facts), image) < 5


@pytest.mark.parametrize("suffix", ["tiff", "avif", "webp", "png"])
def test_orientation_is_applied_once_in_every_format(tmp_path, scene, suffix):
    exif = Image.Exif()
    exif[0x112] = 6
    path = tmp_path / f"turned.{suffix}"
    scene(400, 240).transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=90)
    facts = read_facts(str(path))
    assert (facts.width, facts.height) == (400, 240)
    assert difference(shown(facts), scene(400, 240)) < 8


def test_a_heic_is_turned_by_its_container_and_not_again_by_exif(tmp_path, scene):
    import pillow_heif

    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x112] = 6
    scene(400, 240).save(tmp_path / "a.heic", exif=exif, quality=90)
    facts = read_facts(str(tmp_path / "a.heic"))
    with Image.open(tmp_path / "a.heic") as image:
        assert (facts.width, facts.height) == image.size
        assert difference(shown(facts), image) < 6
    assert facts.metadata.orientation == 6


def test_the_first_frame_of_many_is_the_photo(tmp_path, scene):
    first, second = scene(120, 90), Image.new("RGB", (120, 90), (255, 0, 0))
    for name in ("a.gif", "a.tiff"):
        first.save(tmp_path / name, save_all=True, append_images=[second])
        assert difference(shown(read_facts(str(tmp_path / name))), first) < 12


def test_a_photo_with_a_wrong_name_is_read_for_what_it_is(tmp_path, scene):
    scene(120, 90).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert read_facts(str(tmp_path / "a.jpg")).format == "PNG"


def test_a_multi_picture_jpeg_is_its_first_picture(tmp_path, scene):
    scene(120, 90).save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[scene(60, 40)])
    facts = read_facts(str(tmp_path / "a.jpg"))
    assert (facts.format, facts.width) == ("JPEG", 120)


# -- damaged --


def test_a_jpeg_cut_short_is_shown_with_a_warning(jpeg, scene):
    path = jpeg(image=scene(640, 480))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])
    facts = read_facts(str(path))
    assert "cut off" in facts.warnings[0]
    top = (0, 0, 512, 200)
    assert difference(shown(facts).crop(top), scene(640, 480).resize((512, 384)).crop(top)) < 6


def test_a_progressive_jpeg_cut_short_is_shown_with_a_warning(jpeg, scene):
    path = jpeg(image=scene(640, 480), progressive=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    facts = read_facts(str(path))
    assert facts.warnings
    assert difference(shown(facts), scene(640, 480).resize((512, 384))) < 25


def test_a_jpeg_of_nothing_but_its_header_is_unreadable(jpeg, scene):
    path = jpeg(image=scene(640, 480))
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(UnreadablePhoto) as caught:
        read_facts(str(path))
    assert caught.value.advice


def test_a_png_cut_short_is_shown_with_a_warning(tmp_path, scene):
    path = tmp_path / "a.png"
    scene(320, 240).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 8 // 10])
    assert read_facts(str(path)).warnings


def test_patience_with_one_file_is_not_kept_for_the_next(jpeg):
    path = jpeg()
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])
    read_facts(str(path))
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_costs_a_warning_and_not_the_photo(jpeg):
    facts = read_facts(str(jpeg(exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xee" * 50)))
    assert any("EXIF" in warning for warning in facts.warnings)
    assert facts.metadata.make is None


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    def decoded(*_: object) -> None:
        raise AssertionError("the bomb was set off")

    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded)
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + _chunk(b"IEND", b"")
    )
    (tmp_path / "bomb.png").write_bytes(bomb)
    with pytest.raises(UnreadablePhoto, match=r"too large to be decoded safely.*60000×60000") as caught:
        read_facts(str(tmp_path / "bomb.png"))
    assert "smaller copy" in caught.value.advice


def test_a_jpeg_beyond_the_bound_is_refused(jpeg):
    path = jpeg()
    data = bytearray(path.read_bytes())
    at = data.find(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 65000, 65000)
    path.write_bytes(data)
    with pytest.raises(UnreadablePhoto, match="too large"):
        read_facts(str(path))


def test_a_huge_jpeg_is_decoded_scaled_and_keeps_its_size(jpeg, scene, monkeypatch):
    path = str(jpeg(image=scene(640, 480)))
    monkeypatch.setattr(pixels, "FULL_DECODE_PIXELS", 100_000)
    facts = read_facts(path)
    assert (facts.width, facts.height) == (640, 480)
    assert max(shown(facts).size) == 320
    assert load_upright(path).size == (640, 480)


def test_running_out_of_memory_is_said_in_words(jpeg, monkeypatch):
    def exhausted(*_: object) -> None:
        raise MemoryError

    path = str(jpeg())
    monkeypatch.setattr(ImageFile.ImageFile, "load", exhausted)
    with pytest.raises(UnreadablePhoto, match="not enough memory"):
        read_facts(path)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"]), st.integers(0), st.binary(min_size=1, max_size=60)
)
def test_damage_anywhere_gives_facts_or_a_clear_refusal(tmp_path_factory, scene, format, at, noise):
    buffer = io.BytesIO()
    scene(96, 64).save(buffer, format)
    data = bytearray(buffer.getvalue())
    at %= len(data)
    data[at : at + len(noise)] = noise
    path = tmp_path_factory.mktemp("damaged") / "a.jpg"
    path.write_bytes(data)
    try:
        facts = read_facts(str(path))
    except UnreadablePhoto as problem:
        assert problem.reason
        assert problem.advice
    else:
        assert shown(facts).size[0] > 0


# -- colours and depths --


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr", "LAB"])
def test_every_pixel_mode_shows_the_same_greys(tmp_path, mode):
    grey = Image.fromarray(np.tile(np.linspace(0, 255, 256).astype("u1"), (64, 1)))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    elif mode == "I":
        image = Image.fromarray(np.asarray(grey).astype(np.int32) * 257)
    elif mode == "F":
        image = Image.fromarray(np.asarray(grey).astype(np.float32) / 255)
    elif mode == "LAB":
        image = Image.merge("LAB", (grey, Image.new("L", grey.size, 128), Image.new("L", grey.size, 128)))
    else:
        image = grey.convert("RGB").convert(mode) if mode not in {"1", "L", "P", "LA"} else grey.convert(mode)
    path = tmp_path / "a.tiff"
    image.save(path)
    seen = np.asarray(shown(read_facts(str(path))).convert("L")).astype(float)[32]
    if mode == "LAB":
        assert np.all(np.diff(seen[8:-8]) > -4)
        assert seen[-20:].mean() - seen[:20].mean() > 180
    elif mode == "1":
        assert seen[-16:].mean() - seen[:16].mean() > 150
    else:
        assert np.abs(seen - np.linspace(0, 255, 256)).mean() < 4


def test_a_sixteen_bit_png_is_scaled_and_not_clipped(tmp_path):
    Image.fromarray((np.tile(np.arange(256), (64, 1)) * 257).astype(np.uint16)).save(tmp_path / "a.png")
    facts = read_facts(str(tmp_path / "a.png"))
    assert facts.measurements.clipped_highlights < 0.02
    assert 0.2 < facts.measurements.contrast < 0.35


def test_transparency_is_laid_on_neutral_grey(tmp_path):
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert difference(shown(read_facts(str(tmp_path / "a.png"))), Image.new("RGB", (64, 64), (128, 128, 128))) < 2


def test_a_wide_gamut_photo_is_converted_to_srgb(tmp_path, display_p3):
    Image.new("RGB", (64, 64), (200, 80, 60)).save(tmp_path / "p3.jpg", icc_profile=display_p3, quality=95)
    Image.new("RGB", (64, 64), (200, 80, 60)).save(tmp_path / "plain.jpg", quality=95)
    red, green, _ = shown(read_facts(str(tmp_path / "p3.jpg"))).getpixel((30, 30))
    plain = shown(read_facts(str(tmp_path / "plain.jpg"))).getpixel((30, 30))
    assert red > plain[0] + 8
    assert green < plain[1]
    assert load_upright(str(tmp_path / "p3.jpg")).getpixel((30, 30))[0] > plain[0] + 8


def test_an_srgb_profile_changes_nothing(tmp_path):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (64, 64), (200, 80, 60)).save(tmp_path / "a.png", icc_profile=profile)
    Image.new("RGB", (64, 64), (200, 80, 60)).save(tmp_path / "b.png")
    assert read_facts(str(tmp_path / "a.png")).preview == read_facts(str(tmp_path / "b.png")).preview


@pytest.mark.parametrize("profile", [b"", b"junk", b"\0" * 500, b"\xff" * 5000])
def test_a_damaged_profile_costs_a_warning_and_not_the_photo(tmp_path, scene, profile):
    scene(64, 64).save(tmp_path / "a.jpg", icc_profile=profile)
    facts = read_facts(str(tmp_path / "a.jpg"))
    assert bool(profile) == any("colour profile" in warning for warning in facts.warnings)


# -- the loupe --


@pytest.mark.parametrize("load", [load_upright, load_for_screen])
def test_the_loupe_gets_every_pixel(jpeg, scene, load):
    path = jpeg(image=scene(1200, 900), quality=95)
    image = load(str(path))
    assert (image.size, image.mode) == ((1200, 900), "RGB")
    assert difference(image, scene(1200, 900)) < 3


@pytest.mark.parametrize("load", [load_upright, load_for_screen])
@pytest.mark.parametrize("long_side", [100, 600, 1199, 5000])
def test_the_loupe_gets_as_many_pixels_as_it_asks_for(jpeg, scene, long_side, load):
    image = load(str(jpeg(image=scene(1200, 900))), max_long_side=long_side)
    # What the loupe is given may be up to twice as long: it scales the last bit itself.
    assert min(long_side, 1200) <= image.width <= (long_side if load is load_upright else 2 * long_side)
    assert difference(image, scene(1200, 900).resize(image.size, Image.Resampling.LANCZOS)) < 8


def test_one_to_one_is_that_also_for_a_photo_too_large_to_be_indexed_whole(tmp_path):
    size = (6600, 4800)
    Image.new("RGB", size, (90, 120, 150)).save(tmp_path / "large.jpg")
    assert size[0] * size[1] > pixels.FULL_DECODE_PIXELS
    assert load_for_screen(str(tmp_path / "large.jpg")).size == size


@pytest.mark.parametrize("width", [4990, 4999, 5000])
def test_a_screen_has_every_edge_in_its_place(tmp_path, width):
    image = Image.new("L", (width, 400), 0)
    image.paste(255, (width * 3 // 4, 0, width, 400))
    image.save(tmp_path / "edge.png")
    row = np.asarray(load_for_screen(str(tmp_path / "edge.png"), 512).convert("L"), dtype=float)[10]
    edge = 512 - row.sum() / 255
    assert edge == pytest.approx(512 * (width * 3 // 4) / width, abs=0.2)


@pytest.mark.parametrize("threads", [1, 2, 3, 4])
@settings(max_examples=20, deadline=None)
@given(width=st.integers(2, 300), height=st.integers(1, 300), share=st.floats(0.05, 0.99), seed=st.integers(0, 99))
def test_a_picture_that_threads_scale_together_has_no_seams(threads, width, height, share, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    target = max(1, round(width * share)), max(1, round(height * share))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preview, "_THREADS", threads)
        shared = preview._in_bands(Image.fromarray(pixels), target)
    alone = Image.fromarray(pixels).resize(target, Image.Resampling.HAMMING, reducing_gap=1.0)
    assert np.abs(np.asarray(shared).astype(int) - np.asarray(alone).astype(int)).max() <= 1


def test_a_look_is_that_of_the_upright_photo(jpeg: object, scene: object, tmp_path: Path) -> None:
    image = Image.new("RGB", (640, 480), (0, 0, 0))
    image.paste((255, 0, 0), (0, 0, 320, 480))
    image.save(tmp_path / "a.png")
    look = read_facts(str(tmp_path / "a.png")).look
    colour = np.frombuffer(look.colour, "u1").reshape(8, 8, 3)
    assert colour[:, :3, 0].min() > 240
    assert colour[:, 5:].max() < 15
    luma = np.frombuffer(look.luma, "u1").reshape(32, 32)
    assert luma[:, 4].mean() > luma[:, 28].mean() + 50
