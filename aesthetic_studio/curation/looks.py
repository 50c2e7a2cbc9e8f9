"""How alike two photos look, told from their 32×32 fingerprints alone, in batches.

A fingerprint's luma is turned into a *structure*: exposure is divided out, and every pixel is set against the mean and
deviation of its surroundings. Frames of one scene then agree whatever their exposure, and what is burnt out or black in
either frame is left out of the comparison. Two questions are answered with it:

- ``LookTable.compare``: is this nearly the same framing, but for a shake of the hand?
- ``LookTable.drift``: did the camera turn, so that only a part of the picture is in both frames?

This module imports numpy; ``series`` imports it only when it has photos to compare.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.records import LOOK_COLOUR_SIDE, LOOK_SIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from aesthetic_studio.records import Look

    Floats = NDArray[np.float32]
    Ints = NDArray[np.intp]

SHAKE = 4
"""Fingerprint pixels (1/8 of the frame) by which a hand may move between frames of one framing."""

LEAST_OVERLAP = 0.25
"""Share of the frame that two neighbours of a panorama have in common at least."""

_BLOCK = 256
"""Fingerprints turned into structures at once, and kept together."""
_BLOCKS_KEPT = 48
"""Bounds the memory at some 100 MB however many photos a folder holds."""
_PAIRS_AT_ONCE = 512
_BURNT_OUT, _BLACK = 250.0, 4.0
_MIDDLE = 110.0
"""Mean luma that exposure is divided out to."""
_QUIET = 3.0
"""Local deviation (of 255) below which texture is taken for noise."""
_SHRINK = 0.06
"""Mean structure energy at which layout counts as much as structure: skies and walls have next to no structure."""
_LEAST_COMMON = 0.12
"""Share of pixels that must be neither burnt out nor black in both frames; with less, nothing is known."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike pairs of photos look; one entry a pair, ``nan`` where nothing can be said."""

    framing: Floats
    """−1..1, whatever the exposures: 1 is the same framing."""
    colour: Floats
    """0..1: mean difference of chromaticity where both have colour."""
    shift_x: Floats
    """Share of the width by which the content lies further right in the second frame than in the first."""
    shift_y: Floats
    """Share of the height by which the content lies further down in the second frame than in the first."""


class LookTable:
    """The fingerprints of a sequence of photos, turned into structures when they are first needed.

    Attributes:
        known: ``(N,)`` bool, whether the photo has a fingerprint at all.
    """

    def __init__(self, looks: Sequence[Look | None]) -> None:
        """Hold the fingerprints of ``looks``, in their order."""
        self._looks = looks
        self.known: NDArray[np.bool_] = np.array([look is not None for look in looks], dtype=bool)
        self._blocks: OrderedDict[int, tuple[Floats, Floats, Floats, Floats]] = OrderedDict()

    def compare(self, first: Ints, second: Ints) -> Likeness:
        """Compare photos ``first[k]`` and ``second[k]``, index arrays ``(P,)``, allowing for a shake of the hand."""
        return self._in_batches(first, second, self._compare)

    def drift(self, first: Ints, second: Ints) -> Likeness:
        """Register ``second[k]`` on ``first[k]`` over every shift that leaves a quarter of the frame in common.

        ``framing`` is the correlation where they overlap, less what chance would give so small an overlap.
        """
        return self._in_batches(first, second, self._drift)

    def _in_batches(self, first: Ints, second: Ints, measure: _Measure) -> Likeness:
        out = np.full((4, len(first)), np.nan, dtype=np.float32)
        usable = np.flatnonzero(self.known[first] & self.known[second])
        for start in range(0, len(usable), _PAIRS_AT_ONCE):
            part = usable[start : start + _PAIRS_AT_ONCE]
            out[:, part] = measure(first[part], second[part])
        return Likeness(framing=out[0], colour=out[1], shift_x=out[2], shift_y=out[3])

    def _structures(self, indices: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Structure, validity and layout ``(P, 32, 32)`` and colour ``(P, 8, 8, 4)`` of some photos."""
        blocks = indices // _BLOCK
        parts = (
            np.empty((len(indices), LOOK_SIDE, LOOK_SIDE), np.float32),
            np.empty((len(indices), LOOK_SIDE, LOOK_SIDE), np.float32),
            np.empty((len(indices), LOOK_SIDE, LOOK_SIDE), np.float32),
            np.empty((len(indices), LOOK_COLOUR_SIDE, LOOK_COLOUR_SIDE, 4), np.float32),
        )
        for block in np.unique(blocks):
            here = np.flatnonzero(blocks == block)
            kept = self._block(int(block))
            for part, values in zip(parts, kept, strict=True):
                part[here] = values[indices[here] - block * _BLOCK]
        return parts

    def _block(self, block: int) -> tuple[Floats, Floats, Floats, Floats]:
        kept = self._blocks.get(block)
        if kept is None:
            looks = self._looks[block * _BLOCK : (block + 1) * _BLOCK]
            blank = bytes(LOOK_SIDE**2), bytes(3 * LOOK_COLOUR_SIDE**2)
            pairs = [(look.luma, look.colour) if look is not None else blank for look in looks]
            luma = np.frombuffer(b"".join(pair[0] for pair in pairs), np.uint8).reshape(-1, LOOK_SIDE, LOOK_SIDE)
            colour = np.frombuffer(b"".join(pair[1] for pair in pairs), np.uint8)
            kept = (*_structure(luma), _chromaticity(colour.reshape(-1, LOOK_COLOUR_SIDE, LOOK_COLOUR_SIDE, 3)))
            self._blocks[block] = kept
            if len(self._blocks) > _BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(block)
        return kept

    def _compare(self, first: Ints, second: Ints) -> Floats:
        one, two = self._structures(first), self._structures(second)
        shift_x, shift_y = _shake(one[0], two[0])
        still = _correlation(one[:3], two[:3], 0 * shift_x, 0 * shift_y)
        moved = _correlation(one[:3], two[:3], shift_x, shift_y)
        better = np.nan_to_num(moved, nan=-1) > np.nan_to_num(still, nan=-1)
        return np.stack(
            [
                np.where(better, moved, still),
                _colour_difference(one[3], two[3]),
                np.where(better, shift_x, 0) / LOOK_SIDE,
                np.where(better, shift_y, 0) / LOOK_SIDE,
            ]
        ).astype(np.float32)

    def _drift(self, first: Ints, second: Ints) -> Floats:
        one, one_valid, _, one_colour = self._structures(first)
        two, two_valid, _, two_colour = self._structures(second)
        surface = _correlation_surface(one, one_valid, two, two_valid)
        flat = surface.reshape(len(surface), -1)
        peak = flat.argmax(axis=1)
        side = 2 * LOOK_SIDE
        down, right = np.divmod(peak, side)
        return np.stack(
            [
                flat[np.arange(len(flat)), peak],
                _colour_difference(one_colour, two_colour),
                _signed(right, side) / LOOK_SIDE,
                _signed(down, side) / LOOK_SIDE,
            ]
        ).astype(np.float32)


if TYPE_CHECKING:
    from collections.abc import Callable

    _Measure = Callable[[Ints, Ints], Floats]


def _signed(index: Ints, side: int) -> Ints:
    """Read a circular index as a signed shift."""
    return np.where(index >= side // 2, index - side, index)


def _structure(luma: NDArray[np.uint8]) -> tuple[Floats, Floats, Floats]:
    """Local contrast, validity and exposure-free layout ``(N, 32, 32)`` of luma fingerprints.

    sRGB's curve is nearly a power law, so a change of exposure nearly multiplies luma: dividing by the mean undoes it.
    """
    raw = luma.astype(np.float32)
    valid = ((raw < _BURNT_OUT) & (raw > _BLACK)).astype(np.float32)
    count = np.maximum(valid.sum(axis=(1, 2)), 1)
    mean = (raw * valid).sum(axis=(1, 2)) / count
    smooth = _smooth(raw * (_MIDDLE / np.maximum(mean, 8))[:, None, None])
    local_mean = _box(smooth)
    deviation = np.sqrt(np.maximum(_box(smooth**2) - local_mean**2, 0))
    structure = (smooth - local_mean) / (deviation + _QUIET)
    layout = _box(smooth) / _MIDDLE - 1
    return (structure * valid).astype(np.float32), valid, layout.astype(np.float32)


def _smooth(pictures: Floats) -> Floats:
    """Binomial 3×3: half a pixel of shake must not undo the likeness."""
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = padded[:, :, :-2] + 2 * padded[:, :, 1:-1] + padded[:, :, 2:]
    down: Floats = (across[:, :-2] + 2 * across[:, 1:-1] + across[:, 2:]) / 16
    return down


def _box(pictures: Floats, radius: int = 3) -> Floats:
    """Mean over ``(2 radius + 1)²`` pixels, edges repeated."""
    width = 2 * radius + 1
    padded = np.pad(pictures, ((0, 0), (radius + 1, radius), (radius + 1, radius)), mode="edge").astype(np.float64)
    padded[:, 0] = 0
    padded[:, :, 0] = 0
    total = padded.cumsum(axis=1).cumsum(axis=2)
    boxes = total[:, width:, width:] - total[:, :-width, width:] - total[:, width:, :-width]
    means: Floats = ((boxes + total[:, :-width, :-width]) / width**2).astype(np.float32)
    return means


def _chromaticity(colour: NDArray[np.uint8]) -> Floats:
    """``(N, 8, 8, 4)``: shares of red, green and blue, and whether the cell is bright enough and unclipped to tell."""
    raw = colour.astype(np.float32)
    total = raw.sum(axis=-1, keepdims=True)
    usable = (total > 45) & (raw.max(axis=-1, keepdims=True) < _BURNT_OUT)
    return np.concatenate([raw / np.maximum(total, 1), usable], axis=-1).astype(np.float32)


def _colour_difference(one: Floats, two: Floats) -> Floats:
    both = one[..., 3] * two[..., 3]
    apart = np.abs(one[..., :3] - two[..., :3]).sum(axis=-1) / 2
    count = both.sum(axis=(1, 2))
    difference = (apart * both).sum(axis=(1, 2)) / np.maximum(count, 1)
    return np.where(count >= 6, difference, np.nan).astype(np.float32)


def _shake(one: Floats, two: Floats) -> tuple[Ints, Ints]:
    """Find the small shift ``(x, y)`` in fingerprint pixels at which two structures agree best."""
    product = np.fft.rfft2(two) * np.conj(np.fft.rfft2(one))
    surface = np.fft.irfft2(product, s=(LOOK_SIDE, LOOK_SIDE))
    near = np.r_[0 : SHAKE + 1, -SHAKE:0]
    window = surface[:, near][:, :, near].reshape(len(one), -1)
    down, right = np.divmod(window.argmax(axis=1), len(near))
    return near[right], near[down]


def _correlation(
    first: tuple[Floats, Floats, Floats], second: tuple[Floats, Floats, Floats], shift_x: Ints, shift_y: Ints
) -> Floats:
    """Correlate structures where both are valid, shrunk towards the agreement of layouts where there is little."""
    one, one_valid, one_layout = first
    edges = ((0, 0), (SHAKE, SHAKE), (SHAKE, SHAKE))
    pair = np.arange(len(one))[:, None, None]
    rows = np.arange(SHAKE, SHAKE + LOOK_SIDE)[None, :, None] + shift_y[:, None, None]
    columns = np.arange(SHAKE, SHAKE + LOOK_SIDE)[None, None, :] + shift_x[:, None, None]
    two, two_valid, two_layout = (np.pad(part, edges)[pair, rows, columns] for part in second)
    both = one_valid * two_valid
    count = both.sum(axis=(1, 2))
    safe = np.maximum(count, 1)
    agreement = (one * two * both).sum(axis=(1, 2)) / safe
    energy = np.sqrt((one**2 * both).sum(axis=(1, 2)) * (two**2 * both).sum(axis=(1, 2))) / safe
    # Clipping moves the mean that exposure was divided by: bring the layouts to one level where both are valid.
    level = ((one_layout - two_layout) * both).sum(axis=(1, 2)) / safe
    apart = np.sqrt((((one_layout - two_layout - level[:, None, None]) ** 2) * both).sum(axis=(1, 2)) / safe)
    layout = 1 - np.minimum(apart / 0.25, 2)
    likeness = (agreement + _SHRINK * layout) / (energy + _SHRINK)
    return np.where(count >= _LEAST_COMMON * LOOK_SIDE**2, likeness, np.nan).astype(np.float32)


def _correlation_surface(one: Floats, one_valid: Floats, two: Floats, two_valid: Floats) -> Floats:
    """Correlation over the overlap for every shift ``(P, 64, 64)``, by the Fourier transform of zero-padded pictures.

    Chance alone correlates a small overlap, so one standard error of the overlap is taken off for each.
    """
    size = (2 * LOOK_SIDE, 2 * LOOK_SIDE)

    def transform(pictures: Floats) -> NDArray[np.complex64]:
        return np.fft.rfft2(pictures, s=size).astype(np.complex64)

    def cross(second: NDArray[np.complex64], first: NDArray[np.complex64]) -> Floats:
        return np.fft.irfft2(second * np.conj(first), s=size).astype(np.float32)

    first_valid, second_valid = transform(one_valid), transform(two_valid)
    count = cross(second_valid, first_valid)
    agreement = cross(transform(two), transform(one))
    first_energy = np.maximum(cross(second_valid, transform(one**2)), 0)
    second_energy = np.maximum(cross(transform(two**2), first_valid), 0)
    # Some eight neighbouring pixels of a smoothed structure say the same thing.
    chance = np.sqrt(8 / np.maximum(count, 8))
    correlation = agreement / (np.sqrt(first_energy * second_energy) + _SHRINK * np.maximum(count, 1))
    shift = np.abs(_signed(np.arange(size[0]), size[0]))
    overlap = np.maximum(LOOK_SIDE - shift[:, None], 0) * np.maximum(LOOK_SIDE - shift[None, :], 0)
    enough = (overlap >= LEAST_OVERLAP * LOOK_SIDE**2) & (count >= 0.6 * overlap)
    return np.where(enough, correlation - chance, -1.0).astype(np.float32)
