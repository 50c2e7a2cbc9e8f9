"""From judgements to comparisons: stars, picks, rejects, chosen frames and asked pairs on one footing.

A rule for each, all of them this project's choice:

- **Stars**: a photo with more stars was preferred to each photo with fewer; equal stars say nothing. However many pairs
  that makes, together they weigh as many comparisons as photos were rated.
- **Flags**: every pick was preferred to every reject, weighed in the same way.
- **A chosen frame** was preferred to each other frame of its burst, which weigh ``2 / frames`` each: the pairs of one
  choice were not made independently.
- **An asked pair** is one comparison. *No difference* is half a comparison each way, which draws the two together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError
from aesthetic_studio.judgements import PreferenceSource
from aesthetic_studio.records import Flag
from aesthetic_studio.translation import kept
from trainer.personal.records import Counts

if TYPE_CHECKING:
    from collections.abc import Collection

    from aesthetic_studio.judgements import Judgements
    from trainer.personal.preference import Floats


class TooFewJudgements(KnownError):
    """There is not enough to learn from; the advice says how much more would do."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Comparisons between judged photos.

    Attributes:
        hashes: The photos, by content, each once.
        wins: (N, N) with which weight the row's photo was preferred to the column's.
        by_hand: (N, N) true where two photos were compared with each other, not through their stars or flags.
        counts: What it was made of.
        said: What the person said of each photo, in words (``"4 stars"``).
    """

    hashes: tuple[bytes, ...]
    wins: Floats
    by_hand: Floats
    counts: Counts
    said: tuple[str, ...]


def gather(judgements: Judgements, seen: Collection[bytes], rating_weight: float = 1.0) -> Evidence:
    """Comparisons among those judged photos that the model can see; ``seen`` holds their contents."""
    available = set(seen)
    stars = {row.photo.content_hash: row.stars for row in judgements.ratings}
    flags = {row.photo.content_hash: row.flag for row in judgements.flags if row.flag is not Flag.NONE}
    preferences = [(p.better.content_hash, p.worse.content_hash, p.source) for p in judgements.preferences]
    everyone = dict.fromkeys([*stars, *flags, *(content for pair in preferences for content in pair[:2])])
    hashes = tuple(content for content in everyone if content in available)
    row = {content: number for number, content in enumerate(hashes)}
    wins, by_hand = np.zeros((len(hashes), len(hashes))), np.zeros((len(hashes), len(hashes)))
    usable = 0
    for values in (stars, {content: int(flag) for content, flag in flags.items()}):
        graded = _graded(values, row)
        informative = int((graded + graded.T).any(axis=1).sum())
        usable += informative
        if informative:
            wins += graded * (rating_weight * informative / graded.sum())
    kept = [(better, worse, source) for better, worse, source in preferences if better in row and worse in row]
    frames = Counter(better for better, _, source in kept if source == PreferenceSource.BURST)
    for better, worse, source in kept:
        one, two = row[better], row[worse]
        by_hand[one, two] = 1.0
        if source == PreferenceSource.TIE:
            wins[one, two] += 0.5
            wins[two, one] += 0.5
        else:
            wins[one, two] += 2.0 / (frames[better] + 1) if source == PreferenceSource.BURST else 1.0
    asked = [source for _, _, source in kept if source != PreferenceSource.BURST]
    chosen = Counter(better for better, _, source in preferences if source == PreferenceSource.BURST)
    counts = Counts(
        stars=len(stars),
        picks=sum(flag is Flag.PICK for flag in flags.values()),
        rejects=sum(flag is Flag.REJECT for flag in flags.values()),
        choices=len(chosen),
        pairs=sum(source != PreferenceSource.BURST for _, _, source in preferences),
        ties=sum(source == PreferenceSource.TIE for _, _, source in preferences),
        unseen=len(everyone) - len(hashes),
        usable=usable + len(frames) + len(asked),
    )
    said = {content: _words(stars.get(content), flags.get(content)) for content in hashes}
    for better, worse, source in kept:
        if source != PreferenceSource.TIE:
            said[better] = said[better] or "chosen over another"
            said[worse] = said[worse] or "not chosen over another"
    return Evidence(hashes, wins, by_hand, counts, tuple(said[content] for content in hashes))


def check(evidence: Evidence, least: int) -> None:
    """Raise ``TooFewJudgements`` unless the judgements say at least ``least`` things of an order."""
    counts = evidence.counts
    judged = counts.stars + counts.picks + counts.rejects + counts.choices + counts.pairs
    missing = least - counts.usable
    if missing <= 0:
        return
    if not judged:
        raise TooFewJudgements(
            kept(
                "problem",
                "There is nothing to learn from yet: no stars, picks, rejects, chosen frames or answered pairs.",
            ),
            kept("problem", "Judge some {least} photos or pairs first.").format(least=least),
        )
    if not counts.usable and counts.unseen < judged:
        alike = " and ".join(
            part
            for part in (
                f"all {counts.stars} ratings are equal"
                if counts.stars > 1
                else "only one photo has stars" * counts.stars,
                "there are picks but no rejects" if counts.picks and not counts.rejects else "",
                "there are rejects but no picks" if counts.rejects and not counts.picks else "",
            )
            if part
        )
        raise TooFewJudgements(
            f"These judgements say no order: {alike or 'nothing can be compared'}.",
            kept("problem", "Give better photos more stars than others, pick some and reject some, or answer pairs."),
        )
    lost = f" {counts.unseen} judged photos have no preview: index their folders again." if counts.unseen else ""
    raise TooFewJudgements(
        kept("problem", "There are {usable} judgements that can be compared, and {least} are needed.").format(
            usable=counts.usable, least=least
        ),
        kept("problem", "{missing} more will do: stars, picks and rejects, chosen frames or answered pairs.").format(
            missing=missing
        )
        + lost,
    )


def _graded(values: dict[bytes, int], row: dict[bytes, int]) -> Floats:
    """(N, N): 1 where the row's photo has the higher grade."""
    grades = np.full(len(row), np.nan)
    for content, value in values.items():
        if content in row:
            grades[row[content]] = value
    higher: Floats = (grades[:, None] > grades[None, :]).astype(np.float64)
    return higher


def _words(stars: int | None, flag: Flag | None) -> str:
    parts = (
        [kept("reason", "1 star") if stars == 1 else kept("reason", "{number} stars").format(number=stars)]
        if stars
        else []
    )
    if flag is Flag.PICK:
        parts.append(kept("reason", "picked"))
    elif flag is Flag.REJECT:
        parts.append(kept("reason", "rejected"))
    return (
        kept("reason", "{one}, {other}").format(one=parts[0], other=parts[1]) if len(parts) == 2 else ", ".join(parts)
    )
