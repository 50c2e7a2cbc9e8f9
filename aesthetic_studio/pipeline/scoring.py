"""Score what is indexed: previews in, distributions over 1..10 into the catalogue.

    catalogue ──previews──▶ scorer: batches n and n + 1 ──distributions──▶ catalogue: batch n − 1

Two batches are on the way at any time, so the model never waits for the catalogue. The scorer (``pipeline.scorer``)
brings torch along; this module does not.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from aesthetic_studio.pipeline.progress import Meter, ReportProgress, ShouldStop, ignore_progress, never_stop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.records import Answer

WRITE_EVERY_S = 0.5
"""Seconds between writes: rare enough to be cheap, often enough that a crash costs half a second of work."""

READ_AHEAD = 1024
"""Photos whose turn is decided at once; what the user looks at is asked for again before each batch."""


class PreviewScorer(Protocol):
    """What :func:`score_library` needs; ``Scorer`` does it here and ``ScoringProcess`` in a process of its own."""

    @property
    def model_name(self) -> str:
        """The model that answers."""
        ...

    @property
    def model_version(self) -> str:
        """Its version: scores of another one do not count."""
        ...

    @property
    def batch_size(self) -> int:
        """How many previews to hand in at once."""
        ...

    @property
    def reads_words(self) -> bool:
        """Whether it judges a photo's caption and keywords too, so that they are worth looking up."""
        ...

    def submit(self, previews: Sequence[bytes], words: Sequence[str] | None = None) -> None:
        """Hand in a batch, with each photo's words as one text; its preparation starts at once."""
        ...

    def take(self) -> list[Answer | None]:
        """Return the answers to the oldest batch handed in; ``None`` for a preview that is no picture."""
        ...

    def discard(self) -> None:
        """Forget the batches that were handed in and not taken."""
        ...


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What scoring did."""

    scored: int
    failed: int
    """Photos whose preview is missing or damaged; indexing them again makes a new one."""
    interrupted: bool


def score_library(
    catalogue: Catalogue,
    scorer: PreviewScorer,
    *,
    progress: ReportProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
    first: Callable[[], Sequence[int]] = tuple,
    only: Sequence[int] | None = None,
) -> ScoreReport:
    """Score every photo that this model has not scored, and show its scores from now on.

    Args:
        catalogue: Where previews come from and distributions go; used from this thread only.
        scorer: The model.
        progress: Told how far it has come.
        should_stop: Asked between batches; what is scored by then is kept, and a later call goes on there.
        first: Asked before each batch for the photo ids that the user is looking at: they come before the rest.
        only: Score these photos and no others.
    """
    return _Scoring(catalogue, scorer, progress=progress, should_stop=should_stop, first=first, only=only).run()


class _Scoring:
    """The state of one run of :func:`score_library`."""

    def __init__(
        self,
        catalogue: Catalogue,
        scorer: PreviewScorer,
        *,
        progress: ReportProgress,
        should_stop: ShouldStop,
        first: Callable[[], Sequence[int]],
        only: Sequence[int] | None,
    ) -> None:
        self._catalogue = catalogue
        self._scorer = scorer
        self._should_stop = should_stop
        self._first = first
        self._asked_first: tuple[int, ...] = ()
        self._only = deque(only) if only is not None else None
        self._meter = Meter("score", progress)
        self._queue: deque[int] = deque()
        self._taken: set[int] = set()
        """Contents that are on their way or have failed: not to be asked for again in this run."""
        self._on_the_way: deque[list[int]] = deque()
        self._unwritten: list[tuple[int, Answer]] = []
        self._words: dict[int, str] | None = {} if scorer.reads_words else None
        """The words that were handed in with contents whose scores are not written yet."""
        self._written_at = time.monotonic()
        self._scored = 0
        self._failed = 0
        self._total = len(only) if only is not None else 0

    def run(self) -> ScoreReport:
        name, version = self._scorer.model_name, self._scorer.model_version
        if self._catalogue.active_model() != (name, version):
            self._catalogue.set_active_model(name, version)
        interrupted = False
        try:
            while not (interrupted := self._should_stop()) and self._step():
                self._meter.update(self._scored, self._total)
            # At most two batches: half a second on a slow machine, and their work is kept.
            while self._on_the_way:
                self._take()
        finally:
            self._scorer.discard()
            self._write()
        self._meter.update(self._scored, self._total, final=True)
        return ScoreReport(self._scored, self._failed, interrupted)

    def _step(self) -> bool:
        """Keep two batches on the way and take the older one. False when nothing is left."""
        while len(self._on_the_way) < 2 and self._submit():
            pass
        if not self._on_the_way:
            return False
        self._take()
        if time.monotonic() - self._written_at >= WRITE_EVERY_S:
            self._write()
        return True

    def _take(self) -> None:
        contents = self._on_the_way.popleft()
        for content, answer in zip(contents, self._scorer.take(), strict=True):
            if answer is None:
                self._failed += 1
            else:
                self._scored += 1
                self._unwritten.append((content, answer))

    def _submit(self) -> bool:
        """Hand in the next batch. False when nothing is left."""
        contents = self._next_contents()
        if not contents:
            return False
        previews = self._catalogue.previews(contents)
        present = [content for content in contents if content in previews]
        self._failed += len(contents) - len(present)
        if present:
            self._scorer.submit([previews[content] for content in present], self._words_of(present))
            self._on_the_way.append(present)
        return True

    def _words_of(self, contents: Sequence[int]) -> list[str] | None:
        if self._words is None:
            return None
        self._words.update(found := self._catalogue.words(contents))
        return [found.get(content, "") for content in contents]

    def _next_contents(self) -> list[int]:
        first = tuple(self._first())
        if first != self._asked_first or len(self._queue) < self._scorer.batch_size:
            self._refill(first)
        count = min(self._scorer.batch_size, len(self._queue))
        contents = [self._queue.popleft() for _ in range(count)]
        self._taken.update(contents)
        return contents

    def _refill(self, first: tuple[int, ...]) -> None:
        """Ask the catalogue whose turn it is; indexing may have added photos since."""
        self._write()
        name, version = self._scorer.model_name, self._scorer.model_version
        if self._only is not None:
            self._refill_from(self._only)
            return
        limit = READ_AHEAD + len(self._taken)
        unscored = self._catalogue.unscored(name, version, limit=limit, first=first)
        known, total = self._catalogue.score_counts(name, version)
        self._total = self._scored + total - known
        self._asked_first = first
        contents = [content for content, _ in unscored] or self._catalogue.without_look(name, version, limit=limit)
        self._queue = deque(dict.fromkeys(content for content in contents if content not in self._taken))

    def _refill_from(self, only: deque[int]) -> None:
        name, version = self._scorer.model_name, self._scorer.model_version
        while only and len(self._queue) < self._scorer.batch_size:
            asked = [only.popleft() for _ in range(min(READ_AHEAD, len(only)))]
            unscored = self._catalogue.unscored(name, version, limit=len(asked), first=asked)
            chosen = set(asked)
            contents = dict.fromkeys(content for content, photo in unscored if photo in chosen)
            self._queue.extend(content for content in contents if content not in self._taken)

    def _write(self) -> None:
        if self._unwritten:
            name, version = self._scorer.model_name, self._scorer.model_version
            with self._catalogue.transaction():
                self._catalogue.store_looks(name, version, [(one, answer.look) for one, answer in self._unwritten])
                scores = [(one, answer.distribution) for one, answer in self._unwritten]
                self._catalogue.store_scores(name, version, scores, self._words)
            if self._words:
                for content, _ in self._unwritten:
                    self._words.pop(content, None)
            self._taken.difference_update(content for content, _ in self._unwritten)
            self._unwritten = []
        self._written_at = time.monotonic()
