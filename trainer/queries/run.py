"""The commands of recipes for queries: features once, training on them alone, one judgement of the test photos.

--data ─encode─▶ cache ─┐
--features ─────────────┴▶ splits ─▶ QueryTraining.fit ─▶ predictions, results, attention, model/, report.html
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models.card import DataSource
from aesthetic_studio.models.embedded import QueryHead, save_query_model
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.text import find_text_encoder
from trainer.data.manifest import write_manifest
from trainer.data.opening import open_photos
from trainer.data.records import TEST, VALIDATION, PhotoSet
from trainer.data.splits import split
from trainer.evaluation import compare_photos
from trainer.evaluation.table import markdown
from trainer.features import FeatureCache, build
from trainer.loop import Engine
from trainer.metrics import mean_scores
from trainer.queries.training import QueryTraining
from trainer.recipes.sections import EncoderSettings
from trainer.report.run_files import ATTENTION_FILE, PREDICTIONS_FILE, write_attention, write_predictions
from trainer.runs import RECIPE_FILE, RESULTS_FILE, RunFolder
from trainer.say import progress_bar, say_to

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from aesthetic_studio.models.encoders import Encoder
    from aesthetic_studio.models.text import TextEncoder
    from trainer.data.splits import Splits
    from trainer.evaluation import Evaluation
    from trainer.loop import Fitted
    from trainer.metrics import Array
    from trainer.recipes.recipe import QueryRecipe

    Rows = NDArray[np.int64]

THIS_MODEL = "this model"
WITHOUT_WORDS = "this model, without words"
AVERAGE = "the average vote"
PROTOCOL = "held-out test photos"
MODEL_FOLDER = "model"
FEW = 20
EXAMPLES = 8
"""Photos whose attention a report shows."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What every run's command line says.

    Attributes:
        set_options: How ``open_set`` reads the data.
    """

    output: Path
    data: Path | None = None
    set_options: dict[str, Any] = dataclasses.field(default_factory=dict)
    resume: bool = False
    device: str = "auto"
    precision: str = "no"
    resamples: int = 1000


@dataclass(frozen=True, slots=True)
class QueryOptions(RunOptions):
    """As ``RunOptions``; the photos come as ``data`` or, encoded already, as ``features``.

    Attributes:
        features: A cache to learn from.
        cache: Where the features of ``data`` are kept; in the run's folder without it.
    """

    features: Path | None = None
    cache: Path | None = None


@dataclass(slots=True)
class Prepared:
    """What is there before anything is written: photos or their features, and the encoders that are here."""

    engine: Engine
    cache: FeatureCache | None
    photos: PhotoSet
    encoder: Encoder | None
    text: TextEncoder | None


def train_queries(recipe: QueryRecipe, options: QueryOptions) -> None:
    """Train a recipe for queries into a run's folder, and print how it judges the test photos.

    Raises ``KnownError``; what is wrong with recipe, data, features or encoders is said before anything is written.
    """
    ready = prepare(recipe, options)
    recipe = with_encoders(recipe, ready)
    splits = split(ready.photos, recipe.data)
    run = begin(recipe, options, ready.engine)
    cache = encoded(recipe, ready, options.cache or options.output / "features")
    if cache.set.files != ready.photos.files:  # some photos could not be read after all
        splits = split(photos_of(cache), recipe.data)
    evaluation = train_on(recipe, ready, cache, splits, run, options)
    if ready.engine.main:
        print(markdown(evaluation))  # noqa: T201


def prepare(recipe: QueryRecipe, options: QueryOptions) -> Prepared:
    """Open photos or features, and find the encoders. Nothing is written. Raises ``KnownError``."""
    engine = Engine(options.device, options.precision, all_used=True)
    if options.features is not None:
        cache = FeatureCache.open(options.features, check=engine.main)
        photos = photos_of(cache)
        if recipe.model.text_encoder and not cache.has_words.any():
            raise _no_words(options.features, "Make features with --comments and --text")
        ready = Prepared(engine, cache, photos, _if_here(cache.encoder_spec), _text_if_here(recipe, cache))
        made_by = with_encoders(recipe, ready).model.encoder
        if made_by != recipe.model.encoder:
            say_to(engine.main)(f"The features are of {made_by}, and so is the run; {recipe.model.encoder} is not used")
        return ready
    if options.data is None:
        raise KnownError("Either --data or --features is needed.", "Name photos with votes, or features of them.")
    encoder = find_encoder(recipe.model.encoder)
    text = find_text_encoder(recipe.model.text_encoder) if recipe.model.text_encoder else None
    photos = open_photos(options.data, **options.set_options)
    if text is not None and not any(photos.comments):
        raise _no_words(options.data, "Name them with --comments")
    return Prepared(engine, None, photos, encoder, text)


def with_encoders(recipe: QueryRecipe, ready: Prepared) -> QueryRecipe:
    """The recipe as it is followed: features that were made already decide by which encoder."""
    if ready.cache is None:
        return recipe
    found = ready.cache.encoder_spec or ready.cache.encoder.name
    text = (ready.cache.text_spec or recipe.model.text_encoder) if recipe.model.text_encoder else ""
    return dataclasses.replace(recipe, model=EncoderSettings(found, text))


def begin(recipe: Any, options: RunOptions, engine: Engine) -> RunFolder:
    """The run's folder, new or gone on with. Raises ``KnownError`` where it holds another run."""
    before = RunFolder.recipe_of(options.output)
    if not options.resume and RunFolder.is_begun(options.output):
        raise KnownError(
            f"{options.output}: there is a run here already.", "Go on with it by --resume, or name another --output."
        )
    if options.resume and before is not None:
        differing = first_difference(before, recipe.as_json())
        if differing is not None:
            key, was, now = differing
            raise KnownError(
                f"{options.output}: this run has {key} = {was!r}, and the recipe now says {now!r}.",
                "Go on with the recipe and the --set that it began with, or name another --output.",
            )
    engine.accelerator.wait_for_everyone()
    run = RunFolder(options.output, resume=options.resume, writes=engine.main)
    engine.by_main(lambda: run.write(RECIPE_FILE, recipe.as_json()))
    return run


def encoded(recipe: QueryRecipe, ready: Prepared, folder: Path) -> FeatureCache:
    """The features; what of them is missing is encoded by the main process while the others wait."""
    if ready.cache is not None:
        return ready.cache
    assert ready.encoder is not None  # noqa: S101 - prepared with it where there is no cache
    encoder, say = ready.encoder, say_to(ready.engine.main)

    def work() -> None:
        with progress_bar("encoding", "photo") as moved:
            build(
                ready.photos,
                encoder,
                folder,
                text_encoder=ready.text,
                views=recipe.augmentation,
                device=ready.engine.device,
                progress=lambda _what, done, total: moved(done, total),
                say=say,
            )

    ready.engine.by_main(work)
    ready.cache = FeatureCache.open(folder, check=False)
    return ready.cache


def train_on(
    recipe: QueryRecipe,
    ready: Prepared,
    cache: FeatureCache,
    splits: Splits,
    run: RunFolder,
    options: RunOptions,
    *,
    alone: bool = True,
) -> Evaluation:
    """Train on a cache, judge the test photos once, and write all that a run leaves.

    A run that is not ``alone`` is one of many: it says nothing, and draws no report.
    """
    engine, say = ready.engine, say_to(ready.engine.main and alone)
    if splits.drawn:
        say(f"{cache.set.name}: {splits.drawn}")
    sizes = (
        f"{len(splits.train)} photos to learn from, {len(splits.validation)} to choose by, {len(splits.test)} to judge"
    )
    say(f"{sizes}; on {engine.words}")
    if len(splits.validation) < FEW:
        say(f"So few photos choose the best epoch by chance alone; {FEW} or more are better (data.validation)")
    training = QueryTraining(recipe, cache, splits, engine)
    begun = time.monotonic()
    fitted = training.fit(run, resume=options.resume)
    seconds = time.monotonic() - begun
    judged = {
        name: (rows, training.predict(rows)) for name, rows in splits.named().items() if name in (VALIDATION, TEST)
    }
    silent = training.predict(splits.test, words=False) if training.reads_words else None
    evaluation = _judged(cache, splits, judged[TEST][1], silent, options.resamples)

    def write() -> None:
        photos = photos_of(cache)
        write_manifest(_with_splits(photos, splits), run.path / "manifest.json")
        leave_predictions(run.path, photos, judged)
        head = _head(training)
        leave_attention(run.path, head, training, *judged[TEST])
        run.write(RESULTS_FILE, {**evaluation.as_json(), "training": facts(fitted, seconds)})
        _save_model(recipe, ready, head, cache, evaluation, run.path / MODEL_FOLDER, say)
        run.close()
        if alone:
            report(run.path, say)

    engine.by_main(write)
    return evaluation


def facts(fitted: Fitted, seconds: float) -> dict[str, Any]:
    """What came of a fit, for ``results.json``; the seconds are of this run of the program alone."""
    content = dataclasses.asdict(fitted)
    content["checkpoint"] = fitted.checkpoint.name
    return {**content, "best": dict(fitted.best), "seconds": round(seconds, 2)}


def photos_of(cache: FeatureCache) -> PhotoSet:
    """A cache's photos. Raises ``KnownError`` where it holds series."""
    if not isinstance(cache.set, PhotoSet):
        raise KnownError(
            f"{cache.folder}: these are features of {cache.set.kind}; photos with votes are needed here.",
            "Name features of photos with votes.",
        )
    return cache.set


def leave_predictions(folder: Path, photos: PhotoSet, judged: Mapping[str, tuple[Rows, Array]]) -> None:
    """Write what was predicted of some splits, in this order."""
    rows = np.concatenate([rows for rows, _ in judged.values()])
    write_predictions(
        folder / PREDICTIONS_FILE,
        [photos.files[row] for row in rows],
        [name for name, (some, _) in judged.items() for _ in some],
        np.concatenate([predicted for _, predicted in judged.values()]),
        photos.votes[rows],
    )


def leave_attention(folder: Path, head: QueryHead, training: QueryTraining, rows: Rows, predicted: Array) -> None:
    """Write where the queries looked in some test photos, from the lowest to the highest predicted score."""
    order = np.argsort(mean_scores(predicted), kind="stable")
    places = order[np.linspace(0, len(order) - 1, min(EXAMPLES, len(order))).round().astype(int)]
    chosen, photos = rows[places], photos_of(training.cache)
    words = training.cache.text(chosen) if training.reads_words else None
    with torch.inference_mode():
        maps = head(training.cache.tokens(chosen), words).attention.numpy()
    write_attention(
        folder / ATTENTION_FILE,
        [photos.files[row] for row in chosen],
        [photos.paths[row].resolve() for row in chosen],
        maps,
        predicted[places],
        photos.votes[chosen],
    )


def report(folder: Path, say: Any) -> None:
    """Draw the run's report; a report that cannot be drawn loses no run."""
    from trainer.report import write_report  # noqa: PLC0415 - matplotlib comes with it

    try:
        say(f"The report is {write_report(folder)}")
    except KnownError as error:
        say(f"There is no report: {error}")


def first_difference(before: Any, now: Any, key: str = "") -> tuple[str, Any, Any] | None:
    """The first key by which two resolved recipes differ, with both values."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*before, *now]):
            inside = f"{key}.{name}" if key else name
            found = first_difference(before.get(name), now.get(name), inside)
            if found is not None:
                return found
        return None
    if isinstance(now, tuple):
        now = list(now)
    return None if before == now else (key, before, now)


def _judged(
    cache: FeatureCache,
    splits: Splits,
    predicted: Array,
    silent: Array | None,
    resamples: int,
) -> Evaluation:
    photos = photos_of(cache)
    answers = {THIS_MODEL: predicted}
    if silent is not None:
        answers[WITHOUT_WORDS] = silent
    answers[AVERAGE] = np.repeat(photos.votes[splits.train].mean(axis=0, keepdims=True), len(splits.test), axis=0)
    found = compare_photos(
        answers,
        photos.votes[splits.test],
        photos.sources[splits.test],
        name=photos.name,
        protocol=PROTOCOL,
        split=TEST,
        resamples=resamples,
    )
    notes = [splits.drawn[0].upper() + splits.drawn[1:] + "."] if splits.drawn else []
    return dataclasses.replace(found, excluded=photos.excluded, notes=(*photos.notes, *notes))


def _with_splits(photos: PhotoSet, splits: Splits) -> PhotoSet:
    names = photos.splits.astype("<U10")
    for name, rows in splits.named().items():
        names[rows] = name
    return dataclasses.replace(photos, splits=names)


def _head(training: QueryTraining) -> QueryHead:
    head = QueryHead(training.model.config)
    head.members[0].load_state_dict({k: v.detach().cpu() for k, v in training.model.state_dict().items()})
    return head.eval()


def _save_model(
    recipe: QueryRecipe,
    ready: Prepared,
    head: QueryHead,
    cache: FeatureCache,
    evaluation: Evaluation,
    folder: Path,
    say: Any,
) -> None:
    if ready.encoder is None or (head.config.text_width and ready.text is None):
        say("No model folder is written: the encoder of these features is not installed here")
        return
    learned = DataSource(
        cache.set.name, len(cache), recipe.card.data_licence, "votes that the queries learned from and were chosen by"
    )
    card = save_query_model(
        folder,
        head,
        ready.encoder.cpu(),
        name=recipe.name,
        version=recipe.version,
        title=recipe.title,
        licence=recipe.card.licence,
        summary=recipe.card.summary,
        text=ready.text if head.config.text_width else None,
        training_data=(learned, *ready.encoder.card.training_data),
        held_out=evaluation.held_out(),
        limits=recipe.card.limits,
        recipe=recipe.as_json(),
        speed=recipe.card.speed,
    )
    say(f"The model {card.name} {card.version} is in {folder}, {card.size_bytes / 1e6:.1f} MB")


def _if_here(spec: str) -> Encoder | None:
    try:
        return find_encoder(spec) if spec else None
    except ModelUnavailable:
        return None


def _text_if_here(recipe: QueryRecipe, cache: FeatureCache) -> TextEncoder | None:
    if not recipe.model.text_encoder or not cache.text_spec:
        return None
    try:
        return find_text_encoder(cache.text_spec)
    except ModelUnavailable:
        return None


def _no_words(place: Path, remedy: str) -> KnownError:
    return KnownError(
        f"{place}: this recipe reads words, and none of these photos has any.",
        f'{remedy}, or train without words by --set model.text_encoder="".',
    )
