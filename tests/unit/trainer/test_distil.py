"""Distillation: a student learns what its teachers say, from lessons that survive anything, and becomes an encoder."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import EncoderCard
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.encoders.compact import CompactConfig, CompactEncoder
from trainer import cli
from trainer.distil import lessons as lesson_files
from trainer.distil.crops import views_of
from trainer.distil.lessons import Lessons, build_lessons
from trainer.distil.student import (
    LessonBatches,
    Student,
    batch_of,
    distillation_loss,
    explained,
    fit_components,
    relation_loss,
)
from trainer.loop import Share
from trainer.recipes.recipe import DistilRecipe, read_as
from trainer.recipes.sections import LessonSettings

if TYPE_CHECKING:
    from pathlib import Path

    from aesthetic_studio.models.encoders import Encoder

SMALL = [
    "student.input_size=32",
    "student.stem=8",
    "student.widths=[16,24]",
    "student.strides=[2,2]",
    "student.width=12",
    "student.pooled_width=16",
    "hints.views=0",
    "lessons.views=2",
    "lessons.components=8",
    "training.epochs=4",
    "training.batch=8",
    "training.learning_rate=3e-3",
    "training.checkpoint_every=2",
    "validation=0.1",
]


@pytest.fixture
def recipe() -> DistilRecipe:
    return read_as(DistilRecipe, "distil", SMALL)


@pytest.fixture(scope="module")
def lessons(pool: Path, tmp_path_factory: pytest.TempPathFactory) -> Lessons:
    return made(read_as(DistilRecipe, "distil", SMALL), pool, tmp_path_factory.mktemp("lessons"))


def made(recipe: DistilRecipe, pool: Path, folder: Path, *teachers: Encoder) -> Lessons:
    chosen = teachers or (find_encoder("embedded"),)
    return build_lessons(recipe, pool, chosen, folder, progress=lambda *_: None, say=lambda _: None)


def seeing(side: int) -> Encoder:
    """A teacher of some side that knows nothing."""
    config = CompactConfig(side, 4, (6,), (2,), width=6, pooled_width=6)
    encoder = CompactEncoder(config).eval()
    encoder.card = EncoderCard(
        name="drawn",
        version="1",
        title="Drawn",
        kind=CompactEncoder.kind,
        input_size=side,
        grid=(config.grid, config.grid),
        width=config.width,
        pooled_width=config.pooled_width,
        parameters=1,
        file="none.safetensors",
        sha256="",
        licence="none",
    )
    return encoder


def never(*_: object) -> Any:
    raise AssertionError("a teacher was asked again")


def photos_of(pool: Path) -> int:
    return len(list(pool.rglob("*.png")))


def student_of(lessons: Lessons, recipe: DistilRecipe, *, normed: bool) -> Student:
    torch.manual_seed(0)
    sample = lessons.take(np.zeros(1, dtype=np.int64))
    widths = [(sample["dense.0"].shape[-1], sample["pooled.0"].shape[-1])]
    return Student(CompactEncoder(recipe.student.config(), normed=normed), widths, lessons.grids)


def command(pool: Path, output: Path, *more: str) -> int:
    sets = [part for change in SMALL for part in ("--set", change)]
    given = ["--pool", str(pool), "--teacher", "embedded", "--device", "cpu", "--output", str(output)]
    return cli.main(["distil", *given, *sets, *more])


def test_a_pool_and_a_teacher_become_an_encoder_that_models_can_stand_on(
    pool: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(pool, tmp_path / "run") == 0

    said = capsys.readouterr().err
    assert "broken.jpg" in said
    encoder = find_encoder(str(tmp_path / "run" / "encoder"))
    tokens = encoder(torch.zeros(2, 3, 50, 50, dtype=torch.uint8))
    assert tokens.grid.shape == (2, 16, 12)
    assert tokens.pooled.shape == (2, 16)
    assert (encoder.card.width, encoder.card.pooled_width) == (12, 16)
    assert (tokens.height, tokens.width) == encoder.card.grid == (4, 4)
    learned, teacher = encoder.card.training_data
    assert (learned.name, learned.photos) == (pool.name, photos_of(pool))
    assert (teacher.name, teacher.photos) == (find_encoder("embedded").card.name, 0)
    assert (teacher.licence, teacher.used_for) == ("Apache-2.0", "teacher: its answers were learned")
    assert tokens.texture is not None
    assert tokens.texture.shape == (2, encoder.card.texture_width)
    # Its numbers are about nothing and of one size on average, over the views that it learned from.
    tokens = encoder(Lessons.open(tmp_path / "run" / "lessons").take(np.arange(2 * photos_of(pool)))["pixels"])
    for numbers in (tokens.grid.flatten(0, 1), tokens.pooled):
        assert float(numbers.mean(dim=0).abs().max()) < 0.5
        assert float(numbers.var(dim=0).mean()) == pytest.approx(1.0, rel=0.3)
    assert json.loads((tmp_path / "run" / "results.json").read_text())["held_out"]["explained"] < 1.0


def test_a_run_that_was_stopped_ends_as_one_that_was_not(
    pool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(pool, tmp_path / "whole") == 0
    steps = iter(range(100))

    def stopping(self: LessonBatches, share: Share) -> Any:
        if next(steps) == 7:
            raise KeyboardInterrupt
        return load(self, share)

    load = LessonBatches.load
    with monkeypatch.context() as patched:
        patched.setattr(LessonBatches, "load", stopping)
        assert command(pool, tmp_path / "stopped") == cli.INTERRUPTED
    assert command(pool, tmp_path / "stopped", "--resume") == 0

    one, two = ((tmp_path / name / "encoder" / "encoder.safetensors").read_bytes() for name in ("whole", "stopped"))
    assert one == two


def test_lessons_are_computed_once(
    recipe: DistilRecipe, pool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(recipe, pool, tmp_path)

    monkeypatch.setattr(lesson_files, "rooted", never)
    again = made(recipe, pool, tmp_path)
    assert again.names == first.names
    assert len(again) == 2 * photos_of(pool)


def test_damaged_lessons_are_made_again_as_they_were(recipe: DistilRecipe, pool: Path, tmp_path: Path) -> None:
    before = made(recipe, pool, tmp_path).take(np.arange(4))
    before = {name: tensor.clone() for name, tensor in before.items()}
    shard = next(tmp_path.glob("*0.safetensors"))
    shard.write_bytes(shard.read_bytes()[:-9] + b"scratched")
    after = made(recipe, pool, tmp_path).take(np.arange(4))
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_student_of_any_size_learns_from_the_same_lessons(
    recipe: DistilRecipe, pool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(recipe, pool, tmp_path)
    monkeypatch.setattr(lesson_files, "rooted", never)
    larger = dataclasses.replace(recipe, student=dataclasses.replace(recipe.student, input_size=64, stem=12))
    again = made(larger, pool, tmp_path)
    assert again.names == first.names
    assert student_of(again, larger, normed=True)(again.take(np.arange(2))["pixels"]).whole.shape == (2, 24)


def test_lessons_keep_photos_as_closely_as_any_teacher_looks(recipe: DistilRecipe, pool: Path, tmp_path: Path) -> None:
    lessons = made(recipe, pool, tmp_path, seeing(24), seeing(40))
    sample = lessons.take(np.arange(3))
    assert sample["pixels"].shape == (3, 3, 40, 40)
    assert lessons.grids == [(6, 6), (10, 10)]
    assert [sample[f"dense.{number}"].shape[1] for number in range(2)] == [36, 100]


def test_lessons_of_another_teacher_are_never_mixed_in(recipe: DistilRecipe, pool: Path, tmp_path: Path) -> None:
    made(recipe, pool, tmp_path)
    with pytest.raises(KnownError, match="made with teachers"):
        made(recipe, pool, tmp_path, seeing(32))


def test_lessons_of_a_teacher_that_sees_otherwise_are_never_mixed_in(
    recipe: DistilRecipe, pool: Path, tmp_path: Path
) -> None:
    made(recipe, pool, tmp_path, seeing(24))
    with pytest.raises(KnownError, match="made with side 24, not 32"):
        made(recipe, pool, tmp_path, seeing(32))


@pytest.mark.parametrize("change", [{"components": 4}, {"views": 3}, {"crop": 0.9}, {"seed": 1}])
def test_lessons_of_other_settings_are_never_mixed_in(
    recipe: DistilRecipe, pool: Path, tmp_path: Path, change: dict[str, Any]
) -> None:
    made(recipe, pool, tmp_path, seeing(24))
    other = dataclasses.replace(recipe, lessons=dataclasses.replace(recipe.lessons, **change))
    with pytest.raises(KnownError, match="made with lessons"):
        made(other, pool, tmp_path, seeing(24))


@pytest.mark.parametrize(
    ("files", "arguments", "named"),
    [
        (0, ["--teacher", "embedded", "--set", "hints.views=0"], "no photos"),
        (3, ["--teacher", "embedded", "--set", "hints.views=0"], "only 3 photos"),
        (9, [], "No teacher is named"),
        (9, ["--teacher", "missing.tflite"], "missing.tflite"),
    ],
)
def test_what_is_missing_is_named_before_any_work(
    tmp_path: Path, files: int, arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pool"
    folder.mkdir()
    for number in range(files):
        Image.new("RGB", (40, 40), (number * 20, 0, 0)).save(folder / f"{number}.png")
    assert cli.main(["distil", "--pool", str(folder), "--output", str(tmp_path / "run"), *arguments]) == cli.PROBLEM
    error = capsys.readouterr().err
    assert named in error
    assert "Traceback" not in error


@pytest.mark.parametrize("change", ["student.widths=[16,5000]", "student.stem=5000", "student.input_size=2048"])
def test_a_student_that_cannot_be_built_is_named_before_any_work(
    pool: Path, tmp_path: Path, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(pool, tmp_path / "run", "--set", change) == cli.PROBLEM
    assert "allowed: " in capsys.readouterr().err.lower()
    assert not (tmp_path / "run" / "lessons").exists()


def test_a_student_of_no_blocks_is_refused(pool: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    none = ("--set", "student.widths=[]", "--set", "student.strides=[]")
    assert command(pool, tmp_path / "run", *none) == cli.PROBLEM
    assert "allowed: " in capsys.readouterr().err.lower()


def test_a_student_begins_with_heads_that_answer_as_well_as_its_layers_allow(
    lessons: Lessons, recipe: DistilRecipe
) -> None:
    student = student_of(lessons, recipe, normed=False).eval()
    rows = np.arange(len(lessons))
    drawn = explained(student, lessons, rows, torch.device("cpu"))
    student.fit_heads(lessons, rows)
    fitted = explained(student, lessons, rows, torch.device("cpu"))
    assert fitted["dense"] > max(drawn["dense"], 0.0) + 0.1
    assert fitted["pooled"] > max(drawn["pooled"], 0.0) + 0.1


def test_a_student_learns_what_its_teacher_says(lessons: Lessons, recipe: DistilRecipe) -> None:
    student = student_of(lessons, recipe, normed=True)
    rows = np.arange(len(lessons))
    batch = batch_of(lessons, rows)
    before = explained(student.eval(), lessons, rows, torch.device("cpu"))["explained"]
    optimiser = torch.optim.AdamW(student.parameters(), 1e-2)
    student.train()
    for _ in range(60):
        answers = student(batch.pixels)
        loss = distillation_loss(answers, batch, recipe.training)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    assert explained(student.eval(), lessons, rows, torch.device("cpu"))["explained"] > max(before, 0.0) + 0.3


def test_an_encoders_numbers_are_those_in_which_photos_differ_most(lessons: Lessons, recipe: DistilRecipe) -> None:
    encoder = student_of(lessons, recipe, normed=False).eval().encoder
    rows = np.arange(len(lessons))
    fit_components(encoder, lessons, rows)
    with torch.inference_mode():
        tokens = encoder(batch_of(lessons, rows).pixels)
        rooted = encoder.rooted(encoder.places(batch_of(lessons, rows).pixels))
    for numbers, answers in ((tokens.grid.flatten(0, 1), rooted.flatten(0, 1)), (tokens.pooled, rooted.mean(dim=1))):
        assert float(numbers.mean(dim=0).abs().max()) < 1e-3
        spread = torch.cov(numbers.T.double())
        assert float(spread.diagonal().mean()) == pytest.approx(1.0, rel=1e-3)
        assert float((spread - torch.diag(spread.diagonal())).abs().max()) < 1e-3
        # Nothing that many numbers could say is lost: they hold the largest variances there are, in order.
        there = torch.linalg.eigvalsh(torch.cov(answers.T.double())).flip(0)[: numbers.shape[1]]
        expected = there / there.mean()
        assert torch.allclose(spread.diagonal(), expected, rtol=1e-2, atol=1e-4)


def test_a_mirrored_view_comes_with_the_mirrored_answer(lessons: Lessons) -> None:
    rows = np.arange(6)
    share = Share(rows, rows, rows, "", (1, 2, 3))
    plain, drawn = batch_of(lessons, rows), LessonBatches(lessons, rows, batch=6, seed=1).load(share)
    grid = lessons.grids[0]
    mirrored = [not torch.equal(one, two) for one, two in zip(plain.pixels, drawn.pixels, strict=True)]
    assert any(mirrored)
    assert not all(mirrored)
    for number, turned in enumerate(mirrored):
        expected = plain.dense[0][number].view(*grid, -1)
        expected = expected.flip(1) if turned else expected
        assert torch.equal(drawn.dense[0][number].view(*grid, -1), expected)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 8), st.integers(2, 6), st.integers(0, 99), st.floats(0.1, 10))
def test_relations_do_not_ask_how_a_student_turns_or_scales_its_space(
    count: int, width: int, seed: int, scale: float
) -> None:
    generator = torch.Generator().manual_seed(seed)
    teacher = torch.randn(count, width, generator=generator, dtype=torch.float64)
    turned, _ = torch.linalg.qr(torch.randn(width, width, generator=generator, dtype=torch.float64))
    assert float(relation_loss(scale * teacher @ turned + 3.0, teacher)) == pytest.approx(0.0, abs=1e-9)
    assert float(relation_loss(-teacher.flip(0), teacher)) >= 0.0


@settings(max_examples=25, deadline=None)
@given(st.integers(20, 200), st.integers(20, 200), st.floats(0.2, 1.0), st.floats(0.0, 0.6), st.integers(0, 9))
def test_views_show_parts_of_the_photo_and_are_always_the_same(
    wide: int, high: int, crop: float, stretch: float, seed: int
) -> None:
    photo = Image.linear_gradient("L").resize((wide, high)).convert("RGB")
    chosen = LessonSettings(views=4, crop=crop, stretch=stretch, degraded=0.5, seed=seed)
    one, two = ([np.asarray(view) for view in views_of(photo, chosen, "ab12")] for _ in range(2))
    assert one[0].shape == (high, wide, 3)
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert all(16 <= view.shape[0] <= high and 16 <= view.shape[1] <= wide for view in one)
