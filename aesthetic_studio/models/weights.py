"""Weights on disk: safetensors only, checked before they are read. Nothing is unpickled."""

from __future__ import annotations

import contextlib
from itertools import chain
from typing import TYPE_CHECKING

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models.card import REINSTALL, check_weights

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import torch
    from torch import Tensor, nn


def save_weights(module: nn.Module, path: Path, *, half: bool = False) -> None:
    """Write a module's tensors; the same tensors give the same bytes. As ``save_tensors``.

    ``half`` writes them in half precision; ``load_weights`` fills a module of any precision with them.
    """
    tensors = module.state_dict()
    if half:
        tensors = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}
    save_tensors(tensors, path)


def save_tensors(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Write tensors by name, as they are stored. A file of that name stays whole until the new one is.

    Raises ``KnownError`` where they cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, part)
        part.chmod(0o644)  # the library leaves it readable by its owner alone
        part.replace(path)
    except (OSError, SafetensorError) as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise KnownError(
            f"{path}: the weights cannot be written ({error}).", "Free some room, or choose another folder."
        ) from error


def misfit(tensors: Mapping[str, Tensor], expected: Mapping[str, torch.Size]) -> str:
    """In words, the first way in which tensors are not those of these names and shapes; empty where they are."""
    missing = (f"{name} is missing" for name in expected if name not in tensors)
    extra = (f"{name[:80]} is not part of it" for name in tensors if name not in expected)
    others = (
        f"{name} is {tuple(tensors[name].shape)}, not {tuple(shape)}"
        for name, shape in expected.items()
        if tensors[name].shape != shape
    )
    return next(chain(missing, extra, others), "")


def load_weights(module: nn.Module, path: Path, sha256: str) -> None:
    """Fill a module with the tensors of a file; one that was built on the ``meta`` device takes them as float32.

    Raises ``ModelUnavailable`` where the file is missing or damaged, or holds the tensors of another architecture.
    """
    check_weights(path, sha256)
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelUnavailable(f"{path}: this is not a safetensors file ({error}).", REINSTALL) from error
    expected = module.state_dict()
    problem = misfit(tensors, {name: tensor.shape for name, tensor in expected.items()})
    if problem:
        raise ModelUnavailable(f"{path}: these weights are of another architecture ({problem}).", REINSTALL)
    if any(tensor.is_meta for tensor in expected.values()):
        module.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    else:
        module.load_state_dict(tensors)
