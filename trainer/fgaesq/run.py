"""The command ``fgaesq``: CLIP's image tower learns from votes (stage 1), then from series and votes in turn (stage 2).

--data ─▶ photos with votes ─┬─ stage1: EMD ─▶ ┬─ stage2: λ L_align + L_RR, EMD ─▶ model, card, report
--series ─▶ compared pairs ──┘                 ┘
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import DataSource
from aesthetic_studio.models.fgaesq.published import save_model
from trainer.data.opening import open_photos, open_series
from trainer.data.records import TEST, TRAIN, VALIDATION, PhotoSet, SeriesSet
from trainer.data.splits import Splits, split
from trainer.evaluation.command import tell_exclusions
from trainer.evaluation.comparing import compare_photos, compare_series
from trainer.evaluation.table import markdown
from trainer.fgaesq.comparisons import clip_tokeniser, embed, read_comparisons
from trainer.fgaesq.judging import Judge
from trainer.fgaesq.objective import Explanations, FGAesQObjective, ObjectiveSettings
from trainer.fgaesq.start import clip_weights, config_of, network_from, text_tower_from
from trainer.loop import Engine, Fitted, LoopSettings, fit
from trainer.queries.run import MODEL_FOLDER, PROTOCOL, THIS_MODEL, RunOptions, begin, facts, report
from trainer.report.run_files import PREDICTIONS_FILE, write_predictions
from trainer.runs import RESULTS_FILE
from trainer.say import say_to

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from aesthetic_studio.models.fgaesq import FGAesQ, FGAesQConfig
    from trainer.evaluation.records import Evaluation
    from trainer.recipes.recipe import FGAesQRecipe
    from trainer.runs import RunFolder
    from trainer.say import Say

SERIES_PROTOCOL = "held-out test series"
NO_COMPARISONS = "No comparisons in words are given: L_align is 0, and series teach by RankReg alone."


@dataclass(frozen=True, slots=True)
class FGAesQOptions(RunOptions):
    """As ``RunOptions``; ``data`` has votes, ``series`` has labelled pairs, ``comparisons`` say why one is better."""

    series: Path | None = None
    comparisons: Path | None = None


@dataclass(frozen=True, slots=True)
class Sets:
    """What is learned from, and how it is split."""

    photos: PhotoSet | None
    photo_rows: Splits | None
    series: SeriesSet | None
    series_rows: dict[str, NDArray[np.int64]]

    def photos_of(self, name: str) -> tuple[PhotoSet, NDArray[np.int64]] | None:
        """Photos of a split."""
        if self.photos is None or self.photo_rows is None:
            return None
        return self.photos, self.photo_rows.named()[name]

    def series_of(self, name: str) -> tuple[SeriesSet, NDArray[np.int64]] | None:
        """Series of a split."""
        return None if self.series is None else (self.series, self.series_rows[name])


def train(recipe: FGAesQRecipe, options: FGAesQOptions) -> None:
    """Train by a recipe and leave a model, its card and a report.

    Raises ``KnownError``; what is wrong with data, weights or comparisons is said before anything is written.
    """
    sets = open_sets(recipe, options)
    state = clip_weights(recipe.model.clip)
    config = config_of(state, recipe.model.clip)
    engine = Engine(options.device, options.precision)
    say = say_to(engine.main)
    for part in (sets.photos, sets.series):
        if part is not None:
            tell_exclusions(part.excluded, say)
    explanations = _explanations(options, state, config, recipe.model.clip, engine, say)
    network = network_from(state, config, recipe.model.clip, parity=recipe.model.parity, seed=recipe.seed)
    run = begin(recipe, options, engine)
    began = time.monotonic()
    objective, fitted = fit_stages(
        network, recipe, sets, run, engine, explanations=explanations, resume=options.resume, say=say
    )
    training = {stage: facts(one, time.monotonic() - began) for stage, one in fitted.items()}
    judged = _judge(objective, sets, engine, run, options.resamples)
    engine.by_main(lambda: _leave(network, recipe, sets, judged, objective, run, training, say))


def open_sets(recipe: FGAesQRecipe, options: FGAesQOptions) -> Sets:
    """Read both sets and split them. Raises ``KnownError`` where there is neither, or nothing to learn from."""
    if options.data is None and options.series is None:
        raise KnownError("Either --data or --series is needed, or both.", "Name photos with votes, or series.")
    photos = None if options.data is None else open_photos(options.data, **options.set_options)
    beside = options.set_options.get("images") if options.data is None else None
    series = None if options.series is None else open_series(options.series, images=beside)
    return Sets(
        photos,
        None if photos is None else split(photos, recipe.data),
        series,
        {} if series is None else split_series(series, recipe),
    )


def split_series(series: SeriesSet, recipe: FGAesQRecipe) -> dict[str, NDArray[np.int64]]:
    """A set's own splits of its series; what it does not state is drawn, always alike, no series into two.

    Raises ``KnownError`` where no series would be left to learn from.
    """
    found = {name: series.rows(name) for name in (TRAIN, VALIDATION, TEST)}
    learn = found[TRAIN] if len(found[TRAIN]) else series.rows("")
    generator = np.random.default_rng(recipe.data.draw)
    for name, share in ((TEST, recipe.data.test), (VALIDATION, recipe.data.validation)):
        if not len(found[name]) and len(learn) > 2:
            order = generator.permutation(learn)
            count = max(1, round(share * len(learn)))
            found[name], learn = np.sort(order[:count]), np.sort(order[count:])
    if not len(learn):
        raise KnownError(f"{series.name}: there is no series to learn from.", "Name a set with training series.")
    return found | {TRAIN: learn}


def fit_stages(
    network: FGAesQ,
    recipe: FGAesQRecipe,
    sets: Sets,
    run: RunFolder,
    engine: Engine,
    *,
    explanations: Explanations | None = None,
    resume: bool = False,
    say: Say = lambda _: None,
) -> tuple[FGAesQObjective, dict[str, Fitted]]:
    """Train ``network`` in both stages, as far as there is data for them; the last objective, and each stage's facts.

    Raises ``KnownError`` where neither stage has anything to do.
    """
    coarse, fine = sets.photos_of(TRAIN), sets.series_of(TRAIN)
    stage1, stage2 = recipe.stage1, recipe.stage2
    objective: FGAesQObjective | None = None
    fitted: dict[str, Fitted] = {}
    base = ObjectiveSettings(emd_r=recipe.training.emd_r, seed=recipe.seed)
    if coarse is not None and stage1.epochs:
        say(f"Stage 1: {len(coarse[1])} photos with votes, {stage1.epochs} epochs")
        settings = dataclasses.replace(base, coarse_batch=stage1.batch)
        objective = FGAesQObjective(network, settings, coarse=coarse)
        loop = _loop(recipe, stage1.epochs, stage1.learning_rate, stage1.weight_decay, "stage1")
        fitted["stage1"] = _fit(objective, loop, sets, run, engine, "stage1", resume=resume, say=say)
    if fine is not None and stage2.epochs:
        settings = dataclasses.replace(
            base,
            coarse_batch=stage2.coarse_batch,
            fine_batch=stage2.fine_batch,
            align_weight=stage2.align_weight,
        )
        done = {} if objective is None else objective.excluded
        objective = FGAesQObjective(network, settings, coarse=coarse, fine=fine, explanations=explanations)
        objective.excluded.update(done)
        turns = "series and votes in turn" if coarse is not None else "series alone"
        say(f"Stage 2: {len(fine[1])} series, {turns}, {stage2.epochs} epochs; {objective.explained} pairs in words")
        loop = _loop(recipe, stage2.epochs, stage2.learning_rate, stage2.weight_decay, "stage2")
        fitted["stage2"] = _fit(objective, loop, sets, run, engine, "stage2", resume=resume, say=say)
    if objective is None:
        raise KnownError("Neither stage has anything to do.", "Check stage1.epochs and stage2.epochs, and the data.")
    return objective, fitted


def _fit(
    objective: FGAesQObjective,
    loop: LoopSettings,
    sets: Sets,
    run: RunFolder,
    engine: Engine,
    stage: str,
    *,
    resume: bool,
    say: Say,
) -> Fitted:
    judge = Judge(objective, engine)
    photos = sets.photos_of(VALIDATION)
    series = sets.series_of(VALIDATION) if stage == "stage2" else None
    some = any(part is not None and len(part[1]) for part in (photos, series))
    fitted = fit(
        objective.network,
        objective,
        objective.loss,
        settings=loop,
        run=run,
        validate=(lambda _: judge.validate(photos, series)) if some else None,
        resume=resume,
        stage=stage,
        engine=engine,
    )
    best = ", ".join(f"{name} {value:.3f}" for name, value in fitted.best.items())
    say(f"{stage}: the weights of epoch {fitted.best_epoch} are kept{f' ({best})' if best else ''}")
    return fitted


def _loop(recipe: FGAesQRecipe, epochs: int, learning_rate: float, weight_decay: float, stage: str) -> LoopSettings:
    return LoopSettings(
        epochs=epochs,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        warmup=recipe.training.warmup,
        clip=recipe.training.clip,
        seed=recipe.seed,
        checkpoint_every=recipe.training.checkpoint_every,
        patience=recipe.training.patience,
        watch="balanced",
        learning_rate_key=f"{stage}.learning_rate",
    )


def _explanations(
    options: FGAesQOptions, state: dict[str, Tensor], config: FGAesQConfig, source: str, engine: Engine, say: Say
) -> Explanations | None:
    """Comparisons, embedded once by the frozen text tower."""
    if options.series is None:
        return None
    if options.comparisons is None:
        say(NO_COMPARISONS)
        return None
    comparisons = read_comparisons(options.comparisons)
    tower = text_tower_from(state, config, source).to(engine.device)
    embeddings = embed(list(comparisons.values()), tower, clip_tokeniser(config.text.context))
    say(f"{len(comparisons)} comparisons are embedded")
    return Explanations(embeddings, {key: row for row, key in enumerate(comparisons)})


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the test says."""

    tables: list[Evaluation]
    """Series first: ordering them is what the method is for, and what a card shows first."""
    rows: NDArray[np.int64]
    predicted: NDArray[np.float64]


def _judge(objective: FGAesQObjective, sets: Sets, engine: Engine, run: RunFolder, resamples: int) -> _Judged:
    """Test series and test photos, once."""
    objective.network.to(engine.device).eval()
    judge = Judge(objective, engine)
    tables: list[Evaluation] = []
    rows, predicted = np.zeros(0, np.int64), np.zeros((0, objective.network.config.bins))
    photos, series = sets.photos_of(TEST), sets.series_of(TEST)
    if series is not None and len(series[1]):
        known, scores = judge.series(*series)
        if known:
            tables.append(
                compare_series(
                    {THIS_MODEL: scores},
                    known,
                    name=series[0].name,
                    protocol=SERIES_PROTOCOL,
                    split=TEST,
                    resamples=resamples,
                )
            )
    if photos is not None and len(photos[1]):
        rows, predicted = judge.photos(*photos)
        if len(rows) > 1:
            data = photos[0]
            tables.append(
                compare_photos(
                    {THIS_MODEL: predicted},
                    data.votes[rows],
                    data.sources[rows],
                    name=data.name,
                    protocol=PROTOCOL,
                    split=TEST,
                    resamples=resamples,
                )
            )
    for row in (row for table in tables for row in table.held_out()):
        run.log(
            {"event": "result", "set": row.set, "protocol": row.protocol, "subject": row.subject}
            | {name: [value.value, value.low, value.high] for name, value in row.metrics.items()}
        )
    return _Judged(tables, rows, predicted)


def _leave(
    network: FGAesQ,
    recipe: FGAesQRecipe,
    sets: Sets,
    judged: _Judged,
    objective: FGAesQObjective,
    run: RunFolder,
    training: dict[str, dict[str, Any]],
    say: Say,
) -> None:
    """Write what a run leaves."""
    # A report reads one table; of two it is the photos', and the series' lies beside it.
    last = judged.tables[-1].as_json() if judged.tables else {}
    beside = {"series": judged.tables[0].as_json()} if len(judged.tables) > 1 else {}
    run.write(RESULTS_FILE, {**last, **beside, "training": training})
    if sets.photos is not None and len(judged.rows):
        files = [sets.photos.files[row] for row in judged.rows]
        actual = sets.photos.votes[judged.rows]
        write_predictions(run.path / PREDICTIONS_FILE, files, [TEST] * len(files), judged.predicted, actual)
    everything = [row for part in (sets.photos, sets.series) if part is not None for row in part.excluded]
    everything += objective.excluded.values()
    run.write("excluded.json", [dataclasses.asdict(row) for row in everything])
    tell_exclusions(tuple(objective.excluded.values()), say)
    card = save_model(
        network,
        run.path / MODEL_FOLDER,
        name=recipe.name,
        version=recipe.version,
        title=recipe.title,
        licence=recipe.card.licence,
        summary=recipe.card.summary,
        limits=recipe.card.limits,
        speed=recipe.card.speed,
        training_data=_sources(recipe, sets),
        held_out=tuple(row for table in judged.tables for row in table.held_out()),
        recipe=recipe.as_json(),
    )
    say(f"The model {card.name} {card.version} is in {run.path / MODEL_FOLDER}, {card.size_bytes / 1e6:.1f} MB")
    run.close()
    report(run.path, say)
    for table in judged.tables:
        print(markdown(table))  # noqa: T201


def _sources(recipe: FGAesQRecipe, sets: Sets) -> tuple[DataSource, ...]:
    licence = recipe.card.data_licence
    found = [DataSource(recipe.model.clip, 0, "see the weights' own page", "CLIP, from which training began")]
    photos, series = sets.photos_of(TRAIN), sets.series_of(TRAIN)
    if photos is not None:
        found.append(DataSource(photos[0].name, len(photos[1]), licence, "votes"))
    if series is not None:
        members = {row for number in series[1] for row in series[0].series[number].members}
        found.append(DataSource(series[0].name, len(members), licence, f"compared pairs of {len(series[1])} series"))
    return tuple(found)
