"""The command ``distil``: teachers look at a pool once, a compact student learns from them and is saved as an encoder.

--pool, --teacher ─▶ lessons ─▶ fit ─▶ encoder/ (card, weights), results.json
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import DataSource, EncoderCard, file_sha256
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.encoders.compact import CompactEncoder
from aesthetic_studio.models.weights import save_weights
from trainer.distil.lessons import Lessons, build_lessons, stamp
from trainer.distil.student import LessonBatch, LessonBatches, Student, distillation_loss, explained
from trainer.loop import Engine, LoopSettings, fit
from trainer.queries.run import RunOptions, begin
from trainer.runs import RESULTS_FILE
from trainer.say import progress_bar, say_to

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from aesthetic_studio.models.encoders import Encoder
    from trainer.recipes.recipe import DistilRecipe

ENCODER_FOLDER = "encoder"
LESSONS_FOLDER = "lessons"
WEIGHTS_FILE = "encoder.safetensors"


@dataclass(frozen=True, slots=True)
class DistilOptions(RunOptions):
    """As ``RunOptions``.

    Attributes:
        pool: A folder of photos.
        teachers: Specs of frozen encoders.
        cache: Where the lessons are kept; in the run's folder without it.
    """

    pool: Path = Path()
    teachers: tuple[str, ...] = ()
    cache: Path | None = None


def distil(recipe: DistilRecipe, options: DistilOptions) -> EncoderCard:
    """Teach a student and save it.

    Raises ``KnownError``; what is wrong with pool or teacher is said before any work.
    """
    if not options.teachers:
        raise KnownError("No teacher is named.", "Name one with --teacher: a .tflite file, or a tower of open_clip.")
    teachers = [_checked(find_encoder(spec), spec) for spec in options.teachers]
    engine = Engine(options.device, options.precision)
    say = say_to(engine.main)
    run = begin(recipe, options, engine)
    lessons = _lessons(recipe, options, teachers, engine)
    train, held = split(lessons, recipe)
    say(f"{len(lessons.names)} photos, {len(lessons)} views; {len(held)} views of other photos are held out")
    torch.manual_seed(recipe.seed)
    sample = lessons.take(np.zeros(1, dtype=np.int64))
    widths = [
        (sample[f"dense.{number}"].shape[-1], sample[f"pooled.{number}"].shape[-1]) for number in range(len(teachers))
    ]
    student = Student(recipe.student.config(), widths, lessons.grids)
    settings = recipe.training

    def loss(model: nn.Module, batch: LessonBatch) -> Tensor:
        return distillation_loss(model(batch.pixels), batch, settings)

    fitted = fit(
        student,
        LessonBatches(lessons, train, batch=settings.batch, seed=recipe.seed),
        loss,
        settings=LoopSettings(
            epochs=settings.epochs,
            learning_rate=settings.learning_rate,
            weight_decay=settings.weight_decay,
            warmup=settings.warmup,
            clip=settings.clip,
            seed=recipe.seed,
            checkpoint_every=settings.checkpoint_every,
            patience=settings.patience,
            watch="explained",
        ),
        run=run,
        validate=lambda _model: explained(student, lessons, held, engine.device),
        resume=options.resume,
        engine=engine,
    )
    found = {name: float(value) for name, value in fitted.best.items()}
    card = save_student(student.encoder, recipe, lessons, options, found)
    run.write(RESULTS_FILE, {"epochs": fitted.epochs, "best_epoch": fitted.best_epoch, "held_out": found})
    run.close()
    said = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
    say(f"Of the teachers' variance on held-out photos it explains: {said}")
    say(f"The encoder {card.name} {card.version} is in {card.folder}, {card.parameters / 1e6:.2f} million parameters")
    return card


def split(lessons: Lessons, recipe: DistilRecipe) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows to learn from and rows held out, by photo: no view of a held-out photo is learned from."""
    photos = np.random.default_rng(recipe.seed).permutation(len(lessons.names))
    count = min(max(1, round(recipe.validation * len(photos))), len(photos) - 1)
    held, train = photos[:count], photos[count:]
    views = np.arange(lessons.views)

    def rows(some: NDArray[np.int64]) -> NDArray[np.int64]:
        return (np.sort(some)[:, None] * lessons.views + views).reshape(-1)

    return rows(train), rows(held)


def save_student(
    encoder: CompactEncoder, recipe: DistilRecipe, lessons: Lessons, options: DistilOptions, found: dict[str, float]
) -> EncoderCard:
    """Write the encoder's tensors and card. Raises ``KnownError``."""
    folder = options.output / ENCODER_FOLDER
    path = folder / WEIGHTS_FILE
    save_weights(encoder.cpu().eval(), path)
    config = encoder.config
    card = EncoderCard(
        name=CompactEncoder.kind,
        version=recipe.version,
        title=recipe.title,
        kind=CompactEncoder.kind,
        input_size=config.input_size,
        grid=(config.grid, config.grid),
        width=config.width,
        pooled_width=config.width,
        parameters=sum(parameter.numel() for parameter in encoder.parameters()),
        file=WEIGHTS_FILE,
        sha256=file_sha256(path),
        licence=recipe.card.licence,
        training_data=(
            DataSource(options.pool.name, len(lessons.names), recipe.card.data_licence, "distillation, without votes"),
        ),
        config=encoder.as_json(),
        recipe={**recipe.as_json(), "photos": stamp(lessons.names), "held_out": found},
    )
    card.save(folder)
    return dataclasses.replace(card, folder=folder)


def _lessons(recipe: DistilRecipe, options: DistilOptions, teachers: list[Encoder], engine: Engine) -> Lessons:
    folder = options.cache or options.output / LESSONS_FOLDER
    say, ready = say_to(engine.main), []

    def work() -> None:
        with progress_bar("showing the teachers", "photo") as moved:
            ready.append(build_lessons(recipe, options.pool, teachers, folder, progress=moved, say=say))
        for name, why in ready[0].excluded.items():
            say(f"left out: {name}: {why}")

    engine.by_main(work)
    return ready[0] if ready else Lessons.open(folder)


def _checked(encoder: Encoder, spec: str) -> Encoder:
    """A teacher that says something of places. Raises ``KnownError``."""
    if min(encoder.card.grid) < 2:
        raise KnownError(
            f"{spec}: its answer has no places, only {encoder.card.grid[0]} × {encoder.card.grid[1]}.",
            "Name an encoder with a feature map: MobileNet, a vision transformer.",
        )
    return encoder
