"""Who finds the better photo in degraded series of known order: scores, scores that learned series, or measurements.

other photos ─degrade─▶ series ─RankReg─▶ queries ┐
photos ─degrade─▶ series ─────────────────────────┴─▶ every judge's scores ─▶ pair, series and order accuracy
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models import registry
from aesthetic_studio.models.embedded import QueryModel
from aesthetic_studio.models.protocol import VisualTokens
from trainer import metrics, series_metrics
from trainer.data.degrade import REFERENCE_SIDE, STRENGTHS, Fault
from trainer.data.files import photo_files
from trainer.data.images import load_image
from trainer.data.opening import open_photos
from trainer.embedded.folds import leave_one_source_out
from trainer.embedded.merit import merits_of
from trainer.embedded.series import EncodedSeries, drawn, encode_series
from trainer.embedded.training import Voted, train_head
from trainer.embedded.views import Views
from trainer.recipes.recipe import EmbeddedRecipe, read_as
from trainer.studies.output import begin, cell, finish, markdown, say
from trainer.studies.series_judges import laplacian_variance, measured, standings
from trainer.studies.series_learning import Lessons, RankRegSettings, distributions, learn_series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

    from aesthetic_studio.models.encoders import Encoder
    from aesthetic_studio.models.merit import Merit
    from trainer.data.degrade import DegradedSeries
    from trainer.data.records import LabelledSeries, PhotoSet
    from trainer.metrics import Array

SHOWN = ("pair_accuracy", "series_accuracy", "exact_order")
MODEL, LEARNED = "embedded model", "embedded + RankReg"
MEASURED, LAPLACIAN = "technical measurements", "variance of the Laplacian"
MERIT = "embedded, merit within the scene"
TOGETHER, LEARNED_TOGETHER = "embedded and measurements (the app's burst order)", "embedded + RankReg and measurements"


@dataclass(frozen=True, slots=True)
class SeriesSettings:
    """How the study is made.

    Attributes:
        learn: Photos whose series RankReg learns.
        long_side: Judged photos are brought to so many pixels at most.
        seed: Of the degradations and of which photos are learned from.
        strengths: Of every fault.
        kept_votes: Whether agreement with votes is measured before and after, each source left out in turn.
    """

    learn: int = 300
    long_side: int = REFERENCE_SIDE
    seed: int = 1
    resamples: int = metrics.RESAMPLES
    rank_reg: RankRegSettings = field(default_factory=RankRegSettings)
    kept_votes: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """Degraded series as a model sees them, and what measurements say.

    Attributes:
        series: What is known of each; rows count frames.
        tokens: Of every frame.
        measured: For each series, the worth of its frames by measurements alone; empty where nobody asked.
        sharp: For each series, its frames' variance of the Laplacian.
        measurements: For each series, of its frames.
        middle: As in ``EncodedSeries``.
    """

    series: tuple[LabelledSeries, ...]
    tokens: VisualTokens
    sharp: tuple[Array, ...] = ()
    measurements: tuple[tuple[Any, ...], ...] = ()
    middle: Tensor | None = None


def study(
    photos: Sequence[Path], learn_from: Path, data: Path, output: Path, settings: SeriesSettings | None = None
) -> dict[str, Any]:
    """Judge, print the table and write the results.

    Args:
        photos: Folders of photos whose series are judged.
        learn_from: A folder of other photos, whose series RankReg learns.
        data: Photos with votes, which keep what the queries learned before.
        output: The study's folder.
        settings: Of the study.

    Raises ``KnownError`` where there are no photos, or a photo lies in both sets.
    """
    settings = settings or SeriesSettings()
    judged_files = [path for folder in photos for path in photo_files(folder)]
    learned_files = drawn(photo_files(learn_from), settings.learn, settings.seed)
    _check_apart(judged_files, learned_files)
    voted_set = open_photos(data)
    model = _embedded()
    run = begin(output)
    learned = see(learned_files, model.encoder, settings)
    voted = _encoded(model.encoder, voted_set, model.card.input_size)
    lessons = Lessons(EncodedSeries(learned.series, learned.tokens), _first_view(voted.views), voted.votes)
    say(f"learning the order of {len(learned.series)} series of {len(learned_files)} photos")
    every = np.arange(len(voted.votes))
    taught = learn_series(model.head, lessons, every, settings.rank_reg, seed=settings.seed)
    judged = see(judged_files, model.encoder, settings, measure=True, merit=model.head.merit)
    scores = answers(judged, model, taught)
    figures, table = compare(judged, scores, settings.resamples)
    results: dict[str, Any] = {
        "settings": settings,
        "strengths": STRENGTHS,
        "judged photos": len(judged.series) // len(Fault),
        "learned photos": len(learned.series) // len(Fault),
        "series": len(judged.series),
        **figures,
    }
    if settings.kept_votes:
        results["agreement with votes"] = kept = kept_votes(voted, lessons, settings)
        table += "\n\n" + _kept_table(kept)
    finish(run, results, table)
    return results


def see(
    files: Sequence[Path],
    encoder: Encoder,
    settings: SeriesSettings,
    *,
    measure: bool = False,
    merit: Merit | None = None,
) -> Seen:
    """Degrade photos one by one, encode every frame, and measure it where asked; only numbers stay in memory."""
    sharp, found = [], []

    def note(one: DegradedSeries) -> None:
        sharp.append(np.asarray([laplacian_variance(frame) for frame in one.frames]))
        found.append(tuple(measured(frame) for frame in one.frames))

    seen = encode_series(
        files,
        encoder,
        seed=settings.seed,
        merit=merit,
        long_side=settings.long_side,
        say=say,
        each=note if measure else lambda _: None,
    )
    return Seen(seen.series, seen.tokens, tuple(sharp), tuple(found), seen.middle)


def answers(judged: Seen, model: QueryModel, taught: Any) -> dict[str, list[Array]]:
    """Every judge's scores of every series' frames."""
    plain, learned = (_by_series(judged, distributions(head, judged.tokens)) for head in (model.head, taught))
    merits = _merits(judged, model)
    found: dict[str, list[Array]] = {
        MODEL: [metrics.mean_scores(one) for one in plain],
        LEARNED: [metrics.mean_scores(one) for one in learned],
        MEASURED: [standings(one) for one in judged.measurements],
        LAPLACIAN: list(judged.sharp),
        TOGETHER: [
            standings(one, scores, merits[number] if merits else None)
            for number, (one, scores) in enumerate(zip(judged.measurements, plain, strict=True))
        ],
        LEARNED_TOGETHER: [standings(one, scores) for one, scores in zip(judged.measurements, learned, strict=True)],
    }
    return {**found, MERIT: merits} if merits else found


def _merits(judged: Seen, model: QueryModel) -> list[Array]:
    """What the model says within each scene; empty where it did not learn that."""
    if model.head.merit is None or judged.tokens.texture is None:
        return []
    encoded = EncodedSeries(judged.series, judged.tokens, judged.middle)
    return _by_series(judged, merits_of(model.head.merit, encoded).double().numpy())


def compare(judged: Seen, scores: dict[str, list[Array]], resamples: int) -> tuple[dict[str, Any], str]:
    """Figures of every judge, over all series and of each fault, and two tables of them."""
    tallies = {name: series_metrics.tally(judged.series, given) for name, given in scores.items()}
    shown = {name: series_metrics.SERIES_METRICS[name] for name in SHOWN}
    over_all = {
        name: series_metrics.summary(found, metrics=shown, resamples=resamples) for name, found in tallies.items()
    }
    ahead = series_metrics.differences(tallies[LEARNED], tallies[MODEL], metrics=shown, resamples=resamples)
    heading = ["judge", "better of a pair", "pristine chosen", "whole order right"]
    lines = [[name, *(cell(found[metric]) for metric in SHOWN)] for name, found in over_all.items()]
    lines.append([f"{LEARNED} less {MODEL}", *(cell(ahead[metric]) for metric in SHOWN)])
    lines.append(["chance", "0.500", "0.250", "0.042"])
    faults = {
        str(fault): np.flatnonzero([one.category == fault for one in judged.series]).astype(np.int64) for fault in Fault
    }
    by_fault = {
        name: {
            fault: {metric: round(figure(found.of(rows)), 4) for metric, figure in shown.items()}
            for fault, rows in faults.items()
        }
        for name, found in tallies.items()
    }
    fault_lines = [
        [name, *(f"{one['pair_accuracy']:.2f} · {one['series_accuracy']:.2f}" for one in found.values())]
        for name, found in by_fault.items()
    ]
    table = markdown(heading, lines) + "\n\n" + markdown(["better of a pair · pristine chosen", *faults], fault_lines)
    return {"judges": over_all, "RankReg's gain": ahead, "by fault": by_fault}, table


def kept_votes(voted: Voted, lessons: Lessons, settings: SeriesSettings) -> dict[str, Any]:
    """SRCC with votes on sources that were left out, of queries trained on the others, before and after RankReg."""
    recipe = dataclasses.replace(read_as(EmbeddedRecipe, "embedded"), seeds=(1, 2), select={})
    before, after, rows = [], [], []
    for fold in leave_one_source_out(voted.sources, np.arange(len(voted.votes))):
        head = train_head(voted, fold.learn, recipe)
        taught = learn_series(head, lessons, fold.learn, settings.rank_reg, seed=settings.seed)
        held = VisualTokens(
            lessons.photos.grid[fold.judge],
            lessons.photos.pooled[fold.judge],
            lessons.photos.height,
            lessons.photos.width,
        )
        before.append(distributions(head, held))
        after.append(distributions(taught, held))
        rows.append(fold.judge)
        say(f"votes of {fold.name}: judged before and after")
    actual = voted.votes[np.concatenate(rows)]
    first, second = np.concatenate(before), np.concatenate(after)
    judged_by = {"srcc": metrics.srcc}
    return {
        "before": metrics.summary(first, actual, metrics=judged_by, resamples=settings.resamples)["srcc"],
        "after": metrics.summary(second, actual, metrics=judged_by, resamples=settings.resamples)["srcc"],
        "difference": metrics.differences(second, first, actual, metrics=judged_by, resamples=settings.resamples)[
            "srcc"
        ],
    }


def _kept_table(kept: dict[str, Any]) -> str:
    heading = ["SRCC with votes, leave one source out", "before RankReg", "after", "difference"]
    return markdown(heading, [["two seeds", cell(kept["before"]), cell(kept["after"]), cell(kept["difference"])]])


def _embedded() -> QueryModel:
    model = registry.load_from_card(registry.find_card("embedded"), "cpu")
    if not isinstance(model, QueryModel):
        raise KnownError("The embedded model is not one of learnable queries.", "Install the program again.")
    return model


def _encoded(encoder: Encoder, data: PhotoSet, side: int) -> Voted:
    """Photos with votes, each as it is and mirrored."""
    images = np.stack([load_image(path, side) for path in data.paths])
    with torch.inference_mode():
        seen = [(encoder(some), encoder(some.flip(-1))) for some in torch.split(torch.from_numpy(images), 32)]
    grid = torch.cat([torch.stack([a.grid, b.grid], dim=1).half() for a, b in seen])
    pooled = torch.cat([torch.stack([a.pooled, b.pooled], dim=1).half() for a, b in seen])
    return Voted(Views(grid, pooled, seen[0][0].height, seen[0][0].width), data.votes, data.sources)


def _first_view(views: Views) -> VisualTokens:
    return VisualTokens(views.grid[:, 0], views.pooled[:, 0], views.height, views.width)


def _by_series(judged: Seen, found: Array) -> list[Array]:
    return [found[list(one.members)] for one in judged.series]


def _check_apart(judged: Sequence[Path], learned: Sequence[Path]) -> None:
    both = {path.resolve() for path in judged} & {path.resolve() for path in learned}
    if both:
        raise KnownError(
            f"{min(both)}: this photo would be learned from and judged.", "Name folders that share no photo."
        )
