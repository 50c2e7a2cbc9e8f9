"""What the page shows: a plan, and on top of it what the person moved by hand. No Qt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aesthetic_studio.curation.cull.records import CullPlan, Fate
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.translation import N_, _, retold, whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aesthetic_studio.curation.cull.records import CullChoice
    from aesthetic_studio.records import Verdict

MOVED = N_("moved by you")
OTHER_SIDE = {Fate.KEPT: Fate.GONE, Fate.GONE: Fate.KEPT}


@dataclass(slots=True)
class Draft:
    """A plan and the photos that the person moved to its other side, the last moved last.

    A photo that was moved stays where it was put, whatever later plans say of it.
    """

    plan: CullPlan = field(default_factory=lambda: CullPlan((), 0, 0, 0))
    moved: dict[int, Fate] = field(default_factory=dict)
    _choices: dict[int, CullChoice] = field(default_factory=dict)

    def take(self, plan: CullPlan) -> None:
        """Take up a new plan; what is no longer among its photos is no longer moved either."""
        self.plan = plan
        self._choices = {choice.photo_id: choice for choice in plan.choices}
        self.moved = {photo: fate for photo, fate in self.moved.items() if photo in self._choices}

    def swap(self, photo_ids: Iterable[int]) -> None:
        """Move photos to the other side, each with its whole set; what is left alone stays so."""
        for photo in dict.fromkeys(photo_ids):
            choice = self._choices.get(photo)
            if choice is None or choice.fate is Fate.LEFT:
                continue
            wanted = OTHER_SIDE[self.fate(photo)]
            for member in (photo, *choice.together):
                self.moved.pop(member, None)
                if self._choices[member].fate is not wanted:
                    self.moved[member] = wanted

    def fate(self, photo_id: int) -> Fate:
        """What would become of a photo."""
        choice = self._choices.get(photo_id)
        return self.moved.get(photo_id) or (choice.fate if choice is not None else Fate.LEFT)

    def reason(self, photo_id: int) -> str:
        """Why, in words; empty for a photo that is not asked about."""
        if photo_id in self.moved:
            return _(MOVED)
        choice = self._choices.get(photo_id)
        return "" if choice is None else retold("reason", choice.reason)

    def ids(self, fate: Fate) -> list[int]:
        """The photos of one fate: those moved there first, the last moved on top, then in the plan's order."""
        moved = [photo for photo, wanted in self.moved.items() if wanted is fate]
        return [*moved[::-1], *(photo for photo in self.plan.ids(fate) if photo not in self.moved)]

    def fates(self) -> dict[int, Fate]:
        """Every photo's."""
        return {choice.photo_id: self.fate(choice.photo_id) for choice in self.plan.choices}

    def planned(self) -> dict[int, Verdict]:
        """The verdicts that the plan was made from."""
        return {choice.photo_id: choice.verdict for choice in self.plan.choices}

    # -- in words ----------------------------------------------------------------------------------------------------

    def kept_words(self) -> str:
        """``"Keeping 54 photos in 50 places"``; places are told only where they differ and nothing was moved."""
        kept = len(self.ids(Fate.KEPT))
        words = _("Keeping {photos}").format(photos=count_of(kept, "photo"))
        return (
            words
            if self.moved or kept == self.plan.places
            else _("{kept} in {places}").format(kept=words, places=count_of(self.plan.places, "place"))
        )

    def gone_words(self, *, reject_others: bool) -> str:
        """``"Rejecting 290 photos"``."""
        gone = count_of(len(self.ids(Fate.GONE)), "photo")
        return _("Rejecting {gone}").format(gone=gone) if reject_others else _("Not picking {gone}").format(gone=gone)

    def apply_words(self, *, reject_others: bool) -> str:
        """What the button would do: ``"Keep 50, reject 290"``."""
        kept, gone = len(self.ids(Fate.KEPT)), len(self.ids(Fate.GONE))
        return (
            _("Keep {kept}, reject {gone}").format(kept=whole(kept), gone=whole(gone))
            if reject_others
            else _("Pick {kept}").format(kept=whole(kept))
        )

    def notes(self) -> list[str]:
        """What else should be known: sentences, often none."""
        plan, notes = self.plan, []
        if plan.picked > plan.asked:
            notes.append(
                _("You picked {picked} already, more than {asked}: all of them stay.").format(
                    picked=whole(plan.picked), asked=whole(plan.asked)
                )
            )
        elif plan.choices and plan.places < plan.asked:
            notes.append(_("There are only {places} to keep.").format(places=count_of(plan.places, "place")))
        if plan.places < len(plan.ids(Fate.KEPT)):
            notes.append(_("A bracket, panorama or focus stack stays whole and takes one place."))
        left = Counter(choice.reason for choice in plan.choices if choice.fate is Fate.LEFT)
        if left:
            told = ", ".join(f"{retold('reason', reason)} ({whole(count)})" for reason, count in left.most_common())
            notes.append(_("Left alone: {told}.").format(told=told))
        return notes
