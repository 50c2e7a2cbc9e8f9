"""Sunset, sailing boat, lighthouse and long exposure: scenes at the sea."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from aesthetic_studio.sample_album.camera import bloom
from aesthetic_studio.sample_album.landscape import Sky, clouds, directions, sea
from aesthetic_studio.sample_album.noise import Array, Generator, blur, colour, fbm, mix, smoothstep
from aesthetic_studio.sample_album.shapes import Points, curve, mask, paint


def _sky_with_clouds(
    rng: Generator,
    sky: Sky,
    height: int,
    width: int,
    horizon: float,
    focal: float,
    cover: float,
    dark: tuple[float, float, float],
) -> Array:
    """A sky with a cloud deck that the sun lights from below near the horizon."""
    azimuth, elevation = directions(height, width, horizon, focal)
    picture = sky.over(azimuth, elevation)
    deck = clouds(rng, azimuth, elevation, scale=0.5, cover=cover, stretch=2.8, softness=0.22)
    under = replace(sky, disc=0.0).over(azimuth * 0.8, elevation * 0.22)
    lit = mix(under * np.float32(1.25), dark, smoothstep(0.10, 0.42, elevation))
    return mix(picture, lit, deck * 0.85)


def sea_sunset(rng: Generator, height: int, width: int) -> Array:
    """The sun touching the sea, a path of light, rocks in the foreground."""
    horizon, focal = height * 0.55, height * 1.15
    sky = Sky(
        [
            (0.0, (1.50, 0.42, 0.10)),
            (0.09, (1.05, 0.38, 0.17)),
            (0.22, (0.48, 0.24, 0.24)),
            (0.45, (0.13, 0.13, 0.25)),
            (0.8, (0.04, 0.06, 0.17)),
        ],
        sun=(-0.10, 0.045),
        glow=(2.4, 0.95, 0.24),
        glow_width=0.30,
        disc=0.030,
        disc_light=(16.0, 9.0, 3.0),
    )
    above = _sky_with_clouds(rng, sky, height, width, horizon, focal, 0.58, (0.10, 0.075, 0.12))
    below = sea(rng, sky, height, width, horizon=horizon, focal=focal, eye=5.5, roughness=0.105)
    picture = np.concatenate([above[: height - below.shape[0]], below], axis=0)
    picture = _rocks(rng, picture, height, width)
    return bloom(picture, 0.07, 34)


def _rocks(rng: Generator, picture: Array, height: int, width: int) -> Array:
    """Dark rocks that rise from the water towards both edges, their wet crests in the light."""
    x = np.linspace(0, 1, width, dtype=np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    for base, tall, reach in ((0.86, 0.13, 0.30), (1.02, 0.26, 0.46)):
        rough = fbm(rng, 1, width, (1, width / 7), octaves=8, gain=0.52, ridged=True)[0]
        rise = np.clip(1 - x / (0.55 * reach), 0, 1) ** 0.8 * 0.55 + np.clip(1 - (1 - x) / reach, 0, 1) ** 0.8
        crest = height * (base - tall * (rise * (0.45 + 0.9 * rough) - 0.16))
        foot = height * (base + 0.012 + 0.01 * rough)
        stone = fbm(rng, height, width, (30, 54), octaves=6, ridged=True)
        wet = np.exp(-np.maximum(rows - crest[None, :], 0) / 7.0)
        body = colour(0.016, 0.012, 0.014) * (0.3 + 1.4 * stone)[..., None]
        body = body + colour(0.34, 0.13, 0.05) * (wet * stone**2 * 0.6)[..., None]
        cover = np.clip(rows - crest[None, :], 0, 1) * np.clip((foot[None, :] - rows) / 3, 0, 1)
        picture = mix(picture, body.astype(np.float32), cover.astype(np.float32))
    return picture


def calm_sea(rng: Generator, height: int, width: int) -> Array:
    """Open sea on a fair morning, islands on the horizon: the horizon tells how level the camera was."""
    light = open_water(rng, height, width)
    return light * colour(0.80, 0.95, 1.12)


def open_water(rng: Generator, height: int, width: int) -> Array:
    """An evening sea with a far coast."""
    horizon, focal = height * 0.46, height * 1.9
    sky = Sky(
        [(0.0, (1.05, 0.74, 0.56)), (0.08, (0.86, 0.66, 0.60)), (0.2, (0.46, 0.50, 0.62)), (0.5, (0.14, 0.24, 0.44))],
        sun=(0.36, 0.10),
        glow=(0.9, 0.52, 0.22),
        glow_width=0.26,
    )
    above = _sky_with_clouds(rng, sky, height, width, horizon, focal, 0.50, (0.30, 0.30, 0.38))
    x = np.linspace(0, 1, width, dtype=np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    for depth, shade in ((0.055, (0.42, 0.36, 0.42)), (0.028, (0.24, 0.22, 0.29))):
        line = fbm(rng, 1, width, (1, width / 3), octaves=7, gain=0.45)[0]
        coast = horizon - height * depth * np.clip(line * 2.2 - 0.55 + 0.5 * (0.5 - x), 0, 2)
        above = mix(above, shade, np.clip(rows - coast[None, :], 0, 1) * (coast < horizon - 1)[None, :])
    below = sea(
        rng, sky, height, width, horizon=horizon, focal=focal, eye=7.0, roughness=0.085, deep=(0.012, 0.050, 0.068)
    )
    return np.concatenate([above[: height - below.shape[0]], below], axis=0)


def boat_on(picture: Array, *, along: float = 0.0, heel: float = 0.0) -> Array:
    """A white sail on that sea; ``along`` (widths) and ``heel`` (radians) are where the boat is at this moment."""
    height, width = picture.shape[:2]
    cx, cy, size = (0.37 + along) * width, 0.60 * height, 0.36 * height
    top, left = int(cy - 1.15 * size), int(cx - 0.5 * size)
    box = (slice(top, int(cy + 0.75 * size)), slice(left, int(cx + 0.5 * size)))
    result = picture.copy()
    result[box] = _boat(picture[box], (cx - left, cy - top), size, heel)
    return result


def _boat(picture: Array, place: tuple[float, float], s: float, heel: float) -> Array:
    """Sails, hull and mirror image, ``s`` pixels tall, the water line at ``place`` (column, row)."""
    height, width = picture.shape[:2]
    cx, cy = place
    cos, sin = np.cos(heel), np.sin(heel)

    def put(points: Points, flip: float = 1.0, squash: float = 1.0) -> Points:
        turned = [(x * cos - y * sin, x * sin + y * cos) for x, y in points]
        return [(cx + x * s, cy + y * s * flip * squash) for x, y in turned]

    main = [(0.02, -0.96), (0.05, -0.60), (0.13, -0.30), (0.30, -0.085), (0.02, -0.075)]
    jib = [(-0.005, -0.88), (-0.07, -0.50), (-0.20, -0.20), (-0.325, -0.055), (-0.10, -0.075), (-0.01, -0.085)]
    hull = [(-0.36, -0.045), (0.33, -0.045), (0.30, 0.015), (0.20, 0.045), (-0.22, 0.045), (-0.31, 0.005)]
    shimmer = np.zeros((height, width), dtype=np.float32)
    for shapes, strength in (([main], 0.55), ([jib], 0.55)):
        shimmer += strength * mask(height, width, [put(shape, -1.0, 0.62) for shape in shapes])
    rows = np.arange(height, dtype=np.float32)[:, None]
    broken = blur(shimmer, (5.0, 3.0)) * (0.75 + 0.4 * np.sin(rows * 0.55 + 2.5 * np.sin(rows * 0.13)))
    picture = picture + (colour(0.95, 0.80, 0.66) - picture) * np.clip(broken * 0.55, 0, 1)[..., None]
    dark = blur(mask(height, width, [put(hull, -1.4)]), (5.0, 4.0))
    picture = mix(picture, (0.03, 0.035, 0.05), dark * 0.7)
    x = (np.arange(width, dtype=np.float32) - cx)[None, :] / s
    fold = 0.88 + 0.12 * np.sin(rows / s * 26 + x * 18)
    for shape, bright in ((main, 1.0), (jib, 0.86)):
        cloth = colour(1.75, 1.45, 1.18) * (bright * fold * (0.75 + 0.75 * np.clip(x + 0.25, 0, 0.6)))[..., None]
        picture = mix(
            picture,
            cloth.astype(np.float32),
            mask(height, width, [put(curve(shape, 6) if shape is jib else shape)]) * 0.97,
        )
    paint(picture, (0.10, 0.020, 0.018), [put(hull)])
    paint(picture, (0.75, 0.66, 0.58), [put([(-0.36, -0.058), (0.335, -0.058), (0.33, -0.036), (-0.352, -0.036)])])
    spars = [(put([(0.008, 0.0), (0.008, -1.0)]), s * 0.010), (put([(0.008, -0.07), (0.31, -0.078)]), s * 0.009)]
    stays = [(put([(0.008, -0.99), (-0.35, -0.05)]), 1.0), (put([(0.008, -0.99), (0.32, -0.05)]), 0.8)]
    paint(picture, (0.16, 0.10, 0.06), [], spars)
    paint(picture, (0.05, 0.05, 0.05), [], stays, opacity=0.6)
    people = [
        put([(0.10 + d, -0.045), (0.10 + d, -0.115), (0.118 + d, -0.135), (0.136 + d, -0.115), (0.14 + d, -0.045)])
        for d in (0.0, 0.07)
    ]
    paint(picture, (0.05, 0.06, 0.10), people)
    return picture


def lighthouse(rng: Generator, height: int, width: int) -> Array:
    """A lighthouse on its headland at the blue hour, the lamp just lit."""
    horizon, focal = height * 0.66, height * 1.2
    sky = Sky(
        [
            (0.0, (0.95, 0.42, 0.26)),
            (0.07, (0.66, 0.36, 0.32)),
            (0.20, (0.26, 0.24, 0.38)),
            (0.5, (0.055, 0.085, 0.22)),
            (0.9, (0.02, 0.035, 0.12)),
        ],
        sun=(0.50, 0.01),
        glow=(0.8, 0.28, 0.10),
        glow_width=0.38,
    )
    above = _sky_with_clouds(rng, sky, height, width, horizon, focal, 0.52, (0.065, 0.065, 0.12))
    below = sea(rng, sky, height, width, horizon=horizon, focal=focal, eye=9.0, roughness=0.07)
    picture = np.concatenate([above[: height - below.shape[0]], below], axis=0)
    x = np.linspace(0, 1, width, dtype=np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    rough = fbm(rng, 1, width, (1, width / 5), octaves=8, gain=0.5, ridged=True)[0]
    crest = height * (0.615 + 0.9 * np.clip(x - 0.34, 0, 1) ** 1.4 - 0.055 * (rough - 0.5)) + height * 0.02 * np.exp(
        -x * 6
    )
    stone = fbm(rng, height, width, (26, 90), octaves=8, gain=0.66)
    down = np.maximum(rows - crest[None, :], 0)
    grass = np.exp(-down / (30.0 + 60 * stone))
    body = colour(0.034, 0.027, 0.030) * (0.30 + 1.3 * stone)[..., None]
    body = mix(body.astype(np.float32), (0.026, 0.030, 0.016), grass)
    side = np.clip(x - 0.16, 0, 1) * np.exp(-down / (0.35 * height))
    body = body + colour(0.30, 0.115, 0.06) * (side * (0.25 + 0.75 * stone**2))[..., None]
    picture = mix(picture, body.astype(np.float32), np.clip(down, 0, 1))
    return _tower(picture, height, width, (0.265, float(crest[int(0.265 * width)]) / height + 0.012))


def _tower(picture: Array, height: int, width: int, foot: tuple[float, float]) -> Array:
    cx, cy, s = foot[0] * width, foot[1] * height, height * 0.40

    def put(points: Points) -> Points:
        return [(cx + x * s, cy + y * s) for x, y in points]

    x = (np.arange(width, dtype=np.float32)[None, :] - cx) / s
    y = (np.arange(height, dtype=np.float32)[:, None] - cy) / s
    half = 0.098 + 0.045 * (y + 0.78) / 0.78
    turn = np.clip(x / np.maximum(half, 0.02), -1, 1)
    lit = 0.20 + 0.80 * np.clip(0.42 + 0.75 * turn, 0.06, 1.1)
    band = ((np.floor((y + 0.78) / 0.156) % 2) == 1).astype(np.float32)
    stripes = mix(
        np.broadcast_to(colour(0.52, 0.42, 0.40), (height, width, 3)).astype(np.float32), (0.42, 0.050, 0.040), band
    )
    picture = mix(
        picture,
        (stripes * lit[..., None]).astype(np.float32),
        mask(height, width, [put([(-0.143, 0), (0.143, 0), (0.098, -0.78), (-0.098, -0.78)])]),
    )
    dark = [
        [(-0.135, -0.78), (0.135, -0.78), (0.135, -0.805), (-0.135, -0.805)],
        [(-0.092, -0.93), (0.092, -0.93), (0.0, -1.03)],
    ]
    paint(picture, (0.030, 0.028, 0.034), [put(shape) for shape in dark], [(put([(0, -1.0), (0, -1.08)]), 2.0)])
    lamp = mask(height, width, [put([(-0.074, -0.805), (0.074, -0.805), (0.074, -0.93), (-0.074, -0.93)])])
    picture = mix(picture, (6.5, 4.6, 2.2), lamp)
    bars = [(put([(k, -0.805), (k, -0.93)]), 1.6) for k in (-0.074, -0.025, 0.025, 0.074)]
    rail = [(put([(-0.135, -0.845), (0.135, -0.845)]), 1.4)]
    paint(picture, (0.04, 0.035, 0.03), [], bars + rail, opacity=0.9)
    panes = [
        put([(d - 0.016, h), (d + 0.016, h), (d + 0.016, h - 0.05), (d - 0.016, h - 0.05)])
        for d, h in ((0.03, -0.22), (-0.01, -0.52))
    ]
    paint(picture, (0.9, 0.55, 0.22), panes)
    house = [[(-0.52, 0.03), (-0.16, 0.03), (-0.16, -0.13), (-0.52, -0.13)]]
    roof = [[(-0.55, -0.13), (-0.13, -0.13), (-0.20, -0.245), (-0.48, -0.245)]]
    paint(picture, (0.17, 0.13, 0.125), [put(p) for p in house])
    paint(picture, (0.060, 0.030, 0.030), [put(p) for p in roof])
    windows = [put([(d, -0.09), (d + 0.05, -0.09), (d + 0.05, -0.025), (d, -0.025)]) for d in (-0.46, -0.34, -0.24)]
    paint(picture, (2.6, 1.4, 0.45), windows)
    glow = blur(lamp, 10.0) * 0.5 + blur(lamp, 42.0) * 1.3 + blur(lamp, 130.0) * 2.2
    return bloom((picture + glow[..., None] * colour(1.0, 0.72, 0.36)).astype(np.float32), 0.05, 20)


def pier(rng: Generator, height: int, width: int) -> Array:
    """A wooden pier running into a sea smoothed by a long exposure."""
    horizon, focal = height * 0.44, height * 0.95
    sky = Sky(
        [(0.0, (0.92, 0.74, 0.66)), (0.12, (0.60, 0.56, 0.62)), (0.35, (0.25, 0.31, 0.44)), (0.8, (0.09, 0.14, 0.27))],
        sun=(0.0, 0.06),
        glow=(0.55, 0.34, 0.22),
        glow_width=0.4,
    )
    above = _sky_with_clouds(rng, sky, height, width, horizon, focal, 0.5, (0.24, 0.25, 0.32))
    smooth = np.concatenate([blur(above[: int(horizon)], (1.5, 26.0)), above[int(horizon) :]], axis=0)
    below = np.flip(smooth[: int(horizon)], axis=0)
    rows = np.arange(height - int(horizon))
    below = (
        below[np.clip((rows * 0.72).astype(int), 0, below.shape[0] - 1)]
        * np.linspace(0.92, 0.34, len(rows), dtype=np.float32)[:, None, None]
    )
    veil = fbm(rng, len(rows), width, (60, 900), octaves=4)
    below = blur(below, (5.0, 16.0)) * (0.75 + 0.5 * veil)[..., None] + colour(0.03, 0.05, 0.06)
    picture = np.concatenate([smooth[: int(horizon)], below], axis=0).astype(np.float32)
    vx, vy = width * 0.5, horizon + height * 0.012

    def board(side: float, away: float) -> tuple[float, float]:
        return vx + side * height * 0.36 / away, vy + height * 0.50 / away

    y = np.arange(height, dtype=np.float32)[:, None]
    x = np.arange(width, dtype=np.float32)[None, :]
    away = height * 0.50 / np.maximum(y - vy, 0.5)
    across = (x - vx) * away / (height * 0.36)
    planks = away * 6.5
    gap = smoothstep(0.06, 0.015, np.abs(planks - np.round(planks)) / (1 + 0.08 * planks)) * np.clip(
        1.3 - planks / 40, 0, 1
    )
    wood = fbm(rng, height, width, (9, 120), octaves=5)
    tone = (np.sin(np.round(planks) * 12.9898) * 43758.5453) % 1.0
    lit = (0.50 + 0.45 * tone + 0.7 * (wood - 0.5)) * (1 - 0.85 * gap)
    deck = (
        colour(0.165, 0.125, 0.105) * lit[..., None]
        + colour(0.16, 0.13, 0.12) * np.clip(1 - 1.2 / away, 0, 1)[..., None] * 0.6
    )
    end = 9.0
    cover = np.clip((1 - np.abs(across)) * height * 0.36 / np.maximum(away, 1e-3) + 0.5, 0, 1) * (away < end)
    picture = mix(picture, deck.astype(np.float32), cover.astype(np.float32))
    for k in (9.0, 6.4, 4.5, 3.2, 2.3, 1.65, 1.2):
        for side in (-1.0, 1.0):
            px, py = board(side * 1.02, k)
            tall, thick = height * 0.22 / k, height * 0.034 / k
            post = [
                (px - thick, py + tall * 0.9),
                (px + thick, py + tall * 0.9),
                (px + thick, py - tall),
                (px - thick, py - tall),
            ]
            paint(picture, (0.032, 0.026, 0.026), [post])
            edge = [
                (px + thick * (0.3 if side < 0 else -1), py - tall),
                (px + thick * (1 if side < 0 else -0.3), py - tall),
                (px + thick * (1 if side < 0 else -0.3), py),
                (px + thick * (0.3 if side < 0 else -1), py),
            ]
            paint(picture, (0.19, 0.135, 0.11), [edge], opacity=0.7)
    for side in (-1.0, 1.0):
        rope = []
        stations = (9.0, 6.4, 4.5, 3.2, 2.3, 1.65, 1.2, 0.8)
        for a, b in pairwise(stations):
            for t in np.linspace(0, 1, 9):
                k = float(1 / (1 / a + (1 / b - 1 / a) * t))
                px, py = board(side * 1.02, k)
                rope.append((px, py - height * 0.20 / k + height * 0.05 / k * 4 * t * (1 - t)))
        paint(picture, (0.05, 0.042, 0.040), [], [(rope, 2.6)])
    return picture
