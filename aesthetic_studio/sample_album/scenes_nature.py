"""Mountains, lake, stars, dunes, balloons and northern lights."""

from __future__ import annotations

import numpy as np

from aesthetic_studio.sample_album.camera import bloom
from aesthetic_studio.sample_album.landscape import (
    Hits,
    Sky,
    View,
    clouds,
    directions,
    look,
    mist,
    ridges,
    stars,
    sunlit,
    water,
)
from aesthetic_studio.sample_album.noise import (
    Array,
    Generator,
    blur,
    colour,
    fbm,
    mix,
    sample,
    smoothstep,
)


def _alps(
    rng: Generator, size: int, peak: float, sun: tuple[float, float], warm: Array, cool: Array
) -> tuple[Array, Array]:
    """Height and light of snowy mountains."""
    height = ridges(rng, size, cell=size / 4.2)
    height = (height - height.min()) / (height.max() - height.min())
    height = peak * height**1.5
    direct, open_sky, slope = sunlit(height, sun)
    patches = fbm(rng, size, size, 40, octaves=6)
    snow = smoothstep(0.26, 0.42, height / peak + (patches - 0.5) * 0.35) * smoothstep(
        0.50, 0.30, slope + (patches - 0.5) * 0.2
    )
    meadow = smoothstep(0.30, 0.12, height / peak + (patches - 0.5) * 0.25)
    rock = colour(0.115, 0.10, 0.095) * (0.6 + 0.8 * patches)[..., None]
    ground = mix(rock, (0.035, 0.055, 0.022), meadow)
    ground = mix(ground, (0.80, 0.84, 0.90), snow)
    light = ground * (direct[..., None] * warm + open_sky[..., None] * cool)
    return height, light.astype(np.float32)


def _paint(
    picture: Array, land_light: Array, hits: Hits, haze: Array, reach: float, base: float, thick: float
) -> Array:
    """Lay the ground over a sky, with haze that grows with distance and lies in the valleys."""
    top = int(np.argmax(hits.ground.max(axis=1) > 0))
    seen = sample(land_light, hits.row[top:], hits.column[top:])
    low = np.exp(-np.maximum(hits.altitude[top:], 0) / base)
    veil = 1.0 - np.exp(-hits.distance[top:] / reach * (1.0 + thick * low))
    seen = seen + (haze[top:] - seen) * veil[..., None].astype(np.float32)
    result = picture.copy()
    result[top:] += (seen - picture[top:]) * hits.ground[top:, :, None]
    return result


def alpine_dawn(rng: Generator, height: int, width: int) -> Array:
    """A chain of snowy peaks in the first light, mist in the valleys; wide enough to be taken as a panorama."""
    sun = (-1.05, 0.26)
    peaks, light = _alps(rng, 1536, 175.0, sun, colour(3.4, 2.05, 1.15), colour(0.20, 0.28, 0.46))
    view = View(height, width, horizon=height * 0.44, focal=height * 1.25, eye=(40.0, 760.0, 150.0), near=60, far=1250)
    azimuth, elevation = directions(height, width, view.horizon, view.focal)
    sky = Sky(
        [(0.0, (1.25, 0.78, 0.50)), (0.10, (0.86, 0.66, 0.58)), (0.25, (0.36, 0.45, 0.62)), (0.6, (0.10, 0.19, 0.42))],
        sun=(-0.75, 0.05),
        glow=(0.9, 0.45, 0.16),
        glow_width=0.5,
    )
    picture = sky.over(azimuth, elevation)
    deck = clouds(rng, azimuth, elevation, scale=0.55, cover=0.46, stretch=2.6)
    lit = sky.over(azimuth * 0.7 - 0.2, elevation * 0.25) * np.float32(1.15)
    picture = picture + (lit - picture) * (deck * 0.8)[..., None]
    haze = sky.over(azimuth, elevation * 0 + 0.03) * colour(0.46, 0.52, 0.68)
    return _paint(picture, light, look(peaks, view), haze, 2600.0, 20.0, 7.0) * np.float32(0.85)


def mountain_lake(rng: Generator, height: int, width: int) -> Array:
    """Peaks at dusk mirrored in a quiet lake."""
    sun = (0.95, 0.22)
    peaks, light = _alps(rng, 1024, 170.0, sun, colour(3.2, 1.55, 0.80), colour(0.20, 0.26, 0.46))
    peaks = peaks * smoothstep(150.0, 420.0, np.arange(1024, dtype=np.float32))[:, None] - 2.0
    shore = int(height * 0.57)
    view = View(
        shore + 1, width, horizon=shore, focal=height * 1.05, eye=(0.0, 560.0, 0.6), near=140, far=980, steps=520
    )
    azimuth, elevation = directions(shore + 1, width, shore, view.focal)
    sky = Sky(
        [(0.0, (1.35, 0.62, 0.36)), (0.12, (0.95, 0.50, 0.42)), (0.28, (0.42, 0.34, 0.50)), (0.55, (0.11, 0.15, 0.36))],
        sun=(0.42, 0.08),
        glow=(1.3, 0.55, 0.18),
        glow_width=0.34,
    )
    picture = sky.over(azimuth, elevation)
    deck = clouds(rng, azimuth, elevation, scale=0.42, cover=0.55, stretch=3.2)
    lit = mix(
        sky.over(azimuth, elevation * 0.3) * np.float32(1.3), (0.24, 0.17, 0.26), smoothstep(0.15, 0.5, elevation)
    )
    picture = picture + (lit - picture) * (deck * 0.85)[..., None]
    haze = sky.over(azimuth, elevation * 0 + 0.02) * colour(0.52, 0.56, 0.74)
    picture = _paint(picture, light, look(peaks, view), haze, 1500.0, 16.0, 2.4)
    low = np.arange(shore + 1, dtype=np.float32)[:, None] + 0 * azimuth
    drift = fbm(rng, shore + 1, width, (60, 700), octaves=4)
    picture = mist(picture, (0.70, 0.44, 0.42), smoothstep(shore * 0.87, shore * 1.02, low) * (0.15 + 0.8 * drift))
    picture = _far_shore(rng, picture, shore)
    return water(rng, picture, shore, height=height, ripple=0.75, tint=(0.012, 0.022, 0.045), clarity=0.86)


def _far_shore(rng: Generator, picture: Array, shore: int) -> Array:
    """A dark line of firs where the land meets the water."""
    return firs(rng, picture, shore, tall=shore * 0.055, spacing=9.0, tint=(0.020, 0.020, 0.028))


def firs(
    rng: Generator,
    picture: Array,
    ground: float,
    *,
    tall: float,
    spacing: float,
    tint: tuple[float, float, float],
    bend: float = 0.0,
) -> Array:
    """Black firs on row ``ground``, which sinks by ``bend`` × height towards the middle."""
    height, width = picture.shape[:2]
    top = max(0, int(ground - tall * 2.1))
    bottom = min(height, int(ground + abs(bend) * height + 2))
    rows = np.arange(top, bottom, dtype=np.float32)[:, None]
    cover = np.zeros((bottom - top, width), dtype=np.float32)
    rough = fbm(rng, bottom - top, width, (5, 4), octaves=2)
    swell = 0.45 + 0.8 * fbm(rng, 1, width, (1, width / 5), octaves=3)[0]
    centre = -spacing
    while centre < width + spacing:
        centre += spacing * rng.uniform(0.35, 1.5)
        column = int(np.clip(centre, 0, width - 1))
        size = tall * float(rng.uniform(0.55, 1.3)) * float(swell[column])
        left, right = max(0, int(centre - size * 0.3)), min(width, int(centre + size * 0.3) + 1)
        if right <= left:
            continue
        foot = ground + bend * height * (1 - ((centre - width / 2) / (width / 2)) ** 2)
        x = np.abs(np.arange(left, right, dtype=np.float32)[None, :] - centre)
        down = (rows - (foot - size)) / size
        tiers = 0.72 + 0.28 * np.abs(np.sin(down * 24 + centre)) + 0.5 * (rough[:, left:right] - 0.5)
        half = size * 0.19 * np.clip(down, 0, 1.05) ** 0.85 * tiers
        shape = np.clip(half - x + 0.5, 0, 1) * (down > 0) * (rows <= foot + 1)
        np.maximum(cover[:, left:right], shape, out=cover[:, left:right])
    undergrowth = (
        ground + bend * height * (1 - (np.linspace(-1, 1, width, dtype=np.float32) ** 2)) - tall * 0.16 * swell
    )
    np.maximum(cover, np.clip(rows - undergrowth[None, :], 0, 1), out=cover)
    result = picture.copy()
    result[top:bottom] = mix(picture[top:bottom], tint, cover)
    if bottom < height:
        result[bottom:] = np.where(bend, colour(*tint), result[bottom:])
    return result


def starry_night(rng: Generator, height: int, width: int) -> Array:
    """The Milky Way standing over firs, the last glow of a town on the horizon."""
    azimuth, elevation = directions(height, width, height * 0.93, height * 0.78)
    sky = Sky(
        [
            (0.0, (0.24, 0.15, 0.085)),
            (0.10, (0.085, 0.085, 0.10)),
            (0.35, (0.026, 0.040, 0.080)),
            (1.0, (0.012, 0.020, 0.05)),
        ]
    )
    picture = sky.over(azimuth, elevation)
    slant = azimuth * 0.80 + (elevation - 0.55) * 0.55 - 0.02
    along = -azimuth * 0.55 + (elevation - 0.5) * 0.80
    cloud = fbm(rng, height, width, height * 0.4, octaves=7, gain=0.56)
    lanes = fbm(rng, height, width, height * 0.28, octaves=7, gain=0.6)
    core = np.exp(-((slant / 0.17) ** 2)) * (0.35 + 0.9 * np.exp(-(((along + 0.12) / 0.40) ** 2)))
    dust = smoothstep(0.50, 0.66, lanes) * np.exp(-(((slant + 0.02) / 0.09) ** 2))
    glow = core * (0.35 + 1.6 * np.clip(cloud - 0.3, 0, 1)) * (1 - 0.78 * dust)
    warm = np.exp(-((slant / 0.08) ** 2))[..., None]
    picture = picture + glow[..., None] * (colour(0.13, 0.145, 0.20) * (1 - warm) + colour(0.26, 0.20, 0.17) * warm)
    field = stars(rng, height, width, 2600)
    crowd = stars(rng, height, width, 9000) * np.float32(0.55) * np.clip(core * (1 - 0.7 * dust), 0, 1)[..., None]
    picture = picture + field * (0.35 + 0.65 * smoothstep(0.0, 0.25, elevation))[..., None] + crowd
    far = firs(rng, picture, height * 0.955, tall=height * 0.05, spacing=8.0, tint=(0.017, 0.018, 0.022))
    return firs(rng, far, height * 0.93, tall=height * 0.20, spacing=34.0, tint=(0.004, 0.005, 0.007), bend=0.05)


def aurora(rng: Generator, height: int, width: int) -> Array:
    """Curtains of northern light over a frozen shore."""
    shore = int(height * 0.70)
    azimuth, elevation = directions(shore + 1, width, shore, height * 0.72)
    sky = Sky([(0.0, (0.055, 0.085, 0.105)), (0.2, (0.022, 0.040, 0.075)), (1.0, (0.008, 0.014, 0.040))])
    picture = sky.over(azimuth, elevation) + stars(rng, shore + 1, width, 900)
    x = np.linspace(0, 1, width, dtype=np.float32)
    rows = (np.arange(shore + 1, dtype=np.float32) / shore)[:, None]
    for base, phase, strength in ((0.62, 0.3, 1.0), (0.50, 1.9, 0.8), (0.72, 3.4, 0.4)):
        fold = 0.10 * np.sin(x * 5.2 + phase) + 0.055 * np.sin(x * 12.5 + 2 * phase) + 0.02 * np.sin(x * 31 + phase)
        rays = fbm(rng, 1, width, (1, 60), octaves=6, gain=0.72)[0]
        rays = np.clip((rays - 0.25) * 1.9, 0.05, 2) * (0.45 + 0.9 * fbm(rng, 1, width, (1, 500), octaves=2)[0])
        edge = (base + fold)[None, :] - rows
        tall = (0.26 + 0.24 * rays)[None, :]
        curtain = np.where(edge > 0, np.exp(-edge / tall), np.exp(edge / 0.014)) * rays[None, :] * strength
        heat = np.clip(edge / 0.42, 0, 1)[..., None]
        hue = colour(0.08, 0.78, 0.30) * (1 - heat) + colour(0.34, 0.10, 0.48) * heat
        picture = picture + (blur(curtain.astype(np.float32), (5.0, 1.2))[..., None] * hue)
    height_map = ridges(rng, 512, cell=150, octaves=8)
    line = shore - height * (0.05 + 0.22 * np.abs(sample(height_map, 200 + 0 * x, 60 + x * 260) - 0.25))
    depth = np.clip(np.arange(shore + 1, dtype=np.float32)[:, None] - line[None, :] + 0.5, 0, 1)
    down = np.maximum(np.arange(shore + 1, dtype=np.float32)[:, None] - line[None, :], 0)
    folds = fbm(rng, shore + 1, width, (70, 90), octaves=7, gain=0.58)
    snow = smoothstep(0.40, 0.62, folds + 0.10 * np.exp(-down / 40))
    hills = colour(0.022, 0.062, 0.052) * (0.12 + 0.95 * snow * (0.5 + folds))[..., None]
    picture = picture + (hills - picture) * depth[..., None]
    return water(
        rng, picture.astype(np.float32), shore, height=height, ripple=0.45, tint=(0.004, 0.014, 0.016), clarity=0.9
    )


def dunes(rng: Generator, height: int, width: int) -> Array:
    """Crests of sand in raking evening light."""
    size = 1024
    y = np.arange(size, dtype=np.float32)[:, None]
    x = np.arange(size, dtype=np.float32)[None, :]
    warp = fbm(rng, size, size, 420, octaves=3)
    slow = fbm(rng, size, size, 600, octaves=2)
    phase = (y * 0.86 + x * 0.42 + 330 * warp) / 150.0
    saw = phase - np.floor(phase)
    # A dune is a long rise and a short slip face.
    profile = np.where(saw < 0.72, smoothstep(0.0, 0.72, saw) ** 1.15, smoothstep(1.0, 0.72, saw))
    sand = (58.0 * profile * (0.45 + slow) + 60 * slow).astype(np.float32)
    sand = blur(sand, 1.0)
    ripples = np.sin((y * 0.55 + x * 0.9 + 60 * fbm(rng, size, size, 60, octaves=3)) * 1.35)
    direct, open_sky, _ = sunlit(sand + 0.16 * ripples.astype(np.float32), (1.30, 0.30), reach=40)
    grain = 0.9 + 0.2 * fbm(rng, size, size, 6, octaves=3)
    ground = colour(0.62, 0.34, 0.155) * grain[..., None]
    light = ground * (direct[..., None] * colour(3.6, 2.5, 1.55) + open_sky[..., None] * colour(0.16, 0.19, 0.30))
    view = View(height, width, horizon=height * 0.30, focal=height * 1.5, eye=(10.0, 420.0, 175.0), near=60, far=960)
    azimuth, elevation = directions(height, width, view.horizon, view.focal)
    sky = Sky(
        [(0.0, (1.25, 0.86, 0.60)), (0.12, (0.80, 0.72, 0.70)), (0.4, (0.24, 0.36, 0.58))],
        sun=(0.8, 0.12),
        glow=(0.8, 0.45, 0.2),
    )
    haze = sky.over(azimuth, elevation * 0 + 0.02) * colour(0.82, 0.74, 0.72)
    return _paint(sky.over(azimuth, elevation), light.astype(np.float32), look(sand, view), haze, 1900.0, 50.0, 0.6)


def balloons(rng: Generator, height: int, width: int) -> Array:
    """Hot-air balloons over misty hills at sunrise."""
    picture = misty_hills(rng, height, width)
    gores = [
        ((0.74, 0.30), 0.150, ((0.78, 0.07, 0.05), (0.95, 0.62, 0.10))),
        ((0.33, 0.24), 0.072, ((0.06, 0.22, 0.62), (0.90, 0.88, 0.80))),
        ((0.50, 0.43), 0.042, ((0.88, 0.40, 0.05), (0.30, 0.05, 0.12))),
        ((0.17, 0.46), 0.030, ((0.10, 0.40, 0.30), (0.92, 0.80, 0.30))),
        ((0.90, 0.55), 0.024, ((0.60, 0.10, 0.30), (0.95, 0.75, 0.70))),
    ]
    for (cx, cy), radius, paint in gores:
        picture = balloon(picture, (cx * width, cy * height), radius * height, paint, haze=min(0.6, 0.012 / radius))
    return picture


def misty_hills(rng: Generator, height: int, width: int) -> Array:
    """Hill behind hill in the haze of a sunrise."""
    azimuth, elevation = directions(height, width, height * 0.66, height * 1.1)
    sky = Sky(
        [(0.0, (1.55, 1.02, 0.62)), (0.14, (1.05, 0.80, 0.68)), (0.34, (0.50, 0.58, 0.76)), (0.7, (0.20, 0.34, 0.62))],
        sun=(-0.36, 0.06),
        glow=(1.2, 0.65, 0.25),
        glow_width=0.4,
    )
    picture = sky.over(azimuth, elevation)
    x = np.arange(width, dtype=np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    for layer in range(6):
        near = layer / 5
        line = fbm(rng, 1, width, (1, width * (0.5 - 0.3 * near)), octaves=7, gain=0.42)[0]
        crest = height * (0.60 + 0.33 * near**1.25) - height * (0.10 + 0.12 * near) * (line - 0.35)
        shade = colour(0.74, 0.55, 0.45) * (1 - near) ** 1.1 + colour(0.018, 0.030, 0.026)
        below = rows - crest[None, :]
        glow = (0.75 + 0.6 * np.exp(-((x / width - 0.26) ** 2) / 0.05))[None, :, None]
        rise = smoothstep(0, height * 0.16, below)[..., None]
        body = shade * glow + colour(0.80, 0.60, 0.46) * (1 - near * 0.8) * rise
        picture = mix(picture, body.astype(np.float32), np.clip(below + 0.5, 0, 1))
    return bloom(picture, 0.05, 30)


def balloon(
    picture: Array,
    place: tuple[float, float],
    radius: float,
    paint: tuple[tuple[float, float, float], ...],
    haze: float,
) -> Array:
    """One balloon: an envelope of coloured gores, lines and a basket."""
    height, width = picture.shape[:2]
    top, bottom = max(0, int(place[1] - radius * 1.2)), min(height, int(place[1] + radius * 2.1))
    left, right = max(0, int(place[0] - radius * 1.2)), min(width, int(place[0] + radius * 1.2))
    v = ((np.arange(top, bottom, dtype=np.float32) - place[1]) / radius)[:, None]
    u = ((np.arange(left, right, dtype=np.float32) - place[0]) / radius)[None, :]
    half = np.where(v < 0.15, np.sqrt(np.clip(1 - v * v, 0, 1)), 0.989 * np.clip(1 - (v - 0.15) / 1.35, 0, 1) ** 0.72)
    half = np.where(v > 1.22, 0, half).astype(np.float32)
    inside = np.clip((half - np.abs(u)) * radius + 0.5, 0, 1) * (v > -1)
    turn = np.arcsin(np.clip(u / np.maximum(half, 1e-3), -1, 1))
    stripe = smoothstep(-0.12, 0.12, np.sin(turn * 8).astype(np.float32))
    seam = 1 - 0.25 * np.exp(-((np.cos(turn * 16) - 1) ** 2) / 0.01)
    lit = 0.30 + 1.15 * np.clip(0.25 - 0.75 * np.sin(turn) - 0.25 * v, 0, 1.2) + 0.18 * np.clip(1 - np.abs(turn), 0, 1)
    body = mix(
        np.broadcast_to(colour(*paint[0]), (*u.shape[:0], *inside.shape, 3)).astype(np.float32), paint[1], stripe
    )
    body = body * (lit * seam * 1.25)[..., None].astype(np.float32)
    ropes = np.clip(1.2 - np.abs(np.abs(u) - 0.115 * (1 - (v - 1.22) * 0.5)) * radius, 0, 1) * ((v > 1.2) & (v < 1.6))
    basket = (
        np.clip((0.105 - np.abs(u)) * radius + 0.5, 0, 1)
        * np.clip((v - 1.58) * radius, 0, 1)
        * np.clip((1.78 - v) * radius, 0, 1)
    )
    region = picture[top:bottom, left:right]
    body = body + (region - body) * haze
    painted = mix(region, body, inside.astype(np.float32))
    painted = mix(painted, (0.06, 0.035, 0.02), np.clip(basket + 0.7 * ropes, 0, 1).astype(np.float32))
    result = picture.copy()
    result[top:bottom, left:right] = painted
    return result


def fog_forest(rng: Generator, height: int, width: int) -> Array:
    """Tall trunks fading into morning fog, shafts of sun between them."""
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    aspect = width / height
    core = np.exp(-(((x - 0.56) * aspect / 0.42) ** 2 + ((y - 0.30) / 0.42) ** 2))
    fog = colour(0.62, 0.60, 0.46) + core[..., None] * colour(1.5, 1.15, 0.55)
    fog = fog * (1.0 - 0.45 * y)[..., None]
    picture = fog.astype(np.float32) * (0.9 + 0.2 * fbm(rng, height, width, height / 3, octaves=5))[..., None]
    for layer in range(7):
        near = layer / 6
        picture = _trunks(rng, picture, fog, near, aspect)
    angle = np.arctan2(y + 0.35, (x - 0.60) * aspect)
    shafts = (
        np.clip(sample(fbm(rng, 1, 1024, (1, 44), octaves=3), 0 * angle, (angle - 0.4) * 420 % 1000) - 0.46, 0, 1) * 3.4
    )
    falling = shafts * np.exp(-y * 1.1) * np.exp(-((((x - 0.52) * aspect) / 0.75) ** 2))
    picture = picture + blur(falling.astype(np.float32), (2, 3))[..., None] * colour(0.42, 0.34, 0.18)
    return bloom(picture, 0.06, 40)


def _trunks(rng: Generator, picture: Array, fog: Array, near: float, aspect: float) -> Array:
    height, width = picture.shape[:2]
    foot = height * (0.66 + 0.26 * near**1.3)
    thick = height * (0.008 + 0.050 * near**1.8)
    count = round(aspect * (26 - 22 * near**0.7))
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    tint = colour(0.050, 0.040, 0.026) + fog.mean(axis=(0, 1)) * (1 - near) ** 1.5 * 0.8
    cover = np.zeros((height, width), dtype=np.float32)
    side = np.zeros((height, width), dtype=np.float32)
    places = (np.arange(count) + rng.uniform(0.1, 0.9, count)) / count * width
    for place in places:
        if near > 0.8 and abs(place / width - 0.55) < 0.16:
            continue  # The light stays free.
        size = thick * float(rng.uniform(0.6, 1.35))
        lean = float(rng.normal(0, 0.014))
        sway = size * 0.35 * np.sin(rows / height * rng.uniform(3, 7) + rng.uniform(0, 6))
        middle = place + lean * (foot - rows) + sway
        half = size * (0.62 + 0.38 * rows / height) + size * 1.3 * np.exp(-(foot - rows) / (size * 0.9)) * (rows < foot)
        left, right = max(0, int(place - size * 6 - 40)), min(width, int(place + size * 6 + 40))
        if right <= left:
            continue
        x = columns[:, left:right] - middle
        shape = np.clip(half - np.abs(x) + 0.5, 0, 1) * (rows < foot + size * 0.3)
        region = cover[:, left:right]
        side[:, left:right] = np.where(shape > region, np.clip(x / np.maximum(half, 1), -1, 1), side[:, left:right])
        np.maximum(region, shape, out=region)
    ground = foot + height * 0.02 * (fbm(rng, 1, width, (1, width / 4), octaves=6)[0] - 0.5)[None, :] * (1 + 3 * near)
    bark = fbm(rng, height, width, (height * 0.10, max(4.0, thick * 0.5)), octaves=4)
    lit = 0.55 + 0.9 * bark * near + (1 - near) * 0.5 - 0.35 * side * np.sign(columns / width - 0.56) * near
    lit = lit + 1.8 * near * np.clip(np.abs(side) - 0.72, 0, 1)
    picture = mix(picture, tint * lit[..., None].astype(np.float32), cover * (0.25 + 0.75 * near**0.6))
    moss = fbm(rng, height, width, (14 + 30 * near, 40 + 90 * near), octaves=6, gain=0.62)
    floor = (colour(0.060, 0.075, 0.022) * (0.35 + 1.5 * moss)[..., None] + tint * 0.35) * (0.8 + 0.5 * near)
    floor = floor + fog * ((1 - near) ** 1.6 * 0.75)
    return mix(
        picture, floor.astype(np.float32), np.clip((rows - ground) / (1 + 9 * (1 - near)), 0, 1) * (0.35 + 0.65 * near)
    )


def moonrise(rng: Generator, height: int, width: int) -> Array:
    """A full moon behind bare branches of cloud over blue ridges."""
    azimuth, elevation = directions(height, width, height * 0.80, height * 1.7)
    moon = (0.10, 0.245)
    sky = Sky(
        [(0.0, (0.42, 0.30, 0.40)), (0.12, (0.20, 0.20, 0.38)), (0.5, (0.035, 0.060, 0.17))],
        sun=moon,
        glow=(0.20, 0.18, 0.17),
        glow_width=0.2,
    )
    picture = sky.over(azimuth, elevation)
    away = np.sqrt((azimuth - moon[0]) ** 2 + (elevation - moon[1]) ** 2)
    seas = fbm(rng, height, width, height * 0.11, octaves=5)
    face = colour(1.55, 1.36, 1.12) * (0.55 + 0.75 * smoothstep(0.36, 0.62, seas))[..., None]
    picture = mix(picture, face.astype(np.float32), smoothstep(0.0625, 0.0612, away))
    veil = smoothstep(0.50, 0.85, fbm(rng, height, width, (height * 0.11, height * 0.9), octaves=6))
    halo = np.exp(-((away / 0.16) ** 2))[..., None]
    picture = mix(
        picture, (colour(0.11, 0.105, 0.17) + halo * colour(0.42, 0.37, 0.33)).astype(np.float32), veil * 0.75
    )
    rows = np.arange(height, dtype=np.float32)[:, None]
    for layer in range(5):
        near = layer / 4
        line = fbm(rng, 1, width, (1, width * 0.45), octaves=8, gain=0.5, ridged=True)[0]
        crest = height * (0.70 + 0.26 * near) - height * 0.20 * (line - 0.5)
        shade = colour(0.16, 0.135, 0.23) * (1 - near) ** 1.4 + colour(0.010, 0.012, 0.022)
        below = rows - crest[None, :]
        body = shade + colour(0.10, 0.08, 0.13) * (1 - near) * smoothstep(0, height * 0.2, below)[..., None]
        picture = mix(picture, body.astype(np.float32), np.clip(below + 0.5, 0, 1))
    return bloom(picture, 0.10, 26, 0.8)
