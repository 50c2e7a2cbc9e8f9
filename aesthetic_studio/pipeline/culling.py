"""From a cull's plan to the catalogue: checked against what is there now, and written as one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.albums import PhotoQuery
from aesthetic_studio.curation.cull.changes import CullChanges, changes_for
from aesthetic_studio.translation import _, kept, ngettext, whole

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
        kept, gone = len(self.changes.kept), len(self.changes.gone)
        told = [_("Kept {kept}.").format(kept=whole(kept))]
        if self.rejected_others:
            told = [_("Kept {kept}, rejected {gone}.").format(kept=whole(kept), gone=whole(gone))]
        if since := len(self.changes.decided_since):
            words = ngettext(
                "{count} photo decided about meanwhile was left as it is.",
                "{count} photos decided about meanwhile were left as they are.",
                since,
            )
            told.append(words.format(count=whole(since)))
        if vanished := len(self.changes.vanished):
            words = ngettext(
                "{count} photo was no longer in the library.", "{count} photos were no longer in the library.", vanished
            )
            told.append(words.format(count=whole(vanished)))
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
    picked, rejected = len(changes.kept), len(changes.gone)
    if not reject_others:
        return kept("undo", "keeping {photos}").format(photos=_photos(picked))
    return kept("undo", "keeping {kept} and rejecting {gone} photos").format(kept=f"{picked:,}", gone=f"{rejected:,}")


def _photos(count: int) -> str:
    return kept("undo", "1 photo") if count == 1 else kept("undo", "{number} photos").format(number=f"{count:,}")
