"""Photos that look alike, found by what a frozen encoder says of each as a whole.

    pooled vectors (N, P) ──unit length──▶ looks ──cosine──▶ the k nearest of any look

Unlike the fingerprints of ``looks``, which compare neighbours of one series place by place, these vectors find the same
picture anywhere in a library: cropped, lighter or darker, a little aside, compressed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LEAST_LENGTH = 1e-12


def unit(vectors: Floats) -> Floats:
    """Looks (N, P): vectors at length 1. One of zeros, or with what is no number, is zeros and like no other."""
    vectors = np.where(np.isfinite(vectors).all(axis=1, keepdims=True), vectors, np.float32(0.0))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Floats = (vectors / np.maximum(lengths, LEAST_LENGTH)).astype(np.float32)
    return found


def nearest(looks: Floats, wanted: Floats, count: int) -> tuple[NDArray[np.int64], Floats]:
    """Rows (Q, K) of the ``count`` looks (N, P) most alike to each wanted one (Q, P), best first, and their cosines.

    K is ``count``, or N where there are fewer. Ties keep the order of the rows.
    """
    cosines: Floats = wanted @ looks.T
    kept = min(count, len(looks))
    if not kept:
        return np.empty((len(wanted), 0), np.int64), np.empty((len(wanted), 0), np.float32)
    least = -np.partition(-cosines, kept - 1, axis=1)[:, kept - 1 : kept]
    above, level = cosines > least, cosines == least
    room = kept - above.sum(axis=1, keepdims=True)
    rows = np.nonzero(above | (level & (level.cumsum(axis=1) <= room)))[1].reshape(len(wanted), kept)
    order = np.argsort(-np.take_along_axis(cosines, rows, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(rows, order, axis=1).astype(np.int64)
    return best, np.take_along_axis(cosines, best, axis=1)
