"""The real networks on real photos: people are found, who blinks is told, and of animals and open eyes it never is.

There are no real bursts of people here, so bursts are made of single photos: the eyes then do the same in every frame
and whoever is said to blink is wronged. Lids are painted over eyes that are open, for the opposite.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from aesthetic_studio.curation.eyes import closed_alone, eyes_within, is_open
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.models.faces.finder import FaceFinder
from aesthetic_studio.pipeline.faces import Looker, find_faces, look_at
from aesthetic_studio.pipeline.grouping import group_folders
from aesthetic_studio.pipeline.indexing import index
from aesthetic_studio.records import Metadata, PhotoRecord, PhotoState, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aesthetic_studio.faces import Face

OPEN_EYED = [f"pacs_photo/{name}.jpg" for name in ("00680", "00085", "00691", "00007", "00670", "00361", "00644")]
"""Portraits with the eyes open, none of which set a threshold."""
CLOSED_EYED = "pets/00568.jpg"
"""A woman with her eyes shut."""
ENLARGED = 2
"""The pool's photos are small; a camera's faces have at least as many pixels."""


@pytest.fixture(scope="module")
def finder(real_data: Path) -> FaceFinder:
    return FaceFinder.load(real_data / "weights" / "faces")


def enlarged(path: Path) -> Image.Image:
    with Image.open(path) as photo:
        return photo.convert("RGB").resize((photo.width * ENLARGED, photo.height * ENLARGED), Image.Resampling.LANCZOS)


def faces_in(finder: FaceFinder, picture: Image.Image, folder: Path) -> tuple[Face, ...]:
    """Look at a picture as the stage looks at a photo."""
    path = folder / "frame.png"
    picture.save(path, compress_level=0)
    small, preview = picture.copy(), io.BytesIO()
    small.thumbnail((512, 512))
    small.save(preview, "JPEG", quality=85)
    found = look_at(finder, str(path), preview.getvalue())
    assert found is not None
    return found


def made_burst(picture: Image.Image, draw: np.random.Generator, count: int) -> Iterator[Image.Image]:
    """Frames that are shifted, turned, softened, lighter or darker, and noisy, each in a way of its own."""
    for _ in range(count):
        share = draw.uniform(0.88, 1.0)
        width, height = int(picture.width * share), int(picture.height * share)
        x, y = draw.integers(0, picture.width - width + 1), draw.integers(0, picture.height - height + 1)
        frame = picture.rotate(draw.uniform(-3, 3), Image.Resampling.BICUBIC).crop((x, y, x + width, y + height))
        frame = frame.filter(ImageFilter.GaussianBlur(draw.uniform(0, 0.7)))
        frame = ImageEnhance.Brightness(frame).enhance(draw.uniform(0.8, 1.2))
        pixels = np.asarray(frame) + draw.normal(0, draw.uniform(0, 4), (height, width, 3))
        yield Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def record(folder: Path, number: int, faces: tuple[Face, ...], size: tuple[int, int]) -> PhotoRecord:
    return PhotoRecord(
        id=number, content_id=number, path=folder / f"{number}.jpg", state=PhotoState.PRESENT, size=1, mtime_ns=1,
        companions=(), format="JPEG", width=size[0], height=size[1], metadata=Metadata(), measurements=None, look=None,
        verdict=Verdict(), faces=faces,
    )  # fmt: skip


def with_lids(picture: Image.Image, face: Face) -> Image.Image:
    """Paint closed lids over a frontal face's eyes: skin from above and below them, a crease and lashes."""
    pixels = np.asarray(picture).astype(float)
    wide, high = face.width * picture.width, face.height * picture.height
    apart = 0.46 * wide
    middle = (face.x + face.width / 2) * picture.width, face.y * picture.height + 0.395 * high
    for side in (-1, 1):
        half_width, half_height = int(0.36 * apart), int(0.22 * apart)
        x, y = round(middle[0] + side * apart / 2), round(middle[1])
        part = slice(y - half_height, y + half_height), slice(x - half_width, x + half_width)
        across = np.linspace(-1, 1, 2 * half_width)[None, :]
        down = np.linspace(-1, 1, 2 * half_height)[:, None]
        above, below = (
            np.apply_along_axis(
                lambda row: np.convolve(np.pad(row, 9, mode="edge"), np.ones(19) / 19, "valid"),
                0,
                pixels[rows, part[1]].mean(axis=0),
            )
            for rows in (slice(y - half_height - 3, y - half_height), slice(y + half_height, y + half_height + 3))
        )
        share = ((down + 1) / 2)[..., None]
        skin = above[None] * (1 - share) + below[None] * share
        mask = np.clip((1.15 - np.hypot(across, down)) / 0.3, 0, 1)[..., None]
        lashes = np.exp(-(((down - 0.05 - 0.22 * (1 - across**2)) / 0.1) ** 2)) * np.clip(
            (0.85 - np.abs(across)) / 0.15, 0, 1
        )
        crease = np.exp(-(((down + 0.45 - 0.25 * across**2) / 0.1) ** 2)) * np.clip((0.8 - np.abs(across)) / 0.2, 0, 1)
        lid = (pixels[part] * (1 - mask) + skin * mask) * (1 - 0.75 * lashes - 0.15 * crease)[..., None]
        pixels[part] = lid
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("jpeg/Canon IXUS v2.jpg", 1),
        ("jpeg/Canon EOS 30D (4).jpg", 1),
        ("jpeg/Canon EOS D60.jpg", 5),
        ("jpeg/Canon PowerShot A70.jpg", 3),
        ("other/Epson PerfectionV800.tiff", 2),
        ("jpeg/Canon PowerShot G2 (1).jpg", 0),
        ("jpeg/Casio EX-S1.jpg", 0),
    ],
)
def test_people_in_photos_of_cameras_are_found_and_nobody_is_called_blinking(finder, real_data, name, count):
    from aesthetic_studio.imaging.decode import read_facts

    path = str(real_data / "photos" / name)
    faces = look_at(finder, path, read_facts(path).preview)
    assert faces is not None
    assert len(faces) >= count if count else not faces
    assert not any(face.surely_closed for face in faces)
    if count:
        assert all(0 <= face.x <= face.x + face.width <= 1 for face in faces)


@pytest.mark.parametrize(("photos", "first", "step"), [("pets", 2, 15), ("photoprism_ex", 0, 2)])
def test_animals_and_open_eyes_blink_in_no_frame_of_a_burst_and_in_no_photo_alone(
    finder, real_data, tmp_path, photos, first, step
):
    draw = np.random.default_rng(11)
    seen = 0
    for path in sorted((real_data / "pool" / photos).iterdir())[first::step]:
        picture, frames = enlarged(path), []
        for number, frame in enumerate(made_burst(picture, draw, 4)):
            faces = faces_in(finder, frame, tmp_path)
            if not faces and number == 0:
                break
            frames.append(record(tmp_path, number, faces, frame.size))
        if frames:
            seen += 1
            assert not any(eyes.closed for eyes in eyes_within(frames)), path.name
            assert not any(closed_alone(frame) for frame in frames), path.name
    assert seen >= 4, "too few faces to mean anything"


def test_open_eyes_are_told_and_painted_lids_are_closed_for_most_and_open_for_none(finder, real_data, tmp_path):
    told = []
    for name in OPEN_EYED:
        picture = enlarged(real_data / "pool" / name)
        [face, *_] = faces_in(finder, picture, tmp_path)
        assert is_open(face), name
        shut = with_lids(picture, face)
        frames = [
            record(tmp_path, number, faces_in(finder, frame, tmp_path), frame.size)
            for number, frame in enumerate((picture, shut, picture))
        ]
        first, second, third = eyes_within(frames)
        assert not first.closed + third.closed + second.open, name
        told.append(second.closed == 1)
    assert sum(told) >= len(told) / 2


def test_a_blink_is_found_told_and_filtered_from_files_to_reasons(real_data, tmp_path, own_data_folder):
    """Three frames at one place: a face with its eyes open twice, and once a woman's with hers shut."""
    from aesthetic_studio.albums import PhotoFilter, PhotoQuery
    from aesthetic_studio.models import installing

    installing.add(real_data / "weights" / "faces")
    finder = FaceFinder.load()
    stamps = {}
    for name in (OPEN_EYED[0], CLOSED_EYED):
        picture = enlarged(real_data / "pool" / name)
        face = faces_in(finder, picture, tmp_path)[0]
        x, y = face.centre[0] * picture.width, face.centre[1] * picture.height
        reach = 0.8 * face.height * picture.height
        cut = picture.crop((round(x - reach), round(y - reach), round(x + reach), round(y + reach)))
        stamps[name] = cut.resize((360, 360), Image.Resampling.LANCZOS)
    album = tmp_path / "album"
    album.mkdir()
    for number, name in enumerate((OPEN_EYED[0], CLOSED_EYED, OPEN_EYED[0])):
        frame = Image.new("RGB", (900, 600), (70, 90, 80))
        frame.paste(stamps[name], (270, 120))
        frame.putpixel((0, 0), (number, 0, 0))
        frame.save(album / f"IMG_20240517_120000_BURST00{number}.jpg", quality=95)
    with Catalogue.open(tmp_path / "library.sqlite") as catalogue:
        index(catalogue, [str(album)])
        looker = Looker()
        find_faces(catalogue, finder.version, lambda: looker)
        looker.close()
        group_folders(catalogue)
        series = catalogue.photo(1).series_id
        assert series is not None
        by_name = {frame.name[-5]: frame for frame in catalogue.series_frames(series)}
        assert by_name["1"].reasons[0] == "eyes closed"
        assert by_name["0"].reasons[0] == by_name["2"].reasons[0] == "eyes open"
        assert by_name["1"].series_rank == 3
        found = catalogue.ids(PhotoQuery(PhotoFilter(eyes_closed=True), collapse_series=False))
        assert list(found) == [by_name["1"].id]


def test_eyes_that_are_softer_than_the_background_lose_to_sharp_ones(finder, real_data, tmp_path):
    from aesthetic_studio.imaging.decode import load_upright

    photo = load_upright(str(real_data / "photos" / "jpeg" / "Canon IXUS v2.jpg"))
    [face] = faces_in(finder, photo, tmp_path)
    box = (
        int(face.x * photo.width), int(face.y * photo.height),
        int((face.x + face.width) * photo.width), int((face.y + face.height) * photo.height),
    )  # fmt: skip
    values = []
    for radius in (0, 1, 2, 4):
        soft = photo.copy()
        soft.paste(photo.crop(box).filter(ImageFilter.GaussianBlur(radius)), box[:2])
        values.append(faces_in(finder, soft, tmp_path)[0].sharpness)
    assert values == sorted(values, reverse=True)
    assert values[0] > 1.3 * values[-1]
