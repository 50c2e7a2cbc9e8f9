"""Scoring: every photo once, what is looked at first, stop and go on at any time, whatever memory allows."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.protocol import ModelOutput, TextTokens, VisualTokens
from aesthetic_studio.pipeline import scoring
from aesthetic_studio.pipeline.scorer import Scorer
from aesthetic_studio.pipeline.scoring import score_library

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import Progress, ScoreDistribution


class BrightnessModel:
    """Votes for 10 as much as a photo is bright, and else for 1; runs out of memory above ``most`` photos."""

    card = SimpleNamespace(name="brightness", version="1", input_size=16)
    device = torch.device("cpu")
    reads_words = False

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.batches: list[int] = []

    def encode_words(self, words: Sequence[str]) -> TextTokens | None:
        raise AssertionError("it reads no words and is given none")

    def encode(self, images: torch.Tensor) -> VisualTokens:
        if len(images) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        self.batches.append(len(images))
        means = images.float().mean(dim=(1, 2, 3)) / 255
        return VisualTokens(grid=images.float(), pooled=means[:, None], height=16, width=16)

    def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        bright = tokens.pooled[:, 0]
        probabilities = torch.zeros(len(bright), 10)
        probabilities[:, 9] = bright
        probabilities[:, 0] = 1 - bright
        attention = torch.full((len(bright), 2, 3), 1 / 6)
        return ModelOutput(probabilities=probabilities, attention=attention, embedding=tokens.pooled)


class MeetingModel(BrightnessModel):
    """Answers only where two forward passes are under way at once, each with one thread of torch."""

    def __init__(self) -> None:
        super().__init__()
        self.met = threading.Barrier(2, timeout=20)

    def encode(self, images: torch.Tensor) -> VisualTokens:
        self.met.wait()
        assert torch.get_num_threads() == 1
        return super().encode(images)


class Shelf:
    """As much of a catalogue as scoring uses: previews in, distributions out."""

    def __init__(self, previews: dict[int, bytes]) -> None:
        self.stored = previews
        self.scores: dict[int, ScoreDistribution] = {}
        self.texts: dict[int, str] = {}
        self.read: dict[int, str] = {}
        self.asked_for_words = 0
        self.looks: dict[int, bytes] = {}
        self.may_score_again = False
        self.writes = 0
        self.active: tuple[str, str] | None = None

    def active_model(self) -> tuple[str, str] | None:
        return self.active

    def set_active_model(self, name: str, version: str) -> None:
        self.active = (name, version)

    def score_counts(self, model: str, version: str) -> tuple[int, int]:
        return len(self.scores), len(self.stored)

    def unscored(self, model: str, version: str, *, limit: int, first: Sequence[int] = ()) -> list[tuple[int, int]]:
        waiting = [key for key in self.stored if key not in self.scores]
        ahead = [key for key in first if key in waiting]
        return [(key, key) for key in [*ahead, *(key for key in waiting if key not in ahead)][:limit]]

    def previews(self, contents: Sequence[int]) -> dict[int, bytes]:
        return {key: self.stored[key] for key in contents if self.stored[key]}

    def words(self, contents: Sequence[int]) -> dict[int, str]:
        self.asked_for_words += 1
        return {key: text for key, text in self.texts.items() if key in contents}

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def store_looks(self, model: str, version: str, rows: Sequence[tuple[int, bytes]]) -> None:
        self.looks.update(rows)

    def without_look(self, model: str, version: str, *, limit: int) -> list[int]:
        return [key for key in self.scores if key not in self.looks][:limit]

    def store_scores(
        self,
        model: str,
        version: str,
        rows: Sequence[tuple[int, ScoreDistribution]],
        words: dict[int, str] | None = None,
    ) -> None:
        self.read.update({} if words is None else {key: words.get(key, "") for key, _ in rows})
        for key, distribution in rows:
            assert key not in self.scores or self.may_score_again, "a photo is scored once"
            self.scores[key] = distribution
        self.writes += 1


def _preview(brightness: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((48, 64, 3), brightness, np.uint8)).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def _shelf(count: int) -> Any:
    return Shelf({key: _preview(key % 256) for key in range(1, count + 1)})


def _scorer(most: int = 1000, batch_size: int = 8) -> Scorer:
    return Scorer(model=BrightnessModel(most), batch_size=batch_size)  # type: ignore[arg-type]


def test_every_photo_gets_its_own_score() -> None:
    shelf = _shelf(50)
    report = score_library(shelf, _scorer())
    assert (report.scored, report.failed, report.interrupted) == (50, 0, False)
    for key, distribution in shelf.scores.items():
        assert distribution.mean == pytest.approx(1 + 9 * key / 255, abs=0.1)
    assert shelf.active == ("brightness", "1")


@pytest.mark.parametrize("cores", [1, 2, 3, 8])
def test_answers_come_in_the_order_of_the_photos_however_many_cores_share_them(cores: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(cores)
    try:
        scorer = _scorer(batch_size=16)
        assert torch.get_num_threads() == cores, "what runs beside it keeps its threads"
        answers = scorer.score_previews([_preview(level) for level in range(0, 130, 10)] + [b"no picture"])
    finally:
        torch.set_num_threads(before)
        scorer.close()
    assert answers.pop() is None
    means = [one.distribution.mean for one in answers if one is not None]
    assert len(means) == 13
    assert means == sorted(means)


def test_each_core_has_a_forward_pass_of_its_own() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        model = MeetingModel()
        scorer = Scorer(model=model, batch_size=8)  # type: ignore[arg-type]
        assert len(scorer.score_previews([_preview(level) for level in range(8)])) == 8
        assert model.batches == [4, 4]
    finally:
        torch.set_num_threads(before)


class LookingModel(BrightnessModel):
    """Says of each photo, besides, how it looks: which is how bright it is."""

    def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        answer = super().score(tokens, text)
        return dataclasses.replace(answer, look=torch.nn.functional.pad(tokens.pooled, (0, 1), value=0.5))


def test_every_photo_keeps_its_own_look() -> None:
    shelf = _shelf(20)
    score_library(shelf, Scorer(model=LookingModel(), batch_size=8))  # type: ignore[arg-type]
    for key, look in shelf.looks.items():
        assert np.frombuffer(look, "<f2") == pytest.approx([key / 255, 0.5], abs=0.02)
    assert shelf.looks.keys() == shelf.scores.keys()


def test_photos_that_were_scored_before_looks_were_kept_get_theirs() -> None:
    shelf = _shelf(20)
    score_library(shelf, _scorer())
    scores = dict(shelf.scores)
    shelf.scores.clear()
    shelf.scores.update(dict.fromkeys(range(1, 11), scores[1]))
    shelf.looks.clear()
    scorer = Scorer(model=LookingModel(), batch_size=8)  # type: ignore[arg-type]
    shelf.may_score_again = True
    assert score_library(shelf, scorer).scored == 20
    assert sorted(shelf.looks) == list(range(1, 21))
    assert score_library(shelf, scorer).scored == 0, "and nothing is done twice"


def test_running_out_of_memory_halves_the_batch_and_goes_on() -> None:
    scorer = _scorer(most=3, batch_size=16)
    shelf = _shelf(40)
    assert score_library(shelf, scorer).scored == 40
    assert scorer.batch_size == 2
    assert len(shelf.scores) == 40


def test_a_device_that_cannot_hold_one_photo_is_named_with_what_to_do() -> None:
    with pytest.raises(KnownError, match="--device cpu"):
        score_library(_shelf(3), _scorer(most=0))


def test_what_the_user_looks_at_is_scored_first() -> None:
    shelf = _shelf(200)
    order: list[int] = []
    shelf.store_scores = lambda _, __, rows, ___: order.extend(key for key, _ in rows) or shelf.scores.update(rows)
    score_library(shelf, _scorer(), first=lambda: (190, 180, 170))
    assert set(order[:3]) == {190, 180, 170}
    assert sorted(order) == list(range(1, 201))


def test_looking_elsewhere_changes_the_order_at_once() -> None:
    """Two batches are on the way when the view changes; the third is of what is seen now."""
    shelf = _shelf(200)
    seen: list[tuple[int, ...]] = [()]
    model = BrightnessModel()
    scorer = Scorer(model=model, batch_size=8)  # type: ignore[arg-type]
    handed_in: list[int] = []
    original = shelf.previews
    shelf.previews = lambda contents: handed_in.extend(contents) or original(contents)

    def look(progress: Progress) -> None:
        seen[0] = (150, 151)

    score_library(shelf, scorer, first=lambda: seen[0], progress=look)
    assert {150, 151} <= set(handed_in[:32])


def test_stopping_keeps_what_is_scored_and_the_next_run_goes_on() -> None:
    shelf = _shelf(100)
    scorer = _scorer()
    first = score_library(shelf, scorer, should_stop=lambda: len(scorer._model.batches) >= 3)  # type: ignore[attr-defined]
    assert first.interrupted
    assert 0 < len(shelf.scores) == first.scored < 100
    second = score_library(shelf, scorer)
    assert first.scored + second.scored == 100


def test_an_error_on_the_way_keeps_what_is_scored_and_mixes_nothing_up() -> None:
    shelf = _shelf(64)
    scorer = _scorer()
    calls = 0

    def fail_later(_: Progress) -> None:
        nonlocal calls
        calls += 1
        raise KnownError("the window", "is gone")

    with pytest.raises(KnownError):
        score_library(shelf, scorer, progress=fail_later)
    assert len(shelf.scores) == 8
    score_library(shelf, scorer)
    assert all(shelf.scores[key].mean == pytest.approx(1 + 9 * key / 255, abs=0.1) for key in range(1, 65))


def test_only_the_named_photos_are_scored() -> None:
    shelf = _shelf(30)
    report = score_library(shelf, _scorer(), only=[5, 6, 29])
    assert report.scored == 3
    assert set(shelf.scores) == {5, 6, 29}


def test_a_damaged_or_missing_preview_is_counted_and_holds_nothing_up() -> None:
    shelf = _shelf(20)
    shelf.stored[3] = b"no picture at all"
    shelf.stored[7] = b""
    report = score_library(shelf, _scorer())
    assert (report.scored, report.failed) == (18, 2)
    assert set(shelf.scores) == set(range(1, 21)) - {3, 7}


def test_progress_counts_up_to_all() -> None:
    reports: list[Progress] = []
    score_library(_shelf(40), _scorer(), progress=reports.append)
    assert (reports[-1].done, reports[-1].total) == (40, 40)
    assert [each.done for each in reports] == sorted(each.done for each in reports)


def test_scores_are_written_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "WRITE_EVERY_S", 1e9)
    shelf = _shelf(100)
    score_library(shelf, _scorer(batch_size=4))
    assert shelf.writes <= 4


def test_the_heat_map_comes_with_its_size() -> None:
    height, width, weights = _scorer().attention(_preview(9)) or (0, 0, ())
    assert (height, width, len(weights)) == (2, 3, 6)
    assert sum(weights) == pytest.approx(1.0)
    assert _scorer().attention(b"nothing") is None


def test_half_precision_that_overflows_is_done_again_in_full() -> None:
    """As on a GPU: the first answer is not a number, the second is."""

    class Overflowing(BrightnessModel):
        def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
            output = super().score(tokens)
            return (
                ModelOutput(output.probabilities * float("nan"), output.attention, output.embedding)
                if len(self.batches) == 1
                else output
            )

    scorer = Scorer(model=Overflowing(), batch_size=4)  # type: ignore[arg-type]
    scorer._half = True
    scorer._precision = torch.inference_mode  # type: ignore[method-assign]
    answers = scorer.score_previews([_preview(255)])
    assert answers[0] is not None
    assert answers[0].distribution.mean == pytest.approx(10.0, abs=0.1)
    assert not scorer._half


class JudgingFrames(BrightnessModel):
    """Says of a photo's frame that it is the better, the brighter it is; its first answers can be ``first`` instead."""

    def __init__(self, most: int = 1000, first: float | None = None) -> None:
        super().__init__(most)
        self.first = first

    def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        output = super().score(tokens)
        merit = 4.0 * tokens.pooled[:, 0] - 2.0
        if self.first is not None and len(self.batches) == 1:
            merit = torch.full_like(merit, self.first)
        return dataclasses.replace(output, merit=merit)


def test_merit_is_kept_with_every_photo_of_a_model_that_says_it() -> None:
    shelf = _shelf(30)
    score_library(shelf, Scorer(model=JudgingFrames(most=3), batch_size=8))  # type: ignore[arg-type]
    assert len(shelf.scores) == 30
    for key, distribution in shelf.scores.items():
        assert distribution.merit == pytest.approx(4 * key / 255 - 2, abs=0.05)
    plain = _shelf(3)
    score_library(plain, _scorer())
    assert [distribution.merit for distribution in plain.scores.values()] == [None] * 3


@pytest.mark.parametrize("overflown", [float("inf"), float("-inf"), float("nan")])
def test_merit_that_overflows_in_half_precision_is_done_again_in_full(overflown: float) -> None:
    model = JudgingFrames(first=overflown)
    scorer = Scorer(model=model, batch_size=4)  # type: ignore[arg-type]
    scorer._half = True
    scorer._precision = torch.inference_mode  # type: ignore[method-assign]
    (answer,) = scorer.score_previews([_preview(255)])
    assert answer is not None
    assert answer.distribution.merit == pytest.approx(2.0, abs=0.05)
    assert not scorer._half
    assert model.batches == [1, 1]


def test_merit_that_is_finite_in_half_precision_is_taken_as_it_is() -> None:
    model = JudgingFrames()
    scorer = Scorer(model=model, batch_size=4)  # type: ignore[arg-type]
    scorer._half = True
    scorer._precision = torch.inference_mode  # type: ignore[method-assign]
    (answer,) = scorer.score_previews([_preview(255)])
    assert answer is not None
    assert scorer._half
    assert model.batches == [1]


class ReadingModel(BrightnessModel):
    """Votes for 10 where a photo's words say that it is good; a batch without any words is given none."""

    card = SimpleNamespace(name="reader", version="1", input_size=16)
    reads_words = True

    def encode_words(self, words: Sequence[str]) -> TextTokens | None:
        assert any(words), "words are encoded where there are some"
        good = torch.tensor([[[float("good" in text)]] for text in words])
        return TextTokens(tokens=good, padding=torch.tensor([[not text] for text in words]))

    def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        output = super().score(VisualTokens(tokens.grid, torch.zeros_like(tokens.pooled), 16, 16))
        if text is not None:
            output.probabilities[:, 9] = text.tokens[:, 0, 0]
            output.probabilities[:, 0] = 1 - text.tokens[:, 0, 0]
        return output


def test_words_reach_a_model_that_reads_them_each_with_its_own_photo() -> None:
    shelf = _shelf(30)
    shelf.texts = {3: "a good photo", 4: "a photo", 17: "good"}
    shelf.stored[2] = b"no picture"
    report = score_library(shelf, Scorer(model=ReadingModel(), batch_size=8))  # type: ignore[arg-type]
    assert (report.scored, report.failed) == (29, 1)
    assert {key for key, distribution in shelf.scores.items() if distribution.mean > 9} == {3, 17}
    assert shelf.read == {key: shelf.texts.get(key, "") for key in shelf.scores}


def test_words_stay_with_their_photo_when_memory_halves_the_batch() -> None:
    shelf = _shelf(20)
    shelf.texts = {key: "good" if key % 2 else "poor" for key in shelf.stored}
    assert score_library(shelf, Scorer(model=ReadingModel(most=3), batch_size=16)).scored == 20  # type: ignore[arg-type]
    assert {key for key, distribution in shelf.scores.items() if distribution.mean > 9} == set(range(1, 21, 2))


def test_a_model_that_reads_no_words_is_given_none_and_nobody_looks_them_up() -> None:
    shelf = _shelf(10)
    shelf.texts = dict.fromkeys(shelf.stored, "good")
    assert score_library(shelf, _scorer()).scored == 10
    assert shelf.asked_for_words == 0
    assert shelf.read == {}
    assert _scorer().score_previews([_preview(255)], ["words"])[0] is not None
