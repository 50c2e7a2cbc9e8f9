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
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.encoders.compact import CompactConfig, CompactEncoder
from trainer import cli
from trainer.distil import lessons as lesson_files
from trainer.distil.crops import views_of
from trainer.distil.lessons import Lessons, build_lessons
from trainer.distil.student import LessonBatches, Student, batch_of, distillation_loss, explained, relation_loss
from trainer.loop import Share
from trainer.recipes.recipe import DistilRecipe, read_as
from trainer.recipes.sections import LessonSettings

if TYPE_CHECKING:
    from pathlib import Path

PHOTOS = 24
SMALL = [
    "student.input_size=32",
    "student.stem=[8,12]",
    "student.widths=[16]",
    "student.blocks=[1]",
    "student.width=24",
    "lessons.views=2",
    "lessons.components=8",
    "training.epochs=4",
    "training.batch=8",
    "training.checkpoint_every=2",
    "validation=0.1",
]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Blots on grounds of every colour, in two folders, and a file that is no photo."""
    folder = tmp_path_factory.mktemp("pool")
    draw = np.random.default_rng(3)
    for number in range(PHOTOS):
        high, wide = 60 + number, 80
        y, x = np.mgrid[0:high, 0:wide]
        blot = np.exp(-((y - draw.uniform(0, high)) ** 2 + (x - draw.uniform(0, wide)) ** 2) / 300.0)[..., None]
        picture = draw.uniform(0, 255, 3) * (1 - blot) + draw.uniform(0, 255, 3) * blot
        place = folder / ("one" if number % 2 else "two")
        place.mkdir(exist_ok=True)
        Image.fromarray(picture.astype(np.uint8)).save(place / f"{number:02d}.png")
    (folder / "one" / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    return folder


@pytest.fixture
def recipe() -> DistilRecipe:
    return read_as(DistilRecipe, "distil", SMALL)


@pytest.fixture(scope="module")
def lessons(pool: Path, tmp_path_factory: pytest.TempPathFactory) -> Lessons:
    return made(read_as(DistilRecipe, "distil", SMALL), pool, tmp_path_factory.mktemp("lessons"))


def made(recipe: DistilRecipe, pool: Path, folder: Path) -> Lessons:
    teacher = find_encoder("embedded")
    return build_lessons(recipe, pool, [teacher], folder, progress=lambda *_: None, say=lambda _: None)


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
    assert tokens.grid.shape == (2, 16, 24)
    assert tokens.pooled.shape == (2, 24)
    assert (tokens.height, tokens.width) == encoder.card.grid == (4, 4)
    assert encoder.card.training_data[0].photos == PHOTOS
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

    def never(*_: object) -> Any:
        raise AssertionError("a teacher was asked again")

    monkeypatch.setattr(lesson_files, "rooted", never)
    again = made(recipe, pool, tmp_path)
    assert again.names == first.names
    assert len(again) == 2 * PHOTOS


def test_damaged_lessons_are_made_again_as_they_were(recipe: DistilRecipe, pool: Path, tmp_path: Path) -> None:
    before = made(recipe, pool, tmp_path).take(np.arange(4))
    before = {name: tensor.clone() for name, tensor in before.items()}
    shard = next(tmp_path.glob("*0.safetensors"))
    shard.write_bytes(shard.read_bytes()[:-9] + b"scratched")
    after = made(recipe, pool, tmp_path).take(np.arange(4))
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_lessons_of_another_size_are_never_mixed_in(recipe: DistilRecipe, pool: Path, tmp_path: Path) -> None:
    made(recipe, pool, tmp_path)
    larger = dataclasses.replace(recipe, student=dataclasses.replace(recipe.student, input_size=64))
    with pytest.raises(KnownError, match="side 32, not 64"):
        made(larger, pool, tmp_path)


@pytest.mark.parametrize(
    ("files", "arguments", "named"),
    [
        (0, ["--teacher", "embedded"], "no photos"),
        (3, ["--teacher", "embedded"], "only 3 photos"),
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


def test_a_student_learns_what_its_teacher_says(lessons: Lessons, recipe: DistilRecipe) -> None:
    torch.manual_seed(0)
    sample = lessons.take(np.zeros(1, dtype=np.int64))
    width = (sample["dense.0"].shape[-1], sample["pooled.0"].shape[-1])
    student = Student(recipe.student.config(), [width], lessons.grids)
    rows = np.arange(len(lessons))
    batch = batch_of(lessons, rows)
    before = explained(student.eval(), lessons, rows, torch.device("cpu"))["explained"]
    optimiser = torch.optim.AdamW(student.parameters(), 1e-2)
    student.train()
    for _ in range(60):
        answers = student(batch.pixels)
        loss = distillation_loss(answers, batch, recipe.training)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert explained(student.eval(), lessons, rows, torch.device("cpu"))["explained"] > max(before, 0.0) + 0.3


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


def test_a_photo_is_encoded_alike_alone_and_among_others() -> None:
    torch.manual_seed(1)
    encoder = CompactEncoder(CompactConfig(32, (8, 8), ((12, 1),), width=16)).eval()
    photos = torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8)
    with torch.inference_mode():
        together, alone = encoder(photos), encoder(photos[1:2])
    assert torch.allclose(together.grid[1:2], alone.grid, atol=1e-5)
    assert torch.allclose(together.pooled, together.grid.mean(dim=1))


@pytest.mark.parametrize(
    "change",
    [
        {"input_size": 33},
        {"stages": ()},
        {"width": 1 << 20},
        {"kernel": 4},
        {"stages": ((8, 1000),)},
        {"expansion": 99},
    ],
)
def test_a_damaged_card_asks_for_nothing_impossible(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"allowed|needs"):
        CompactConfig(**change)
