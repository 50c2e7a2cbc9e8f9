"""Photos that look alike, found by what a frozen encoder says of each as a whole.

    pooled vectors (N, P) ──unit length──▶ looks ──cosine──▶ the k nearest of any look

Unlike the fingerprints of ``looks``, which compare neighbours of one series place by place, these vectors find the same
picture anywhere in a library: cropped, lighter or darker, a little aside, compressed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LEAST_LENGTH = 1e-12

NEARLY_THE_SAME = 0.92
"""Cosine of the bundled encoder's looks from which on two photos count as nearly the same picture.

Among 10,000 photos of the pool it finds 99 % of the copies that were only saved again as JPEG, 99 % of those relit by
0.3 to 1 EV, 82 % of those shifted by up to 6 % and 53 % of those cropped to 80 to 95 % of each side. It also ties 84
pairs of other photos together: 77 of two sets that show one shelf or one plate again and again, and 7 more, of which 6
show one scene twice. From 0.90 on it would find 73 % of the crops, but of the 38 pairs that come in beside those sets,
33 are wrong, most of them woods. ``docs/studies.md`` has the table and the command that made it.
"""

BLOCK = 25_000_000
"""Cosines computed at once: 100 MB."""


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


def groups_alike(
    looks: Floats, least: float = NEARLY_THE_SAME, *, should_stop: Callable[[], bool] = lambda: False
) -> list[list[int]]:
    """Groups of at least two rows (N, P) that a chain of cosines of ``least`` or more ties together, each ascending.

    In the order of their first rows; none where it is stopped. A row of zeros is like no other. Memory is bounded by
    comparing ``BLOCK`` cosines at a time; time grows with N².
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - only duplicates need it
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    count = len(looks)
    group = np.arange(count)
    step = max(1, BLOCK // max(1, count))
    for first in range(0, count, step):
        if should_stop():
            return []
        rows, others = np.nonzero(looks[first : first + step] @ looks[first:].T >= least)
        # What is known to belong together is one already, so that a thousand copies do not make a million pairs.
        ties = np.unique(np.stack([group[first + rows], group[first + others]], axis=1), axis=0)
        ties = ties[ties[:, 0] != ties[:, 1]]
        if len(ties):
            graph = coo_array((np.ones(len(ties), np.int8), (ties[:, 0], ties[:, 1])), shape=(count, count))
            group = connected_components(graph, directed=False)[1][group]
    order = np.argsort(group, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    return sorted(part.tolist() for part in parts if len(part) > 1)
