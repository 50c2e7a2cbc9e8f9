"""Skyline, rainy street, facade, staircase: scenes of the city."""

from __future__ import annotations

import math

import numpy as np

from aesthetic_studio.sample_album.camera import bloom
from aesthetic_studio.sample_album.landscape import Sky, clouds, directions, water
from aesthetic_studio.sample_album.noise import Array, Generator, blur, colour, fbm, mix, sample, smoothstep
from aesthetic_studio.sample_album.shapes import curve, mask


def _chance(*keys: Array) -> Array:
    """A number 0..1 that looks random and depends only on whole numbers ``keys``."""
    total = sum(key * factor for key, factor in zip(keys, (12.9898, 78.233, 37.719, 93.989), strict=False))
    value = np.sin(np.asarray(total, dtype=np.float64)) * 43758.5453
    return np.asarray(value - np.floor(value), dtype=np.float32)


def skyline(rng: Generator, height: int, width: int) -> Array:
    """Towers with lit windows at the blue hour, mirrored in a river."""
    shore = int(height * 0.64)
    azimuth, elevation = directions(shore + 1, width, shore, height * 1.2)
    sky = Sky(
        [
            (0.0, (0.62, 0.30, 0.24)),
            (0.10, (0.36, 0.22, 0.28)),
            (0.24, (0.13, 0.13, 0.28)),
            (0.6, (0.025, 0.045, 0.15)),
        ],
        sun=(-0.35, -0.02),
        glow=(0.5, 0.20, 0.08),
        glow_width=0.4,
    )
    picture = sky.over(azimuth, elevation)
    deck = clouds(rng, azimuth, elevation, scale=0.45, cover=0.45, stretch=3)
    picture = mix(picture, sky.over(azimuth, elevation * 0.3) * np.float32(0.8), deck * 0.6)
    for layer in range(3):
        picture = _towers(rng, picture, shore, layer)
    quay = np.zeros_like(picture)
    quay[:] = colour(0.035, 0.028, 0.026)
    rows = np.arange(shore + 1, dtype=np.float32)[:, None] + 0 * azimuth
    picture = mix(picture, quay, smoothstep(shore - 9.0, shore - 8.0, rows))
    lamps = np.zeros((shore + 1, width), dtype=np.float32)
    lamps[shore - 12 : shore - 9, 20::46] = 1.0
    lamps[shore - 12 : shore - 9, 21::46] = 1.0
    picture = picture + lamps[..., None] * colour(9.0, 5.4, 2.2)
    picture = bloom(picture, 0.16, 11, 0.8)
    result = water(rng, picture, shore, height=height, ripple=0.95, tint=(0.008, 0.012, 0.022), clarity=0.85)
    smeared = blur(result[shore:], (16.0, 1.1))
    result[shore:] = 0.35 * result[shore:] + 0.65 * smeared
    return result


def _towers(rng: Generator, picture: Array, shore: int, layer: int) -> Array:
    """One row of buildings, nearer and darker with ``layer``."""
    width = picture.shape[1]
    near = layer / 2
    left = -float(rng.uniform(0, 40))
    result = picture.copy()
    while left < width:
        wide = float(rng.uniform(42, 92)) * (0.8 + 0.55 * near)
        centre = (left + wide / 2) / width
        hill = math.exp(-(((centre - 0.60) / 0.20) ** 2)) + 0.7 * math.exp(-(((centre - 0.22) / 0.12) ** 2))
        tall = (
            shore
            * (0.16 + 0.52 * hill * float(rng.uniform(0.45, 1.1)) + float(rng.uniform(0, 0.10)))
            * (1.0 - 0.42 * near)
        )
        top = max(4, int(shore - tall))
        a, b = max(0, int(left)), min(width, int(left + wide))
        left += wide * float(rng.uniform(0.92, 1.25))
        if b - a < 6:
            continue
        _building(rng, result, (top, shore, a, b), near)
    return result


def _building(rng: Generator, picture: Array, box: tuple[int, int, int, int], near: float) -> None:
    top, bottom, left, right = box
    rows = np.arange(top, bottom, dtype=np.float32)[:, None]
    columns = np.arange(left, right, dtype=np.float32)[None, :]
    seed = float(rng.integers(1000))
    cell_w, cell_h = float(rng.choice([7.0, 8.0, 10.0])), float(rng.choice([9.0, 10.0, 12.0]))
    u, v = (columns - left) / cell_w, (rows - top) / cell_h
    iu, iv = np.floor(u), np.floor(v)
    fu, fv = u - iu, v - iv
    pane = (np.abs(fu - 0.5) < rng.uniform(0.26, 0.40)) & (np.abs(fv - 0.5) < rng.uniform(0.22, 0.34)) & (v > 1.2)
    busy = 0.20 + 0.5 * rng.random()
    floor_on = _chance(iv + 0 * iu, iv * 0 + seed) < 0.20
    on = (_chance(iu + 0 * iv, iv, iv * 0 + seed) < busy) | (floor_on & (_chance(iu, iv, iv * 0 + seed + 5) < 0.85))
    power = (0.35 + 1.9 * _chance(iu + 3, iv + 7, iv * 0 + seed) ** 2.2) * (pane & on)
    warm = _chance(iu + 11, iv + 5, iv * 0 + seed)[..., None]
    tint = colour(1.35, 0.86, 0.42) * (1 - 0.6 * warm) + colour(0.62, 0.82, 1.0) * 0.6 * warm
    wall = colour(0.085, 0.070, 0.095) * (1.15 - 0.85 * near) + colour(0.06, 0.035, 0.03) * (1 - near)
    shade = 0.75 + 0.5 * (columns - left) / max(right - left, 1) + 0 * rows
    body = wall * shade[..., None] + colour(0.03, 0.04, 0.07) * (pane & ~on)[..., None]
    body = body + power[..., None] * tint
    haze = 0.40 * (1 - near)
    picture[top:bottom, left:right] = body * (1 - haze) + picture[top:bottom, left:right] * haze
    if rng.random() < 0.45 and top > 60:
        mast = (left + right) // 2
        high = int(rng.uniform(14, 60) * (1.2 - 0.5 * near))
        picture[top - high : top, mast : mast + 2] = wall
        picture[top - high : top - high + 3, mast - 1 : mast + 3] = colour(3.5, 0.25, 0.15)


def rainy_street(rng: Generator, height: int, width: int) -> Array:
    """A street at night after rain: lamps, lit shops, and all of it again on the wet ground."""
    vx, vy = width * 0.52, height * 0.46
    y = (np.arange(height, dtype=np.float32)[:, None] - vy) / height
    x = (np.arange(width, dtype=np.float32)[None, :] - vx) / height
    ripple = fbm(rng, height, width, (9, 70), octaves=4)
    wet = smoothstep(0.40, 0.62, fbm(rng, height, width, (height * 0.06, height * 0.4), octaves=4))
    ground_side, ground_down = 0.62, 0.30
    on_ground = (y * ground_side > np.abs(x) * ground_down * 1.0) & (y > 0)
    upper = _street_lamps(_street_walls(x + 0 * y, y + 0 * x), x, y)
    away = ground_down / np.maximum(y, 0.004)
    shake = (ripple - 0.5) * (0.055 + 0.05 / np.maximum(away, 0.6))
    rows = (0 * x - y * 0.96 + shake) * height + vy
    mirrored = sample(upper, np.clip(rows, 0, vy), np.clip((x + shake * 0.35) * height + vx, 0, width - 1.01))
    mirrored = blur(np.where(on_ground[..., None], mirrored, upper).astype(np.float32), (9.0, 1.4))
    stones = fbm(rng, height, width, (5, 12), octaves=3)
    asphalt = colour(0.020, 0.021, 0.026) * (0.5 + stones)[..., None]
    gloss = (0.30 + 0.55 * wet) * np.clip(1.15 - 0.5 * y / 0.5, 0.3, 1)
    street = asphalt + mirrored * gloss[..., None]
    picture = np.where(on_ground[..., None], street, upper).astype(np.float32)
    fog = np.exp(-((np.sqrt(x * x + (y * 1.3) ** 2) / 0.16) ** 2))
    picture = picture + fog[..., None] * colour(0.30, 0.22, 0.20)
    picture = _walker(picture, height, width)
    return bloom(picture, 0.22, 16, 0.9)


def _street_walls(x: Array, y: Array) -> Array:
    """Light from the two rows of houses and the sky, for picture coordinates (height 1, vanishing point at 0)."""
    side = 0.62
    away = side / np.maximum(np.abs(x), 0.02)
    up = -y * away
    tall = 2.15 + 0.55 * _chance(np.floor(away / 1.7), np.sign(x) * 3)
    wall = (up < tall) & (up > -0.36)
    house = np.floor(away / 1.7)
    paint = 0.5 + 0.8 * _chance(house, np.sign(x) + 5)
    u, v = away / 0.34, up / 0.42
    iu, iv = np.floor(u), np.floor(v)
    pane = (np.abs(u - iu - 0.5) < 0.28) & (np.abs(v - iv - 0.48) < 0.32) & (iv >= 1)
    key = _chance(iu, iv, np.sign(x) * 2 + 9)
    lit = pane & (key < 0.34)
    glass = pane & ~lit
    shop = (up < 0.18) & (up > -0.24) & (np.abs(away / 0.85 - np.floor(away / 0.85) - 0.5) < 0.42)
    shop_on = shop & (_chance(np.floor(away / 0.85), np.sign(x) + 2) < 0.72)
    hue = _chance(np.floor(away / 0.85) + 4, np.sign(x))[..., None]
    near_light = 1.0 / (1.0 + (away / 4.0) ** 2)
    night = np.exp(-away / 9.0)
    lamp_wash = 0.35 + 0.9 * np.exp(-(((away / 1.9 - np.floor(away / 1.9)) - 0.5) ** 2) / 0.05)
    body = colour(0.050, 0.038, 0.036) * (paint * (0.35 + lamp_wash * np.exp(-np.abs(up - 0.6) / 0.8)))[..., None]
    body = np.where(glass[..., None], colour(0.014, 0.018, 0.030), body)
    body = np.where(lit[..., None], colour(1.05, 0.62, 0.26) * (0.35 + 1.2 * key / 0.34)[..., None], body)
    neon = (
        colour(1.9, 1.10, 0.45) * (1 - hue)
        + colour(0.45, 0.85, 1.25) * np.clip(hue * 1.6 - 0.6, 0, 1)
        + colour(1.0, 0.2, 0.35) * (hue * (1 - hue))
    )
    # Frames, and dark shapes of goods below and lamps above, make a shop window of a lit rectangle.
    across = away / 0.85 * 5
    frame = np.abs(across - np.round(across)) < 0.035
    goods = _chance(np.floor(away / 0.85 * 23), np.sign(x) + 1) * 0.26 - 0.24
    inside = np.where(up < goods, 0.22, 0.55 + 0.6 * smoothstep(-0.10, 0.18, up)) * (1 - 0.85 * frame)
    body = np.where(shop_on[..., None], neon * (inside * (0.30 + 0.45 * near_light))[..., None], body)
    sign = (up > 0.20) & (up < 0.30) & (_chance(house, np.sign(x) + 7) < 0.6) & (np.abs(away / 1.7 - house - 0.5) < 0.3)
    body = np.where(sign[..., None], colour(1.8, 0.35, 0.22) * (1 - hue) + colour(0.25, 1.0, 0.95) * hue, body)
    body = body * night[..., None] + colour(0.15, 0.105, 0.10) * (1 - night)[..., None]
    sky = (
        colour(0.030, 0.036, 0.070) * (0.6 + 1.2 * np.exp(-np.abs(y) / 0.16))[..., None]
        + colour(0.13, 0.08, 0.06) * np.exp(-np.abs(y) / 0.09)[..., None]
    )
    return np.asarray(np.where(wall[..., None], body, sky), dtype=np.float32)


def _street_lamps(picture: Array, x: Array, y: Array) -> Array:
    """Lamps over the street, and the lights of two cars; each lights only its surroundings."""
    lamps = [
        (
            (lane / far, -0.86 / far),
            0.016 / far,
            colour(1.25, 0.80, 0.38) * (0.55 + 0.45 * math.exp(-far / 6)),
            9.0,
            0.7,
        )
        for far in (0.9 + 1.15 * k for k in range(1, 9))
        for lane in (-0.36, 0.36)
    ]
    red, white = colour(2.6, 0.16, 0.10), colour(3.0, 2.7, 2.2)
    for lane, far, tint in ((-0.16, 4.2, red), (-0.11, 4.2, red), (0.13, 3.4, white), (0.21, 3.4, white)):
        lamps.append(((lane / far * 2, 0.16 / far), 0.0040, tint, 3.0, 0.35))
    for (px, py), size, tint, core, glow in lamps:
        reach = size * 4.5 * 6
        rows = slice(*np.searchsorted(y[:, 0], (py - reach, py + reach)))
        columns = slice(*np.searchsorted(x[0], (px - reach, px + reach)))
        away = np.sqrt((x[:, columns] - px) ** 2 + (y[rows] - py) ** 2)
        spot = np.exp(-(away**2) / (2 * size * size)) * core + np.exp(-away / (size * 4.5)) * glow - glow * math.exp(-6)
        picture[rows, columns] += np.maximum(spot, 0)[..., None] * tint
    return picture


def _walker(picture: Array, height: int, width: int) -> Array:
    """Somebody with an umbrella, seen from behind."""
    cx, foot, s = width * 0.475, height * 0.800, height * 0.24

    def put(points: list[tuple[float, float]], flip: float = 1.0) -> list[tuple[float, float]]:
        return [(cx + x * s, foot + y * s * flip) for x, y in points]

    coat = curve(
        [
            (-0.10, -0.66),
            (0.0, -0.72),
            (0.10, -0.66),
            (0.135, -0.40),
            (0.15, -0.20),
            (0.0, -0.185),
            (-0.15, -0.20),
            (-0.135, -0.40),
        ]
    )
    legs = [
        [(-0.085, -0.22), (-0.015, -0.22), (-0.030, 0.0), (-0.085, 0.0)],
        [(0.015, -0.22), (0.085, -0.22), (0.075, -0.02), (0.030, -0.02)],
    ]
    head = curve([(-0.055, -0.78), (0.0, -0.845), (0.055, -0.78), (0.0, -0.70)])
    canopy = [(0.40 * math.cos(t) + 0.03, -0.83 - 0.25 * math.sin(t)) for t in np.linspace(0, math.pi, 24)]
    shapes = [coat, *legs, head, canopy]
    shadow = blur(mask(height, width, [put(shape, -0.85) for shape in shapes]), (8.0, 3.0))
    picture = mix(picture, (0.010, 0.010, 0.014), shadow * 0.75)
    cover = mask(height, width, [put(shape) for shape in shapes], [(put([(0.03, -1.12), (0.05, -0.55)]), 2.5)])
    rim = np.clip(cover - blur(cover, 2.2), 0, 1)
    picture = mix(picture, (0.010, 0.010, 0.013), cover)
    red = mask(height, width, [put(canopy)])
    x = (np.arange(width, dtype=np.float32)[None, :] - cx) / s
    picture = mix(
        picture,
        (colour(0.30, 0.018, 0.020) * (0.5 + 0.5 * np.cos(x * 14)[..., None] * 0.4 + 0.5)).astype(np.float32)
        * np.ones_like(picture),
        red,
    )
    return np.asarray(picture + (rim * 1.3)[..., None] * colour(0.55, 0.40, 0.28))


def facade(rng: Generator, height: int, width: int) -> Array:
    """Curved balconies of a white tower against a deep blue sky."""
    y = (np.arange(height, dtype=np.float32)[:, None]) / height
    x = (np.arange(width, dtype=np.float32)[None, :]) / height
    lean = x - 0.10 * y
    turn = (lean - 0.30) / 0.86
    edge = smoothstep(1.012, 1.0, np.abs(turn * 2 - 1.0) + 0 * y)
    angle = np.arcsin(np.clip(turn * 2 - 1, -1, 1))
    around = angle * 3.0
    rise = y + 0.10 * np.cos(angle) * (1.2 - y)
    floors = rise * 17.0
    wave = 0.34 * np.sin(around * 2.1 + np.floor(floors) * 0.42) + 0.18 * np.sin(around * 4.7 - np.floor(floors) * 0.63)
    v = floors - np.floor(floors)
    slab = 0.36 + 0.22 * wave
    normal = np.cos(angle - 0.85)
    sun = np.clip(0.15 + 1.0 * normal, 0.02, 1.2)
    is_slab = smoothstep(slab + 0.012, slab - 0.012, v)
    tilt_light = 0.86 + 0.30 * np.cos(around * 2.1 + np.floor(floors) * 0.42) * 0.5
    white = colour(1.32, 1.22, 1.08) * (sun * tilt_light)[..., None] + colour(0.16, 0.22, 0.34) * 0.65
    below = np.exp(-(v - slab) / 0.16) * (v > slab)
    mullion = smoothstep(0.10, 0.05, np.abs((around * 5.5) - np.round(around * 5.5)))
    reflect = 0.5 + 0.9 * fbm(rng, height, width, (70, 260), octaves=3)
    glass = colour(0.045, 0.085, 0.15) * (reflect * (0.5 + 0.8 * np.clip(np.cos(angle + 0.5), 0, 1)))[..., None]
    glass = mix(glass.astype(np.float32), (0.20, 0.20, 0.20), mullion * 0.5)
    glass = glass * (1 - 0.78 * below)[..., None]
    body = mix(glass.astype(np.float32), white.astype(np.float32), is_slab)
    sky = mix(
        np.broadcast_to(colour(0.045, 0.155, 0.46), (height, width, 3)).astype(np.float32),
        (0.20, 0.42, 0.80),
        np.broadcast_to(y, (height, width)),
    )
    haze = smoothstep(0.55, 0.9, fbm(rng, height, width, (height * 0.5, height * 1.0), octaves=5))
    sky = mix(sky, (0.85, 0.88, 0.92), haze * 0.5)
    return mix(sky, body, edge)


def staircase(rng: Generator, height: int, width: int) -> Array:
    """Looking down a spiral staircase."""
    y = (np.arange(height, dtype=np.float32)[:, None] - height * 0.52) / height
    x = (np.arange(width, dtype=np.float32)[None, :] - width * 0.49) / height
    radius = np.sqrt(x * x * 1.06 + y * y) + 1e-4
    angle = np.arctan2(y, x)
    depth = np.log(radius / 0.075) * 1.55 - angle / (2 * math.pi)
    turn = np.floor(depth)
    part = depth - turn
    steps = angle / (2 * math.pi) * 26
    tread = steps - np.floor(steps)
    light = np.clip(0.5 + 0.55 * np.cos(angle + 0.9), 0.08, 1.1) * np.clip(0.25 + 0.22 * (depth + 1.2), 0.10, 1.25)
    marble = 0.85 + 0.3 * fbm(rng, height, width, (46, 46), octaves=5)
    stone = colour(0.62, 0.50, 0.37) * (light * marble * (0.45 + 0.62 * tread))[..., None]
    stone = stone * (1 - 0.72 * smoothstep(0.12, 0.0, tread))[..., None]
    well = smoothstep(0.52, 0.50, part)
    wall_light = (0.25 + 0.85 * np.clip(np.cos(angle - 2.2), 0, 1)) * np.clip(0.16 + 0.20 * (depth + 1.3), 0.05, 1.1)
    balusters = smoothstep(0.30, 0.20, np.abs(steps * 2 - np.round(steps * 2)))
    dark = colour(0.018, 0.016, 0.018) * np.ones((height, width, 3), dtype=np.float32)
    under = mix(
        dark, (colour(0.32, 0.235, 0.16) * wall_light[..., None]).astype(np.float32), smoothstep(0.62, 0.98, part) * 0.9
    )
    under = mix(under, (0.012, 0.011, 0.012), balusters * smoothstep(0.86, 0.84, part) * smoothstep(0.56, 0.58, part))
    picture = mix(under, stone.astype(np.float32), well)
    rail = np.exp(-(((part - 0.535) / 0.026) ** 2))
    shine = np.exp(-(((part - 0.545) / 0.009) ** 2)) * np.clip(np.cos(angle + 1.1), 0, 1) ** 3
    wood = colour(0.115, 0.040, 0.016) * (0.35 + 1.0 * light)[..., None]
    picture = mix(picture, wood.astype(np.float32), np.clip(rail * 1.4, 0, 1))
    picture = picture + (shine * np.clip(0.3 + 0.3 * depth, 0, 1.2))[..., None] * colour(1.0, 0.82, 0.6)
    heart = np.exp(-((radius / 0.055) ** 2))
    picture = picture + heart[..., None] * colour(0.55, 0.46, 0.34)
    return bloom(picture.astype(np.float32), 0.08, 30, 0.8)
