"""Which photos moved, and why: the places before and after, and what in the residual moved them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from aesthetic_studio.models.personal import ATTRIBUTES, mean_scores
from aesthetic_studio.translation import kept
from trainer.personal.records import Moved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainer.personal.features import PhotoFeatures
    from trainer.personal.learning import PersonalResult
    from trainer.personal.preference import Floats

TELLING = 0.2
"""Share of a photo's whole shift that a cause must account for to be named. This project's choice."""
UNUSUAL = 0.5
"""Standard deviations from what is usual in the library from which a photo is called brighter, and so on."""
MOST_REASONS = 3


def personal_scores(result: PersonalResult, photos: PhotoFeatures) -> Floats:
    """The personal model's scores (N,), as the installed model gives them."""
    as_tensor = [
        torch.from_numpy(part.astype(np.float32))
        for part in (photos.probabilities, photos.attributes, photos.whole, photos.query)
    ]
    with torch.no_grad():
        scores: Floats = mean_scores(result.head(*as_tensor)).double().numpy()
    return scores


def moved(result: PersonalResult, photos: PhotoFeatures, names: Mapping[bytes, str], count: int = 10) -> list[Moved]:
    """The ``count`` photos that changed places most, the largest move first; none where the order stays.

    ``names`` are the file names of judged photos, to be told in the reasons.
    """
    before, after = photos.scores, personal_scores(result, photos)
    old, new = _places(before), _places(after)
    order = np.argsort(-np.abs(old - new), kind="stable")[:count]
    rows = [int(row) for row in order if old[row] != new[row]]
    chosen = photos.take(rows)
    design = result.scaling.apply(chosen)
    pulls = result.taste.pulls(design)
    likeness: Floats = np.sum(design.kernels(result.taste.photos), axis=0)
    weights = result.taste.weights()["attribute"]
    judged = result.evidence.hashes
    known = np.flatnonzero((result.evidence.wins + result.evidence.wins.T).any(axis=1))
    said = [(names.get(judged[row], ""), result.evidence.said[row]) for row in known]
    return [
        Moved(
            photos.hashes[row],
            int(old[row]),
            int(new[row]),
            round(float(before[row]), 2),
            round(float(after[row]), 2),
            len(photos),
            _reasons(
                float(np.sign(old[row] - new[row])),
                design.parts["attribute"][place] * weights,
                design.parts["attribute"][place],
                pulls[place],
                likeness[place],
                said,
            ),
        )
        for place, row in enumerate(rows)
    ]


LIKED_MORE = kept("reason", "{kind} than most, which you like more than the base does")
LIKED_LESS = kept("reason", "{kind} than most, which you like less than the base does")


def _reasons(
    way: float, by_attribute: Floats, attribute: Floats, pulls: Floats, likeness: Floats, said: list[tuple[str, str]]
) -> tuple[str, ...]:
    """In words what moved one photo up (``way`` 1) or down (−1)."""
    usual = UNUSUAL / np.sqrt(len(attribute))  # attributes come scaled by the root of their number
    whole = float(np.abs(pulls).sum())
    shift = max(abs(float(pulls.sum())), 1e-12)
    found = []
    for place in np.argsort(-way * by_attribute)[:2]:
        if way * by_attribute[place] > TELLING * shift and abs(attribute[place]) > usual:
            named = ATTRIBUTES[int(place)]
            kind = named.more if attribute[place] > 0 else named.less
            found.append(LIKED_MORE.format(kind=kind) if way > 0 else LIKED_LESS.format(kind=kind))
    for place in np.argsort(-way * pulls)[: MOST_REASONS - min(len(found), MOST_REASONS - 1)]:
        name, words = said[int(place)]
        if way * pulls[place] > 0.02 * whole and likeness[place] > 0 and name:
            found.append(
                kept("reason", "like {name} ({verdict})").format(name=name, verdict=words)
                if words
                else kept("reason", "like {name}").format(name=name)
            )
    return tuple(found[:MOST_REASONS])


def _places(scores: Floats) -> Floats:
    """Places from 1, the highest score first; equal scores in the photos' own order."""
    places = np.empty(len(scores))
    places[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return places
