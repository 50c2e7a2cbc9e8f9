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
from aesthetic_studio.models.encoders.base import resized
from aesthetic_studio.models.encoders.compact import CompactEncoder
from aesthetic_studio.models.weights import load_weights, save_weights
from trainer.distil.hints import ask, check_hints, learn_layers
from trainer.distil.lessons import Lessons, build_lessons, stamp
from trainer.distil.student import LessonBatch, LessonBatches, Student, distillation_loss, explained, fit_components
from trainer.loop import Engine, LoopSettings, fit
from trainer.queries.run import RunOptions, begin
from trainer.runs import RESULTS_FILE
from trainer.say import progress_bar, say_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from aesthetic_studio.models.encoders import Encoder
    from trainer.recipes.recipe import DistilRecipe
    from trainer.runs import RunFolder

ENCODER_FOLDER = "encoder"
LESSONS_FOLDER = "lessons"
WEIGHTS_FILE = "encoder.safetensors"
HINTED_FILE = "hinted.safetensors"
HEAD_VIEWS = 1024
"""By which the student's first heads are fitted."""
COMPONENT_VIEWS = 2048
"""Whose answers give the encoder's principal components."""


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
    _check_student(recipe, teachers[0], options.teachers[0])
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
    student = Student(_encoder(recipe, options, teachers[0], lessons, train, engine), widths, lessons.grids)
    student.fit_heads(lessons, _some(train, HEAD_VIEWS, recipe.seed))
    found = _learn(student, recipe, lessons, (train, held), run, options, engine)
    encoder = student.encoder.cpu().eval().folded()
    fit_components(encoder, lessons, _some(train, COMPONENT_VIEWS, recipe.seed))
    card = save_student(encoder, recipe, lessons, options, teachers, found)
    run.write(RESULTS_FILE, {"epochs": recipe.training.epochs, "held_out": found})
    run.close()
    said = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
    say(f"Of the teachers' variance on held-out photos it explains: {said}")
    say(f"The encoder {card.name} {card.version} is in {card.folder}, {card.parameters / 1e6:.2f} million parameters")
    return card


def _learn(
    student: Student,
    recipe: DistilRecipe,
    lessons: Lessons,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    run: RunFolder,
    options: DistilOptions,
    engine: Engine,
) -> dict[str, float]:
    """Teach the student as a whole; how much of the teachers' variance it explains on the second rows."""
    settings, (train, held) = recipe.training, rows
    if not settings.epochs:
        return explained(student.to(engine.device).eval(), lessons, held, engine.device)

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
    return {name: float(value) for name, value in fitted.best.items()}


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
    encoder: CompactEncoder,
    recipe: DistilRecipe,
    lessons: Lessons,
    options: DistilOptions,
    teachers: Sequence[Encoder],
    found: dict[str, float],
) -> EncoderCard:
    """Write the encoder's tensors and card. Raises ``KnownError``."""
    folder = options.output / ENCODER_FOLDER
    path = folder / WEIGHTS_FILE
    save_weights(encoder, path, half=True)
    config = encoder.config
    card = EncoderCard(
        name=CompactEncoder.kind,
        version=recipe.version,
        title=recipe.title,
        kind=CompactEncoder.kind,
        input_size=config.input_size,
        grid=(config.grid, config.grid),
        width=config.width,
        pooled_width=config.pooled_width,
        texture_width=config.texture_width,
        middle_width=config.middle_width,
        parameters=sum(parameter.numel() for parameter in encoder.parameters()),
        file=WEIGHTS_FILE,
        sha256=file_sha256(path),
        licence=recipe.card.licence,
        training_data=(
            DataSource(options.pool.name, len(lessons.names), recipe.card.data_licence, "distillation, without votes"),
            *_teacher_sources(recipe, teachers),
        ),
        config=encoder.as_json(),
        recipe={**recipe.as_json(), "photos": stamp(lessons.names), "held_out": found},
    )
    card.save(folder)
    return dataclasses.replace(card, folder=folder)


def _teacher_sources(recipe: DistilRecipe, teachers: Sequence[Encoder]) -> list[DataSource]:
    """What the card says of whom the student learned from: what they saw themselves is known to their makers."""
    settings = recipe.training
    ways = [["its layers were learned one by one"] if recipe.hints.views else [], *([] for _ in teachers[1:])]
    return [
        DataSource(teacher.card.name, 0, recipe.card.teacher_licence, f"teacher: {', then '.join(way)}")
        for teacher, known in zip(teachers, ways, strict=True)
        if (way := [*known, *(["its answers were learned"] if settings.epochs else [])])
    ]


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


def _encoder(
    recipe: DistilRecipe,
    options: DistilOptions,
    teacher: Encoder,
    lessons: Lessons,
    train: NDArray[np.int64],
    engine: Engine,
) -> CompactEncoder:
    """A student as drawn by seed, or one whose layers have learned from the teacher's; that is done once for a run."""
    settings = recipe.hints
    # Layers that have learned one by one answer in the teacher's range already; others need a norm to begin with.
    student = CompactEncoder(recipe.student.config(), normed=not settings.views)
    if not settings.views:
        return student
    path = options.output / HINTED_FILE
    hinting = check_hints(teacher, student, options.teachers[0])

    def work() -> None:
        rows = np.sort(_some(train, settings.views, settings.seed))
        # One by one: all of a larger teacher's views at once would need much memory.
        views = torch.cat([resized(lessons.take(row[None])["pixels"], hinting.side) for row in rows])
        with progress_bar("asking the teacher's layers", "view") as moved:
            hints = ask(hinting, views, settings, progress=moved)
        with progress_bar("learning layer by layer", "layer") as moved:
            shares = learn_layers(student, views, hints, settings, progress=moved)
        save_weights(student, path)
        say_to(engine.main)(f"The last layer explains {shares[-1]:.3f} of the variance of its hints")

    if not (options.resume and path.is_file()):
        engine.by_main(work)
    load_weights(student, path, file_sha256(path))
    return student


def _some(rows: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).permutation(rows)[:count]


def _check_student(recipe: DistilRecipe, teacher: Encoder, name: str) -> None:
    """Raise ``KnownError`` for a student that cannot be built, or learn from this teacher's layers where it shall."""
    try:
        student = CompactEncoder(recipe.student.config())
    except ValueError as error:
        raise KnownError(f"{recipe.path}: [student]: {error}.", "Change these settings.") from error
    if recipe.hints.views:
        check_hints(teacher, student, name)


def _checked(encoder: Encoder, spec: str) -> Encoder:
    """A teacher that says something of places. Raises ``KnownError``."""
    if min(encoder.card.grid) < 2:
        raise KnownError(
            f"{spec}: its answer has no places, only {encoder.card.grid[0]} × {encoder.card.grid[1]}.",
            "Name an encoder with a feature map: MobileNet, a vision transformer.",
        )
    return encoder
