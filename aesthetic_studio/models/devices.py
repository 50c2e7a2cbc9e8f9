"""Where a model runs."""

from __future__ import annotations

import torch

from aesthetic_studio.errors import KnownError


def available_devices() -> list[str]:
    """What this machine has, the fastest first; the CPU is always last."""
    found = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def resolve_device(name: str = "auto") -> torch.device:
    """The device that ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps`` stands for here.

    Raises ``KnownError`` for a device that this machine does not have.
    """
    available = available_devices()
    if name == "auto":
        return torch.device(available[0])
    wanted = "cuda:0" if name == "cuda" else name
    if wanted not in available:
        raise KnownError(
            f"There is no device {name!r} here.", f"Available: auto, {', '.join(available)}. Choose one with --device."
        )
    return torch.device(wanted)
