"""The training loop, on Hugging Face ``accelerate``: device, precision, processes, checkpoints, resume, early stop."""

from trainer.loop.batches import Batches, Draw, Share, Shuffled, alternate
from trainer.loop.engine import Engine, whole_batch
from trainer.loop.fitting import Fitted, fit
from trainer.loop.settings import LoopSettings

__all__ = [
    "Batches",
    "Draw",
    "Engine",
    "Fitted",
    "LoopSettings",
    "Share",
    "Shuffled",
    "alternate",
    "fit",
    "whole_batch",
]
