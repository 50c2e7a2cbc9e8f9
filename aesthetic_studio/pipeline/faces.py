"""Look for faces in what is indexed: where they are, whether their eyes are open, how sharp those are.

    catalogue ──previews, paths──▶ looker: a few photos side by side ──faces──▶ catalogue ──▶ folder grouped anew

The preview decides whether there is any face; only then is the original opened, once. Faces are kept by content and by
the version of the models, so a photo that was moved, renamed or grouped anew is never looked at twice.
"""

from __future__ import annotations

import os
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.faces import Face
from aesthetic_studio.pipeline.progress import Meter, ReportProgress, ShouldStop, ignore_progress, never_stop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL.Image import Image

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.models.faces.detector import Detection
    from aesthetic_studio.models.faces.finder import CloseLook, FaceFinder

WRITE_EVERY_S = 2.0
"""Seconds between writes: each lets folders be grouped anew, and a crash costs no more than this."""
READ_AHEAD = 256
"""Photos whose turn is decided at once; what the user looks at is asked for again before each batch."""
NESTED = 0.7
"""Share of a face's box within another face's from which it is a part of that one."""
MOST_SIDE_BY_SIDE = 4
"""Photos looked at by one core each; every one may hold a decoded original in memory."""


class FaceLooker(Protocol):
    """What :func:`find_faces` needs; ``Looker`` does it here and ``FacesProcess`` in a process of its own."""

    @property
    def batch_size(self) -> int:
        """How many photos to hand in at once."""
        ...

    def look(self, photos: Sequence[tuple[str, bytes]]) -> list[tuple[Face, ...] | None]:
        """Faces of photos, each a path and its preview; ``None`` where the file is not there just now."""
        ...


class Looker:
    """The installed face models in this process, a photo for each core. Raises ``ModelUnavailable``."""

    def __init__(self, finder: FaceFinder | None = None) -> None:
        from aesthetic_studio.models.faces.finder import FaceFinder

        self._finder = finder or FaceFinder.load()
        cores = min(MOST_SIDE_BY_SIDE, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(cores, thread_name_prefix="faces")
        self.batch_size = 2 * cores

    def look(self, photos: Sequence[tuple[str, bytes]]) -> list[tuple[Face, ...] | None]:
        """Look at photos side by side; the answers come in their order."""
        return list(self._pool.map(lambda photo: look_at(self._finder, *photo), photos))

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class FaceReport:
    """What a run did."""

    looked: int
    """Photos looked at."""
    with_faces: int
    """Of them, those that show a face."""
    failed: int
    """Photos whose preview or file was not there; they are looked at another time."""
    interrupted: bool


def find_faces(
    catalogue: Catalogue,
    version: str,
    looker: Callable[[], FaceLooker],
    *,
    progress: ReportProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
    first: Callable[[], Sequence[int]] = tuple,
    only: Sequence[int] | None = None,
) -> FaceReport:
    """Look for faces in every photo in which this version of the models has not looked.

    Args:
        catalogue: Where photos come from and faces go; used from this thread only.
        version: Of the models (``models.faces.parts.VERSION``).
        looker: Makes the looker when the first photo needs it.
        progress: Told how far it has come.
        should_stop: Asked between batches; what was found by then is kept, and a later call goes on there.
        first: Asked before each batch for the photo ids that the user is looking at: they come before the rest.
        only: Look at these photos and no others.
    """
    return _Finding(
        catalogue, version, looker, progress=progress, should_stop=should_stop, first=first, only=only
    ).run()


class _Finding:
    """The state of one run of :func:`find_faces`."""

    def __init__(
        self,
        catalogue: Catalogue,
        version: str,
        looker: Callable[[], FaceLooker],
        *,
        progress: ReportProgress,
        should_stop: ShouldStop,
        first: Callable[[], Sequence[int]],
        only: Sequence[int] | None,
    ) -> None:
        self._catalogue = catalogue
        self._version = version
        self._make = looker
        self._looker: FaceLooker | None = None
        self._should_stop = should_stop
        self._first = first
        self._asked_first: tuple[int, ...] = ()
        self._only = None if only is None else deque(catalogue.without_faces_among(version, only))
        self._meter = Meter("faces", progress)
        self._queue: deque[tuple[int, int, str]] = deque()
        self._after = 0
        """Contents up to here had their turn, but for those that the user looks at."""
        self._tried: set[int] = set()
        self._unwritten: list[tuple[int, tuple[Face, ...]]] = []
        self._written_at = time.monotonic()
        self._looked = self._with_faces = self._failed = 0

    def run(self) -> FaceReport:
        total = self._left()
        interrupted = False
        try:
            while not (interrupted := self._should_stop()) and (batch := self._next_batch()):
                self._look(batch)
                done = self._looked + self._failed
                self._meter.update(done, max(total, done), Path(batch[-1][2]).name)
                if time.monotonic() - self._written_at >= WRITE_EVERY_S:
                    self._write()
        finally:
            self._write()
        done = self._looked + self._failed
        self._meter.update(done, max(total, done), final=True)
        return FaceReport(self._looked, self._with_faces, self._failed, interrupted)

    def _left(self) -> int:
        if self._only is not None:
            return len(self._only)
        known, total = self._catalogue.face_counts(self._version)
        return total - known

    def _look(self, batch: Sequence[tuple[int, int, str]]) -> None:
        self._looker = self._looker or self._make()
        previews = self._catalogue.previews([content for content, _, _ in batch])
        there = [entry for entry in batch if entry[0] in previews]
        self._failed += len(batch) - len(there)
        answers = self._looker.look([(path, previews[content]) for content, _, path in there])
        for (content, _, _), faces in zip(there, answers, strict=True):
            if faces is None:
                self._failed += 1
                continue
            self._looked += 1
            self._with_faces += bool(faces)
            self._unwritten.append((content, faces))

    def _next_batch(self) -> list[tuple[int, int, str]]:
        size = self._looker.batch_size if self._looker is not None else MOST_SIDE_BY_SIDE
        first = tuple(self._first())
        if first != self._asked_first or not self._queue:
            self._refill(first)
        batch: list[tuple[int, int, str]] = []
        while self._queue and len(batch) < size:
            entry = self._queue.popleft()
            if entry[0] not in self._tried:
                self._tried.add(entry[0])
                batch.append(entry)
        return batch

    def _refill(self, first: tuple[int, ...]) -> None:
        """Ask the catalogue whose turn it is; indexing may have added photos since."""
        self._write()
        self._asked_first = first
        self._queue.clear()
        while not self._queue:
            found = self._ask(first)
            if not found:
                return
            self._queue.extend(entry for entry in found if entry[0] not in self._tried)

    def _ask(self, first: tuple[int, ...]) -> list[tuple[int, int, str]]:
        if self._only is not None:
            asked = [self._only.popleft() for _ in range(min(READ_AHEAD, len(self._only)))]
            chosen = set(asked)
            found = self._catalogue.without_faces(self._version, limit=len(asked), first=asked) if asked else []
            return [entry for entry in found if entry[1] in chosen]
        found = self._catalogue.without_faces(self._version, limit=READ_AHEAD, after=self._after, first=first)
        if all(content in self._tried for content, _, _ in found):
            # All of these failed or were looked at out of turn: go on behind them.
            in_turn = [content for content, photo, _ in found if photo not in first]
            self._after = max(in_turn, default=self._after)
            return found if in_turn else []
        return found

    def _write(self) -> None:
        if self._unwritten:
            self._catalogue.store_faces(self._version, self._unwritten)
            self._unwritten = []
        self._written_at = time.monotonic()


def look_at(finder: FaceFinder, path: str, preview: bytes) -> tuple[Face, ...] | None:
    """Find the faces of one photo, the largest first; ``None`` where its file is not there just now.

    Of an original that cannot be decoded the faces of its preview are known, and nothing of their eyes.
    """
    from aesthetic_studio.imaging.preview import decode
    from aesthetic_studio.imaging.regions import cut_regions
    from aesthetic_studio.models.faces.finder import SURROUNDINGS, CloseUp

    picture = decode(preview)
    found = () if picture is None else finder.find(picture)
    if picture is None or not found:
        return ()
    try:
        regions = cut_regions(path, [_around(face, picture, SURROUNDINGS) for face in found])
    except UnreadablePhoto:
        return tuple(_face(face, picture.size) for face in found) if Path(path).is_file() else None
    close_ups = [
        CloseUp(region.picture, face.moved(-region.left, -region.top, region.width / picture.width))
        for region, face in zip(regions, found, strict=True)
    ]
    looks = finder.look_closely(close_ups)
    faces = []
    for region, look in zip(regions, looks, strict=True):
        if look is not None:
            whole = look.face.moved(region.left, region.top)
            faces.append(_face(whole, (region.width, region.height), look, region.picture))
    return without_nested(faces)


def without_nested(faces: Sequence[Face]) -> tuple[Face, ...]:
    """The largest first, without those that lie within a surer one: its mouth and chin, say, taken for a face."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.confidence):
        if all(_share_within(face, other) <= NESTED for other in kept):
            kept.append(face)
    return tuple(sorted(kept, key=lambda face: -face.width * face.height))


def _share_within(face: Face, other: Face) -> float:
    """Which share of a face's box lies within another one."""
    across = min(face.x + face.width, other.x + other.width) - max(face.x, other.x)
    down = min(face.y + face.height, other.y + other.height) - max(face.y, other.y)
    area = face.width * face.height
    return across * down / area if across > 0 and down > 0 and area > 0 else 0.0


def _around(face: Detection, picture: Image, share: float) -> tuple[float, float, float, float]:
    """A square around a face, as shares of the picture."""
    (x, y), reach = face.centre, max(face.width, face.height) * share / 2
    width, height = picture.size
    return (x - reach) / width, (y - reach) / height, (x + reach) / width, (y + reach) / height


def _face(face: Detection, size: tuple[int, int], look: CloseLook | None = None, picture: Image | None = None) -> Face:
    """The record of a face in a picture of this size, cut off where it leaves the picture."""
    left, top = max(0.0, face.x / size[0]), max(0.0, face.y / size[1])
    right, bottom = min(1.0, (face.x + face.width) / size[0]), min(1.0, (face.y + face.height) / size[1])
    sharpness = None
    if look is not None and picture is not None:
        from aesthetic_studio.imaging.eye_sharpness import eye_sharpness

        eyes = [(float(x), float(y)) for x, y in look.face.points[:2]]
        sharpness = eye_sharpness(picture, eyes[0], eyes[1])
    return Face(
        x=left,
        y=top,
        width=max(0.0, right - left),
        height=max(0.0, bottom - top),
        confidence=min(1.0, face.confidence),
        eyes_open=None if look is None else look.eyes.open,
        eyes_confidence=0.0 if look is None else look.eyes.confidence,
        sharpness=sharpness,
    )
