"""From a plan to picks and rejects, with the verdicts as they are now and not as they were when it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.curation.cull.records import Fate
from aesthetic_studio.records import Flag, VerdictChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aesthetic_studio.records import Verdict


@dataclass(frozen=True, slots=True)
class CullChanges:
    """What to decide as one step.

    Attributes:
        changes: For ``Catalogue.decide_each``; photos that are as they should be are not in it.
        kept, gone: The photos of either fate that are still as they were, or were decided so meanwhile.
        decided_since: Photos that the person decided about since the plan was made: left as they are.
        vanished: Photos that the library no longer lists.
    """

    changes: dict[VerdictChange, list[int]]
    kept: tuple[int, ...]
    gone: tuple[int, ...]
    decided_since: tuple[int, ...]
    vanished: tuple[int, ...]


def changes_for(
    fates: Mapping[int, Fate], planned: Mapping[int, Verdict], now: Mapping[int, Verdict], *, reject_others: bool
) -> CullChanges:
    """Find what makes verdicts say what a plan says.

    What is kept becomes a pick; what goes becomes a reject, or else is only no longer a pick.

    Args:
        fates: What was decided about each photo in the end.
        planned: The verdicts that the plan was made from.
        now: The verdicts as they are, of those photos that are still there.
        reject_others: Reject what goes.
    """
    wanted = {Fate.KEPT: Flag.PICK, Fate.GONE: Flag.REJECT}
    changes: dict[VerdictChange, list[int]] = {}
    done: dict[Fate, list[int]] = {Fate.KEPT: [], Fate.GONE: []}
    decided_since, vanished = [], []
    for photo, fate in fates.items():
        if fate is Fate.LEFT:
            continue
        verdict = now.get(photo)
        if verdict is None:
            vanished.append(photo)
            continue
        flag = wanted[fate]
        if fate is Fate.GONE and not reject_others:
            flag = Flag.NONE if verdict.flag is Flag.PICK else verdict.flag
        before = planned[photo]
        if verdict.flag is not flag and (verdict.flag, verdict.rating) != (before.flag, before.rating):
            decided_since.append(photo)
            continue
        done[fate].append(photo)
        if verdict.flag is not flag:
            changes.setdefault(VerdictChange(flag=flag), []).append(photo)
    return CullChanges(changes, tuple(done[Fate.KEPT]), tuple(done[Fate.GONE]), tuple(decided_since), tuple(vanished))
