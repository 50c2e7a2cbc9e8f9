"""The optimiser, its schedule and one step of it: one implementation for every recipe."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn

from aesthetic_studio.errors import KnownError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Rates(Protocol):
    """What the optimiser needs to know of a recipe's settings."""

    @property
    def learning_rate(self) -> float:
        """The highest one."""
        ...

    @property
    def weight_decay(self) -> float:
        """AdamW's."""
        ...

    @property
    def warmup(self) -> float:
        """Share of the steps in which the rate rises."""
        ...


CLIP = 1.0
"""Largest norm of all gradients together, where a recipe names none."""

BETAS = (0.9, 0.98)


def adamw(
    parameters: Iterable[nn.Parameter], rates: Rates, steps: int, betas: tuple[float, float] = BETAS
) -> tuple[torch.optim.AdamW, torch.optim.lr_scheduler.LambdaLR]:
    """AdamW and its schedule over ``steps``: the rate rises for a share of them, then falls as a cosine."""
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=rates.learning_rate, weight_decay=rates.weight_decay, betas=betas)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate(step, steps, rates.warmup))
    return optimiser, schedule


def rate(step: int, steps: int, warmup: float) -> float:
    """The learning rate of a step, in parts of the highest one."""
    rising = max(1, round(steps * warmup))
    if step < rising:
        return (step + 1) / rising
    return 0.5 * (1.0 + math.cos(math.pi * (step - rising) / max(1, steps - rising)))


def update(
    loss: Tensor,
    parameters: Iterable[nn.Parameter],
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    *,
    clip: float = CLIP,
    backward: Callable[[Tensor], object] = torch.Tensor.backward,
    clip_norm: Callable[..., Tensor | None] = nn.utils.clip_grad_norm_,
    scaled: bool = False,
) -> float:
    """One step down the gradient of a loss; the norm of the gradients before they were clipped.

    Where that norm is no number, nothing is stepped, so the weights stay what they were. With ``scaled`` the optimiser
    has a gradient scaler, which itself passes over a step whose half-precision gradients overflowed.
    """
    optimiser.zero_grad(set_to_none=True)
    backward(loss)
    norm = clip_norm([p for p in parameters if p.requires_grad], clip)
    size = math.nan if norm is None else float(norm)
    if scaled or math.isfinite(size):
        optimiser.step()
    schedule.step()
    return size


def check_finite(value: float, where: str, key: str, rescue: str = "") -> None:
    """Raise ``KnownError`` where a loss or its gradients' norm is no number any more, naming the key to lower."""
    if not math.isfinite(value):
        raise KnownError(f"The loss is no number any more ({where}).", f"Lower {key}. {rescue}".strip())
