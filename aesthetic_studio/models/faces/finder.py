"""Faces of one photo in two looks: where they are in the preview, and each one closely in the original's pixels.

The preview tells where faces may be, at the cost of one pass. Only where there are some is the original opened: their
close-ups, laid side by side into one picture, go through the same network again. There landmarks are as exact as eyes
need them, and what only looked like a face in few pixels is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.faces import parts
from aesthetic_studio.models.faces.detector import (
    INPUT_SIDE,
    LEAST_CONFIDENCE,
    Detection,
    Session,
    answer,
    decode,
    detect,
    overlap,
)
from aesthetic_studio.models.faces.eyes import EyeState, eye_states
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL.Image import Image

MOST_FACES = 32
"""Of a crowd only the largest are looked at, so that one photo's cost stays bounded."""
SURROUNDINGS = 2.0
"""Side of a close-up over the longer side of the face's box: the network knows faces by what is around them too."""
_FEWEST_ACROSS, _MOST_ACROSS = 2, 4
"""Close-ups side by side in one pass: a face is then 160 to 80 pixels large, the size it is told best at."""
_SAME_FACE = 0.3
"""Overlap from which the second look found the face that the first one meant."""


@dataclass(frozen=True, slots=True)
class CloseUp:
    """A part of the original around one face.

    Attributes:
        picture: ``RGB``, upright, at the photo's real resolution.
        face: The face that the first look found, in its pixels.
    """

    picture: Image
    face: Detection


@dataclass(frozen=True, slots=True)
class CloseLook:
    """What the second look says of a close-up: the face in the close-up's pixels, and its eyes."""

    face: Detection
    eyes: EyeState


class FaceFinder:
    """Both networks, on the CPU. May be used by several threads at once.

    Args:
        detector: YuNet.
        eyes: OCEC.
        version: Which networks these are.
    """

    def __init__(self, detector: Session, eyes: Session, version: str = parts.VERSION) -> None:
        self.version = version
        self._detector = detector
        self._eyes = eyes

    @classmethod
    def load(cls, folder: Path | None = None) -> FaceFinder:
        """Load the installed networks, their files checked by sha256. Raises ``ModelUnavailable``."""
        folder = folder or parts.faces_folder()
        parts.check(folder)
        return cls(_session(folder / parts.DETECTOR_FILE), _session(folder / parts.EYES_FILE))

    def find(self, preview: Image) -> list[Detection]:
        """Faces of a whole picture in its pixels, the largest first, :data:`MOST_FACES` at most."""
        found = detect(self._detector, preview)
        return sorted(found, key=lambda face: -face.width * face.height)[:MOST_FACES]

    def look_closely(self, close_ups: Sequence[CloseUp]) -> list[CloseLook | None]:
        """Look at each face again, larger; ``None`` for what turns out to be none."""
        found: list[Detection | None] = []
        for start in range(0, len(close_ups), _MOST_ACROSS**2):
            found += self._second_look(close_ups[start : start + _MOST_ACROSS**2])
        faces = [
            (close_up.picture, face.points, face.width)
            for close_up, face in zip(close_ups, found, strict=True)
            if face is not None
        ]
        states = iter(eye_states(self._eyes, faces))
        return [None if face is None else CloseLook(face, next(states)) for face in found]

    def _second_look(self, close_ups: Sequence[CloseUp]) -> list[Detection | None]:
        """One pass over up to sixteen close-ups."""
        import PIL.Image  # noqa: PLC0415

        across = next(n for n in range(_FEWEST_ACROSS, _MOST_ACROSS + 1) if n * n >= len(close_ups))
        side = INPUT_SIDE // across
        pixels: NDArray[np.float32] = np.zeros((INPUT_SIDE, INPUT_SIDE, 3), np.float32)
        scales, corners = [], []
        for index, close_up in enumerate(close_ups):
            width, height = close_up.picture.size
            scale = min(1.0, side / max(width, height))
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            small = close_up.picture.resize(size, PIL.Image.Resampling.BOX) if scale < 1 else close_up.picture
            left, top = index % across * side, index // across * side
            pixels[top : top + size[1], left : left + size[0]] = np.asarray(small)[:, :, ::-1]
            scales.append(scale)
            corners.append((left, top))
        found = decode(answer(self._detector, pixels), LEAST_CONFIDENCE)
        return [
            _best(close_up.face, [face.moved(-left, -top).moved(0.0, 0.0, 1 / scale) for face in found])
            for close_up, scale, (left, top) in zip(close_ups, scales, corners, strict=True)
        ]


def _best(expected: Detection, found: Sequence[Detection]) -> Detection | None:
    """The detection that lies where a face was expected."""
    best = max(found, key=lambda face: overlap(face, expected), default=None)
    return best if best is not None and overlap(best, expected) >= _SAME_FACE else None


def _session(path: Path) -> Session:
    import onnxruntime  # noqa: PLC0415 - takes a moment, and only whoever runs a network needs it

    options = onnxruntime.SessionOptions()
    # Networks this small gain nothing from more threads; photos are looked at side by side instead.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelUnavailable(
            kept("problem", "{path}: the network cannot be loaded ({name}).").format(
                path=path, name=type(error).__name__
            ),
            kept("problem", "Get it again: {how_to_get}").format(how_to_get=parts.HOW_TO_GET),
        ) from error
    return session  # type: ignore[no-any-return]
