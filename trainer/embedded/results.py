"""Held-out results: judging by every protocol beside the baselines, and the card that states them."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING

import numpy as np
import torch

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.models.card import (
    ENCODER_CARD_FILE,
    DataSource,
    EncoderReference,
    HeldOut,
    ModelCard,
    file_sha256,
)
from aesthetic_studio.models.embedded import head_config
from aesthetic_studio.models.places import ENCODER_FOLDER
from aesthetic_studio.models.weights import save_weights
from trainer import metrics
from trainer.data.images import load_image
from trainer.data.records import TEST
from trainer.embedded import baselines
from trainer.embedded.validation import cross_validate, inner_folds
from trainer.evaluation.comparing import judge_photos
from trainer.evaluation.records import PHOTOS, Evaluation, Row
from trainer.losses import VOTES
from trainer.report.run_files import PREDICTIONS_FILE, write_predictions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aesthetic_studio.models.embedded import QueryHead
    from aesthetic_studio.models.encoders import Encoder
    from trainer.data.votes import VotedPhotos
    from trainer.embedded.folds import Fold
    from trainer.embedded.training import Voted
    from trainer.recipes.recipe import EmbeddedRecipe
    from trainer.runs import RunFolder

THIS_MODEL = "this model"
REFERENCE_STEPS = 100
WEIGHTS_FILE = "model.safetensors"


def judge(
    recipe: EmbeddedRecipe,
    photos: VotedPhotos,
    voted: Voted,
    protocols: Mapping[str, tuple[list[Fold], bool]],
    *,
    say: Callable[[str], None],
    run: RunFolder,
    resamples: int = metrics.RESAMPLES,
) -> Evaluation:
    """Held-out results of the recipe and of the baselines; each part's name begins with its protocol.

    What was predicted of the photos lies in the run then: by the first protocol as the report reads it, and by each
    other one beside it.
    """
    figures: list[Row] = []
    first = next(iter(protocols))
    for protocol, (folds, by_source) in protocols.items():
        say(f"Judging: {protocol}")
        judged = cross_validate(recipe, voted, folds, by_source=by_source, say=say)
        rows = judged.rows
        run.log({"event": "judged", "protocol": protocol, "chosen": judged.chosen})
        for subject, predicted, point in [
            (THIS_MODEL, judged.predicted, False),
            *_baselines(photos, voted, folds, by_source=by_source),
        ]:
            found = judge_photos(
                subject, predicted, photos.votes[rows], photos.sources[rows], point=point, resamples=resamples
            )
            figures += [dataclasses.replace(row, part=f"{protocol}, {row.part}") for row in found]
            run.log({"event": "result", "protocol": protocol, "subject": subject, **metrics.as_json(found[0].metrics)})
        # The first protocol holds out the most; a report reads one table of predictions.
        place = PREDICTIONS_FILE if protocol == first else f"predictions-{protocol.replace(' ', '-')}.csv"
        files = [photos.files[row] for row in rows]
        write_predictions(run.path / place, files, [TEST] * len(files), judged.predicted, photos.votes[rows])
    return Evaluation(photos.name, PHOTOS, split="", protocol="", rows=tuple(figures))


def _baselines(
    photos: VotedPhotos, voted: Voted, folds: list[Fold], *, by_source: bool
) -> list[tuple[str, NDArray[np.float64], bool]]:
    """What the model is compared with: names, answers for the folds' judged photos, and whether they are points."""
    pooled = voted.views.pooled[:, 0].double().numpy()
    ridge = [
        baselines.ridge(pooled, photos.votes, fold, inner_folds(photos.sources, fold, by_source=by_source))
        for fold in folds
    ]
    average = [baselines.constant(photos.votes, fold) for fold in folds]
    answers = [
        ("ridge on the pooled features", metrics.points(np.concatenate(ridge)), True),
        ("the average vote", np.concatenate(average), False),
    ]
    rows = np.concatenate([fold.judge for fold in folds])
    nima = photos.columns.get("published_nima")
    if nima is not None and np.isfinite(nima).all():
        answers.append(("NIMA's published scores on the full-size photos", metrics.points(nima[rows]), True))
    return answers


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """What a model says of varied photos, so that a score can be told as a standing among them.

    Attributes:
        quantiles: Of the mean scores, from 0 to 100 %.
        photos: Which photos, in words.
    """

    quantiles: tuple[float, ...]
    photos: str


def refer(head: QueryHead, encoder: Encoder, files: Sequence[Path], name: str) -> Reference | None:
    """Score photos without votes; those that cannot be read are passed over, and ``None`` tells that none could."""
    found: list[float] = []
    for path in files:
        try:
            pixels = load_image(path, encoder.card.input_size)
        except UnreadablePhoto:
            continue
        with torch.inference_mode():
            answer = head(encoder(torch.from_numpy(pixels)[None]))
        found += (answer.probabilities @ VOTES).tolist()
    if not found:
        return None
    quantiles = np.quantile(found, np.linspace(0.0, 1.0, REFERENCE_STEPS + 1))
    return Reference(tuple(round(float(one), 4) for one in quantiles), f"{len(found)} photos of {name}")


def save_model(
    recipe: EmbeddedRecipe,
    head: QueryHead,
    encoder: Encoder,
    *,
    photos: VotedPhotos,
    judged: Sequence[HeldOut],
    folder: Path,
    more_data: Sequence[DataSource] = (),
    reference: Reference | None = None,
) -> ModelCard:
    """Write a model's weights, its encoder and its card into ``folder``."""
    _copy_encoder(encoder, folder / ENCODER_FOLDER)
    weights = folder / WEIGHTS_FILE
    save_weights(head, weights)
    files = [weights, *sorted((folder / ENCODER_FOLDER).iterdir())]
    own = sum(parameter.numel() for parameter in head.parameters())
    card = ModelCard(
        name=recipe.name,
        version=recipe.version,
        title=recipe.title,
        kind="embedded",
        encoder=EncoderReference(encoder.card.name, encoder.card.version),
        input_size=encoder.card.input_size,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        score_range=(1.0, 10.0),
        parameters=own + encoder.card.parameters,
        file=weights.name,
        sha256=file_sha256(weights),
        size_bytes=sum(path.stat().st_size for path in files),
        licence=recipe.card.licence,
        summary=recipe.card.summary,
        training_data=(*_sources(recipe, photos), *more_data, *encoder.card.training_data),
        held_out=tuple(judged),
        limits=recipe.card.limits,
        config=head_config(head),
        recipe=recipe.as_json(),
        speed=recipe.card.speed,
        reference=reference.quantiles if reference is not None else (),
        reference_photos=reference.photos if reference is not None else "",
    )
    card.save(folder)
    return dataclasses.replace(card, folder=folder)


def _copy_encoder(encoder: Encoder, folder: Path) -> None:
    """Put the frozen encoder beside the model, where it is not there already."""
    here = encoder.card.folder
    if here is None or here.resolve() == folder.resolve():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in (ENCODER_CARD_FILE, encoder.card.file):
        shutil.copyfile(here / name, folder / name)


def _sources(recipe: EmbeddedRecipe, photos: VotedPhotos) -> list[DataSource]:
    names, counts = np.unique(photos.sources, return_counts=True)
    return [
        DataSource(f"{photos.name}/{name}", int(count), recipe.card.data_licence, "votes that the queries learned from")
        for name, count in zip(names, counts, strict=True)
    ]
