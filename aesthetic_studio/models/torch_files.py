"""Files of weights from elsewhere, of ``torch.save`` or safetensors: opened so that nothing in them is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from aesthetic_studio.errors import ModelUnavailable

if TYPE_CHECKING:
    from pathlib import Path


def read_tensors(path: Path, largest: int, advice: str) -> dict[str, Tensor]:
    """All tensors of a file by name: of safetensors by its suffix, of a torch file otherwise.

    Raises ``ModelUnavailable`` where it is missing, damaged, or a torch file of more than ``largest`` bytes.
    """
    if path.suffix != ".safetensors":
        return read_torch_file(path, largest)
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelUnavailable(f"{path}: this is not a safetensors file ({error}).", advice) from error


def read_torch_file(path: Path, largest: int) -> dict[str, Tensor]:
    """Tensors of a torch file, opened with ``weights_only``: nothing in it is run. Raises ``ModelUnavailable``."""
    try:
        if path.stat().st_size > largest:
            raise ModelUnavailable(f"{path}: it is larger than such a file can be.", "Check where it came from.")
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except ModelUnavailable:
        raise
    except OSError as error:
        raise ModelUnavailable(f"{path}: it cannot be read ({error.strerror}).", "Check the path.") from error
    except Exception as error:
        # torch answers damage with many types, unpickling refused among them; all of them mean the same to the user.
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelUnavailable(
            f"{path}: these are no plain weights of torch ({line}).", "Nothing in it was run. Download it again."
        ) from error
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict) or not all(isinstance(value, Tensor) for value in content.values()):
        raise ModelUnavailable(f"{path}: it holds no table of tensors.", "Check that it is a file of weights.")
    return content
