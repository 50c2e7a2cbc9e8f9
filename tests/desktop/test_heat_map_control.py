"""Only the answer to the newest question is painted."""

from __future__ import annotations

from typing import Any

import pytest

from aesthetic_studio.desktop.loupe.heat_map_control import HeatMapControl
from aesthetic_studio.desktop.work.scoring_thread import AttentionAnswer


class Asked:
    """A control with what it asked and what it let through."""

    def __init__(self) -> None:
        self.questions: list[tuple[int, int]] = []
        self.shown: list[int] = []
        self.cleared: list[str] = []
        self.control = HeatMapControl(lambda generation, photo: self.questions.append((generation, photo)))
        self.control.shown.connect(lambda answer: self.shown.append(answer.photo_id))
        self.control.cleared.connect(self.cleared.append)

    def answer(self, number: int, *, known: bool = True) -> None:
        generation, photo = self.questions[number]
        self.control.on_answer(AttentionAnswer(generation, photo, 1, 1, (1.0,) if known else None))


@pytest.fixture
def asked(qapp: Any) -> Asked:
    return Asked()


def test_nothing_is_asked_while_it_is_not_wanted(asked: Asked) -> None:
    asked.control.set_photo(1)

    assert asked.questions == []


def test_a_stale_answer_is_dropped(asked: Asked) -> None:
    asked.control.set_on(on=True)
    asked.control.set_photo(1)
    asked.control.set_photo(2)

    asked.answer(0)
    before = list(asked.shown)
    asked.answer(1)

    assert before == []
    assert asked.shown == [2]


def test_an_answer_from_before_a_detour_is_dropped_too(asked: Asked) -> None:
    asked.control.set_on(on=True)
    for photo in (1, 2, 1):
        asked.control.set_photo(photo)

    asked.answer(0)

    assert asked.shown == []


def test_an_answer_that_comes_after_it_was_switched_off_is_dropped(asked: Asked) -> None:
    asked.control.set_on(on=True)
    asked.control.set_photo(1)
    asked.control.toggle()

    asked.answer(0)

    assert asked.shown == []
    assert asked.cleared[-1] == ""


def test_a_photo_that_was_answered_is_not_asked_again(asked: Asked) -> None:
    asked.control.set_on(on=True)
    asked.control.set_photo(1)
    asked.answer(0)
    asked.control.set_photo(2)

    asked.control.set_photo(1)

    assert [photo for _, photo in asked.questions] == [1, 2]
    assert asked.shown == [1, 1]


def test_a_photo_without_preview_says_why(asked: Asked) -> None:
    asked.control.set_on(on=True)
    asked.control.set_photo(1)

    asked.answer(0, known=False)

    assert "no preview" in asked.cleared[-1]
