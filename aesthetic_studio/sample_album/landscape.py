"""Sky, mountains and water: the parts that outdoor scenes are put together from."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from aesthetic_studio.sample_album.noise import (
    Array,
    Generator,
    blur,
    colour,
    gradient,
    mix,
    resize,
    sample,
    smoothstep,
    spectral,
)

Shade = tuple[float, float, float]


@dataclass(frozen=True)
class Sky:
    """A sky as a function of direction: colours by height, and a glow around the sun.

    Attributes:
        stops: Colours by the sine of the elevation, rising.
        sun: Azimuth and elevation, radians; azimuth 0 is the middle of the picture.
        glow: Colour that is added around the sun.
        glow_width: How wide, radians.
        disc: Radius of the sun itself, radians; 0 hides it.
    """

    stops: list[tuple[float, Shade]]
    sun: tuple[float, float] = (0.0, 0.1)
    glow: Shade = (0.0, 0.0, 0.0)
    glow_width: float = 0.35
    disc: float = 0.0
    disc_light: Shade = (12.0, 9.0, 6.0)

    def at(self, azimuth: Array, elevation: Array) -> Array:
        """Light from these directions, ``(…, 3)``."""
        light = gradient(np.sin(np.abs(elevation)), self.stops)
        away = np.sqrt((azimuth - self.sun[0]) ** 2 + ((elevation - self.sun[1]) * 1.25) ** 2)
        halo = np.exp(-away / self.glow_width) + 0.8 * np.exp(-((away / (self.glow_width * 0.28)) ** 2))
        light = light + halo[..., None].astype(np.float32) * np.asarray(self.glow, dtype=np.float32)
        if self.disc:
            true = np.sqrt((azimuth - self.sun[0]) ** 2 + (elevation - self.sun[1]) ** 2)
            light = mix(light, self.disc_light, smoothstep(self.disc * 1.08, self.disc * 0.92, true.astype(np.float32)))
        return light.astype(np.float32)

    def over(self, azimuth: Array, elevation: Array) -> Array:
        """The same for a whole frame. A sky is smooth: a quarter of the size is enough, but for the disc."""
        coarse = replace(self, disc=0.0).at(azimuth[::4, ::4], elevation[::4, ::4])
        light = resize(coarse, *elevation.shape)
        if self.disc:
            away = np.sqrt((azimuth - self.sun[0]) ** 2 + (elevation - self.sun[1]) ** 2)
            light = mix(light, self.disc_light, smoothstep(self.disc * 1.08, self.disc * 0.92, away))
        return light


def directions(height: int, width: int, horizon: float, focal: float) -> tuple[Array, Array]:
    """Azimuth and elevation of each pixel; ``horizon`` is its row and ``focal`` the focal length, pixels."""
    rows = ((horizon - np.arange(height, dtype=np.float32)) / focal)[:, None]
    columns = ((np.arange(width, dtype=np.float32) - width / 2) / focal)[None, :]
    elevation = np.arctan(rows / np.sqrt(1 + columns * columns))
    azimuth = np.broadcast_to(np.arctan(columns), elevation.shape)
    return azimuth.astype(np.float32), elevation.astype(np.float32)


def clouds(
    rng: Generator,
    azimuth: Array,
    elevation: Array,
    *,
    scale: float = 0.5,
    cover: float = 0.5,
    softness: float = 0.25,
    stretch: float = 1.0,
) -> Array:
    """Opacity 0..1 of a cloud deck seen in perspective; ``cover`` 0..1 says how much of the sky it fills."""
    full = elevation.shape
    azimuth, elevation = azimuth[::2, ::2], elevation[::2, ::2]
    field = spectral(rng, 1024, 1.65, low_cut=2)
    wisps = spectral(rng, 512, 1.2, low_cut=6)
    away = 1.0 / np.maximum(np.tan(np.maximum(elevation, 0.0)) + 0.08, 0.02)
    across = np.tan(azimuth) * away
    density = sample(field, away * 46 * scale, across * 46 * scale / stretch)
    density += 0.28 * sample(wisps, away * 90 * scale, across * 90 * scale / stretch)
    threshold = 1.25 - 2.5 * cover
    cover_there = smoothstep(threshold, threshold + softness * 4, density) * smoothstep(0.01, 0.11, elevation)
    return np.clip(resize(cover_there, *full), 0.0, 1.0)


def ridges(rng: Generator, size: int, *, cell: float, sharpness: float = 1.6, octaves: int = 9) -> Array:
    """Mountains as heights 0..1 over a ``size × size`` map: ridged noise whose detail grows where it is high."""
    total: Array = np.zeros((2, 2), dtype=np.float32)
    weight: Array = np.ones((2, 2), dtype=np.float32)
    amplitude, norm = 1.0, 0.0
    for octave in range(octaves):
        n = min(size, int(size / cell * 2**octave) + 3)
        side = size if octave == octaves - 1 else min(size, 8 * n)
        layer = resize(rng.random((n, n), dtype=np.float32), side, side)
        layer = np.clip(1.0 - np.abs(2.0 * layer - 1.0), 0.0, 1.0) ** np.float32(sharpness)
        total = resize(total, side, side) + np.float32(amplitude) * layer * resize(weight, side, side)
        weight = np.clip(layer * 1.6, 0.15, 1.0)
        norm += amplitude
        amplitude *= 0.47
    return total / np.float32(norm)


def sunlit(height: Array, sun: tuple[float, float], *, reach: int = 56) -> tuple[Array, Array, Array]:
    """Direct light (0..1, with cast shadows), sky light (0..1) and slope (0..1) of a height map.

    ``sun`` is (azimuth, elevation): azimuth 0 shines along the viewer's back, from the map's first row.
    """
    small = resize(height, height.shape[0] // 2, height.shape[1] // 2)
    dy, dx = np.gradient(height)
    up = 1.0 / np.sqrt(1.0 + dx * dx + dy * dy)
    toward = (-math.cos(sun[0]), math.sin(sun[0]))
    rise = math.tan(sun[1])
    direct = (-(dy * toward[0] + dx * toward[1]) * math.cos(sun[1]) + math.sin(sun[1])) * up
    shadow = np.full(small.shape, -1e9, dtype=np.float32)
    for step in range(1, reach):
        far = step * 1.35 + 0.02 * step * step
        shifted = np.roll(small, (round(-toward[0] * far), round(-toward[1] * far)), axis=(0, 1))
        np.maximum(shadow, shifted - np.float32(2 * far * rise), out=shadow)
    lit = smoothstep(1.2, -1.2, shadow - small)
    open_sky = 0.5 + (small - blur(small, 9.0)) * 0.045
    n = height.shape
    direct = np.clip(direct, 0, 1) * np.clip(resize(lit, *n), 0, 1)
    return direct.astype(np.float32), np.clip(resize(open_sky, *n), 0.12, 1.0), (1.0 - up).astype(np.float32)


@dataclass(frozen=True)
class View:
    """Where the camera stands over a height map, and what it sees.

    Attributes:
        eye: Row, column and height in map units; it looks towards rising rows.
        near: Distance of the first and last thing looked for.
    """

    height: int
    width: int
    horizon: float
    focal: float
    eye: tuple[float, float, float]
    near: float = 4.0
    far: float = 1500.0
    steps: int = 640


@dataclass(frozen=True)
class Hits:
    """For each pixel: does it show ground, how far, and where on the map."""

    ground: Array
    """0..1, how much of the pixel is ground: soft along the sky line."""
    distance: Array
    row: Array
    column: Array
    altitude: Array


def look(land: Array, view: View) -> Hits:
    """Cast one ray a pixel: march all columns outward, keep the sky line, search each column for its rows."""
    spread = (np.arange(view.width, dtype=np.float32) - view.width / 2) / view.focal
    far = np.geomspace(view.near, view.far, view.steps).astype(np.float32)
    rows = view.eye[0] + far[:, None] + 0 * spread[None, :]
    columns = view.eye[1] + far[:, None] * spread[None, :]
    altitude = sample(land, rows, columns)
    drop = far * far * 2.2e-6
    seen = (altitude - view.eye[2] - drop[:, None]) / far[:, None] * view.focal
    sky_line = np.maximum.accumulate(seen, axis=0)
    wanted = view.horizon - np.arange(view.height, dtype=np.float32)
    step = np.empty((view.height, view.width), dtype=np.int32)
    for c in range(view.width):
        step[:, c] = np.searchsorted(sky_line[:, c], wanted)
    missed = step >= view.steps
    at = np.clip(step, 1, view.steps - 1)
    cs = np.arange(view.width)[None, :]
    before, after = seen[at - 1, cs], seen[at, cs]
    part = np.clip((wanted[:, None] - before) / np.where(np.abs(after - before) < 1e-6, 1.0, after - before), 0, 1)
    distance = far[at - 1] + part * (far[at] - far[at - 1])
    distance = np.where(missed, view.far, distance).astype(np.float32)
    # A pixel that the sky line cuts through is part ground: this is what smooths the edge.
    edge = np.clip(sky_line[-1][None, :] - wanted[:, None] + 0.5, 0, 1).astype(np.float32)
    row = view.eye[0] + distance
    column = view.eye[1] + distance * spread[None, :]
    return Hits(edge, distance, row, column.astype(np.float32), sample(land, row, column))


def water(
    rng: Generator,
    above: Array,
    shore: int,
    *,
    height: int,
    ripple: float = 1.0,
    tint: Shade = (0.02, 0.05, 0.07),
    clarity: float = 0.75,
) -> Array:
    """Still water under a picture: rows from ``shore`` on mirror those before it, the more disturbed the nearer.

    ``above`` is the picture (H, W, 3) whose rows before ``shore`` are final; the result has ``height`` rows.
    """
    width = above.shape[1]
    deep = height - shore
    down = np.arange(deep, dtype=np.float32)[:, None]
    near = down / max(deep, 1)
    waves = spectral(rng, 512, 1.15, low_cut=4)
    perspective = 900.0 / (down + 14.0)
    columns = (np.arange(width, dtype=np.float32)[None, :] - width / 2) * perspective * 0.012
    disturb = sample(waves, perspective * 8 + 0 * columns, columns)
    fine = sample(waves, perspective * 31 + 7, columns * 4)
    reach = ripple * (1.0 + 26.0 * near)
    source = shore - 1 - down * 0.96 + (disturb + 0.5 * fine) * reach * 0.6
    sideways = np.arange(width, dtype=np.float32)[None, :] + (fine - disturb) * reach * 0.16
    mirrored = sample(above[:shore], np.clip(source, 0, shore - 1.01), np.clip(sideways, 0, width - 1.01))
    grazing = clarity * (1.0 - 0.55 * near**0.8)
    glint = np.clip(disturb * 0.05 * ripple, -0.08, 0.12)
    picture = mirrored * (grazing + glint)[..., None] + np.asarray(tint, dtype=np.float32) * near[..., None]
    result = np.concatenate([above[:shore], picture.astype(np.float32)], axis=0)
    line = result[shore - 1 : shore + 2]
    result[shore - 1 : shore + 2] = line * np.float32(0.8)
    return result


def sea(
    rng: Generator,
    sky: Sky,
    height: int,
    width: int,
    *,
    horizon: float,
    focal: float,
    eye: float = 5.0,
    roughness: float = 0.10,
    deep: Shade = (0.01, 0.04, 0.06),
) -> Array:
    """Open water below a horizon, waves mirroring the sky; the rows from the horizon down, ``(H − horizon, W, 3)``."""
    top = math.ceil(horizon)
    azimuth, elevation = directions(height, width, horizon, focal)
    azimuth, elevation = azimuth[top:], np.minimum(elevation[top:], -0.0006)
    away = np.minimum(eye / np.tan(-elevation), 4000.0)
    across = away * np.tan(azimuth)
    swell, chop = spectral(rng, 512, 1.9, low_cut=5, wind=1.2), spectral(rng, 512, 1.35, low_cut=10)
    # Where many waves fall into one pixel their slopes average out, all the more the farther away.
    coarse = 1.0 / (1.0 + (away / 260.0) ** 1.2)
    fine = 1.0 / (1.0 + (away / 60.0) ** 1.2)
    slope = sample(swell, away * 2.0, across * 1.0) * (0.35 + 0.65 * coarse)
    slope += 0.8 * sample(chop, away * 7.0 + 31, across * 3.4) * (0.25 + 0.75 * fine)
    sideways = sample(chop, away * 5.0 + 200, across * 3.0 + 90) * (0.3 + 0.7 * fine)
    up = np.abs(-elevation + roughness * (0.9 + slope) * 0.9)
    light = sky.at(azimuth + roughness * 0.8 * sideways, up.astype(np.float32))
    cosine = np.clip(np.sin(np.abs(-elevation + roughness * 0.5 * slope)), 0.0, 1.0)
    fresnel = 0.03 + 0.97 * (1.0 - cosine) ** 5
    depth = colour(*deep) * (1.0 + 0.5 * np.clip(slope, -1, 2))[..., None]
    return np.asarray(light * fresnel[..., None] + depth * (1 - fresnel[..., None]), dtype=np.float32)


def stars(rng: Generator, height: int, width: int, count: int = 1400) -> Array:
    """Points of starlight, few bright and many faint, some warm and some cold."""
    light = np.zeros((height, width, 3), dtype=np.float32)
    rows = rng.integers(1, height - 1, count)
    columns = rng.integers(1, width - 1, count)
    power = (0.05 / np.maximum(rng.random(count), 0.006) ** 0.85).astype(np.float32)
    warmth = rng.normal(0, 0.22, count).astype(np.float32)
    tint = np.stack([1 + warmth, np.ones(count, dtype=np.float32), 1 - warmth], axis=1)
    np.add.at(light, (rows, columns), np.clip(tint, 0.3, 1.7) * power[:, None])
    return blur(light, 0.75) * np.float32(2.2)


def mist(picture: Array, tint: Shade, amount: Array) -> Array:
    """Air between: ``amount`` 0..1 of every pixel's light is replaced by the air's."""
    return mix(picture, tint, np.clip(amount, 0, 1).astype(np.float32))
