"""A made world to photograph: curation's tests point a camera at it instead of opening files."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aesthetic_studio.records import (
    FOCUS_GRID,
    LOOK_COLOUR_SIDE,
    LOOK_SIDE,
    CaptureTime,
    Look,
    Measurements,
    Metadata,
    PhotoRecord,
    PhotoState,
    Score,
    ScoreDistribution,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2024, 5, 17, 12, 0, 0)
FRAME_WIDTH, FRAME_HEIGHT = 192, 128
WORLD_WIDTH, WORLD_HEIGHT = 960, 320


def distribution(mean: float, spread: float = 1.4) -> ScoreDistribution:
    """A distribution with exactly this mean, and nearly this spread where 1..10 leaves room for it."""
    bins = np.arange(1, 11)
    shape = np.exp(-0.5 * ((bins - mean) / spread) ** 2)
    shape /= shape.sum()
    off = mean - float((bins * shape).sum())
    # Moving weight between the ends mends the mean that cutting the bell off at 1 and 10 has moved.
    shape[9 if off > 0 else 0] += abs(off) / 9
    shape[0 if off > 0 else 9] -= abs(off) / 9
    shape = np.clip(shape, 0, None)
    return ScoreDistribution(tuple(float(p) for p in shape / shape.sum()))


@cache
def make_world(seed: int) -> np.ndarray:
    """Linear light ``(320, 960, 3)``: a sky over ground, with houses and balls at all depths."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:WORLD_HEIGHT, 0:WORLD_WIDTH].astype(np.float32)
    horizon = WORLD_HEIGHT * rng.uniform(0.35, 0.6)
    sky = np.stack([0.25 + 0.2 * y / horizon, 0.3 + 0.2 * y / horizon, 0.45 + 0 * y], axis=-1)
    ground = np.stack([0.12 + 0 * y, 0.14 + 0.1 * y / WORLD_HEIGHT, 0.08 + 0 * y], axis=-1) * rng.uniform(0.6, 1.6, 3)
    world = np.where((y < horizon)[..., None], sky, ground).astype(np.float32)
    for _ in range(110):
        colour = rng.uniform(0.02, 0.6, 3).astype(np.float32)
        cx, cy = rng.uniform(0, WORLD_WIDTH), rng.uniform(0.1, 1.0) * WORLD_HEIGHT
        size = rng.uniform(6, 34)
        if rng.random() < 0.5:
            inside = (np.abs(x - cx) < size) & (np.abs(y - cy) < size * rng.uniform(0.5, 1.8))
        else:
            inside = (x - cx) ** 2 + (y - cy) ** 2 < size**2
        world[inside] = colour
    world *= rng.uniform(0.85, 1.15, (WORLD_HEIGHT, WORLD_WIDTH, 1)).astype(np.float32)
    # Half of the worlds stand on their heads: a horizon in common would make all of them alike.
    return world[::-1] if rng.random() < 0.5 else world


def blurred(picture: np.ndarray, radius: int) -> np.ndarray:
    """Box blur, edges repeated."""
    for axis in (0, 1):
        width = [(0, 0)] * picture.ndim
        width[axis] = (radius, radius)
        padded = np.pad(picture, width, mode="edge")
        picture = np.mean([np.roll(padded, -k, axis=axis) for k in range(2 * radius + 1)], axis=0)
        picture = np.take(picture, range(padded.shape[axis] - 2 * radius), axis=axis)
    return picture


def srgb(linear: np.ndarray) -> np.ndarray:
    """8-bit sRGB of linear light; what is over 1 burns out."""
    linear = np.clip(linear, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (encoded * 255 + 0.5).astype(np.uint8)


def cells(picture: np.ndarray, side: int) -> np.ndarray:
    """Means over ``side × side`` cells."""
    rows, columns = picture.shape[0] // side, picture.shape[1] // side
    trimmed = picture[: rows * side, : columns * side]
    return trimmed.reshape(side, rows, side, columns, *picture.shape[2:]).mean(axis=(1, 3))


def measure(picture: np.ndarray) -> tuple[Look, Measurements]:
    """The fingerprint and measurements of an 8-bit picture; simpler than those of real files, and of the same kind."""
    values = picture.astype(np.float64)
    luma = values @ (0.299, 0.587, 0.114)
    look = Look(
        cells(luma, LOOK_SIDE).round().astype(np.uint8).tobytes(),
        cells(values, LOOK_COLOUR_SIDE).round().astype(np.uint8).tobytes(),
    )
    edges = np.hypot(np.diff(luma, axis=1)[:-1], np.diff(luma, axis=0)[:, :-1])
    contrast = float(luma.std()) or 1.0
    focus_map = np.sqrt(cells(np.pad(edges, ((0, 1), (0, 1))) ** 2, FOCUS_GRID)) / contrast
    light = float(((luma / 255) ** 2.2).mean())
    return look, Measurements(
        sharpness=float(np.clip(np.sqrt((edges**2).mean()) / contrast / 2, 0, 1)),
        motion_blur=0.0,
        noise=0.01,
        exposure_ev=math.log2(max(light, 1e-4) / 0.18),
        clipped_highlights=float((picture.max(axis=2) >= 255).mean()),
        clipped_shadows=float((picture.max(axis=2) <= 0).mean()),
        contrast=contrast / 255,
        colourfulness=0.3,
        tilt_degrees=0.0,
        focus_map=tuple(float(value) for value in focus_map.ravel()),
    )


@dataclass
class Studio:
    """A camera before made worlds. Each photo gets the next id and name."""

    folder: Path = Path("album")
    _count: int = 0

    def view(self, world: int, x: float, y: float, zoom: float = 1.0) -> np.ndarray:
        """What the camera sees with its left upper corner at ``(x, y)`` of the world, to a fraction of a pixel."""
        columns = np.clip(x + np.arange(FRAME_WIDTH) / zoom, 0, WORLD_WIDTH - 1)
        rows = np.clip(y + np.arange(FRAME_HEIGHT) / zoom, 0, WORLD_HEIGHT - 1)
        return make_world(world)[rows.round().astype(int)[:, None], columns.round().astype(int)[None, :]]

    def shoot(
        self,
        at: float | None = 0.0,
        *,
        world: int = 1,
        x: float = 300.0,
        y: float = 100.0,
        zoom: float = 1.0,
        ev: float = 0.0,
        settings_ev: float | None = None,
        blur: int = 0,
        focus_column: float | None = None,
        resolution: float = 0.01,
        score: float | None = None,
        bias: float | None = None,
        picture: np.ndarray | None = None,
        **changes: object,
    ) -> PhotoRecord:
        """Take a photo ``at`` seconds after noon; ``changes`` replace fields of the metadata, measurements or record.

        ``ev`` brightens the picture and, unless ``settings_ev`` says otherwise, is done with the shutter;
        ``focus_column`` (0..1) is the place across the frame that is in focus.
        """
        self._count += 1
        linear = self.view(world, x, y, zoom) if picture is None else picture
        if blur:
            linear = blurred(linear, blur)
        if focus_column is not None:
            linear = self._focused(linear, focus_column)
        look, measurements = measure(srgb(linear * 2.0**ev))
        metadata = Metadata(
            taken=None if at is None else CaptureTime(self.clock(at, resolution), resolution),
            make="Canon",
            model="Canon EOS R6",
            lens="RF 35mm F1.8",
            focal_length_mm=35.0,
            aperture=8.0,
            shutter_s=2.0 ** (ev if settings_ev is None else settings_ev) / 250,
            iso=100,
            exposure_bias_ev=bias,
        )
        name = f"IMG_{self._count:05d}.JPG"
        record = PhotoRecord(
            id=self._count,
            content_id=self._count,
            path=self.folder / name,
            state=PhotoState.PRESENT,
            size=1,
            mtime_ns=0,
            companions=(),
            format="JPEG",
            width=6000,
            height=4000,
            metadata=metadata,
            measurements=measurements,
            look=look,
            verdict=Verdict(),
            score=None if score is None else Score("made", "1", distribution(score)),
        )
        return self.change(record, **changes)

    @staticmethod
    def change(record: PhotoRecord, **changes: object) -> PhotoRecord:
        """A copy with fields of the record, its metadata or its measurements replaced, wherever they live."""
        for name, value in changes.items():
            for part in ("metadata", "measurements"):
                if name in getattr(record, part).__dataclass_fields__:
                    record = replace(record, **{part: replace(getattr(record, part), **{name: value})})
                    break
            else:
                record = replace(record, **{name: value})
        return record

    @staticmethod
    def clock(at: float, resolution: float) -> datetime:
        """The camera's clock, cut off at its finest step."""
        return NOON + timedelta(seconds=math.floor(at / resolution + 1e-6) * resolution)

    @staticmethod
    def _focused(linear: np.ndarray, focus_column: float) -> np.ndarray:
        """Blur by the distance from the column that is in focus."""
        blurs = [linear, *(blurred(linear, radius) for radius in (1, 2, 4))]
        distance = np.abs(np.linspace(0, 1, linear.shape[1]) - focus_column)
        level = np.clip((distance * 6).astype(int), 0, 3)
        return np.stack([blurs[level[column]][:, column] for column in range(linear.shape[1])], axis=1)


@pytest.fixture(scope="session")
def look_up_facts() -> Callable[[Path, int], PhotoRecord]:
    """Reads a real photo as the index would, as the record with this id."""
    from aesthetic_studio.imaging.decode import read_facts

    def read(path: Path, number: int) -> PhotoRecord:
        facts = read_facts(str(path))
        return PhotoRecord(
            id=number,
            content_id=number,
            path=path,
            state=PhotoState.PRESENT,
            size=1,
            mtime_ns=0,
            companions=(),
            format=facts.format,
            width=facts.width,
            height=facts.height,
            metadata=facts.metadata,
            measurements=facts.measurements,
            look=facts.look,
            verdict=Verdict(),
        )

    return read


@pytest.fixture
def studio() -> Studio:
    """A camera, and worlds to point it at."""
    return Studio()


@pytest.fixture(scope="session")
def studio_once() -> Studio:
    """The same for property tests, which may use no fixture that is made anew for each test."""
    return Studio()
