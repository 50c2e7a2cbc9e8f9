"""Eyes within a burst: who blinks here and not there, and in which frame they are sharpest.

The classifier of eyes is sure of itself also where it is wrong: of babies, narrow eyes, goggles and dogs. What it gets
wrong it gets wrong in every frame alike, so eyes are called closed only where the same face has them open in another
frame. Someone who sleeps, squints or wears sunglasses throughout blinks in none.

Thresholds were set on faces of the pool of photos, with frames made of each photo by shifts, turns, blur, light and
noise, in which nobody blinks, and judged on others: see ``tests/unit/pipeline/test_faces_real.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from aesthetic_studio.faces import SURELY_A_FACE, Face

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import PhotoRecord

CLOSED_AT_MOST, OPEN_AT_LEAST = 0.1, 0.8
"""Probabilities that eyes are open; between them nothing is said."""
CLOSED_CONFIDENCE, OPEN_CONFIDENCE = 0.65, 0.5
"""How far that must be believed. A blink is an accusation and needs more than its absence."""
MOVED_AT_MOST = 1.0
"""Face widths by which a face may move from one frame to the next and still be the same."""
GROWN_AT_MOST = 1.6
LEAST_SHARE = 0.5
"""Width against the widest face from which a face's eyes have a say in sharpness: not those in the background."""
PERHAPS_A_FACE = 0.7
"""Confidence from which a face's sharpness counts: that of a dog's eyes is worth as much as a person's."""

Track = dict[int, Face]
"""One face through a burst: by the frame's place in it."""


@dataclass(frozen=True, slots=True)
class FrameEyes:
    """The eyes in one frame of a burst.

    Attributes:
        faces: Faces that surely are some.
        closed: How many of them close their eyes, and have them open elsewhere.
        open: How many of them surely have them open.
        sharpness: Binary logarithm of the eyes' acutance, of the faces that all frames show; ``None`` in every frame
            where there is no such face.
    """

    faces: int = 0
    closed: int = 0
    open: int = 0
    sharpness: float | None = None


NO_FACES = FrameEyes()


def eyes_within(frames: Sequence[PhotoRecord]) -> list[FrameEyes]:
    """Judge the eyes in the frames of a burst, in the order given; the answer does not depend on that order."""
    if not any(frame.faces for frame in frames):
        return [NO_FACES] * len(frames)
    tracks = follow_faces(frames)
    sharpness = _sharpness(tracks, len(frames))
    sure = [{place: face for place, face in track.items() if face.confidence >= SURELY_A_FACE} for track in tracks]
    return [
        FrameEyes(
            faces=sum(place in track for track in sure),
            closed=sum(_blinks(track, place) for track in sure),
            open=sum(place in track and is_open(track[place]) for track in sure),
            sharpness=None if sharpness is None else sharpness[place],
        )
        for place in range(len(frames))
    ]


def closed_alone(photo: PhotoRecord) -> int:
    """How many faces of a photo may be called blinking though no other frame shows them."""
    return sum(face.surely_closed for face in photo.faces)


def follow_faces(frames: Sequence[PhotoRecord]) -> list[Track]:
    """Find the same faces in the frames of a burst, from each frame to the next by their place and size alone."""
    by_time = sorted(range(len(frames)), key=lambda place: _moment(frames[place]))
    tracks: list[Track] = []
    last: list[tuple[Face, int]] = []
    for place in by_time:
        frame = frames[place]
        pairs = sorted(
            (distance, track, number)
            for number, face in enumerate(frame.faces)
            for track, (before, _) in enumerate(last)
            if (distance := _distance(before, face, frame)) is not None
        )
        taken: set[int] = set()
        known: set[int] = set()
        for _, track, number in pairs:
            if track not in taken and number not in known:
                taken.add(track)
                known.add(number)
                tracks[track][place] = frame.faces[number]
                last[track] = (frame.faces[number], place)
        for number, face in enumerate(frame.faces):
            if number not in known:
                tracks.append({place: face})
                last.append((face, place))
    return tracks


def _moment(frame: PhotoRecord) -> tuple[float, str, int]:
    taken = frame.metadata.taken
    return (taken.local.replace(tzinfo=None).timestamp() if taken else 0.0), str(frame.path), frame.id


def _distance(one: Face, other: Face, frame: PhotoRecord) -> float | None:
    """How far apart two places are, in widths of the face; ``None`` where they cannot be the same face."""
    width = (one.width + other.width) / 2
    if width <= 0 or max(one.width, other.width) > GROWN_AT_MOST * min(one.width, other.width):
        return None
    (x0, y0), (x1, y1) = one.centre, other.centre
    tall = frame.height / frame.width if frame.width and frame.height else 1.0
    distance = math.hypot(x1 - x0, (y1 - y0) * tall) / width
    return distance if distance <= MOVED_AT_MOST else None


def _blinks(track: Track, place: int) -> bool:
    face = track.get(place)
    if face is None or face.eyes_open is None:
        return False
    if len(track) == 1:
        return face.surely_closed
    return (
        face.eyes_open <= CLOSED_AT_MOST
        and face.eyes_confidence >= CLOSED_CONFIDENCE
        and any(is_open(other) for frame, other in track.items() if frame != place)
    )


def is_open(face: Face) -> bool:
    """Whether a face's eyes are surely open."""
    return face.eyes_open is not None and face.eyes_open >= OPEN_AT_LEAST and face.eyes_confidence >= OPEN_CONFIDENCE


def _sharpness(tracks: Sequence[Track], count: int) -> list[float] | None:
    """Binary logarithms of acutance, frame by frame: the mean over the faces that every frame shows large enough."""
    measured: list[list[float]] = []
    widths: list[float] = []
    for track in tracks:
        values = [
            face.sharpness
            for _, face in sorted(track.items())
            if face.sharpness is not None and face.confidence >= PERHAPS_A_FACE
        ]
        if len(values) == count:
            measured.append([math.log2(max(value, 1e-3)) for value in values])
            widths.append(fmean(face.width for face in track.values()))
    near = [values for values, width in zip(measured, widths, strict=True) if width >= LEAST_SHARE * max(widths)]
    return [fmean(values[place] for values in near) for place in range(count)] if near else None
