"""Hints: a student's layers learn one by one what a teacher's layers say, wherever those are not cut off."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.encoders.compact import CEILING, CompactConfig, CompactEncoder
from aesthetic_studio.models.encoders.litert import LiteRTEncoder
from trainer import cli
from trainer.distil import hints as hint_files
from trainer.distil import run as distil_run
from trainer.distil.clipped import fit_clipped
from trainer.distil.hints import TOLERANCE, Hints, ask, check_hints, choose, learn_layers
from trainer.distil.student import LessonBatches, Student
from trainer.recipes.sections import HintSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Noise = Callable[[int, int, int], torch.Tensor]

pytest.importorskip("ai_edge_litert", reason="the extra `teacher` is not installed")

WHOLE = CompactConfig(input_size=32, stem=8, widths=(12, 16), strides=(1, 2), width=6, pooled_width=6)
NARROW = dataclasses.replace(WHOLE, stem=5, widths=(9, 12))
HINTS = HintSettings(views=48, places=40)
SMALL = [
    "student.input_size=16",
    "student.stem=8",
    "student.widths=[12,16]",
    "student.strides=[1,2]",
    "student.width=6",
    "student.pooled_width=6",
    "hints.views=24",
    "hints.places=30",
    "lessons.views=2",
    "lessons.components=6",
    "training.epochs=2",
    "training.batch=8",
    "training.checkpoint_every=2",
    "validation=0.1",
]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, layered_network: Callable[..., bytes]) -> Path:
    """A quantised network of five layers, on 32×32 pixels."""
    path = tmp_path_factory.mktemp("teacher") / "made.tflite"
    path.write_bytes(layered_network(WHOLE))
    return path


@pytest.fixture(scope="module")
def teacher(network: Path) -> LiteRTEncoder:
    return LiteRTEncoder.open(network)


def hints_of(teacher: LiteRTEncoder, views: torch.Tensor, chosen: HintSettings = HINTS) -> Hints:
    return ask(teacher, views, chosen, progress=lambda *_: None)


def taught(config: CompactConfig, views: torch.Tensor, hints: Hints) -> tuple[CompactEncoder, list[float]]:
    torch.manual_seed(1)
    student = CompactEncoder(config).eval()
    return student, learn_layers(student, views, hints, HINTS, progress=lambda *_: None)


def share(said: torch.Tensor, goal: torch.Tensor) -> float:
    """Of the variance of maps (B, C, h, w) that is explained."""
    middle = goal.mean(dim=(0, 2, 3), keepdim=True)
    return 1.0 - float((said - goal).square().sum() / (goal - middle).square().sum())


def maps(teacher: LiteRTEncoder, photos: torch.Tensor) -> torch.Tensor:
    """The last layer's answers as the network gives them."""
    tokens = teacher(photos)
    return tokens.grid.transpose(1, 2).reshape(len(photos), -1, tokens.height, tokens.width)


def clipped_loss(x: torch.Tensor, y: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> float:
    """As the module says: on a cut, only what is short of it counts."""
    said = x @ weight + bias[:, None]
    missed = y - said
    missed[(y <= TOLERANCE) & (said < 0.0)] = 0.0
    missed[(y >= CEILING - TOLERANCE) & (said > CEILING)] = 0.0
    return float(missed.double().square().sum())


def regression(
    seed: int, inputs: int, answers: int, samples: int, noise: float, scale: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Two problems whose answers are cut off: inputs, answers, and the weights and intercepts behind them."""
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(2, samples, inputs, generator=draw)
    weight = scale * torch.randn(2, inputs, answers, generator=draw)
    bias = 3.0 + scale * torch.randn(2, answers, generator=draw)
    linear = x @ weight + bias[:, None] + noise * torch.randn(2, samples, answers, generator=draw)
    return x, linear.clamp(0.0, CEILING), weight, bias


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 8), st.integers(1, 3), st.floats(0.3, 3.0))
def test_weights_are_found_exactly_though_many_answers_are_cut_off(
    seed: int, inputs: int, answers: int, scale: float
) -> None:
    x, y, weight, bias = regression(seed, inputs, answers, 300, 0.0, scale)
    between = ((y > TOLERANCE) & (y < CEILING - TOLERANCE)).float().mean(dim=1)
    assume(float(between.min()) > 0.35)
    found, offset = fit_clipped(x, y, ceiling=CEILING, tolerance=TOLERANCE, steps=300)
    assert torch.allclose(found, weight, atol=0.02)
    assert torch.allclose(offset, bias, atol=0.02)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 9999),
    st.integers(1, 8),
    st.integers(20, 200),
    st.sampled_from([0.0, 0.01, 0.3, 2.0]),
    st.floats(0.1, 6.0),
    st.sampled_from([1, 2, 5, 30, 100]),
)
def test_a_fit_is_never_worse_than_one_that_knows_of_no_cuts(
    seed: int, inputs: int, samples: int, noise: float, scale: float, steps: int
) -> None:
    x, y, _, _ = regression(seed, inputs, 1, samples, noise, scale)
    ones = torch.ones(2, samples, 1)
    plain = torch.linalg.lstsq(torch.cat([x, ones], dim=2).double(), y.double()).solution.float()
    found, offset = fit_clipped(x, y, ceiling=CEILING, tolerance=TOLERANCE, steps=steps)
    before = clipped_loss(x, y, plain[:, :-1], plain[:, -1])
    assert clipped_loss(x, y, found, offset) <= before * (1.0 + 1e-3) + 1e-4


def test_cuts_that_are_known_of_make_a_fit_far_better() -> None:
    x, y, _, _ = regression(7, 6, 2, 400, 0.0, 3.0)
    assert float(((y == 0.0) | (y == CEILING)).float().mean()) > 0.4
    losses = [
        clipped_loss(x, y, *fit_clipped(x, y, ceiling=CEILING, tolerance=TOLERANCE, steps=steps)) for steps in (0, 30)
    ]
    assert losses[1] < 0.01 * losses[0]


def test_an_input_that_is_never_there_has_no_weight() -> None:
    x, y, weight, _ = regression(3, 4, 2, 300, 0.0, 0.5)
    nothing = torch.zeros(2, 300, 1)
    found, _ = fit_clipped(torch.cat([x, nothing], dim=2), y, ceiling=CEILING, tolerance=TOLERANCE, steps=100)
    assert torch.equal(found[:, -1], torch.zeros(2, 2))
    assert torch.allclose(found[:, :-1], weight, atol=0.02)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 6), st.integers(1, 6))
def test_kept_channels_tell_all_others_where_those_are_mixtures(seed: int, rank: int, more: int) -> None:
    draw = np.random.default_rng(seed)
    base = draw.normal(size=(200, rank))
    mixed = base @ draw.normal(size=(rank, more)) + draw.normal(size=more)
    order = draw.permutation(rank + more)
    answers = np.concatenate([base, mixed], axis=1)[:, order].astype(np.float32)
    kept = choose(answers, rank, seed=0)
    assert kept.shape == (rank,)
    assert bool((np.diff(kept) > 0).all())
    centred = (answers - answers.mean(axis=0)).astype(np.float64)
    told, *_ = np.linalg.lstsq(centred[:, kept], centred, rcond=None)
    assert np.abs(centred[:, kept] @ told - centred).max() < 1e-2 * np.abs(centred).max()


def test_of_channels_that_say_the_same_one_is_kept_and_none_that_says_nothing() -> None:
    draw = np.random.default_rng(4)
    one, two, three = draw.normal(size=(3, 300))
    answers = np.stack([np.full(300, 5.0), one, two, one, three, two, np.zeros(300)], axis=1).astype(np.float32)
    kept = set(choose(answers, 3, seed=0).tolist())
    assert 4 in kept
    assert len(kept & {1, 3}) == len(kept & {2, 5}) == 1


@pytest.mark.parametrize("keep", [5, 6, 100])
def test_all_channels_are_kept_where_there_is_room(keep: int) -> None:
    answers: NDArray[np.float32] = np.zeros((30, 5), dtype=np.float32)
    assert choose(answers, keep, seed=0).tolist() == [0, 1, 2, 3, 4]


def test_a_student_as_wide_as_its_teacher_learns_every_layer(teacher: LiteRTEncoder, noise: Noise) -> None:
    views, unseen = noise(48, 32, 5), noise(16, 32, 6)
    student, shares = taught(WHOLE, views, hints_of(teacher, views))
    assert len(shares) == 5
    assert min(shares) > 0.95
    with torch.inference_mode():
        said = student.places(unseen)
    assert share(said, maps(teacher, unseen)) > 0.95


def test_a_narrower_student_learns_the_channels_that_it_keeps(teacher: LiteRTEncoder, noise: Noise) -> None:
    views, unseen = noise(48, 32, 5), noise(16, 32, 6)
    hints = hints_of(teacher, views)
    student, shares = taught(NARROW, views, hints)
    kept = choose(hints.answers[-1], 12, HINTS.seed)
    with torch.inference_mode():
        said = student.places(unseen)
    assert shares[-1] > 0.5
    assert share(said, maps(teacher, unseen)[:, kept]) > 0.4
    # What was heard of other photos teaches nothing.
    others = dataclasses.replace(hints, answers=[np.roll(answers, 400, axis=0) for answers in hints.answers])
    astray, none = taught(NARROW, views, others)
    assert none[-1] < 0.2
    with torch.inference_mode():
        said = astray.places(unseen)
    assert share(said, maps(teacher, unseen)[:, kept]) < 0.2


@pytest.mark.parametrize(("bound", "value"), [("GROUPS", 3), ("CHUNK", 5), ("FEW_SAMPLES", 480)])
def test_bounds_on_memory_and_time_keep_a_student_from_learning_nothing(
    teacher: LiteRTEncoder, noise: Noise, monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    """As when layers are wide and views are many: channels in groups, views in chunks, fewer answers to each view."""
    monkeypatch.setattr(hint_files, bound, value)
    views, unseen = noise(48, 32, 5), noise(16, 32, 6)
    student, shares = taught(WHOLE, views, hints_of(teacher, views))
    assert min(shares) > 0.95
    with torch.inference_mode():
        assert share(student.places(unseen), maps(teacher, unseen)) > 0.95


def test_the_same_views_teach_the_same_layers_at_places_drawn_by_seed(teacher: LiteRTEncoder, noise: Noise) -> None:
    views = noise(8, 32, 5)
    one, two = (hints_of(teacher, views) for _ in range(2))
    other = hints_of(teacher, views, dataclasses.replace(HINTS, seed=1))
    assert all(np.array_equal(a, b) for a, b in zip(one.places, two.places, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(one.answers, two.answers, strict=True))
    assert not np.array_equal(one.places[0], other.places[0])
    first, second = (taught(NARROW, views, hints)[0].state_dict() for hints in (one, two))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_layer_that_says_the_same_everywhere_is_learned_too(teacher: LiteRTEncoder, noise: Noise) -> None:
    views = noise(8, 32, 5)
    hints = hints_of(teacher, views)
    constant = dataclasses.replace(hints, answers=[*hints.answers[:-1], np.full_like(hints.answers[-1], 2.0)])
    student, _ = taught(WHOLE, views, constant)
    with torch.inference_mode():
        said = student.places(views)
    assert float((said - 2.0).abs().max()) < 0.1


def test_a_depthwise_layer_learns_the_channels_that_enter_it(teacher: LiteRTEncoder, noise: Noise) -> None:
    views = noise(48, 32, 5)
    hints = hints_of(teacher, views)
    first, second = (choose(answers, NARROW.stem, HINTS.seed).tolist() for answers in hints.answers[:2])
    assert first != second  # by its own answers it would learn others
    _, shares = taught(NARROW, views, hints)
    assert min(shares[:2]) > 0.95


def test_how_far_the_asking_and_the_learning_are_is_told(teacher: LiteRTEncoder, noise: Noise) -> None:
    told: list[tuple[int, int]] = []

    def tell(done: int, whole: int) -> None:
        told.append((done, whole))

    views = noise(3, 32, 5)
    hints = ask(teacher, views, HINTS, progress=tell)
    learn_layers(CompactEncoder(WHOLE), views, hints, HINTS, progress=tell)
    assert told == [*((number, 3) for number in (1, 2, 3)), *((number, 5) for number in (1, 2, 3, 4, 5))]


def test_a_teacher_whose_layers_fit_is_taken(teacher: LiteRTEncoder) -> None:
    assert check_hints(teacher, CompactEncoder(WHOLE), "made.tflite") is teacher
    assert check_hints(teacher, CompactEncoder(NARROW), "made.tflite") is teacher


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"widths": (12,), "strides": (2,)}, "made.tflite has 5 layers, the student 3"),
        ({"strides": (2, 1)}, "layer 1 answers with 16 places a side and 8 channels; the student's has 8 and 8"),
        ({"strides": (1, 1)}, "layer 3 answers with 8 places a side and 12 channels; the student's has 16 and 12"),
        ({"stem": 9}, "layer 0 answers with 16 places a side and 8 channels; the student's has 16 and 9"),
        ({"widths": (12, 17)}, "layer 4 answers with 8 places a side and 16 channels; the student's has 8 and 17"),
    ],
)
def test_a_student_that_does_not_fit_its_teacher_is_told_where(
    teacher: LiteRTEncoder, change: dict[str, Any], named: str
) -> None:
    student = CompactEncoder(dataclasses.replace(WHOLE, **change))
    with pytest.raises(KnownError, match=re.escape(named)) as found:
        check_hints(teacher, student, "made.tflite")
    assert "hints.views = 0" in found.value.advice


def test_a_teacher_that_is_no_quantised_network_has_no_hints() -> None:
    with pytest.raises(KnownError, match="embedded: its layers cannot be looked into"):
        check_hints(find_encoder("embedded"), CompactEncoder(WHOLE), "embedded")


def test_a_network_with_a_layer_that_is_not_cut_off_gives_no_hints(
    tmp_path: Path, layered_network: Callable[..., bytes]
) -> None:
    path = tmp_path / "open.tflite"
    path.write_bytes(layered_network(WHOLE, unclipped=2))
    with pytest.raises(ModelUnavailable, match="layer 2 does not end in a ReLU up to six, so it gives no hints"):
        check_hints(LiteRTEncoder.open(path), CompactEncoder(WHOLE), "open.tflite")


def command(pool: Path, output: Path, *teachers: Path | str, more: tuple[str, ...] = ()) -> int:
    sets = [part for change in SMALL for part in ("--set", change)]
    named = [part for teacher in teachers for part in ("--teacher", str(teacher))]
    return cli.main(["distil", "--pool", str(pool), *named, "--device", "cpu", "--output", str(output), *sets, *more])


def explained_by_the_last_layer(said: str) -> float:
    found = re.search(r"The last layer explains (-?[\d.]+) of the variance of its hints", said)
    assert found is not None
    return float(found[1])


def test_a_student_that_learned_layer_by_layer_becomes_an_encoder(
    pool: Path, network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(pool, tmp_path / "run", network, more=("--set", "student.input_size=32")) == 0
    assert explained_by_the_last_layer(capsys.readouterr().err) > 0.9
    encoder = find_encoder(str(tmp_path / "run" / "encoder"))
    assert encoder(torch.zeros(2, 3, 50, 50, dtype=torch.uint8)).grid.shape == (2, 64, 6)
    assert encoder.card.recipe["hints"]["views"] == 24


def test_layers_learn_from_the_first_teacher_though_another_looks_closer(
    pool: Path, network: Path, tmp_path: Path, layered_network: Callable[..., bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    closer = tmp_path / "closer.tflite"
    closer.write_bytes(layered_network(dataclasses.replace(WHOLE, input_size=48), seed=3))
    assert command(pool, tmp_path / "run", network, closer) == 0
    assert explained_by_the_last_layer(capsys.readouterr().err) > 0.9
    learned, *teachers = find_encoder(str(tmp_path / "run" / "encoder")).card.training_data
    assert learned.used_for == "distillation, without votes"
    assert [(one.name, one.used_for) for one in teachers] == [
        (
            find_encoder(str(network)).card.name,
            "teacher: its layers were learned one by one, then its answers were learned",
        ),
        (find_encoder(str(closer)).card.name, "teacher: its answers were learned"),
    ]


def test_a_teacher_without_hints_is_named_before_any_work(
    pool: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(pool, tmp_path / "run", "embedded") == cli.PROBLEM
    error = capsys.readouterr().err
    assert "embedded: its layers cannot be looked into" in error
    assert "Traceback" not in error
    assert not (tmp_path / "run" / "lessons").exists()


def stopped_at(calls: int, what: Callable[..., Any]) -> Callable[..., Any]:
    """As ``what``, until someone presses Ctrl-C in the given call."""
    left = calls

    def stopping(*given: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        return what(*given, **named)

    return stopping


def never(*_: object, **__: object) -> Any:
    raise AssertionError("the teacher's layers were asked again")


@pytest.mark.parametrize(
    ("room", "work", "calls"), [(Student, "fit_heads", 1), (LessonBatches, "load", 8)], ids=["heads", "training"]
)
def test_a_run_that_was_stopped_ends_as_one_that_was_not_and_asks_once(
    pool: Path, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: type, work: str, calls: int
) -> None:
    assert command(pool, tmp_path / "whole", network) == 0
    with monkeypatch.context() as patched:
        patched.setattr(room, work, stopped_at(calls, getattr(room, work)))
        assert command(pool, tmp_path / "stopped", network) == cli.INTERRUPTED
    with monkeypatch.context() as patched:
        patched.setattr(distil_run, "ask", never)
        patched.setattr(distil_run, "learn_layers", never)
        assert command(pool, tmp_path / "stopped", network, more=("--resume",)) == 0
    one, two = ((tmp_path / name / "encoder" / "encoder.safetensors").read_bytes() for name in ("whole", "stopped"))
    assert one == two


def test_a_run_that_was_stopped_between_two_layers_ends_as_one_that_was_not(
    pool: Path, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(pool, tmp_path / "whole", network) == 0
    with monkeypatch.context() as patched:
        patched.setattr(distil_run, "learn_layers", stopped_at(1, learn_layers))
        assert command(pool, tmp_path / "stopped", network) == cli.INTERRUPTED
    assert command(pool, tmp_path / "stopped", network, more=("--resume",)) == 0
    one, two = ((tmp_path / name / "encoder" / "encoder.safetensors").read_bytes() for name in ("whole", "stopped"))
    assert one == two
