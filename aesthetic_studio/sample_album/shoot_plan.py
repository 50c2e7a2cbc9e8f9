"""The sample shoot's plan: a day of work frame by frame, which is the shoot's ground truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

from aesthetic_studio.sample_album.shoot_acts import Act, act_of
from aesthetic_studio.sample_album.shoot_chapters import CHAPTERS, SUBJECTS, Chapter
from aesthetic_studio.sample_album.shoot_frames import Frame, Light, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

_A_DAY = 1500
"""More photos than this take another day."""
_REST_S = 52.0
"""Seconds between two things that are done: more than any series spans between its frames."""
_FIRST_DAY = datetime(2024, 9, 14)
_WIDE_SCENES = frozenset({"alpine_dawn", "mountain_lake", "skyline"})
_TURNS = 0.15
"""How often such a scene is taken as a panorama."""
_FIRST_NUMBERS = {"Sample Camera A": ("ASA", 3107), "Sample Camera B": ("ASB", 7642)}


@cache
def shoot_plan(photos: int, seed: int = 1) -> tuple[Frame, ...]:
    """Every frame of a shoot of exactly ``photos`` photos, in the order of shooting."""
    days = -(-photos // _A_DAY)
    numbers = Counter[str]()
    frames: list[Frame] = []
    for day in range(days):
        today = photos // days + (day < photos % days)
        for chapter, quota in zip(CHAPTERS, _quotas(today), strict=True):
            random = Random(f"{seed} {photos} {day} {chapter.folder}")  # noqa: S311 - a plan, no secret
            folder = chapter.folder if days == 1 else f"day-{day + 1}/{chapter.folder}"
            frames += _named(_timed(random, chapter, day, list(_acts(random, chapter, folder, quota))), folder, numbers)
    return tuple(frames)


def _quotas(photos: int) -> list[int]:
    """Share the photos of a day out among its chapters."""
    ends = [0]
    for chapter in CHAPTERS:
        ends.append(ends[-1] + chapter.share)
    return [photos * end // ends[-1] - photos * start // ends[-1] for start, end in pairwise(ends)]


def _acts(random: Random, chapter: Chapter, folder: str, quota: int) -> Iterator[Act]:
    """Go from place to place until the chapter has its photos."""
    deck: list[str] = []
    number = 0
    while quota:
        if not deck:
            deck = [scene for scene, times in chapter.deck.items() for _ in range(times)]
            random.shuffle(deck)
        scene, first = (deck.pop(), "single") if number else chapter.opening
        if number and scene in _WIDE_SCENES and random.random() < _TURNS:
            first = "panorama"
        place = _place(random, f"{folder} {number}", scene, wide=first == "panorama")
        number += 1
        for act in _at_place(random, place, first):
            fitting = act if len(act) <= quota else act_of("single", random, place, 0)
            quota -= len(fitting)
            yield fitting
            if not quota:
                return


def _at_place(random: Random, place: Place, first: str) -> Iterator[Act]:
    """What is done at one place, one thing after the other."""
    meant: Act | None = None
    wishes = [] if place.wide else _wishes(random, place.scene, first)
    for visit, kind in enumerate([first, *wishes]):
        if kind == "again" and meant is not None:
            yield _again(meant, visit)
            continue
        act = act_of("single" if kind == "again" else kind, random, place, visit)
        if kind == "single":
            meant = act
        yield act


def _wishes(random: Random, scene: str, first: str) -> list[str]:
    """What else is done at a place."""
    subject = SUBJECTS[scene]
    kinds = ["single"] * random.choice((1, 1, 2, 2, 3))
    if first != "burst" and (subject.moves or random.random() < 0.8):
        kinds.append("burst")
    if random.random() < 0.28:
        kinds.append("burst")
    if subject.bracketed and first != "bracket" and random.random() < 0.35:
        kinds.append("bracket")
    if random.random() < 0.30:
        kinds.append("slip")
    random.shuffle(kinds)
    return [*kinds, "again"] if random.random() < 0.25 else kinds


def _again(before: Act, visit: int) -> Act:
    """The same once more, some time later: nearly a duplicate, and no series."""
    _, frame = before[0]
    moved = replace(frame.shot, shift=(5, -7), flaw=None, ev=round(frame.shot.ev * 0.5, 3))
    return [(0.0, replace(frame, shot=moved, visit=visit, softness=0.0, sweep=(0.0, 0.0)))]


def _place(random: Random, key: str, scene: str, *, wide: bool) -> Place:
    """A scene in one of many lights."""
    subject = SUBJECTS[scene]
    overcast = subject.weather * max(0.0, random.uniform(-0.6, 1.0))
    light = Light(
        ev=round(random.gauss(0, 0.22) - 0.3 * overcast, 3),
        warmth=round(max(-1.0, min(1.0, random.gauss(0, 0.45) - 0.4 * overcast)), 3),
        saturation=round(random.uniform(0.85, 1.2) - 0.55 * overcast, 3),
        haze=round(0.30 * overcast * random.random(), 3),
        turn=round(random.uniform(-110, 110), 1) if subject.turns and random.random() < 0.7 else 0.0,
    )
    return Place(key, scene, light, random.random() < 0.5, wide)


def _timed(random: Random, chapter: Chapter, day: int, acts: list[Act]) -> list[list[Frame]]:
    """Spread what is done over the chapter's hours; never less than a rest apart."""
    start, end = (3600 * hour for hour in chapter.hours)
    busy = sum(act[-1][0] + act[-1][1].shot.settings.shutter_s + _REST_S for act in acts)
    weights = [random.uniform(0.3, 1.7) for _ in acts]
    spare = max(0.0, end - start - busy) / sum(weights)
    clock = _FIRST_DAY + timedelta(days=day, seconds=start)
    timed = []
    for act, weight in zip(acts, weights, strict=True):
        clock += timedelta(seconds=spare * weight)
        timed.append([_at(clock + timedelta(seconds=round(seconds, 3)), chapter, frame) for seconds, frame in act])
        clock = timed[-1][-1].shot.taken + timedelta(seconds=act[-1][1].shot.settings.shutter_s + _REST_S)
    return timed


def _at(taken: datetime, chapter: Chapter, frame: Frame) -> Frame:
    return replace(frame, shot=replace(frame.shot, taken=taken, gps=chapter.place, utc_offset="+02:00"))


def _named(acts: list[list[Frame]], folder: str, numbers: Counter[str]) -> Iterator[Frame]:
    """Number the files as each camera counts, and name the series."""
    for act in acts:
        series = None
        for frame in act:
            prefix, first = _FIRST_NUMBERS[frame.shot.settings.camera]
            number = f"{prefix}_{(first + numbers[prefix] - 1) % 9999 + 1:04d}"
            numbers[prefix] += 1
            if frame.shot.kind is not None:
                series = series or number
            yield replace(frame, shot=replace(frame.shot, name=f"{folder}/{number}.jpg", series=series))
