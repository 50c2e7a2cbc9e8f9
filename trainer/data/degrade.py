"""Series whose order is known without asking anybody: a real photo, and the same photo made worse in three strengths.

    photo ──one kind of fault, three strengths──▶ (pristine, weak, middle, strong) ──▶ memory, or a folder of series

Strengths are physical: pixels of blur on a photo 1,024 px long, EV, per cent of noise at middle grey, degrees, shares
of a side, JPEG qualities. The same seed gives the same frames. What follows is this project's own choice.

Two kinds need a rule. *Tilt* turns the photo about its centre; every frame of the series, the pristine one too, shows
the largest upright rectangle that the strongest turn leaves, so that they differ in their lean and not in how much
they show. *Crop* takes the photographer's framing for the better one and cuts a share of the width and of the height
away at those edges that lie nearest to what stands out (the centre of the gradients' energy), so that the subject or
the horizon is cut off; nothing is enlarged afterwards.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from scipy import ndimage, signal

from aesthetic_studio.errors import KnownError
from trainer.data.records import LabelledPair, LabelledSeries, SeriesSet
from trainer.data.series_folders import ORDER_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Light = NDArray[np.float32]
    Maker = Callable[[float], Image.Image]

REFERENCE_SIDE = 1024
"""Long side in pixels that blur and motion are counted on; a photo of another size is blurred in proportion."""

PRISTINE = 0.0


class Fault(StrEnum):
    """What is done to a photo."""

    BLUR = "blur"
    """Standard deviation of a Gaussian, in pixels of a photo 1,024 px long."""
    MOTION = "motion"
    """Length of a straight smear, in pixels of a photo 1,024 px long; its direction is drawn, one for the series."""
    EXPOSURE = "exposure"
    """EV, in linear light and clipped at white; over or under is drawn, one for the series."""
    NOISE = "noise"
    """Standard deviation at middle grey, per cent of full scale in linear light; it grows as the root of the light.

    Of a photo 1,024 px long or longer: a smaller one is taken for a copy, in which neighbours were averaged."""
    TILT = "tilt"
    """Degrees; to which side is drawn, one for the series."""
    CROP = "crop"
    """Share of each side that is cut away, on the subject's side."""
    COMPRESSION = "compression"
    """JPEG's quality, 1..100, chroma halved; less is worse."""


STRENGTHS: Mapping[Fault, tuple[float, float, float]] = {
    Fault.BLUR: (1.5, 3.0, 6.0),
    Fault.MOTION: (8.0, 16.0, 32.0),
    Fault.EXPOSURE: (0.75, 1.5, 2.5),
    Fault.NOISE: (3.0, 6.0, 12.0),
    Fault.TILT: (3.0, 6.0, 12.0),
    Fault.CROP: (0.1, 0.2, 0.35),
    Fault.COMPRESSION: (30.0, 12.0, 5.0),
}
"""From the weakest to the strongest, each plain to see beside the one before."""

_LIGHTEST_SIDE = 16
"""A photo smaller than that in either side is no photo to judge."""

_MIDDLE_GREY = 0.18


@dataclass(frozen=True, slots=True)
class DegradedSeries:
    """One photo and what was made of it.

    Attributes:
        name: The photo's name and the fault's.
        fault: What was done.
        strengths: Of each frame, 0 for the pristine one, which is first; the order is from best to worst.
        frames: Upright sRGB pictures, best first.
    """

    name: str
    fault: Fault
    strengths: tuple[float, ...]
    frames: tuple[Image.Image, ...]

    def __len__(self) -> int:
        return len(self.frames)


def degrade(photo: Image.Image, fault: Fault, *, seed: int, strengths: Sequence[float] = ()) -> DegradedSeries:
    """Make one series of a photo (sRGB): pristine first, then each strength, weakest first.

    The seed draws what a fault leaves open (direction, side, grains), one draw for the whole series.
    Raises ``ValueError`` for a photo under 16 px or for strengths that are not in order.
    """
    chosen = tuple(strengths) or STRENGTHS[fault]
    order = sorted(chosen, reverse=fault is Fault.COMPRESSION)
    if list(chosen) != order or min(chosen) <= 0:
        raise ValueError(f"strengths of {fault} are {chosen}; they must be above 0 and go from weak to strong")
    if min(photo.size) < _LIGHTEST_SIDE:
        raise ValueError(f"the photo is {photo.width} × {photo.height} px, and a series needs 16 px or more")
    rgb = photo.convert("RGB")
    draw = np.random.default_rng([seed, list(Fault).index(fault)])
    make = _MAKERS[fault](rgb, draw, chosen)
    return DegradedSeries(str(fault), fault, (PRISTINE, *chosen), tuple(make(s) for s in (PRISTINE, *chosen)))


def series_of(
    photos: Iterable[tuple[str, Image.Image]],
    faults: Sequence[Fault] = tuple(Fault),
    *,
    seed: int,
    strengths: Mapping[Fault, Sequence[float]] = STRENGTHS,
    kinds: int | None = None,
) -> Iterator[DegradedSeries]:
    """Make every fault's series of every named photo, one at a time, so that few frames lie in memory.

    With ``kinds`` each photo gets only so many of the faults, drawn by the seed.
    """
    for number, (name, photo) in enumerate(photos):
        for fault in _some(faults, kinds, seed, number):
            made = degrade(photo, fault, seed=seed + 1000 * number, strengths=strengths[fault])
            yield DegradedSeries(f"{name}-{fault}", fault, made.strengths, made.frames)


def _some(faults: Sequence[Fault], kinds: int | None, seed: int, number: int) -> list[Fault]:
    """Some of the faults for photo ``number``, in their own order."""
    if kinds is None or kinds >= len(faults):
        return list(faults)
    chosen = np.random.default_rng([seed, number]).permutation(len(faults))[:kinds]
    return [faults[place] for place in sorted(chosen)]


def labels(series: Sequence[tuple[str, str, int]]) -> tuple[LabelledSeries, ...]:
    """What is known of series, each given by its name, its fault and how many frames it has.

    Rows count the frames of all series one after another.
    """
    found, first = [], 0
    for name, fault, count in series:
        found.append(labelled(name, tuple(range(first, first + count)), fault))
        first += count
    return tuple(found)


def labelled(name: str, rows: tuple[int, ...], category: str = "") -> LabelledSeries:
    """A series whose rows go from best to worst, each pair certain."""
    pairs = tuple(LabelledPair(better, worse, 1.0) for place, better in enumerate(rows) for worse in rows[place + 1 :])
    return LabelledSeries(name, rows, pairs, order=rows, category=category)


def write_series(series: Iterable[DegradedSeries], folder: Path) -> SeriesSet:
    """Write series as folders that ``open_set`` reads (``order.txt``, best first), and answer with the set.

    Frames are PNG, which keeps what was done to them as it is. Raises ``KnownError`` where a file cannot be written.
    """
    files: list[str] = []
    found: list[LabelledSeries] = []
    for number, one in enumerate(series):
        place = folder / f"{number:04d}-{_plain(one.name)}"
        names = [f"{step}-{'pristine' if not step else one.fault}.png" for step in range(len(one))]
        try:
            place.mkdir(parents=True, exist_ok=True)
            for name, frame in zip(names, one.frames, strict=True):
                frame.save(place / name)
            (place / ORDER_FILE).write_text("\n".join(names) + "\n", encoding="utf-8")
        except OSError as error:
            raise KnownError(
                f"{place}: the series cannot be written ({error.strerror}).", "Choose another folder."
            ) from error
        rows = tuple(range(len(files), len(files) + len(names)))
        files += [f"{place.name}/{name}" for name in names]
        found.append(labelled(place.name, rows, str(one.fault)))
    return SeriesSet(
        name=folder.resolve().name,
        files=tuple(files),
        paths=tuple(folder / file for file in files),
        series=tuple(found),
    )


def _plain(name: str) -> str:
    """A name that is safe as a folder's, whatever the photo's was."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "_" for sign in name)[:80]


def _blur(photo: Image.Image, draw: np.random.Generator, strengths: Sequence[float]) -> Maker:
    del draw, strengths
    light = _to_light(photo)
    scale = max(photo.size) / REFERENCE_SIDE
    return lambda sigma: _to_photo(
        np.stack([ndimage.gaussian_filter(light[..., k], sigma * scale, mode="nearest") for k in range(3)], axis=-1)
        if sigma
        else light
    )


def _motion(photo: Image.Image, draw: np.random.Generator, strengths: Sequence[float]) -> Maker:
    del strengths
    light = _to_light(photo)
    angle = float(draw.uniform(0.0, math.pi))
    scale = max(photo.size) / REFERENCE_SIDE
    return lambda length: _to_photo(_smeared(light, length * scale, angle) if length else light)


def _smeared(light: Light, length: float, angle: float) -> Light:
    """The mean of the photo along a straight line of this length (pixels)."""
    kernel = _line(length, angle)
    border = kernel.shape[0] // 2
    padded = np.pad(light, ((border, border), (border, border), (0, 0)), mode="edge")
    smeared: Light = signal.oaconvolve(padded, kernel[..., None], mode="valid", axes=(0, 1)).astype(np.float32)
    return smeared


def _line(length: float, angle: float) -> Light:
    """A straight line through the middle of an odd square, shared among the pixels it passes; it sums to 1."""
    half = math.ceil(length / 2.0) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1))
    for way in np.linspace(-length / 2.0, length / 2.0, max(3, math.ceil(4.0 * length))):
        y, x = half + way * math.sin(angle), half + way * math.cos(angle)
        row, column = math.floor(y), math.floor(x)
        below, right = y - row, x - column
        kernel[row, column] += (1.0 - below) * (1.0 - right)
        kernel[row, column + 1] += (1.0 - below) * right
        kernel[row + 1, column] += below * (1.0 - right)
        kernel[row + 1, column + 1] += below * right
    line: Light = (kernel / kernel.sum()).astype(np.float32)
    return line


def _exposure(photo: Image.Image, draw: np.random.Generator, strengths: Sequence[float]) -> Maker:
    del strengths
    light = _to_light(photo)
    sign = 1.0 if draw.random() < 0.5 else -1.0
    return lambda stops: _to_photo(light * np.float32(2.0 ** (sign * stops)))


def _noise(photo: Image.Image, draw: np.random.Generator, strengths: Sequence[float]) -> Maker:
    del strengths
    light = _to_light(photo)
    # The same grains in every frame, so that a stronger frame is worse everywhere and not by luck.
    grains = draw.standard_normal(light.shape, dtype=np.float32)
    averaged = min(1.0, max(photo.size) / REFERENCE_SIDE)
    root = np.sqrt(np.clip(light, 0.0, 1.0) / np.float32(_MIDDLE_GREY)) * np.float32(averaged)
    return lambda per_cent: _to_photo(light + grains * root * np.float32(per_cent / 100.0))


def _tilt(photo: Image.Image, draw: np.random.Generator, strengths: Sequence[float]) -> Maker:
    sign = 1.0 if draw.random() < 0.5 else -1.0
    share = upright_share(photo.size, max(strengths))
    width, height = (max(1, math.floor(side * share)) for side in photo.size)
    left, top = (photo.width - width) // 2, (photo.height - height) // 2

    def make(degrees: float) -> Image.Image:
        # The pristine frame is resampled too, by a quarter of a pixel, so that sharpness tells it from none.
        turned = (
            photo.rotate(sign * degrees, Image.Resampling.BICUBIC)
            if degrees
            else photo.transform(photo.size, Image.Transform.AFFINE, (1, 0, 0.25, 0, 1, 0.25), Image.Resampling.BICUBIC)
        )
        return turned.crop((left, top, left + width, top + height))

    return make


def upright_share(size: tuple[int, int], degrees: float) -> float:
    """Share of each side that an upright rectangle of the same shape may have within a photo turned so far."""
    width, height = size
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return min(width / (width * cos + height * sin), height / (width * sin + height * cos))


def _crop(photo: Image.Image, draw: np.random.Generator, strengths: Sequence[float]) -> Maker:
    del draw, strengths
    x, y = subject_centre(photo)

    def make(share: float) -> Image.Image:
        width, height = (max(1, round(side * (1.0 - share))) for side in photo.size)
        # What stands out lies right of the middle: the right edge is cut, and the left one otherwise.
        left = 0 if x >= 0.5 else photo.width - width
        top = 0 if y >= 0.5 else photo.height - height
        return photo.crop((left, top, left + width, top + height))

    return make


def subject_centre(photo: Image.Image) -> tuple[float, float]:
    """Where the gradients' energy has its centre, as shares of width and height; the middle of an even photo."""
    small = photo.convert("L")
    small.thumbnail((256, 256))
    luma = np.asarray(small, dtype=np.float32)
    energy = ndimage.sobel(luma, axis=0) ** 2 + ndimage.sobel(luma, axis=1) ** 2
    if float(energy.sum()) <= 0.0:
        return 0.5, 0.5
    y, x = ndimage.center_of_mass(energy)
    return (float(x) + 0.5) / luma.shape[1], (float(y) + 0.5) / luma.shape[0]


def _compression(photo: Image.Image, draw: np.random.Generator, strengths: Sequence[float]) -> Maker:
    del draw, strengths

    def make(quality: float) -> Image.Image:
        if not quality:
            return photo.copy()
        stream = io.BytesIO()
        photo.save(stream, "JPEG", quality=round(quality), subsampling="4:2:0")
        stream.seek(0)
        with Image.open(stream) as opened:
            return opened.convert("RGB")

    return make


_MAKERS: Mapping[Fault, Callable[[Image.Image, np.random.Generator, Sequence[float]], Maker]] = {
    Fault.BLUR: _blur,
    Fault.MOTION: _motion,
    Fault.EXPOSURE: _exposure,
    Fault.NOISE: _noise,
    Fault.TILT: _tilt,
    Fault.CROP: _crop,
    Fault.COMPRESSION: _compression,
}


def _to_light(photo: Image.Image) -> Light:
    """Linear light (H, W, 3), 0..1: the transfer function of sRGB (IEC 61966-2-1) taken away."""
    codes = np.arange(256, dtype=np.float64) / 255.0
    table = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4).astype(np.float32)
    light: Light = table[np.asarray(photo)]
    return light


def _to_photo(light: Light) -> Image.Image:
    clipped = np.clip(light, 0.0, 1.0)
    codes = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1.0 / 2.4) - 0.055)
    return Image.fromarray((codes * 255.0 + 0.5).astype(np.uint8))
