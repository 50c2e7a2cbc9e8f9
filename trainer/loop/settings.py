"""The loop's settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """How a model is fitted: AdamW, a learning rate that rises and then falls as a cosine, clipped gradients."""

    epochs: int
    learning_rate: float
    weight_decay: float = 0.0
    warmup: float = 0.1
    """Share of the steps in which the learning rate rises."""
    betas: tuple[float, float] = (0.9, 0.98)
    clip: float = 1.0
    """Largest norm of all gradients together."""
    seed: int = 0
    checkpoint_every: int = 0
    """Steps between checkpoints beside the one at each epoch's end; 0 for none."""
    patience: int = 0
    """Epochs without a better validation before training ends; 0 goes on to the last."""
    watch: str = "srcc"
    """Which validation metric decides what is best."""
    higher_is_better: bool = True
    workers: int = 2
    """Threads that load the next batches; what is learned does not depend on it."""
    log_every: int = 50
    """Steps between lines of the metrics within an epoch; 0 for one line an epoch."""
    learning_rate_key: str = "training.learning_rate"
    """The recipe's key for the learning rate, which an error names."""
