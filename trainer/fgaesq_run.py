"""What the command line says of FGAesQ's recipe; the work is done in ``trainer.fgaesq``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainer.query_run import RunOptions

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.recipe import FGAesQRecipe


@dataclass(frozen=True, slots=True)
class FGAesQOptions(RunOptions):
    """As ``RunOptions``; ``data`` has votes, ``series`` has labelled pairs, ``comparisons`` say why one is better."""

    series: Path | None = None
    comparisons: Path | None = None


def train_fgaesq(recipe: FGAesQRecipe, options: FGAesQOptions) -> None:
    """Train FGAesQ into a run's folder. Raises ``KnownError``."""
    from trainer.fgaesq.run import train  # noqa: PLC0415 - it needs this module's options

    train(recipe, options)
