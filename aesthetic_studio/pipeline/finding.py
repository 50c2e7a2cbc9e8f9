"""Find photos by how they look: those like a photo, those that words describe, and those that are nearly the same.

    catalogue ──looks of the active model──▶ matrix in memory ──cosines──▶ photos, the most alike first
                                  words ──CLIP's text tower──┘

The matrix of 100,000 looks of 256 numbers takes 100 MB, so it is made when somebody asks and can be let go of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.curation.likeness import groups_alike, unit
from aesthetic_studio.errors import KnownError, WordsUnavailable
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from aesthetic_studio.library.catalogue import Catalogue

    Reads = Callable[[tuple[str, str], str], NDArray[np.float32]]
    """What a model's name and version, and a text, are as a vector (P,) beside that model's looks, at length 1."""

MOST_FOUND = 500
"""Beyond so many, photos are no longer like the one that was asked about."""

_ROWS = 2048
"""Looks brought to length 1 at once, so that no second matrix of all of them is needed."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        photos: The most alike first.
        cosines: Of each with what was asked about, −1..1.
    """

    photos: list[int]
    cosines: list[float]


@dataclass(frozen=True, slots=True)
class _Index:
    """All looks of one model, and which photo has which.

    Attributes:
        model: Its name and version.
        state: What the library held when it was made.
        looks: (N, P), each at length 1.
        rows: (M + 1,) row of each photo's look by its id, −1 for none; the last is for ids beyond.
    """

    model: tuple[str, str]
    state: tuple[object, ...]
    looks: NDArray[np.float32]
    rows: NDArray[np.int32]

    def rows_of(self, photos: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int32]:
        """The looks' rows (K,) of photos (K,), −1 for one without a look."""
        wanted = np.asarray(photos, np.int64)
        # As unsigned numbers, what is below 0 lies beyond the end too.
        found: NDArray[np.int32] = self.rows[np.minimum(wanted.view(np.uint64), len(self.rows) - 1)]
        return found


class Finder:
    """Answers by looks. Use it from one thread.

    Args:
        catalogue: The library, a reader of it for a thread of its own.
        reads: What turns words into vectors; without it nothing is found by words.
    """

    def __init__(self, catalogue: Catalogue, reads: Reads | None = None) -> None:
        self._catalogue = catalogue
        self._reads = reads
        self._index: _Index | None = None
        self._stamp: tuple[int, ...] | None = None

    def similar(self, photo: int, among: Sequence[int], most: int = MOST_FOUND) -> Found:
        """Those of some photos that are most like one photo, which is their first; ties keep their order.

        Raises ``KnownError`` where that photo has no look yet.
        """
        index = self._ready(self._active())
        own = int(index.rows_of([photo])[0])
        if own < 0:
            raise KnownError(
                kept("problem", "This photo has not been scored yet, so nothing is known of how it looks."),
                kept("problem", "Wait until scoring has come to it, then ask again."),
            )
        asked = np.asarray(among, np.int64)
        others = _nearest(index, index.looks[own], asked[asked != photo], most - 1)
        return Found([photo, *others.photos], [1.0, *others.cosines])

    def showing(self, text: str, among: Sequence[int], most: int = MOST_FOUND) -> Found:
        """Those of some photos that a text describes best, the best first; ties keep their order.

        Raises ``WordsUnavailable`` where photos were scored by a model that no words can be compared with.
        """
        active = self._active()
        if self._reads is None:
            raise WordsUnavailable(
                kept("problem", "Photos cannot be found by words here."),
                kept("problem", "Search by words in the window."),
            )
        wanted = self._reads(active, text)
        index = self._ready(active)
        if index.looks.shape[1] != len(wanted):
            raise WordsUnavailable(
                kept(
                    "problem", "What {active} kept of how these photos look is not what words can be compared with."
                ).format(active=active[0]),
                kept("problem", "Fetch the model again, and let it score them again."),
            )
        return _nearest(index, wanted, np.asarray(among, np.int64), most)

    def duplicates(self, among: Sequence[int], *, should_stop: Callable[[], bool] = lambda: False) -> list[list[int]]:
        """Groups of photos that are nearly the same, each in the order given, the first photo of each in that order.

        None where it is stopped. Where nobody measured from where on two looks of the active model are nearly the same,
        the bundled model's are compared. Raises ``KnownError`` where it has not seen these photos.
        """
        asked = np.asarray(among, np.int64)
        index, least = self._measured(asked)
        rows = index.rows_of(asked)
        seen = rows >= 0
        asked, rows = asked[seen], rows[seen]
        if not len(asked):
            return []
        groups = groups_alike(index.looks[rows], least, should_stop=should_stop)
        return [[int(asked[place]) for place in group] for group in groups]

    def forget(self) -> None:
        """Let go of the memory."""
        self._index = None

    def _measured(self, asked: NDArray[np.int64]) -> tuple[_Index, float]:
        """Looks of which it is known from where on two are nearly the same, and that cosine."""
        from aesthetic_studio.models import looks, registry

        active = self._active()
        least = looks.nearly_the_same(*active)
        if least is not None:
            return self._ready(active), least
        bundled = registry.find_card(registry.DEFAULT_MODEL)
        name, version = bundled.name, bundled.version
        least = looks.nearly_the_same(name, version)
        seen = int((self._ready(active).rows_of(asked) >= 0).sum())
        index = self._ready((name, version))
        unseen = seen - int((index.rows_of(asked) >= 0).sum())
        if least is None or unseen > 0:
            raise KnownError(
                kept(
                    "problem",
                    "It was not measured from where on two photos are nearly the "
                    "same to {active}, and {unseen} of these photos were not scored "
                    "by {name}, of which it was.",
                ).format(active=active[0], unseen=unseen, name=name),
                looks.HOW_TO_COMPARE,
            )
        return index, least

    def _active(self) -> tuple[str, str]:
        """The model whose scores are shown. Raises ``KnownError`` where no model has scored anything."""
        active = self._catalogue.active_model()
        if active is None:
            raise KnownError(
                kept("problem", "No photo has been scored yet."),
                kept("problem", "Wait until scoring has begun, then ask again."),
            )
        return active

    def _ready(self, model: tuple[str, str]) -> _Index:
        """The index of a model as the library is now."""
        # Counting takes longer than searching, and nothing has to be counted where nothing was written.
        stamp = self._catalogue.stamp()
        if self._index is not None and self._index.model == model and self._stamp == stamp:
            return self._index
        state = (self._catalogue.look_count(*model), self._catalogue.contents_state())
        if self._index is None or (self._index.model, self._index.state) != (model, state):
            self._index = None  # two at once would take twice the memory
            self._index = self._read(model, state)
        self._stamp = stamp
        return self._index

    def _read(self, model: tuple[str, str], state: tuple[object, ...]) -> _Index:
        stored = self._catalogue.looks(*model)
        halves = np.frombuffer(stored.vectors, "<f2").reshape(-1, max(1, stored.width))
        looks = np.empty(halves.shape, np.float32)
        for first in range(0, len(halves), _ROWS):
            looks[first : first + _ROWS] = unit(halves[first : first + _ROWS].astype(np.float32))
        row_of = {content: row for row, content in enumerate(stored.contents)}
        listed = self._catalogue.contents()
        rows = np.full(max((photo for photo, _ in listed), default=-1) + 2, -1, np.int32)
        for photo, content in listed:
            rows[photo] = row_of.get(content, -1)
        return _Index(model, state, looks, rows)


def _nearest(index: _Index, look: NDArray[np.float32], asked: NDArray[np.int64], most: int) -> Found:
    rows = index.rows_of(asked)
    asked, rows = asked[rows >= 0], rows[rows >= 0]
    cosines = (index.looks @ look)[rows]
    if len(cosines) > most > 0:
        # The best few first, in any order, so that only they are sorted; of equals at the end, those that come first.
        least = -np.partition(-cosines, most - 1)[most - 1]
        level = np.flatnonzero(cosines == least)
        above = np.flatnonzero(cosines > least)
        best = np.sort(np.concatenate([above, level[: most - len(above)]]))
        asked, cosines = asked[best], cosines[best]
    order = np.argsort(-cosines, kind="stable")[:most]
    return Found(asked[order].tolist(), cosines[order].tolist())
