"""Checkpoints: one safetensors file each, which holds everything that a run needs to go on. Nothing is ever unpickled.

    tensors   model.*, optimiser.N.* (AdamW's moments)
    header    JSON: format, progress, learning-rate schedule, gradient scaler, random states of every process

A file is written beside its place, flushed to disk and then renamed, so whatever interrupts a save, the last good
checkpoint stays whole.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.weights import misfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FORMAT = "aesthetic-studio-checkpoint-1"
_MODEL, _OPTIMISER = "model.", "optimiser."
START_ANEW = "Name another --output to start anew, or delete this file to start from the beginning."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint's file holds.

    Attributes:
        path: The file.
        tensors: By name.
        facts: The header.
    """

    path: Path
    tensors: dict[str, Tensor]
    facts: dict[str, Any]

    def fill(self, model: nn.Module) -> None:
        """Give a model the weights. Raises ``KnownError`` where they are of another architecture."""
        own = {n.removeprefix(_MODEL): tensor for n, tensor in self.tensors.items() if n.startswith(_MODEL)}
        problem = misfit(own, {name: tensor.shape for name, tensor in model.state_dict().items()})
        if problem:
            raise KnownError(
                f"{self.path}: this checkpoint is of another architecture ({problem}).",
                f"Resume with the recipe that it was made with. {START_ANEW}",
            )
        model.load_state_dict(own)

    def fill_optimiser(self, optimiser: torch.optim.Optimizer) -> None:
        """Give an optimiser its moments and rates. Raises ``KnownError`` where they belong to other parameters."""
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in self.tensors.items():
            if name.startswith(_OPTIMISER):
                number, key = name.removeprefix(_OPTIMISER).split(".", 1)
                state.setdefault(int(number), {})[key] = tensor
        try:
            optimiser.load_state_dict({"state": state, "param_groups": self.facts["optimiser"]})
        except (KeyError, TypeError, ValueError) as error:
            raise KnownError(
                f"{self.path}: the optimiser's state in this checkpoint does not fit ({error}).", START_ANEW
            ) from error


def model_tensors(model: nn.Module) -> dict[str, Tensor]:
    """A model's tensors as a checkpoint names them, copied so that weights shared by two names are stored twice."""
    return {f"{_MODEL}{name}": _copy(tensor) for name, tensor in model.state_dict().items()}


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    """An optimiser's moments by name, and its groups' rates as JSON holds them."""
    content = optimiser.state_dict()
    tensors = {
        f"{_OPTIMISER}{number}.{key}": _copy(torch.as_tensor(value))
        for number, moments in content["state"].items()
        for key, value in moments.items()
    }
    return tensors, content["param_groups"]


def save(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write a checkpoint so that either all of it is there or the previous one still is.

    Raises ``KnownError`` where the disk is full or nothing may be written.
    """
    beside = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(dict(tensors), beside, metadata={"format": FORMAT, "facts": json.dumps(facts)})
        beside.chmod(0o644)  # the library leaves it readable by its owner alone
        _flush(beside)
        beside.replace(path)
        _flush(path.parent)
    except (OSError, SafetensorError) as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        kept = f"The last good one is still there: {path}." if path.exists() else "There is none yet."
        raise KnownError(
            f"{path}: the checkpoint could not be written ({_reason(error)}). {kept}",
            "Make room on the disk, then go on with --resume.",
        ) from error


def load(path: Path) -> Checkpoint:
    """Read a checkpoint. Raises ``KnownError`` where it is missing, damaged or none."""
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                raise KnownError(f"{path}: this is not a checkpoint of this program.", START_ANEW)
            facts = json.loads(header["facts"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - the file is no mapping
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise KnownError(f"{path}: this checkpoint cannot be read ({_reason(error)}).", START_ANEW) from error
    return Checkpoint(path, tensors, facts)


def random_state(device: torch.device) -> dict[str, Any]:
    """The states of Python's, numpy's and torch's global generators, as JSON holds them."""
    version, numbers, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state(legacy=True)
    found: dict[str, Any] = {
        "python": [version, list(numbers), gauss],
        "numpy": [name, [int(key) for key in keys], int(position), int(has_gauss), float(cached)],
        "torch": _text(torch.get_rng_state()),
    }
    if device.type == "cuda":
        found["cuda"] = _text(torch.cuda.get_rng_state(device))
    elif device.type == "mps":
        found["mps"] = _text(torch.mps.get_rng_state())
    return found


def set_random_state(state: Mapping[str, Any], device: torch.device) -> None:
    """Put the global generators back to where they were."""
    version, numbers, gauss = state["python"]
    random.setstate((version, tuple(numbers), gauss))
    name, keys, *rest = state["numpy"]
    np.random.set_state((name, np.asarray(keys, dtype=np.uint32), *rest))
    torch.set_rng_state(_bytes(state["torch"]))
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(_bytes(state["cuda"]), device)
    elif device.type == "mps" and "mps" in state:
        torch.mps.set_rng_state(_bytes(state["mps"]))


def all_finite(tensors: Iterable[Tensor]) -> bool:
    """Whether every number is one."""
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors if tensor.is_floating_point())


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", copy=True).contiguous()


def _text(state: Tensor) -> str:
    return base64.b64encode(state.cpu().numpy().tobytes()).decode("ascii")


def _bytes(text: str) -> Tensor:
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.uint8)


def _flush(path: Path) -> None:
    """Let a file, or a folder's list of names, reach the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
