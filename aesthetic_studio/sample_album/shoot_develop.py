"""Frames of the sample shoot: a place rendered once, then framed, shaken, exposed and developed for each of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter1d

from aesthetic_studio.sample_album import (
    camera,
    scenes_city,
    scenes_coast,
    scenes_country,
    scenes_moving,
    scenes_nature,
    scenes_still,
    scenes_studio,
    scenes_table,
)
from aesthetic_studio.sample_album.noise import Array, Generator, fbm, mix, random_for, resize
from aesthetic_studio.sample_album.shoot_frames import Frame, Framing, Light, Misfire, Place

LONG, SHORT = 1600, 1067
"""The sides of a photo, pixels."""
_HEIGHT, _WIDTH = 1334, 2000
_PANORAMA_WIDTH = 4300
_MARGIN = 1.045
"""What a place is rendered larger than its widest frame, for hands that are not still."""

Scene = Callable[[Generator, int, int], Array]
Passing = Callable[[Generator, Array, float], Array]

_SCENES: dict[str, Scene] = {
    "alpine_dawn": scenes_nature.alpine_dawn,
    "mountain_lake": scenes_nature.mountain_lake,
    "starry_night": scenes_nature.starry_night,
    "moonrise": scenes_nature.moonrise,
    "dunes": scenes_nature.dunes,
    "misty_hills": scenes_nature.misty_hills,
    "balloons": scenes_moving.balloon_country,
    "aurora": scenes_nature.aurora,
    "sea_sunset": scenes_coast.sea_sunset,
    "calm_sea": scenes_coast.calm_sea,
    "boat": scenes_coast.open_water,
    "gulls": scenes_coast.calm_sea,
    "lighthouse": scenes_coast.lighthouse,
    "pier": scenes_coast.pier,
    "skyline": scenes_city.skyline,
    "rainy_street": scenes_city.rainy_street,
    "facade": scenes_city.facade,
    "staircase": scenes_city.staircase,
    "flower_field": scenes_country.flower_field,
    "runner": scenes_country.beach,
    "house_wall": scenes_country.house_wall,
    "still_life": scenes_table.still_life,
    "fruit": scenes_still.fruit,
    "plums": scenes_still.plums,
    "flower": scenes_studio.flower,
    "city_lights": scenes_studio.city_lights,
    "photographer": scenes_studio.photographer,
    "profile": scenes_moving.lights_behind,
}
_SMALLER: dict[str, tuple[Scene, float]] = {
    # Fog and its trunks are soft: part of the size is enough.
    "fog_forest": (scenes_nature.fog_forest, 0.6),
}
_PASSING: dict[str, Passing] = {
    "balloons": scenes_moving.drifting_balloons,
    "boat": scenes_moving.boat,
    "gulls": scenes_moving.gulls,
    "runner": scenes_moving.runner,
    "profile": scenes_moving.profile,
}


def photograph(place: Place, frames: Sequence[Frame], seed: int) -> Iterator[tuple[Frame, Image.Image]]:
    """Develop these frames of one place, upright; the place is rendered when the first needs it."""
    scene: Array | None = None
    for frame in frames:
        if frame.misfire in {Misfire.LENS_CAP, Misfire.FLOOR}:
            light = _nothing_meant(frame, random_for(seed, "slip", frame.shot.name))
        else:
            scene = _render(place, seed) if scene is None else scene
            light = _exposed(frame, _with_passing(scene, frame, seed))
        iso = frame.shot.settings.iso
        grain = 0.0025 + 0.0020 * (iso / 100) ** 0.45
        yield frame, camera.develop(light, random_for(seed, frame.shot.name), ev=frame.shot.ev, grain=grain)


def _render(place: Place, seed: int) -> Array:
    """The linear light of a place, under its weather."""
    rng = random_for(seed, place.key, place.scene)
    width = _PANORAMA_WIDTH if place.wide else _WIDTH
    if place.scene in _SMALLER:
        scene, size = _SMALLER[place.scene]
        light = resize(scene(rng, int(_HEIGHT * size), int(width * size)), _HEIGHT, width)
    else:
        light = _SCENES[place.scene](rng, _HEIGHT, width)
    return _under(place.light, light)


def _under(light: Light, scene: Array) -> Array:
    """The scene in this light: colours by one matrix, and haze the colour of what lies far off."""
    graded: Array = scene @ colours_of(light).T
    if light.haze:
        air = np.percentile(graded[: len(graded) // 2 : 8, ::8], 70, axis=(0, 1)).astype(np.float32)
        graded += (air - graded) * np.float32(light.haze)
    np.maximum(graded, 0.0, out=graded)
    return graded


def colours_of(light: Light) -> Array:
    """The 3 × 3 matrix that turns hues about grey, fades colours towards it, warms, and brightens, in this order."""
    luma = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    grey = np.ones((3, 1), dtype=np.float32) @ luma[None, :]
    angle = math.radians(light.turn)
    cos, sin = math.cos(angle), math.sin(angle) / math.sqrt(3)
    # Rodrigues' rotation about the axis (1, 1, 1): greys stay where they are.
    third = (1 - cos) / 3
    turned = np.array(
        [
            [cos + third, third - sin, third + sin],
            [third + sin, cos + third, third - sin],
            [third - sin, third + sin, cos + third],
        ],
        dtype=np.float32,
    )
    faded = grey + (np.eye(3, dtype=np.float32) - grey) * np.float32(light.saturation)
    warm = np.diag([2 ** (0.22 * light.warmth), 1.0, 2 ** (-0.32 * light.warmth)]).astype(np.float32)
    return np.asarray(np.float32(2**light.ev) * (warm @ faded @ turned), dtype=np.float32)


def _with_passing(scene: Array, frame: Frame, seed: int) -> Array:
    """Put what passes by where it is at the frame's moment."""
    passing = _PASSING.get(frame.place.scene)
    if passing is None:
        return scene
    return passing(random_for(seed, frame.place.key, f"visit {frame.visit}"), scene.copy(), frame.shot.moment)


@dataclass(frozen=True, slots=True)
class _Window:
    """What of a place a frame shows, in the place's pixels."""

    left: float
    top: float
    width: float
    height: float


def _window(scene: Array, framing: Framing, *, mirrored: bool) -> _Window:
    tall, wide = scene.shape[:2]
    height = tall / _MARGIN / framing.zoom
    width = height * (SHORT / LONG if framing.upright else LONG / SHORT)
    across = 1 - framing.centre[0] if mirrored else framing.centre[0]
    margin = (tall - tall / _MARGIN) / 2

    def placed(share: float, whole: float, part: float) -> float:
        return float(min(max(margin, share * whole - part / 2), whole - part - margin))

    return _Window(placed(across, wide, width), placed(framing.centre[1], tall, height), width, height)


def _exposed(frame: Frame, scene: Array) -> Array:
    """The light on the sensor, with the frame's flaw."""
    if frame.place.mirrored:
        scene = scene[:, ::-1]
    height, width = (LONG, SHORT) if frame.framing.upright else (SHORT, LONG)
    window = _window(scene, frame.framing, mirrored=frame.place.mirrored)
    scale = window.height / height
    sway = [math.ceil(abs(part) / 2) for part in frame.sweep]
    top = window.top + (frame.shot.shift[0] - sway[0]) * scale
    left = window.left + (frame.shot.shift[1] - sway[1]) * scale
    size = height + 2 * sway[0], width + 2 * sway[1]
    light = _seen(scene, (left, top, size[1] * scale, size[0] * scale), size)
    if frame.framing.roll:
        light = camera.tilt(light, frame.framing.roll)
    if any(frame.sweep):
        light = camera.shake(light, (height, width), (0, 0), frame.sweep)
    return _defocused(light, frame.softness) if frame.softness else light


def _defocused(light: Array, radius: float) -> Array:
    """As the camera's ``defocus``; here it is most of a frame's work, and SciPy does it in a third of the time."""
    for axis in (0, 1):
        light = gaussian_filter1d(light, radius * 0.6, axis=axis, mode="nearest", truncate=2.6)
    return light


def _seen(scene: Array, box: tuple[float, float, float, float], size: tuple[int, int]) -> Array:
    """A part (left, top, width, height) of the scene at ``size`` (rows, columns)."""
    left = min(max(0.0, box[0]), scene.shape[1] - box[2])
    top = min(max(0.0, box[1]), scene.shape[0] - box[3])
    edges = (max(0.0, left), max(0.0, top), min(scene.shape[1], left + box[2]), min(scene.shape[0], top + box[3]))
    # Only what the filter reaches is handed over: copying the whole place would cost more than resizing its part.
    first, last = (max(0, int(edges[1]) - 4), int(edges[3]) + 5), (max(0, int(edges[0]) - 4), int(edges[2]) + 5)
    part = scene[slice(*first), slice(*last)]
    inner = (edges[0] - last[0], edges[1] - first[0], edges[2] - last[0], edges[3] - first[0])
    light = np.empty((*size, 3), dtype=np.float32)
    for channel in range(3):
        plane = Image.fromarray(np.ascontiguousarray(part[..., channel]))
        light[..., channel] = np.asarray(plane.resize((size[1], size[0]), Image.Resampling.BICUBIC, box=inner))
    return np.maximum(light, 0.0, out=light)


def _nothing_meant(frame: Frame, rng: Generator) -> Array:
    """What a camera sees with its cap on, or hanging from the shoulder."""
    height, width = (LONG, SHORT) if frame.framing.upright else (SHORT, LONG)
    if frame.misfire is Misfire.LENS_CAP:
        leak = fbm(rng, height, width, height * 0.9, octaves=2)
        return np.asarray((0.0004 + 0.0016 * leak**3)[..., None] * np.array([1.2, 1.0, 0.9]), dtype=np.float32)
    stones = fbm(rng, height, width, float(rng.choice([14, 40, 90])), octaves=5, gain=0.6)
    wash = fbm(rng, height, width, height * 0.8, octaves=3)
    tint = np.array([[0.10, 0.095, 0.09], [0.13, 0.09, 0.06], [0.07, 0.085, 0.06]], dtype=np.float32)[
        int(rng.integers(3))
    ]
    light = (tint * ((0.4 + 1.1 * stones) * (0.5 + wash))[..., None]).astype(np.float32)
    seam = float(rng.uniform(0.2, 0.8)) * width + 0.4 * np.arange(height, dtype=np.float32)[:, None]
    line = np.exp(-(((np.arange(width, dtype=np.float32)[None, :] - seam) / 9) ** 2))
    light = mix(light, (0.02, 0.02, 0.02), line * 0.7)
    return _defocused(camera.shake(light, (height, width), (0, 0), (12.0, 40.0)), 5.0)
