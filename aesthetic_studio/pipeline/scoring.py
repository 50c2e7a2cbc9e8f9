"""Score what is indexed: previews in, distributions over 1..10 into the catalogue.

    catalogue ──previews──▶ decode in threads ──▶ forward pass ──distributions──▶ catalogue
                               batch n + 1            batch n                        batch n − 1

While one batch goes through the model the next one is decoded, so the model never waits. Torch is imported when a
:class:`Scorer` is made, and not before.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from aesthetic_studio.errors import KnownError
from aesthetic_studio.pipeline.progress import Meter, ReportProgress, ShouldStop, ignore_progress, never_stop
from aesthetic_studio.pipeline.scoring_process import ScoringProcess
from aesthetic_studio.records import ScoreDistribution

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.models.protocol import AestheticModel, ModelOutput

    _Input = tuple[NDArray[np.uint8], str]
    """A photo's pixels and its words, empty for none."""

__all__ = ["PreviewScorer", "ScoreReport", "Scorer", "ScoringProcess", "score_library"]

BATCH_SIZES = {"cuda": 64, "mps": 32, "cpu": 16}
"""Photos in one forward pass, by kind of device; running out of memory halves it."""

WRITE_EVERY_S = 0.5
"""Seconds between writes: rare enough to be cheap, often enough that a crash costs half a second of work."""

READ_AHEAD = 1024
"""Photos whose turn is decided at once; what the user looks at is asked for again before each batch."""

Attention = tuple[int, int, tuple[float, ...]]
"""Height, width, and that many weights row by row: where the queries looked."""


class PreviewScorer(Protocol):
    """What :func:`score_library` needs; :class:`Scorer` does it here and ``ScoringProcess`` in a process of its own."""

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

    def take(self) -> list[ScoreDistribution | None]:
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


class Scorer:
    """A model, ready to score previews on one device. Use it from one thread.

    Args:
        model_name: An installed model.
        device: ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:N"`` or ``"mps"``.
        batch_size: Photos in one forward pass; by default what suits the device.
        model: A model that is loaded already, instead of ``model_name``.

    Raises ``ModelUnavailable`` and, for a device that is not there, ``KnownError``.
    """

    def __init__(
        self,
        model_name: str | None = None,
        device: str = "auto",
        batch_size: int | None = None,
        *,
        model: AestheticModel | None = None,
    ) -> None:
        from aesthetic_studio.models import registry

        self._model = model or registry.load_model(model_name or registry.default_model(), device)
        self.card = self._model.card
        self._batch_size = batch_size or BATCH_SIZES.get(self._model.device.type, BATCH_SIZES["cpu"])
        self._half = self._model.device.type in {"cuda", "mps"}
        self._decoders = ThreadPoolExecutor(min(4, os.cpu_count() or 1), thread_name_prefix="preview")
        self._submitted: deque[tuple[list[Future[NDArray[np.uint8] | None]], Sequence[str] | None]] = deque()

    @property
    def model_name(self) -> str:
        """The model that answers."""
        return self.card.name

    @property
    def model_version(self) -> str:
        """Its version."""
        return self.card.version

    @property
    def batch_size(self) -> int:
        """Photos in one forward pass, as far as memory has allowed up to now."""
        return self._batch_size

    @property
    def device(self) -> str:
        """Where the model runs, as torch names it."""
        return str(self._model.device)

    @property
    def reads_words(self) -> bool:
        """Whether the model judges words too."""
        return self._model.reads_words

    def submit(self, previews: Sequence[bytes], words: Sequence[str] | None = None) -> None:
        """Hand in a batch, with each photo's words for a model that reads them; decoding starts at once, in threads."""
        self._submitted.append(([self._decoders.submit(self._decode, preview) for preview in previews], words))

    def take(self) -> list[ScoreDistribution | None]:
        """Return the answers to the oldest batch handed in; ``None`` for a preview that is no picture."""
        futures, words = self._submitted.popleft()
        inputs = [future.result() for future in futures]
        texts = words if words is not None and self.reads_words else [""] * len(inputs)
        there = [(pixels, text) for pixels, text in zip(inputs, texts, strict=True) if pixels is not None]
        answers = iter(self._score(there))
        return [None if pixels is None else next(answers) for pixels in inputs]

    def discard(self) -> None:
        """Forget the batches that were handed in and not taken."""
        for futures, _ in self._submitted:
            for future in futures:
                future.cancel()
        self._submitted.clear()

    def score_previews(
        self, previews: Sequence[bytes], words: Sequence[str] | None = None
    ) -> list[ScoreDistribution | None]:
        """Score a batch of previews, with their words; ``None`` for one that is no picture."""
        self.submit(previews, words)
        return self.take()

    def attention(self, preview: bytes) -> Attention | None:
        """Where the model looked, as (height, width, weights row by row); ``None`` for a preview that is no picture."""
        pixels = self._decode(preview)
        if pixels is None:
            return None
        output = self._forward([(pixels, "")])
        attention = output.attention[0].float().cpu()
        return attention.shape[0], attention.shape[1], tuple(attention.flatten().tolist())

    def close(self) -> None:
        """Let go of the decoding threads."""
        self._decoders.shutdown(wait=False, cancel_futures=True)

    def _decode(self, preview: bytes) -> NDArray[np.uint8] | None:
        from aesthetic_studio.models.inputs import load_input

        try:
            return load_input(preview, self.card)
        except (OSError, ValueError, SyntaxError):
            return None

    def _score(self, inputs: list[_Input]) -> list[ScoreDistribution]:
        """Score decoded photos, in smaller and smaller batches while memory does not suffice."""
        answers: list[ScoreDistribution] = []
        while len(answers) < len(inputs):
            batch = inputs[len(answers) : len(answers) + self._batch_size]
            try:
                answers += self._distributions(batch)
            except (RuntimeError, MemoryError) as error:
                if not _out_of_memory(error):
                    raise
                self._shrink(len(batch))
        return answers

    def _shrink(self, tried: int) -> None:
        """Halve the batch after running out of memory. Raises ``KnownError`` when not even one photo fits."""
        import torch

        if tried <= 1:
            raise KnownError(
                f"The device {self.device} has not enough memory to score one photo with {self.model_name}.",
                "Close other programs that use it, or choose another one with --device cpu.",
            )
        self._batch_size = max(1, tried // 2)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _distributions(self, batch: list[_Input]) -> list[ScoreDistribution]:
        answer = self._forward(batch)
        if self._half and not _finite(answer):
            # Half precision overflowed on this batch; the full one is slower and always right.
            self._half = False
            answer = self._forward(batch)
        probabilities = answer.probabilities.float()
        probabilities = probabilities / probabilities.sum(dim=1, keepdim=True)
        merits = [None] * len(batch) if answer.merit is None else answer.merit.float().cpu().tolist()
        rows = probabilities.cpu().tolist()
        return [ScoreDistribution(tuple(row), merit) for row, merit in zip(rows, merits, strict=True)]

    def _forward(self, batch: list[_Input]) -> ModelOutput:
        import numpy as np
        import torch

        images = torch.from_numpy(np.stack([pixels for pixels, _ in batch]))
        words = [text for _, text in batch]
        device = self._model.device
        if device.type == "cuda":
            images = images.pin_memory().to(device, non_blocking=True)
        with torch.inference_mode(), self._precision():
            text = self._model.encode_words(words) if any(words) else None
            return self._model.score(self._model.encode(images), text)

    def _precision(self) -> contextlib.AbstractContextManager[object]:
        """Half precision where the hardware is made for it; a CPU is exact and no slower in single."""
        import torch

        if self._half:
            return torch.autocast(self._model.device.type, dtype=torch.float16)
        return contextlib.nullcontext()


def _finite(answer: ModelOutput) -> bool:
    numbers = [answer.probabilities, *([] if answer.merit is None else [answer.merit])]
    return all(bool(some.isfinite().all()) for some in numbers)


def _out_of_memory(error: BaseException) -> bool:
    """Whether this says that memory ran out; only CUDA has a type of its own for that."""
    import torch

    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    text = str(error).lower()
    return "out of memory" in text or "can't allocate memory" in text


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
        self._unwritten: list[tuple[int, ScoreDistribution]] = []
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
        self._queue = deque(dict.fromkeys(content for content, _ in unscored if content not in self._taken))

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
            self._catalogue.store_scores(name, version, self._unwritten, self._words)
            if self._words:
                for content, _ in self._unwritten:
                    self._words.pop(content, None)
            self._taken.difference_update(content for content, _ in self._unwritten)
            self._unwritten = []
        self._written_at = time.monotonic()
