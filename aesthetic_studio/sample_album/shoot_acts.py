"""What is done at a place: single frames, bursts, brackets, panoramas, the same again later, and slips."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from aesthetic_studio.records import SeriesKind
from aesthetic_studio.sample_album.plan import Flaw, SampleShot, Settings
from aesthetic_studio.sample_album.shoot_chapters import SUBJECTS
from aesthetic_studio.sample_album.shoot_frames import Frame, Framing, Misfire, Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Act = list[tuple[float, Frame]]
"""Frames with the seconds since the act began."""

LEAST_BURST, MOST_BURST = 3, 12
_SOON = datetime(2024, 9, 14)
"""Stands for the time until the day is put together."""

_LENSES = (
    (35.0, "Sample Camera A", "Sample 16-35mm F2.8"),
    (70.0, "Sample Camera A", "Sample 24-70mm F2.8"),
    (math.inf, "Sample Camera B", "Sample 70-200mm F4"),
)
_SPECIAL = {
    "flower": ("Sample Camera B", "Sample 100mm F2.8 Macro"),
    "plums": ("Sample Camera B", "Sample 100mm F2.8 Macro"),
    "profile": ("Sample Camera A", "Sample 85mm F1.8"),
    "city_lights": ("Sample Camera A", "Sample 85mm F1.8"),
}
_PRIMES = {"Sample 100mm F2.8 Macro": 100.0, "Sample 85mm F1.8": 85.0}


def act_of(kind: str, random: Random, place: Place, visit: int) -> Act:
    """Do one thing at a place: ``single``, ``burst``, ``bracket``, ``panorama`` or ``slip``."""
    return _ACTS[kind](random, place, visit)


def framing_of(random: Random, scene: str, *, wide: bool = False) -> Framing:
    """Step back, step closer, or turn the camera upright, with the subject in the middle or off it."""
    subject = SUBJECTS[scene]
    upright = not wide and random.random() < 0.24
    zoom = 1.0 if wide else random.choice((1.0, 1.08, subject.closest * 0.85, subject.closest))
    zoom = max(1.0, zoom * random.uniform(0.95, 1.05))
    across = subject.anchor[0] + random.choice((-1, 0, 1)) * 0.5 * (1 - 1 / zoom) * random.uniform(0.5, 1.0)
    down = subject.anchor[1] + random.uniform(-0.35, 0.35) * (1 - 1 / zoom)
    roll = random.gauss(0, 0.9) if random.random() < 0.25 else 0.0
    return Framing((round(across, 4), round(down, 4)), round(zoom, 3), upright, round(roll, 2))


def _settings(place: Place, framing: Framing, ev: float = 0.0) -> Settings:
    subject = SUBJECTS[place.scene]
    focal = round(subject.focal_mm * framing.zoom)
    camera, lens = _SPECIAL.get(place.scene) or next(entry[1:] for entry in _LENSES if focal <= entry[0])
    aperture, shutter, iso = subject.settings
    if lens == "Sample 70-200mm F4":
        aperture, focal = max(aperture, 4.0), max(focal, 71)
    return Settings(camera, lens, _PRIMES.get(lens, focal), aperture, shutter * 2**ev, iso, ev)


def _frame(place: Place, framing: Framing, visit: int, *, moment: float = 0.0, ev: float = 0.0) -> Frame:
    shot = SampleShot(
        "", place.scene, _SOON, _settings(place, framing), moment=round(moment, 4), ev=round(ev, 3),
        orientation=8 if framing.upright else 1, portrait=framing.upright,
    )  # fmt: skip
    return Frame(shot, place, framing, visit)


def _single(random: Random, place: Place, visit: int) -> Act:
    frame = _frame(place, framing_of(random, place.scene), visit, moment=random.random(), ev=random.gauss(0, 0.18))
    luck = random.random()
    if luck < 0.06:
        frame = replace(frame, softness=round(random.uniform(2.5, 7.0), 1), shot=replace(frame.shot, flaw=Flaw.DEFOCUS))
    elif luck < 0.10:
        sweep = (round(random.uniform(-9, 9), 1), round(random.uniform(8, 22), 1))
        frame = replace(frame, sweep=sweep, shot=replace(frame.shot, flaw=Flaw.MOTION))
    elif luck < 0.15:
        ev, flaw = random.choice(((-1.8, Flaw.UNDEREXPOSED), (1.7, Flaw.OVEREXPOSED)))
        frame = replace(frame, shot=replace(frame.shot, ev=ev, flaw=flaw))
    return [(0.0, frame)]


def _burst(random: Random, place: Place, visit: int) -> Act:
    """Frames at the camera's pace or the finger's; hands drift, focus hunts, the exposure wanders a little."""
    count = round(random.triangular(LEAST_BURST, MOST_BURST, 5))
    framing = framing_of(random, place.scene)
    # Long exposures cannot follow faster than they last.
    pace = random.choice((0.10, 0.14, 0.20, 0.33, 0.9)) + SUBJECTS[place.scene].settings[1]
    row = column = light = 0.0
    act: Act = []
    for index in range(count):
        row, column = 0.7 * row + random.gauss(0, 5), 0.7 * column + random.gauss(0, 6)
        light = 0.7 * light + random.gauss(0, 0.035)
        frame = _frame(place, framing, visit, moment=index / max(5, count - 1), ev=light)
        shot = replace(frame.shot, shift=(round(row), round(column)), kind=SeriesKind.BURST)
        softness = round(random.uniform(0.5, 1.6), 2)
        act.append((pace * (index + random.uniform(0.0, 0.03)), replace(frame, shot=shot, softness=softness)))
    keeper = random.randrange(count)
    for index in range(count):
        seconds, frame = act[index]
        act[index] = seconds, _spoil(random, frame, keeper=index == keeper)
    return act


def _spoil(random: Random, frame: Frame, *, keeper: bool) -> Frame:
    """Of a burst one frame is right; of the others some are missed."""
    if keeper:
        return replace(frame, softness=0.0, shot=replace(frame.shot, best=True))
    luck = random.random()
    if luck < 0.16:
        return replace(frame, softness=round(random.uniform(2.5, 6.5), 2), shot=replace(frame.shot, flaw=Flaw.DEFOCUS))
    if luck < 0.28:
        sweep = (round(random.uniform(-8, 8), 1), round(random.uniform(6, 20), 1))
        return replace(frame, sweep=sweep, shot=replace(frame.shot, flaw=Flaw.MOTION))
    return frame


def _bracket(random: Random, place: Place, visit: int) -> Act:
    """The camera's own bracketing: the same framing at three or five exposures."""
    steps: tuple[float, ...] = random.choice(((0.0, -1.5, 1.5), (-2.0, 0.0, 2.0), (-2.0, -1.0, 0.0, 1.0, 2.0)))
    framing = replace(framing_of(random, place.scene, wide=True), roll=0.0)
    act: Act = []
    seconds = 0.0
    for ev in steps:
        frame = _frame(place, framing, visit)
        settings = _settings(place, framing, ev)
        act.append(
            (seconds, replace(frame, shot=replace(frame.shot, ev=ev, settings=settings, kind=SeriesKind.BRACKET)))
        )
        seconds += 0.35 + settings.shutter_s
    return act


def _panorama(random: Random, place: Place, visit: int) -> Act:
    """Four to six frames from left to right, each a good quarter of the frame farther."""
    count = random.randint(4, 6)
    act: Act = []
    for index in range(count):
        framing = Framing((0.23 + 0.108 * index, 0.5))
        frame = _frame(place, framing, visit)
        shift = (round(random.uniform(-6, 6)), 0)
        act.append(
            (
                2.2 * index + random.uniform(0, 0.5),
                replace(frame, shot=replace(frame.shot, shift=shift, kind=SeriesKind.PANORAMA)),
            )
        )
    return act


def _slip(random: Random, place: Place, visit: int) -> Act:
    """The shutter went off by itself."""
    misfire = random.choice(list(Misfire))
    frame = _frame(place, framing_of(random, place.scene), visit, moment=random.random())
    if misfire is Misfire.BLUR:
        sweep = (round(random.uniform(-30, 30), 1), round(random.uniform(35, 80), 1))
        frame = replace(frame, sweep=sweep, softness=8.0)
    settings = replace(frame.shot.settings, shutter_s=1 / 8, iso=12800 if misfire is Misfire.LENS_CAP else 1600)
    return [(0.0, replace(frame, misfire=misfire, shot=replace(frame.shot, settings=settings)))]


_ACTS: dict[str, Callable[[Random, Place, int], Act]] = {
    "single": _single,
    "burst": _burst,
    "bracket": _bracket,
    "panorama": _panorama,
    "slip": _slip,
}
