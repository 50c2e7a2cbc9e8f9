"""Judges models: installed ones on any data set, side by side, with intervals and paired differences.

    models + set ──judging.ask──▶ answers ──comparing──▶ Evaluation ──table──▶ Markdown, JSON, a card's figures

Torch is imported only when a model is asked.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError
from trainer.data.records import TEST, PhotoSet, SeriesSet
from trainer.evaluation.comparing import compare_photos, compare_series
from trainer.evaluation.records import Evaluation, results_to_held_out
from trainer.metrics import RESAMPLES, points

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aesthetic_studio.models.card import ModelCard
    from aesthetic_studio.models.protocol import AestheticModel
    from trainer.evaluation.judging import Answers

__all__ = ["ALL", "Evaluation", "compare_photos", "compare_series", "evaluate", "of_split", "results_to_held_out"]

ALL = "all"
"""In the place of a split's name: everything, whatever splits the set states."""

PROTOCOL = "as installed"

PUBLISHED = "published_"
"""Columns of a set that start so hold another model's published scores on 1..10; it is judged beside the others."""


def evaluate(
    models: Mapping[str, AestheticModel],
    data: PhotoSet | SeriesSet,
    *,
    split: str | None = None,
    resamples: int = RESAMPLES,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Evaluation, Answers | None]:
    """Judge a set by several models, named; the first is the one that the others are compared with.

    ``split`` is one that the set states, or ``all``; left out it is ``test`` where the set states one, else everything.
    The answers come along for those who draw them; there are none of a set of series. Raises ``KnownError``.
    """
    # Torch comes with it, and what only reads results needs none.
    from trainer.evaluation import judging  # noqa: PLC0415

    chosen, named = of_split(data, split)
    if isinstance(chosen, SeriesSet):
        return _on_series(models, chosen, named, resamples, progress), None
    answers = judging.ask(models, chosen, words=_words(chosen), progress=progress)
    seen = chosen.take(answers.rows)
    published = {
        f"published scores of {column.removeprefix(PUBLISHED).upper()}": points(values)
        for column, values in seen.columns.items()
        if column.startswith(PUBLISHED) and np.isfinite(values).all()
    }
    found = compare_photos(
        {**answers.predicted, **published},
        seen.votes,
        seen.sources,
        name=seen.name,
        protocol=PROTOCOL,
        split=named,
        points=list(published),
        resamples=resamples,
    )
    return dataclasses.replace(
        found,
        excluded=(*chosen.excluded, *answers.excluded),
        warnings=tuple(_learned(models, seen.name, named)),
        notes=chosen.notes,
    ), answers


def of_split(data: PhotoSet | SeriesSet, split: str | None) -> tuple[PhotoSet | SeriesSet, str]:
    """The part of a set that is judged, and its split's name (empty for everything). Raises ``KnownError``."""
    if isinstance(data, PhotoSet):
        stated = {str(name) for name in data.splits if name}
    else:
        stated = {series.split for series in data.series if series.split}
    wanted = (TEST if TEST in stated else ALL) if split is None else split
    if wanted == ALL:
        return data, ""
    if wanted not in stated:
        listed = ", ".join(sorted(stated))
        raise KnownError(
            f"{data.name} has no split named {wanted!r}.",
            f"It states: {listed}. Or name all." if stated else "It states no splits; leave --split out.",
        )
    if isinstance(data, PhotoSet):
        return data.take(data.rows(wanted)), wanted
    series = tuple(one for one in data.series if one.split == wanted)
    return dataclasses.replace(data, series=series), wanted


def learned_from(card: ModelCard, name: str) -> bool:
    """Whether a card says that its model learned from a set of this name."""
    return any(source.name.split("/")[0].casefold() == name.casefold() for source in card.training_data)


def _on_series(
    models: Mapping[str, AestheticModel],
    data: SeriesSet,
    split: str,
    resamples: int,
    progress: Callable[[int, int], None],
) -> Evaluation:
    from trainer.evaluation import judging  # noqa: PLC0415

    seen, scores, excluded = judging.ask_series(models, data, progress=progress)
    found = compare_series(scores, seen.series, name=seen.name, protocol=PROTOCOL, split=split, resamples=resamples)
    return dataclasses.replace(
        found,
        excluded=(*data.excluded, *excluded),
        warnings=tuple(_learned(models, seen.name, split)),
        notes=data.notes,
    )


def _words(data: PhotoSet) -> list[str]:
    """Each photo's comments as one text; nothing where the set has none."""
    if not any(data.comments):
        return []
    from aesthetic_studio.models.text import join_comments  # noqa: PLC0415

    return [join_comments(comments) for comments in data.comments]


def _learned(models: Mapping[str, AestheticModel], name: str, split: str) -> list[str]:
    what = (
        "held out is the test split only where it was left out by the same list."
        if split == TEST
        else "these are no held-out figures, its card has those."
    )
    return [
        f"{model} learned from {name}: {what}" for model, loaded in models.items() if learned_from(loaded.card, name)
    ]
