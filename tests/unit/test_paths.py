"""Paths can be shown, whatever bytes they hold."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.paths import shown


def test_a_name_that_is_not_utf8_can_be_shown() -> None:
    assert shown("caf\udce9.jpg") == shown(Path("caf\udce9.jpg")) == "caf?.jpg"


@given(st.text(st.characters(codec=None)))
def test_whatever_is_shown_can_be_stored_and_text_stays_as_it_is(text: str) -> None:
    said = shown(text)
    assert said.encode("utf-8").decode("utf-8") == said
    assert len(said) == len(text)
    assert shown(said) == said
