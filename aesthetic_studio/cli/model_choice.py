"""Which model scores: the one that was asked for, or the bundled one with a word about why."""

from __future__ import annotations

import sys


def usable_model(name: str | None) -> str:
    """The name of a model that can score here and now; what is missing of the wanted one goes to standard error.

    Raises ``ModelUnavailable`` for a name that nobody knows.
    """
    from aesthetic_studio.models.registry import choose

    choice = choose(name)
    if choice.notice:
        sys.stderr.write(f"aesthetic-studio: {choice.notice}\n")
    return choice.card.name
