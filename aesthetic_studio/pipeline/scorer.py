"""A model that is ready to score previews: decoded, judged and answered side by side.

    submit(previews) ──▶ decoding threads ──▶ lanes: one forward pass each ──▶ take(): distributions over 1..10

On a GPU there is one lane, and the next batch is decoded while it is busy. A CPU's cores each have a lane of their own:
a pass that is spread over all cores waits at every layer for the core that decodes a photo just then.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from aesthetic_studio.errors import KnownError
from aesthetic_studio.records import Answer, ScoreDistribution
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from aesthetic_studio.models.protocol import AestheticModel, ModelOutput

    _Input = tuple[NDArray[np.uint8], str]
    """A photo's pixels and its words, empty for none."""
    _Decoded = Future[NDArray[np.uint8] | None]
    _Answers = list[Answer | None]

__all__ = ["Attention", "Scorer"]

BATCH_SIZES = {"cuda": 64, "mps": 32, "cpu": 16}
"""Photos handed in at once, by kind of device; running out of memory halves it."""

MOST_LANES = 4
"""Forward passes side by side on a CPU: each holds its own activations, and beyond four, cores share a lane."""

Attention = tuple[int, int, tuple[float, ...]]
"""Height, width, and that many weights row by row: where the queries looked."""


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
        self._shrinking = threading.Lock()
        self._half = self._model.device.type in {"cuda", "mps"}
        self._decoders = ThreadPoolExecutor(min(4, os.cpu_count() or 1), thread_name_prefix="preview")
        self._lane_count, self._lanes = _open_lanes(self._model.device.type)
        self._submitted: deque[list[Future[_Answers]]] = deque()

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
        decoded = [self._decoders.submit(self._decode, preview) for preview in previews]
        texts = words if words is not None and self.reads_words else [""] * len(previews)
        share = max(1, -(-len(previews) // self._lane_count))
        self._submitted.append(
            [
                self._lanes.submit(self._answers, decoded[first : first + share], texts[first : first + share])
                for first in range(0, len(previews), share)
            ]
        )

    def take(self) -> list[Answer | None]:
        """Return the answers to the oldest batch handed in; ``None`` for a preview that is no picture."""
        return [answer for share in self._submitted.popleft() for answer in share.result()]

    def discard(self) -> None:
        """Forget the batches that were handed in and not taken."""
        for shares in self._submitted:
            for share in shares:
                share.cancel()
        self._submitted.clear()

    def score_previews(self, previews: Sequence[bytes], words: Sequence[str] | None = None) -> list[Answer | None]:
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
        """Let go of the threads."""
        self._lanes.shutdown(wait=False, cancel_futures=True)
        self._decoders.shutdown(wait=False, cancel_futures=True)

    def _decode(self, preview: bytes) -> NDArray[np.uint8] | None:
        from aesthetic_studio.models.inputs import load_input

        try:
            return load_input(preview, self.card)
        except (OSError, ValueError, SyntaxError):
            return None

    def _answers(self, decoded: Sequence[_Decoded], texts: Sequence[str]) -> _Answers:
        """One lane's share of a batch, in a lane."""
        pixels = [future.result() for future in decoded]
        answers = iter(self._score([(one, text) for one, text in zip(pixels, texts, strict=True) if one is not None]))
        return [None if one is None else next(answers) for one in pixels]

    def _score(self, inputs: list[_Input]) -> list[Answer]:
        """Score decoded photos, in smaller and smaller batches while memory does not suffice."""
        answers: list[Answer] = []
        while len(answers) < len(inputs):
            batch = inputs[len(answers) : len(answers) + self._batch_size]
            try:
                answers += self._judge(batch)
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
                kept(
                    "problem", "The device {device} has not enough memory to score one photo with {model_name}."
                ).format(device=self.device, model_name=self.model_name),
                kept("problem", "Close other programs that use it, or choose another one with --device cpu."),
            )
        with self._shrinking:
            self._batch_size = max(1, min(self._batch_size, tried // 2))
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _judge(self, batch: list[_Input]) -> list[Answer]:
        answer = self._forward(batch)
        if self._half and not _finite(answer):
            # Half precision overflowed on this batch; the full one is slower and always right.
            self._half = False
            answer = self._forward(batch)
        probabilities = answer.probabilities.float()
        probabilities = probabilities / probabilities.sum(dim=1, keepdim=True)
        merits = [None] * len(batch) if answer.merit is None else answer.merit.float().cpu().tolist()
        rows = probabilities.cpu().tolist()
        looks = [b""] * len(batch) if answer.look is None else [row.tobytes() for row in _halves(answer.look)]
        return [
            Answer(ScoreDistribution(tuple(row), merit), look)
            for row, merit, look in zip(rows, merits, looks, strict=True)
        ]

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


def _open_lanes(device: str) -> tuple[int, ThreadPoolExecutor]:
    """Threads for the forward passes, and how many: they share out the cores that torch may use."""
    import torch

    cores = torch.get_num_threads()
    count = min(MOST_LANES, cores) if device == "cpu" else 1
    lanes = ThreadPoolExecutor(count, thread_name_prefix="lane")
    if device == "cpu":
        all_there = threading.Barrier(count)

        def narrow() -> None:
            # Asked first: a thread's first question gives it what was set last anywhere, and would undo this.
            torch.get_num_threads()
            torch.set_num_threads(max(1, cores // count))
            all_there.wait()

        for narrowed in [lanes.submit(narrow) for _ in range(count)]:
            narrowed.result()
        torch.set_num_threads(cores)
    return count, lanes


def _finite(answer: ModelOutput) -> bool:
    numbers = [answer.probabilities, *([] if answer.merit is None else [answer.merit])]
    return all(bool(some.isfinite().all()) for some in numbers)


def _halves(looks: Tensor) -> NDArray[np.float16]:
    """Rows as they are stored, whatever the machine's own order of bytes."""
    return looks.cpu().numpy().astype("<f2")


def _out_of_memory(error: BaseException) -> bool:
    """Whether this says that memory ran out; only CUDA has a type of its own for that."""
    import torch

    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    text = str(error).lower()
    return "out of memory" in text or "can't allocate memory" in text
