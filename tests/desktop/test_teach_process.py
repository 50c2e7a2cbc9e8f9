"""The real teaching process: it answers with plain data, refuses with words, and outlives a refusal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from aesthetic_studio.desktop.teach.process import TeachProcess
from aesthetic_studio.errors import KnownError
from aesthetic_studio.records import VerdictChange

Make = Callable[..., Any]


def test_it_tells_how_things_stand_and_refuses_too_few_ratings_in_words(make_library: Make) -> None:
    library = make_library(3)
    library.catalogue.decide(library.ids[:2], VerdictChange(rating=4), "rate")
    process = TeachProcess(library.path, niceness=0)
    try:
        state = process.state()
        assert (state.counts.stars, state.base_name, state.installed) == (2, "embedded", None)
        with pytest.raises(KnownError, match="all 2 ratings are equal"):
            process.teach(lambda _stage, _done, _total: None)
        library.catalogue.decide(library.ids[:1], VerdictChange(rating=2), "rate")
        assert process.state().counts.usable == 2
    finally:
        process.close()
    assert not process.running


def test_showing_what_was_learned_needs_no_torch() -> None:
    heavy = (
        "import sys, aesthetic_studio.desktop.teach.process, trainer.personal.records; print('torch' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
