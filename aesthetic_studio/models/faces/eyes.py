"""OCEC: is an eye open or closed, told from a crop of 40 × 24 pixels around it.

Hyodo, "PINTO0309/OCEC" (2025, doi 10.5281/zenodo.17505461). The network was shown crops that an eye detector had cut,
some 21 × 11 pixels of video; here landmarks say where an eye is, so that nobody knows how wide such a detector would
have cut. So each eye is shown in several widths, as it is and mirrored, and what differs between them is a measure of
doubt: of a clear eye, open or closed, all crops say the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL.Image import Image

    from aesthetic_studio.models.faces.detector import Session

    FloatArray = NDArray[np.float32]

CROP = (40, 24)
"""Width and height that the network takes."""
WIDTHS = (0.5, 0.6, 0.7, 0.8)
"""Widths of the crops, in distances between the eyes; lids are some 0.45 wide."""
HEIGHT, BELOW = 0.30, 0.03
"""Their height, and by how much their middle lies below the landmark, in the same measure. Brows must stay out: crops
twice as high tell painted lids from open eyes little better than chance (area under the curve 0.7), these at 0.94; the
widths matter little."""
_EYES_APART = 80
_CHIP = (160, 96)
"""Both eyes level, 80 pixels apart, in a picture from which all crops are cut."""

SMALL_APART, LARGE_APART = 14.0, 32.0
"""Pixels of the original between the eyes: up to the first nothing is believed, from the second on all of it. Lids are
then 14 pixels wide, about what the network learned from."""
FRONTAL, TURNED = 0.2, 0.4
"""By how much the tip of the nose lies off the middle between the eyes, in distances between them: up to the first a
face counts as frontal, from the second on as a profile, of which nothing is believed."""
LEAST_APART_SHARE, FULL_APART_SHARE = 0.30, 0.40
"""Distance between the eyes over the width of the face's box: frontal faces of people have 0.42 to 0.51."""


@dataclass(frozen=True, slots=True)
class EyeState:
    """Whether a face's eyes are open.

    Attributes:
        open: Probability, 0..1, for the more open eye, the mean over its crops: a wink is no blink.
        confidence: How far that can be believed, 0..1.
    """

    open: float
    confidence: float


def eye_states(session: Session, faces: Sequence[tuple[Image, FloatArray, float]]) -> list[EyeState]:
    """Judge the eyes of faces, all in one pass.

    Args:
        session: The network.
        faces: A picture (``RGB``), the five landmarks in its pixels, ``(5, 2)``, and the width of the face's box.
    """
    if not faces:
        return []
    crops = np.concatenate([eye_crops(picture, points) for picture, points, _ in faces])
    (probabilities,) = session.run(["prob_open"], {"images": crops})
    by_eye = probabilities.reshape(len(faces), 2, -1)
    return [
        judge(by_eye[index], trust(points, width)) for index, (_, points, width) in enumerate(faces)
    ]  # fmt: skip


def judge(probabilities: FloatArray, trusted: float) -> EyeState:
    """From ``(2, crops)`` probabilities: those of the more open eye, believed as far as its crops agree."""
    eye = probabilities[int(probabilities.mean(axis=1).argmax())]
    agreement = 1.0 - float(eye.max() - eye.min())
    return EyeState(float(eye.mean()), agreement * trusted)


def trust(points: FloatArray, width: float) -> float:
    """How far the eyes of a face can be judged at all, 0..1, from its landmarks and the width of its box."""
    across = points[1] - points[0]
    apart = float(np.hypot(*across))
    if apart < 1.0 or width < 1.0:
        return 0.0
    middle = (points[0] + points[1]) / 2
    turned = abs(float((points[2] - middle) @ across)) / apart**2
    return (
        _ramp(apart, SMALL_APART, LARGE_APART)
        * (1.0 - _ramp(turned, FRONTAL, TURNED))
        * _ramp(apart / width, LEAST_APART_SHARE, FULL_APART_SHARE)
    )


def eye_crops(picture: Image, points: FloatArray) -> FloatArray:
    """What the network is shown of a face: ``(2 · crops, 3, 24, 40)``, red first, 0..1, the left eye's crops first."""
    import PIL.Image  # noqa: PLC0415 - only where a picture is at hand already

    chip = level_eyes(picture, points)
    crops = []
    top = _CHIP[1] / 2 + (BELOW - HEIGHT / 2) * _EYES_APART
    for eye in (_CHIP[0] // 2 - _EYES_APART // 2, _CHIP[0] // 2 + _EYES_APART // 2):
        for share in WIDTHS:
            half = share * _EYES_APART / 2
            box = (max(0.0, eye - half), top, min(float(_CHIP[0]), eye + half), top + HEIGHT * _EYES_APART)
            crop = chip.resize(CROP, PIL.Image.Resampling.BILINEAR, box=box)
            pixels = np.asarray(crop, np.float32).transpose(2, 0, 1) / np.float32(255)
            crops += [pixels, pixels[:, :, ::-1]]
    return np.ascontiguousarray(np.stack(crops))


def level_eyes(picture: Image, points: FloatArray) -> Image:
    """Both eyes of a face, level, in 160 × 96 pixels; what lies beyond the picture is black."""
    import PIL.Image  # noqa: PLC0415

    eyes = points[:2]
    apart = float(np.hypot(*(eyes[1] - eyes[0])))
    shrink = max(1, int(apart / (2 * _EYES_APART)))
    if shrink > 1:
        # A transform looks at four pixels for each it makes: what is much larger is averaged first.
        left, top, right, bottom = _around(eyes, apart, picture.size)
        picture = picture.crop((left, top, right, bottom)).reduce(shrink)
        eyes = (eyes - np.array([left, top], np.float32)) / np.float32(shrink)
    across = (eyes[1] - eyes[0]) / _EYES_APART
    down = np.array([-across[1], across[0]], np.float32)
    corner = (eyes[0] + eyes[1]) / 2 - across * (_CHIP[0] / 2) - down * (_CHIP[1] / 2)
    matrix = (across[0], down[0], corner[0], across[1], down[1], corner[1])
    return picture.transform(
        _CHIP, PIL.Image.Transform.AFFINE, [float(part) for part in matrix], PIL.Image.Resampling.BICUBIC
    )


def _around(eyes: FloatArray, apart: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """A box that holds all that ``level_eyes`` shows, within the picture."""
    x, y = (float(part) for part in (eyes[0] + eyes[1]) / 2)
    reach = 1.3 * apart
    left, top = max(0, math.floor(x - reach)), max(0, math.floor(y - reach))
    return (
        left,
        top,
        max(left + 1, min(size[0], math.ceil(x + reach))),
        max(top + 1, min(size[1], math.ceil(y + reach))),
    )


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
