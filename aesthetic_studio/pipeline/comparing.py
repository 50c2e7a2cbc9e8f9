"""Let a model that compares photos side by side order the bursts: FGAesQ's pairwise scheme on the original pixels.

    bursts of a folder ──pairs not compared yet──▶ model, two originals at a time ──▶ catalogue ──▶ folder grouped anew

Pairs are kept by content, so a moved, renamed or regrouped burst is never compared twice. Which photos are a burst, and
what is chosen by the person, comparisons never change.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from aesthetic_studio.judgements import PairScore
from aesthetic_studio.pipeline.progress import Meter, ReportProgress, ShouldStop, ignore_progress, never_stop
from aesthetic_studio.records import PhotoState, SeriesKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.models.fgaesq import FGAesQModel
    from aesthetic_studio.records import PhotoRecord

WRITE_EVERY_S = 2.0
"""Seconds between writes: a crash costs a few pairs."""

Pair = tuple[int, int, float, float]
"""Numbers of two photos of a series, and their scores 1..10."""


class SeriesComparer(Protocol):
    """What compares photos; :class:`Comparer` does it here, ``ComparingProcess`` in a process of its own."""

    @property
    def model_name(self) -> str:
        """The model that compares."""
        ...

    @property
    def model_version(self) -> str:
        """Its version: comparisons of another one do not count."""
        ...

    def compare(self, paths: Sequence[str], known: Collection[tuple[int, int]] = ()) -> Iterator[Pair]:
        """Compare the photos of a series two by two, but for the pairs that are known. Unreadable ones are left out."""
        ...


class Comparer:
    """A comparing model on one device. Use it from one thread. Raises ``ModelUnavailable`` and ``KnownError``."""

    def __init__(self, model_name: str, device: str = "auto", *, model: FGAesQModel | None = None) -> None:
        from aesthetic_studio.models import registry

        self._model = model or registry.load_comparing_model(model_name, device)

    @property
    def model_name(self) -> str:
        """The model that compares."""
        return self._model.card.name

    @property
    def model_version(self) -> str:
        """Its version."""
        return self._model.card.version

    def compare(self, paths: Sequence[str], known: Collection[tuple[int, int]] = ()) -> Iterator[Pair]:
        """Compare the photos of a series two by two, opening each when its turn comes."""
        loaders = [_loader(path) for path in paths]
        # One name for all series: what a pair draws then depends on the pair's place alone, not on a folder's name.
        for pair in self._model.score_pairs(loaders, "series", known):
            yield pair.first, pair.second, pair.first_score, pair.second_score


@dataclass(frozen=True, slots=True)
class CompareReport:
    """What comparing did."""

    bursts: int
    """Bursts that had something to compare."""
    pairs: int
    interrupted: bool


def compare_bursts(
    catalogue: Catalogue,
    model: tuple[str, str],
    comparer: Callable[[], SeriesComparer],
    folders: Iterable[str] | None = None,
    *,
    progress: ReportProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> CompareReport:
    """Compare the frames of every burst that have not been compared, and order the bursts anew.

    Args:
        catalogue: Where bursts are found and comparisons are kept; used from this thread only.
        model: Name and version of the model.
        comparer: Makes the comparer when the first pair needs it: where all is compared, no model is loaded.
        folders: Only bursts in these folders (not below them); all of the library if ``None``.
        progress: Told how many bursts are done.
        should_stop: Asked between pairs; what was compared by then is kept.
    """
    due = list(_due(catalogue, model, folders, should_stop))
    meter = Meter("compare", progress)
    judge: SeriesComparer | None = None
    pairs = done = 0
    changed: set[str] = set()
    for frames, known in due:
        if should_stop():
            break
        judge = judge or comparer()
        meter.update(done, len(due), frames[0].path.parent.name)
        compared, whole = _compare(catalogue, model, judge, frames, known, should_stop)
        pairs += compared
        if compared:
            changed.add(str(frames[0].path.parent))
        done += whole
    for folder in sorted(changed):
        group_again(catalogue, folder, model)
    meter.update(done, len(due), final=True)
    return CompareReport(done, pairs, done < len(due))


def group_again(catalogue: Catalogue, folder: str, model: tuple[str, str] | None) -> None:
    """Find the series of a folder, with what the person and a model said of them."""
    from aesthetic_studio.curation.series import find_series

    photos = catalogue.records_in_folder(folder)
    held = catalogue.holding(folder)
    contents = [photo.content_id for photo in photos]
    comparisons = catalogue.pair_scores(*model, contents) if model is not None else {}
    catalogue.replace_series(folder, find_series(photos, comparisons, held))


def _due(
    catalogue: Catalogue, model: tuple[str, str], folders: Iterable[str] | None, should_stop: ShouldStop
) -> Iterator[tuple[list[PhotoRecord], set[tuple[int, int]]]]:
    """Bursts of which two frames were not compared: the frames to compare, and the pairs that are known."""
    from aesthetic_studio.curation.best_shot import frames_to_compare

    for folder in [path for path, _ in catalogue.folder_counts()] if folders is None else folders:
        if should_stop():
            return
        bursts: dict[int, list[PhotoRecord]] = defaultdict(list)
        for photo in catalogue.records_in_folder(folder):
            if photo.series_id is not None and photo.series_kind is SeriesKind.BURST:
                bursts[photo.series_id].append(photo)
        for frames in bursts.values():
            present = {photo.content_id: photo for photo in frames if photo.state is PhotoState.PRESENT}
            leading = sorted(frames_to_compare(list(present.values())), key=lambda photo: photo.content_id)
            scored = catalogue.pair_scores(*model, [photo.content_id for photo in leading])
            known = {
                (first, second)
                for first in range(len(leading))
                for second in range(first + 1, len(leading))
                if (leading[first].content_id, leading[second].content_id) in scored
            }
            if len(known) < len(leading) * (len(leading) - 1) // 2:
                yield leading, known


def _compare(
    catalogue: Catalogue,
    model: tuple[str, str],
    comparer: SeriesComparer,
    frames: Sequence[PhotoRecord],
    known: set[tuple[int, int]],
    should_stop: ShouldStop,
) -> tuple[int, bool]:
    """Compare one burst. Returns how many pairs were, and whether all of them."""
    unwritten: list[PairScore] = []
    count, stopped, written_at = 0, False, time.monotonic()
    for first, second, first_score, second_score in comparer.compare([str(each.path) for each in frames], known):
        unwritten.append(PairScore(frames[first].content_id, frames[second].content_id, first_score, second_score))
        count += 1
        stopped = should_stop()
        if stopped or time.monotonic() - written_at >= WRITE_EVERY_S:
            catalogue.store_pair_scores(*model, unwritten)
            unwritten, written_at = [], time.monotonic()
        if stopped:
            break
    if unwritten:
        catalogue.store_pair_scores(*model, unwritten)
    return count, not stopped


def _loader(path: str) -> Callable[[], NDArray[np.uint8]]:
    def load() -> NDArray[np.uint8]:
        import numpy as np

        from aesthetic_studio.imaging.decode import load_upright

        return np.asarray(load_upright(path))

    return load
