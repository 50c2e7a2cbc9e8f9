"""From a cull's plan to the catalogue: checked against what is there now, and written as one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.albums import PhotoQuery
from aesthetic_studio.curation.cull.changes import CullChanges, changes_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aesthetic_studio.curation.cull.records import Fate
    from aesthetic_studio.library.catalogue import Catalogue, Decision
    from aesthetic_studio.records import Verdict


@dataclass(frozen=True, slots=True)
class CullDone:
    """What a cull came to."""

    decision: Decision
    """Its ``id`` is 0 where every verdict was as it should be."""
    changes: CullChanges
    rejected_others: bool

    @property
    def words(self) -> str:
        """Say it: ``"Kept 50, rejected 290. 2 photos decided about meanwhile were left as they are."``."""
        gone = f", rejected {len(self.changes.gone):,}" if self.rejected_others else ""
        told = [f"Kept {len(self.changes.kept):,}{gone}."]
        if since := len(self.changes.decided_since):
            told.append(f"{_photos(since)} decided about meanwhile {_were(since)} left as {_they(since)}.")
        if vanished := len(self.changes.vanished):
            told.append(f"{_photos(vanished)} {_were(vanished)} no longer in the library.")
        return " ".join(told)


def apply_cull(
    catalogue: Catalogue, fates: Mapping[int, Fate], planned: Mapping[int, Verdict], *, reject_others: bool
) -> CullDone:
    """Pick what is kept and, with ``reject_others``, reject what goes: one step that can be undone.

    ``planned`` are the verdicts that the plan was made from: what the person decided since stands. Raises
    ``LibraryError`` where the library cannot be written.
    """
    with catalogue.transaction():
        listed = frozenset(catalogue.ids(PhotoQuery(collapse_series=False)))
        now = {cell.id: cell.verdict for cell in catalogue.cells([photo for photo in fates if photo in listed])}
        changes = changes_for(fates, planned, now, reject_others=reject_others)
        return CullDone(catalogue.decide_each(changes.changes, _title(changes, reject_others)), changes, reject_others)


def _title(changes: CullChanges, reject_others: bool) -> str:
    """Name the step as it stands after "Undo"."""
    kept, gone = len(changes.kept), len(changes.gone)
    return f"keeping {kept:,} and rejecting {gone:,} photos" if reject_others else f"keeping {_photos(kept)}"


def _photos(count: int) -> str:
    return "1 photo" if count == 1 else f"{count:,} photos"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _they(count: int) -> str:
    return "it is" if count == 1 else "they are"
