"""Teaching from a library, step by step: what the command ``ratings`` and the window's Teach panel both do.

Everything that goes in and out is plain data, so that it can cross to a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models import registry
from aesthetic_studio.models.personal import KIND
from aesthetic_studio.translation import kept
from trainer.personal.active import most_informative_pairs
from trainer.personal.evidence import Evidence, check, gather
from trainer.personal.explain import moved
from trainer.personal.learning import learn, one_thread
from trainer.personal.library import LibraryPhotos, compute_features, groups_of, read_library
from trainer.personal.preference import Scaling, fit
from trainer.personal.records import AskedPair, TeachReport, TeachState
from trainer.personal.versions import Versions

if TYPE_CHECKING:
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.models.card import ModelCard
    from trainer.personal.features import PhotoFeatures
    from trainer.recipes.recipe import PersonalRecipe

Progress = Callable[[str, int, int], None]
"""Stage (``"look"`` or ``"learn"``), done, total."""


MINE, GUESS = "mine", "guess"
"""Names of members that are no model of their own: what follows from the judgements, and draws around it."""


class Teaching:
    """One library and one recipe, ready to learn and to ask.

    Attributes:
        base: The model that is started from.
        photos: The library as it was read.
    """

    def __init__(self, catalogue: Catalogue, recipe: PersonalRecipe, name: str | None = None) -> None:
        """Raises ``KnownError`` for a base that is not installed or is itself a personal model, or a name in use."""
        self._catalogue = catalogue
        self._recipe = recipe
        self.versions = Versions(name or recipe.name)
        self.base: ModelCard = registry.find_card(recipe.base)
        if self.base.kind == KIND:
            raise ModelUnavailable(
                f"{recipe.base} is a personal model, and cannot be the base of one.", "Name the model that it rests on."
            )
        self.photos: LibraryPhotos = read_library(catalogue, self.base, recipe.learning.reference_photos, recipe.seed)
        self._features: PhotoFeatures | None = None

    def evidence(self, seen: tuple[bytes, ...] | None = None) -> Evidence:
        """The comparisons among the photos that can be seen; among all where that is not known yet."""
        available = tuple(self.photos.records) if seen is None else seen
        return gather(self.photos.judgements, available, self._recipe.learning.rating_weight)

    def state(self) -> TeachState:
        """How things stand, without looking at any photo."""
        return TeachState(
            name=self.versions.name,
            base=self.base.title,
            base_name=self.base.name,
            counts=self.evidence().counts,
            least=self._recipe.gate.least,
            versions=tuple(self.versions.list()),
            installed=self.versions.installed(),
        )

    def features(self, progress: Progress) -> PhotoFeatures:
        """The base's answers to all photos that take part, computed once."""
        if self._features is None:
            self._features = compute_features(
                self._catalogue, self.photos, self.base, lambda done, total: progress("look", done, total)
            )
        return self._features

    def teach(self, *, dry_run: bool = False, progress: Progress = lambda _stage, _done, _total: None) -> TeachReport:
        """Learn, judge, keep the version, and install it where it won; a dry run keeps and installs nothing.

        Raises ``KnownError`` where there is too little to learn from, or something cannot be read or written.
        """
        check(self.evidence(), self._recipe.gate.least)  # before any model is loaded
        features = self.features(progress)
        evidence = self.evidence(features.hashes)
        result = learn(
            evidence,
            features,
            self._groups(evidence.hashes),
            learning=self._recipe.learning,
            gate=self._recipe.gate,
            seed=self._recipe.seed,
            step=lambda done, total: progress("learn", done, total),
        )
        shifted = moved(result, features, self.photos.names)
        version = None
        if not dry_run:
            version = self.versions.save(result, self.base, self.photos.judgements, datetime.now(UTC))
            if version.passed:
                self.versions.install(version.number)
        return TeachReport(
            name=self.versions.name,
            base=f"{self.base.name} {self.base.version}",
            counts=evidence.counts,
            verdict=result.verdict,
            moved=tuple(shifted),
            looked_at=len(features),
            version=version,
            installed=version is not None and version.passed,
            seconds=round(result.seconds, 2),
            photo_ids={one.content_hash: self.photos.records[one.content_hash].id for one in shifted},
            names={one.content_hash: self.photos.records[one.content_hash].name for one in shifted},
        )

    def questions(
        self, count: int, *, same_series: bool = False, progress: Progress = lambda _stage, _done, _total: None
    ) -> list[AskedPair]:
        """The pairs whose answers would tell most, by maximum discrepancy; from the first judgement on, and before."""
        features = self.features(progress)
        if len(features) < 2:
            return []
        evidence = self.evidence(features.hashes)
        row_of = features.row_of()
        generator = np.random.default_rng([self._recipe.seed, evidence.counts.usable])
        with one_thread():
            design = Scaling.of(features).apply(features)
            wins = np.zeros((len(features), len(features)))
            rows = [row_of[content] for content in evidence.hashes]
            wins[np.ix_(rows, rows)] = evidence.wins
            taste = fit(design, wins, self._recipe.learning)
            draws = taste.draws(design, self._recipe.learning.draws, generator)
        members = {self.base.title: features.scores, MINE: taste.liking(design)}
        members |= {f"{GUESS} {n}": draw for n, draw in enumerate(draws)}
        asked = [
            (row_of[pair.better.content_hash], row_of[pair.worse.content_hash])
            for pair in self.photos.judgements.preferences
            if pair.better.content_hash in row_of and pair.worse.content_hash in row_of
        ]
        inputs = np.concatenate([design.base[:, None], *design.parts.values()], axis=1)
        found = most_informative_pairs(
            count, members, self._groups(features.hashes), inputs=inputs, asked=asked, same_series=same_series
        )
        ids = [self.photos.records[content].id for content in features.hashes]
        return [AskedPair(ids[one.first], ids[one.second], _why(one.defender, one.attacker)) for one in found]

    def _groups(self, hashes: tuple[bytes, ...]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return groups_of([self.photos.records[content] for content in hashes], self._recipe.gate.near_duplicate)


def _why(defender: str, attacker: str) -> str:
    """In words why a pair is asked about."""
    sides = [
        kept("reason", "your judgements so far") if one == MINE or one.startswith(GUESS) else one
        for one in (defender, attacker)
    ]
    if sides[0] == sides[1]:
        return kept("reason", "Your judgements so far leave this open: tastes that fit all of them part here.")
    return kept("reason", "By {side} there is no difference, by {other} a large one.").format(
        side=sides[0], other=sides[1]
    )
