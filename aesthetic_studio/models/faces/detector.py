"""YuNet: faces with five landmarks each, in one pass over a picture of 640 × 640.

Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector" (Machine Intelligence Research 20, 2023). The network
is free of anchors: each cell of three grids, 8, 16 and 32 pixels wide, says whether a face's middle is near it, and
where. Its answers are read as OpenCV does (modules/objdetect/src/face_detect.cpp, ``FaceDetectorYNImpl::postProcess``):

    confidence = √(cls · obj)                        both first held within 0..1
    middle = (column + Δx, row + Δy) · stride        size = (e^Δw, e^Δh) · stride
    landmark = (column + Δx, row + Δy) · stride

Boxes that overlap a more confident one by more than 0.3 of their union are dropped, as there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from PIL.Image import Image

    FloatArray = NDArray[np.float32]

INPUT_SIDE = 640
STRIDES = (8, 16, 32)
LANDMARKS = 5
OVERLAP = 0.3
LEAST_CONFIDENCE = 0.6
"""OpenCV's demonstration asks for 0.9 in video; in still photos of groups faces at 0.6 are still mostly faces, and a
second look decides."""
_HEADS = ("cls", "obj", "bbox", "kps")


class Session(Protocol):
    """What is needed of an ``onnxruntime.InferenceSession``."""

    def run(self, output_names: Sequence[str], inputs: Mapping[str, FloatArray]) -> list[FloatArray]:
        """Answer the outputs asked for, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Detection:
    """A face, in pixels of the picture that was looked at."""

    confidence: float
    x: float
    y: float
    width: float
    height: float
    points: FloatArray
    """``(5, 2)`` the eye on the left of the picture and the one on its right, where the head is upright, the tip of the
    nose, and the corners of the mouth in the same order."""

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of its box."""
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, left: float, top: float, scale: float = 1.0) -> Detection:
        """The same face in pixels of another picture: first scaled, then shifted."""
        return Detection(
            self.confidence,
            self.x * scale + left,
            self.y * scale + top,
            self.width * scale,
            self.height * scale,
            (self.points * np.float32(scale) + np.array([left, top], np.float32)).astype(np.float32),
        )


def detect(session: Session, picture: Image, least: float = LEAST_CONFIDENCE) -> list[Detection]:
    """Find faces in an ``RGB`` picture, the most confident first; one that is larger than 640 pixels is shrunk.

    Faces of 10 to 300 pixels of the network's input are found. A smaller picture is not enlarged: its faces are none
    the clearer for it.
    """
    import PIL.Image  # noqa: PLC0415 - only where a picture is at hand already

    scale = min(1.0, INPUT_SIDE / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = picture if size == picture.size else picture.resize(size, PIL.Image.Resampling.BOX)
    pixels = np.zeros((INPUT_SIDE, INPUT_SIDE, 3), np.float32)
    # The network was trained on OpenCV's order of colours, blue first, and on grey levels as they are.
    pixels[: size[1], : size[0]] = np.asarray(small)[:, :, ::-1]
    found = decode(answer(session, pixels), least)
    return [face.moved(0.0, 0.0, 1 / scale) for face in found]


def answer(session: Session, pixels: FloatArray) -> dict[str, FloatArray]:
    """The network's twelve raw answers to ``(640, 640, 3)`` pixels, blue first, 0..255."""
    names = [f"{head}_{stride}" for stride in STRIDES for head in _HEADS]
    batch = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
    return dict(zip(names, session.run(names, {"input": batch}), strict=True))


def decode(answers: Mapping[str, FloatArray], least: float = LEAST_CONFIDENCE) -> list[Detection]:
    """Read raw answers, each ``(1, cells, n)``, cells row by row: faces of ``least`` confidence, the surest first."""
    found: list[Detection] = []
    for stride in STRIDES:
        across = INPUT_SIDE // stride
        heads = [answers[f"{head}_{stride}"][0] for head in _HEADS]
        classes, objects = (np.clip(head[:, 0], 0, 1) for head in heads[:2])
        confidence = np.sqrt(classes * objects)
        cells = np.flatnonzero(confidence >= least)
        places = np.stack([cells % across, cells // across], axis=1).astype(np.float32)
        middles = (places + heads[2][cells, :2]) * stride
        sizes = np.exp(heads[2][cells, 2:]) * stride
        points = (places[:, None] + heads[3][cells].reshape(-1, LANDMARKS, 2)) * stride
        for cell, middle, size, five in zip(cells, middles, sizes, points, strict=True):
            corner = middle - size / 2
            found.append(
                Detection(
                    float(confidence[cell]),
                    float(corner[0]),
                    float(corner[1]),
                    float(size[0]),
                    float(size[1]),
                    five.astype(np.float32),
                )
            )
    return without_doubles(found)


def without_doubles(found: Sequence[Detection]) -> list[Detection]:
    """Keep of detections that overlap the most confident one (greedy non-maximum suppression)."""
    kept: list[Detection] = []
    for face in sorted(found, key=lambda each: -each.confidence):
        if all(overlap(face, other) <= OVERLAP for other in kept):
            kept.append(face)
    return kept


def overlap(one: Detection, other: Detection) -> float:
    """Shared area over united area, 0..1."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    return shared / (one.width * one.height + other.width * other.height - shared)
