"""Find photos by how they look: those like a photo, and those that are nearly the same.

    catalogue ──looks of the active model──▶ matrix in memory ──cosines──▶ photos, the most alike first

The matrix of 100,000 looks of 256 numbers takes 100 MB, so it is made when somebody asks and can be let go of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.curation.likeness import groups_alike, unit
from aesthetic_studio.errors import KnownError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from aesthetic_studio.library.catalogue import Catalogue

MOST_FOUND = 500
"""Beyond so many, photos are no longer like the one that was asked about."""


@dataclass(frozen=True, slots=True)
class _Index:
    """All looks of one model, and which photo has which.

    Attributes:
        state: What the library held when it was made.
        looks: (N, P), each at length 1.
        photos: (M,) photos, ascending.
        rows: (M,) of each photo's look, −1 for none.
    """

    state: tuple[object, ...]
    looks: NDArray[np.float32]
    photos: NDArray[np.int64]
    rows: NDArray[np.int64]

    def rows_of(self, photos: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """The looks' rows (K,) of photos (K,), −1 for one without a look."""
        wanted = np.asarray(photos, np.int64)
        if not len(self.photos):
            return np.full(len(wanted), -1)
        places = np.minimum(np.searchsorted(self.photos, wanted), len(self.photos) - 1)
        return np.where(self.photos[places] == wanted, self.rows[places], -1)


class Finder:
    """Answers by looks. Use it from one thread.

    Args:
        catalogue: The library, a reader of it for a thread of its own.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._index: _Index | None = None

    def similar(self, photo: int, among: Sequence[int], most: int = MOST_FOUND) -> list[int]:
        """Those of some photos that are most like one photo, which comes first; ties keep their order.

        Raises ``KnownError`` where that photo has no look yet.
        """
        index = self._ready()
        own = int(index.rows_of([photo])[0])
        if own < 0:
            raise KnownError(
                "This photo has not been scored yet, so nothing is known of how it looks.",
                "Wait until scoring has come to it, then ask again.",
            )
        return [photo, *(other for other in self._nearest(index, index.looks[own], among, most) if other != photo)]

    def duplicates(self, among: Sequence[int], *, should_stop: Callable[[], bool] = lambda: False) -> list[list[int]]:
        """Groups of photos that are nearly the same, each in the order given, the first photo of each in that order.

        None where it is stopped.
        """
        index = self._ready()
        asked = np.asarray(among, np.int64)
        rows = index.rows_of(asked)
        seen = rows >= 0
        asked, rows = asked[seen], rows[seen]
        if not len(asked):
            return []
        return [
            [int(asked[place]) for place in group] for group in groups_alike(index.looks[rows], should_stop=should_stop)
        ]

    def forget(self) -> None:
        """Let go of the memory."""
        self._index = None

    def _nearest(self, index: _Index, look: NDArray[np.float32], among: Sequence[int], most: int) -> list[int]:
        asked = np.asarray(among, np.int64)
        rows = index.rows_of(asked)
        asked, rows = asked[rows >= 0], rows[rows >= 0]
        cosines = (index.looks @ look)[rows]
        if len(cosines) > most:
            # The best few first, in any order, so that only they are sorted.
            best = np.sort(np.argpartition(-cosines, most - 1)[:most])
            asked, cosines = asked[best], cosines[best]
        found: list[int] = asked[np.argsort(-cosines, kind="stable")].tolist()
        return found

    def _ready(self) -> _Index:
        """The index as the library is now. Raises ``KnownError`` where no model has scored anything."""
        active = self._catalogue.active_model()
        if active is None:
            raise KnownError("No photo has been scored yet.", "Wait until scoring has begun, then ask again.")
        state = (active, self._catalogue.look_count(*active), self._catalogue.contents_state())
        if self._index is None or self._index.state != state:
            self._index = None  # two at once would take twice the memory
            self._index = self._read(active, state)
        return self._index

    def _read(self, active: tuple[str, str], state: tuple[object, ...]) -> _Index:
        stored = self._catalogue.looks(*active)
        looks = np.frombuffer(stored.vectors, "<f2").reshape(-1, max(1, stored.width)).astype(np.float32)
        row_of = {content: row for row, content in enumerate(stored.contents)}
        listed = self._catalogue.contents()
        photos = np.asarray([photo for photo, _ in listed], np.int64)
        rows = np.asarray([row_of.get(content, -1) for _, content in listed], np.int64)
        return _Index(state, unit(looks), photos, rows)
