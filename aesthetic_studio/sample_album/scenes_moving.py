"""Subjects that move from frame to frame: gulls, a runner, balloons, a boat, somebody's profile against the light."""

from __future__ import annotations

import math

import numpy as np

from aesthetic_studio.sample_album.noise import Array, Generator, blur, colour, mix
from aesthetic_studio.sample_album.scenes_coast import boat_on
from aesthetic_studio.sample_album.scenes_nature import balloon, dunes, misty_hills
from aesthetic_studio.sample_album.scenes_studio import bokeh
from aesthetic_studio.sample_album.shapes import Points, curve, mask, paint

Shade = tuple[float, float, float]


def gulls(rng: Generator, picture: Array, moment: float) -> Array:
    """Gulls that glide across; each beats its wings at its own pace."""
    height, width = picture.shape[:2]
    for _ in range(int(rng.integers(1, 7))):
        size = height * float(rng.choice([0.07, 0.11, 0.18, 0.30]))
        x0, y0 = float(rng.uniform(0.18, 0.75)), float(rng.uniform(0.08, 0.38))
        speed, climb = float(rng.uniform(-0.10, 0.16)), float(rng.uniform(-0.05, 0.05))
        phase, pace = float(rng.uniform(0, 6.28)), float(rng.uniform(3.5, 6.0))
        place = ((x0 + speed * moment) * width, (y0 + climb * moment) * height)
        _gull(picture, place, size, math.sin(phase + pace * moment), 1.0 if speed >= 0 else -1.0)
    return picture


def _gull(picture: Array, place: tuple[float, float], size: float, beat: float, facing: float) -> None:
    """One gull against the light, seen half from the front, ``size`` pixels from wing tip to wing tip."""
    s, lift = size / 2, -0.32 - 0.18 * beat

    def put(points: Points) -> Points:
        return [(place[0] + facing * x * s, place[1] + y * s) for x, y in points]

    def wing(reach: float) -> Points:
        tip = lift * 0.45 + 0.08
        front = [(0.0, -0.055), (reach * 0.24, lift * 0.72), (reach * 0.44, lift), (reach * 0.74, lift * 0.84)]
        back = [
            (reach, tip),
            (reach * 0.72, lift * 0.62),
            (reach * 0.46, lift * 0.80 + 0.10),
            (reach * 0.22, lift * 0.4 + 0.10),
            (0.0, 0.06),
        ]
        return curve(front + back, 6)

    body = curve(
        [(0.24, -0.045), (0.16, -0.085), (0.0, -0.065), (-0.24, 0.01), (-0.36, 0.035), (-0.12, 0.075), (0.12, 0.05)]
    )
    bill = [(0.21, -0.07), (0.31, -0.025), (0.21, -0.015)]
    for shape, shade in (
        (wing(0.80), (0.11, 0.115, 0.13)),
        (body, (0.075, 0.075, 0.085)),
        (bill, (0.075, 0.075, 0.085)),
        (wing(-1.0), (0.055, 0.055, 0.065)),
    ):
        paint(picture, shade, [put(shape)])


def runner(rng: Generator, picture: Array, moment: float) -> Array:
    """Somebody who runs along the water, dark against the light, and the mirror image in the sand."""
    height, width = picture.shape[:2]
    facing = 1.0 if rng.random() < 0.5 else -1.0
    s, start, foot = height * float(rng.uniform(0.20, 0.34)), float(rng.uniform(0.30, 0.55)), height * 0.80
    cx = (start + facing * 0.16 * moment) * width
    stride = float(rng.uniform(0, 6.28)) + 7.5 * moment
    top, left = int(foot - 1.2 * s), max(0, int(cx - 0.8 * s))
    part = (slice(top, int(foot + 1.1 * s)), slice(left, int(cx + 0.8 * s)))
    picture[part] = _runner(picture[part], (cx - left, foot - top), s, facing, stride)
    return picture


def _limb(hip: tuple[float, float], swing: float, bend: float, lengths: tuple[float, float]) -> Points:
    """A leg or an arm that hangs from ``hip``, swung by ``swing`` and bent by ``bend`` radians."""
    knee = (hip[0] + lengths[0] * math.sin(swing), hip[1] + lengths[0] * math.cos(swing))
    end = (knee[0] + lengths[1] * math.sin(swing + bend), knee[1] + lengths[1] * math.cos(swing + bend))
    return [hip, knee, end]


def _taper(start: tuple[float, float], end: tuple[float, float], wide: float, narrow: float) -> list[Points]:
    """Part of a limb: thick at one end, thinner at the other, round at both."""
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    across = (-math.sin(angle), math.cos(angle))
    sides = [
        (start[0] + across[0] * wide, start[1] + across[1] * wide),
        (end[0] + across[0] * narrow, end[1] + across[1] * narrow),
        (end[0] - across[0] * narrow, end[1] - across[1] * narrow),
        (start[0] - across[0] * wide, start[1] - across[1] * wide),
    ]
    rounds = [
        [(x + r * math.cos(t), y + r * math.sin(t)) for t in np.linspace(0, 2 * math.pi, 14)]
        for (x, y), r in ((start, wide), (end, narrow))
    ]
    return [sides, *rounds]


def _runner(picture: Array, place: tuple[float, float], s: float, facing: float, stride: float) -> Array:
    """The runner, ``s`` pixels tall, with the feet at ``place`` (column, row)."""
    height, width = picture.shape[:2]
    bounce = -0.03 * abs(math.sin(stride))

    def put(points: Points, flip: float = 1.0) -> Points:
        return [(place[0] + facing * x * s, place[1] + flip * (y + bounce) * s) for x, y in points]

    shapes: list[Points] = [
        curve([(0.05, -0.98), (0.10, -0.92), (0.085, -0.85), (0.03, -0.845), (-0.005, -0.90), (0.0, -0.96)]),
        curve([(0.05, -0.84), (0.095, -0.74), (0.055, -0.50), (-0.045, -0.47), (-0.075, -0.60), (-0.045, -0.80)]),
    ]
    for side in (0.0, math.pi):
        swing = 0.66 * math.sin(stride + side)
        back = -1.35 * max(0.0, math.cos(stride + side + 0.5)) - 0.15
        leg = _limb((-0.005, -0.51), swing, back, (0.25, 0.25))
        arm = _limb((0.02, -0.79), -0.8 * swing - 0.15, 1.35, (0.16, 0.15))
        heel, toe = (
            leg[2],
            (leg[2][0] + 0.09 * math.cos(back + swing), leg[2][1] - 0.09 * math.sin(back + swing) + 0.01),
        )
        for start, end, wide, narrow in (
            (leg[0], leg[1], 0.056, 0.038), (leg[1], leg[2], 0.040, 0.019), (heel, toe, 0.023, 0.014),
            (arm[0], arm[1], 0.030, 0.023), (arm[1], arm[2], 0.024, 0.016),
        ):  # fmt: skip
            shapes += _taper(start, end, wide, narrow)
    shapes += _taper((0.02, -0.80), (0.04, -0.88), 0.03, 0.026)
    body, mirrored = (mask(height, width, [put(shape, flip) for shape in shapes]) for flip in (1.0, -0.85))
    picture = mix(picture, (0.03, 0.026, 0.028), blur(mirrored, (6.0, 3.0)) * 0.55)
    rim = np.clip(body - np.roll(blur(body, 1.4), -2, axis=1), 0, 1)
    picture = mix(picture, (0.016, 0.013, 0.016), body)
    return np.asarray(picture + rim[..., None] * colour(0.5, 0.30, 0.16), dtype=np.float32)


def boat(rng: Generator, picture: Array, moment: float) -> Array:
    """The white sail under way."""
    start = float(rng.uniform(-0.10, 0.22))
    return boat_on(picture, along=start + 0.06 * moment, heel=0.06 * math.sin(5 * moment))


_GORES: list[tuple[Shade, Shade]] = [
    ((0.78, 0.07, 0.05), (0.95, 0.62, 0.10)), ((0.06, 0.22, 0.62), (0.90, 0.88, 0.80)),
    ((0.88, 0.40, 0.05), (0.30, 0.05, 0.12)), ((0.10, 0.40, 0.30), (0.92, 0.80, 0.30)),
    ((0.60, 0.10, 0.30), (0.95, 0.75, 0.70)), ((0.28, 0.08, 0.40), (0.85, 0.60, 0.20)),
]  # fmt: skip


def balloon_country(rng: Generator, height: int, width: int) -> Array:
    """What balloons fly over: hills in the mist, or sand."""
    return misty_hills(rng, height, width) if rng.random() < 0.55 else dunes(rng, height, width)


def drifting_balloons(rng: Generator, picture: Array, moment: float) -> Array:
    """Balloons over hills, rising with the warm air."""
    height, width = picture.shape[:2]
    # The far ones first: a near one hides them.
    for size in np.sort(rng.choice([0.025, 0.035, 0.05, 0.08, 0.14], int(rng.integers(2, 8)))):
        radius = float(size)
        x, y = float(rng.uniform(0.10, 0.88)), float(rng.uniform(0.14, 0.52))
        gores = _GORES[int(rng.integers(len(_GORES)))]
        rise, drift = float(rng.uniform(0.01, 0.05)), float(rng.uniform(0.0, 0.03))
        place = ((x + drift * moment) * width, (y - rise * moment) * height)
        picture = balloon(picture, place, radius * height, gores, haze=min(0.6, 0.012 / radius))
    return picture


_ROOMS: list[tuple[list[Shade], Shade]] = [
    ([(0.85, 0.42, 0.10), (0.75, 0.22, 0.08), (0.72, 0.58, 0.30)], (0.10, 0.055, 0.035)),
    ([(0.18, 0.34, 0.70), (0.10, 0.50, 0.62), (0.40, 0.30, 0.70)], (0.03, 0.055, 0.10)),
    ([(0.70, 0.62, 0.50), (0.62, 0.44, 0.36), (0.55, 0.60, 0.62)], (0.22, 0.18, 0.16)),
    ([(0.16, 0.42, 0.16), (0.45, 0.52, 0.14), (0.70, 0.62, 0.24)], (0.05, 0.10, 0.045)),
]


def lights_behind(rng: Generator, height: int, width: int) -> Array:
    """A backdrop of soft lights for a portrait."""
    hues, base = _ROOMS[int(rng.integers(len(_ROOMS)))]
    return bokeh(rng, height, width, hues, base, count=int(rng.integers(20, 80)), power=float(rng.uniform(0.5, 0.9)))


def profile(rng: Generator, picture: Array, moment: float) -> Array:
    """A head and shoulders from the side, in silhouette with a rim of light; the head moves a little."""
    height, width = picture.shape[:2]
    facing = 1.0 if rng.random() < 0.5 else -1.0
    s, hair = height * float(rng.uniform(0.52, 0.66)), int(rng.integers(4))
    cx, cy = width * (0.5 - facing * float(rng.uniform(-0.02, 0.12))), height * float(rng.uniform(0.72, 0.80))
    nod = float(rng.uniform(-0.05, 0.05)) + 0.10 * math.sin(2.4 * moment + float(rng.uniform(0, 6)))
    tint = np.asarray(_ROOMS[int(rng.integers(len(_ROOMS)))][0][0], dtype=np.float32)

    def put(points: Points, turn: float = 0.0) -> Points:
        cos, sin = math.cos(turn), math.sin(turn)
        turned = [(x * cos - y * sin, x * sin + y * cos) for x, y in points]
        return [(cx + facing * x * s, cy + y * s) for x, y in turned]

    head = curve([
        (0.235, -0.95), (0.10, -1.06), (-0.14, -1.10), (-0.38, -0.98), (-0.50, -0.76), (-0.47, -0.52), (-0.36, -0.32),
        (-0.33, 0.06), (0.05, 0.10), (0.03, -0.09), (0.12, -0.155), (0.225, -0.140), (0.278, -0.190), (0.262, -0.262),
        (0.298, -0.318), (0.276, -0.356), (0.312, -0.398), (0.290, -0.452), (0.408, -0.515), (0.396, -0.556),
        (0.312, -0.690), (0.272, -0.752), (0.300, -0.815),
    ], 8)  # fmt: skip
    bust = curve(
        [
            (-0.30, -0.10),
            (-0.42, 0.10),
            (-0.86, 0.26),
            (-1.10, 0.50),
            (-1.16, 1.3),
            (0.70, 1.3),
            (0.62, 0.46),
            (0.34, 0.20),
            (0.06, 0.08),
            (0.0, -0.08),
        ]
    )
    extra: list[Points] = []
    if hair == 0:
        extra.append(curve([(-0.40, -0.98), (-0.62, -1.06), (-0.72, -0.90), (-0.62, -0.76), (-0.46, -0.80)]))
    elif hair == 1:
        extra.append(
            curve(
                [
                    (0.16, -1.04),
                    (-0.16, -1.16),
                    (-0.50, -0.98),
                    (-0.60, -0.56),
                    (-0.60, 0.10),
                    (-0.44, 0.26),
                    (-0.24, 0.12),
                    (-0.22, -0.50),
                ]
            )
        )
    elif hair == 2:
        extra.append(
            curve(
                [
                    (0.50, -0.93),
                    (0.30, -0.96),
                    (0.20, -1.20),
                    (-0.16, -1.28),
                    (-0.44, -1.16),
                    (-0.54, -0.90),
                    (-0.70, -0.84),
                    (-0.20, -0.86),
                ]
            )
        )
    cover = mask(height, width, [put(shape, nod) for shape in (head, *extra)] + [put(bust)])
    soft = blur(cover, 0.9)
    lit = np.clip(soft - np.roll(blur(cover, 6.0), (3, int(-5 * facing)), axis=(0, 1)), 0, 1)
    fill = np.clip(soft - np.roll(blur(cover, 30.0), (6, int(16 * facing)), axis=(0, 1)), 0, 1)
    figure = colour(0.010, 0.009, 0.010) + lit[..., None] * (0.4 + 1.6 * tint) + fill[..., None] * (0.10 + 0.25 * tint)
    return mix(picture, figure.astype(np.float32), soft)
