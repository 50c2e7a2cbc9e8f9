"""The loop: a killed run goes on as if nothing had happened, and several processes learn what one would."""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import nn

from aesthetic_studio.errors import KnownError
from trainer.loop import Draw, Engine, Shuffled, alternate, fit
from trainer.loop.batches import share_of
from trainer.loop.checkpoints import load
from trainer.runs import RunFolder

SCRIPT = Path(__file__).with_name("loop_example.py")
SPEC = importlib.util.spec_from_file_location("loop_example", SCRIPT)
assert SPEC is not None and SPEC.loader is not None
example = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(example)


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    """As in the processes that the tests start: sums in another order differ in their last bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trained(folder: Path, **options: Any) -> tuple[nn.Module, Any]:
    model = example.network(options.pop("dropout", 0.3))
    given_loss = options.pop("loss", example.loss)
    settings = replace(example.SETTINGS, **options)
    run = RunFolder(folder, resume=True)
    found = fit(
        model,
        example.examples(),
        given_loss,
        settings=settings,
        run=run,
        validate=example.validate,
        engine=Engine("cpu"),
    )
    run.close()
    return model, found


def same(first: Path, second: Path) -> None:
    assert (first / "metrics.jsonl").read_bytes() == (second / "metrics.jsonl").read_bytes()
    for name in ("last", "best"):
        one, two = (load_file(folder / "checkpoints" / f"{name}.safetensors") for folder in (first, second))
        assert one.keys() == two.keys()
        assert all(torch.equal(one[key], two[key]) for key in one)


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_a_killed_run_goes_on_to_the_same_curve_and_the_same_weights_bit_for_bit(tmp_path: Path) -> None:
    undisturbed, _ = trained(tmp_path / "whole")
    killed = started(str(SCRIPT), str(tmp_path / "killed"), "8")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (tmp_path / "killed" / "metrics.jsonl").stat().st_size > 0
    resumed, found = trained(tmp_path / "killed")
    assert found.steps == 15
    same(tmp_path / "whole", tmp_path / "killed")
    assert all(torch.equal(a, b) for a, b in zip(undisturbed.parameters(), resumed.parameters(), strict=True))


class Stopped(Exception):
    """Somebody pulled the plug."""


@pytest.mark.parametrize("step", range(1, 16))
def test_it_may_stop_at_any_step(tmp_path: Path, whole_run: Path, step: int) -> None:
    calls = 0

    def stopping(model: nn.Module, batch: Any) -> torch.Tensor:
        nonlocal calls
        calls += 1
        if calls == step:
            raise Stopped
        return example.loss(model, batch)

    with pytest.raises(Stopped):
        trained(tmp_path / "run", loss=stopping)
    trained(tmp_path / "run")
    same(whole_run, tmp_path / "run")


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("undisturbed")
    trained(folder)
    return folder


def test_what_is_learned_does_not_depend_on_how_many_load(tmp_path: Path, whole_run: Path) -> None:
    trained(tmp_path / "alone", workers=0)
    trained(tmp_path / "many", workers=5)
    same(tmp_path / "alone", whole_run)
    same(tmp_path / "many", whole_run)


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    first, _ = trained(tmp_path)

    def never(model: nn.Module, batch: Any) -> torch.Tensor:
        raise AssertionError("it was trained again")

    again, found = trained(tmp_path, loss=never)
    assert found.epochs == 3
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


def test_two_processes_learn_what_one_learns(tmp_path: Path) -> None:
    example.train_in_shares(tmp_path / "one")
    both = started(
        "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "0", "--rdzv-endpoint", "localhost:0",
        "--rdzv-backend", "c10d", str(SCRIPT), str(tmp_path / "two"), "-1",
    )  # fmt: skip
    assert both.returncode == 0, both.stderr
    one, two = (load_file(tmp_path / name / "checkpoints" / "last.safetensors") for name in ("one", "two"))
    for name in one:
        torch.testing.assert_close(one[name], two[name], rtol=2e-5, atol=2e-6)
    lines = [
        [json.loads(line)["loss"] for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()]
        for name in ("one", "two")
    ]
    np.testing.assert_allclose(lines[0], lines[1], rtol=1e-5)


def test_a_loss_that_is_no_number_names_the_step_the_key_and_the_last_good_checkpoint(tmp_path: Path) -> None:
    calls = 0

    def exploding(model: nn.Module, batch: Any) -> torch.Tensor:
        nonlocal calls
        calls += 1
        return example.loss(model, batch) * (float("nan") if calls == 8 else 1.0)

    with pytest.raises(KnownError) as caught:
        trained(tmp_path, loss=exploding, learning_rate_key="stage1.learning_rate")
    assert "epoch 2, step 8" in caught.value.message
    assert "Lower stage1.learning_rate" in caught.value.advice
    assert str(tmp_path / "checkpoints" / "last.safetensors") in caught.value.advice
    good = load(tmp_path / "checkpoints" / "last.safetensors")
    assert good.facts["progress"]["step"] == 6
    assert all(bool(torch.isfinite(tensor).all()) for tensor in good.tensors.values())


def test_an_endless_gradient_never_reaches_the_weights(tmp_path: Path) -> None:
    def steep(model: nn.Module, batch: Any) -> torch.Tensor:
        value = example.loss(model, batch)
        return value + (value - value.detach()) * float("inf")

    with pytest.raises(KnownError, match="no number any more"):
        trained(tmp_path, loss=steep)


def test_a_full_disk_leaves_the_last_good_checkpoint(tmp_path: Path) -> None:
    calls = 0
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def filling(model: nn.Module, batch: Any) -> torch.Tensor:
        nonlocal calls
        calls += 1
        if calls == 6:  # after the first epoch's checkpoint: from now on no file may grow beyond 2 kB
            resource.setrlimit(resource.RLIMIT_FSIZE, (2048, hard))
        return example.loss(model, batch)

    try:
        with pytest.raises(KnownError) as caught:
            trained(tmp_path, loss=filling, log_every=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "could not be written" in caught.value.message
    assert "The last good one is still there" in caught.value.message
    assert load(tmp_path / "checkpoints" / "last.safetensors").facts["progress"]["step"] == 5
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == [
        "best.safetensors",
        "last.safetensors",
    ]
    trained(tmp_path, log_every=0)


def test_training_ends_where_validation_gets_no_better_and_keeps_the_best(tmp_path: Path) -> None:
    figures = iter([0.1, 0.5, 0.4, 0.3, 0.9])
    model = example.network(0.0)
    weights = []

    def validate(current: nn.Module) -> dict[str, float]:
        weights.append([parameter.detach().clone() for parameter in current.parameters()])
        return {"srcc": next(figures)}

    found = fit(
        model,
        example.examples(),
        example.loss,
        settings=replace(example.SETTINGS, epochs=5, patience=2),
        run=RunFolder(tmp_path),
        validate=validate,
        engine=Engine("cpu"),
    )
    assert (found.epochs, found.best_epoch, found.stopped_early) == (4, 2, True)
    assert found.best == {"srcc": 0.5}
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), weights[1], strict=True))


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path: Path) -> None:
    trained(tmp_path)
    with pytest.raises(KnownError, match=r"another architecture \(0\.weight is \(8, 6\), not \(4, 6\)\)"):
        fit(
            nn.Sequential(nn.Linear(6, 4), nn.GELU(), nn.Dropout(0.0), nn.Linear(4, 1)),
            example.examples(),
            example.loss,
            settings=example.SETTINGS,
            run=RunFolder(tmp_path, resume=True),
            engine=Engine("cpu"),
        )


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"\x80\x04\x95pickle"])
def test_a_damaged_checkpoint_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last.safetensors").write_bytes(content)
    with pytest.raises(KnownError, match=r"last\.safetensors: this checkpoint cannot be read"):
        trained(tmp_path)


def test_another_batch_size_is_refused(tmp_path: Path) -> None:
    trained(tmp_path)
    with pytest.raises(KnownError, match="an epoch had 5 steps, and now has 3"):
        fit(
            example.network(0.3),
            example.Examples(np.arange(example.ROWS), 16, seed=3),
            example.loss,
            settings=example.SETTINGS,
            run=RunFolder(tmp_path, resume=True),
            engine=Engine("cpu"),
        )


@given(rows=st.integers(1, 60), batch=st.integers(1, 16), processes=st.integers(1, 5), epoch=st.integers(1, 4))
def test_every_row_is_learned_from_once_an_epoch_by_one_process(
    rows: int, batch: int, processes: int, epoch: int
) -> None:
    class Plain(Shuffled):
        def load(self, share: Any) -> Any: ...

    draws = Plain(np.arange(rows), batch, seed=1).draws(epoch)
    assert sorted(np.concatenate([draw.rows for draw in draws])) == list(range(rows))
    for draw in draws:
        shares = [share_of(draw, number, processes, (1, epoch, 0)) for number in range(processes)]
        places = np.concatenate([share.places for share in shares])
        assert sorted(places) == list(range(len(draw.rows)))
        assert all(len(share.rows) for share in shares)
        drawn = np.arange(len(draw.rows))
        for share in shares:
            assert len(share.own(drawn)) == len(share.rows)


def test_fine_and_coarse_steps_take_turns_until_the_longer_side_is_done() -> None:
    fine = [Draw(np.array([k]), "fine") for k in range(2)]
    coarse = [Draw(np.array([k]), "coarse") for k in range(3)]
    kinds = [(draw.kind, int(draw.rows[0])) for draw in alternate(fine, coarse)]
    assert kinds == [("fine", 0), ("coarse", 0), ("fine", 1), ("coarse", 1), ("fine", 0), ("coarse", 2)]


def test_half_precision_is_refused_on_a_cpu() -> None:
    with pytest.raises(KnownError, match="cannot train with --precision fp16"):
        Engine("cpu", "fp16")


def test_bf16_learns_on_a_cpu(tmp_path: Path) -> None:
    model = example.network(0.0)
    found = fit(
        model,
        example.examples(),
        example.loss,
        settings=replace(example.SETTINGS, epochs=2),
        run=RunFolder(tmp_path),
        validate=example.validate,
        engine=Engine("cpu", "bf16"),
    )
    assert np.isfinite(found.best["srcc"])
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_gpu_learns_what_a_cpu_learns(tmp_path: Path) -> None:
    found = []
    for device in ("cpu", "cuda"):
        model = example.network(0.0)
        fit(
            model,
            example.examples(),
            lambda module, batch: ((module(batch[0])[:, 0] - batch[1]) ** 2).mean(),
            settings=example.SETTINGS,
            run=RunFolder(tmp_path / device),
            engine=Engine(device),
        )
        found.append([parameter.detach().cpu() for parameter in model.parameters()])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)
