"""Stand-ins for the two networks: they answer what a test wants, and keep what they were shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aesthetic_studio.models.faces.detector import INPUT_SIDE, STRIDES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float32]

WIDTHS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}


def no_faces() -> dict[str, FloatArray]:
    """The twelve answers of a network that sees nothing."""
    return {
        f"{head}_{stride}": np.zeros((1, (INPUT_SIDE // stride) ** 2, width), np.float32)
        for stride in STRIDES
        for head, width in WIDTHS.items()
    }


def put_face(
    answers: dict[str, FloatArray],
    middle: tuple[float, float],
    size: tuple[float, float],
    confidence: float = 0.9,
    stride: int = 16,
    points: Sequence[tuple[float, float]] | None = None,
) -> None:
    """Let a network answer that there is a face, in pixels of its input: the inverse of the published formulas."""
    column, row = int(middle[0] // stride), int(middle[1] // stride)
    cell = row * (INPUT_SIDE // stride) + column
    if points is None:
        (x, y), (w, h) = middle, size
        points = [
            (x - 0.22 * w, y - 0.1 * h), (x + 0.22 * w, y - 0.1 * h), (x, y + 0.1 * h),
            (x - 0.15 * w, y + 0.3 * h), (x + 0.15 * w, y + 0.3 * h),
        ]  # fmt: skip
    answers[f"cls_{stride}"][0, cell] = confidence
    answers[f"obj_{stride}"][0, cell] = confidence
    place = np.array([column, row], np.float32)
    answers[f"bbox_{stride}"][0, cell, :2] = np.array(middle) / stride - place
    answers[f"bbox_{stride}"][0, cell, 2:] = np.log(np.array(size) / stride)
    answers[f"kps_{stride}"][0, cell] = (np.array(points) / stride - place).reshape(-1)


class Network:
    """Answers each question in turn with what it was given, the last one again and again."""

    def __init__(self, *answers: Mapping[str, FloatArray] | Callable[[FloatArray], FloatArray]) -> None:
        self._answers = list(answers)
        self.shown: list[FloatArray] = []

    def run(self, output_names: Sequence[str], inputs: Mapping[str, FloatArray]) -> list[FloatArray]:
        (shown,) = inputs.values()
        self.shown.append(shown)
        answer = self._answers[0] if len(self._answers) == 1 else self._answers.pop(0)
        if callable(answer):
            return [answer(shown)]
        return [answer[name] for name in output_names]


@pytest.fixture
def empty_answers() -> Callable[[], dict[str, FloatArray]]:
    return no_faces


@pytest.fixture
def with_face() -> Callable[..., None]:
    return put_face


@pytest.fixture
def network() -> type[Network]:
    return Network
