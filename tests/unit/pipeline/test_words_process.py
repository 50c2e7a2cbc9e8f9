"""Words become vectors in a process of their own: as open_clip says them, remembered, and ended when told."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aesthetic_studio.errors import KnownError, WordsUnavailable
from aesthetic_studio.models import registry
from aesthetic_studio.models.places import encoder_folder
from aesthetic_studio.pipeline import words_process
from aesthetic_studio.pipeline.words_process import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

MODEL = ("mine", "1")


@pytest.mark.xdist_group("scoring_process")
def test_a_process_says_what_open_clip_says_and_ends_when_told(install_clip: Callable[[str], Any]) -> None:
    """One test, since starting torch in a process takes seconds."""
    import open_clip
    import torch

    clip = install_clip("mine")
    started: list[bool] = []
    words = Words(lambda: started.append(True))
    try:
        for text in ("a boat at sunset", "snow"):
            with torch.no_grad():
                expected = clip.encode_text(open_clip.tokenize([text], context_length=12), normalize=True)[0].numpy()
            np.testing.assert_allclose(words.vector(MODEL, text), expected, atol=1e-5)
        assert started == [True], "the second text needs no second start"
        assert words.running
        words.close()
        assert not words.running
        assert words.vector(MODEL, "  snow ").shape == (12,), "what was said before is remembered"
        assert not words.running
        (encoder_folder("Tiny:made") / "words.safetensors").write_bytes(b"nothing")
        with pytest.raises(KnownError, match="damaged"):
            words.vector(MODEL, "rain")
    finally:
        words.close()


@pytest.mark.xdist_group("scoring_process")
def test_it_can_be_ended_while_torch_is_being_loaded(install_clip: Callable[[str], Any]) -> None:
    install_clip("mine")
    met: list[KnownError] = []
    loading = threading.Event()
    words = Words(loading.set)

    def ask() -> None:
        try:
            words.vector(MODEL, "a boat")
        except KnownError as error:
            met.append(error)

    waiting = threading.Thread(target=ask)
    waiting.start()
    assert loading.wait(30.0)
    words.interrupt()
    waiting.join(30.0)
    assert not waiting.is_alive()
    assert len(met) == 1
    assert not words.running


class _Counting:
    """In place of the process: counts how often it is asked."""

    made = 0
    asked: list[str]

    def __init__(self, folder: str) -> None:
        type(self).made += 1
        self.running = False
        self.asked = []

    def embed(self, text: str) -> NDArray[np.float32]:
        self.running = True
        _ASKED.append(text)
        return np.ones(3, np.float32)

    def close(self) -> None:
        self.running = False

    def interrupt(self) -> None:
        self.close()


_ASKED: list[str] = []


@pytest.fixture
def counted(install_clip: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    install_clip("mine")
    _ASKED.clear()
    monkeypatch.setattr(words_process, "WordsProcess", _Counting)
    yield _ASKED
    _ASKED.clear()


def test_a_text_is_read_once_however_often_it_is_asked(counted: list[str]) -> None:
    words = Words()
    for text in ("a boat", "snow", "a  boat ", "a boat"):
        words.vector(MODEL, text)
    assert counted == ["a boat", "snow"]


def test_only_the_last_texts_are_remembered(counted: list[str]) -> None:
    words = Words()
    for number in range(words_process.KEPT + 1):
        words.vector(MODEL, str(number))
    words.vector(MODEL, "1")
    assert len(counted) == words_process.KEPT + 1
    words.vector(MODEL, "0")
    assert counted[-1] == "0"


def test_a_model_that_words_do_not_fit_starts_nothing(counted: list[str]) -> None:
    words = Words(lambda: pytest.fail("torch is loaded for nothing"))
    with pytest.raises(WordsUnavailable, match="not made on CLIP"):
        words.vector(("embedded", registry.find_card("embedded").version), "a boat")
    assert counted == []
