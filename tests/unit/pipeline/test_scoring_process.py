"""The model in a process of its own: same answers, and its death is an error that can be told."""

from __future__ import annotations

import io
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.embedded import QueryHead, save_query_model
from aesthetic_studio.models.merit import MeritConfig
from aesthetic_studio.models.mmlq import MMLQConfig
from aesthetic_studio.pipeline.scorer import Scorer
from aesthetic_studio.pipeline.scoring_process import ScoringProcess

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aesthetic_studio.models.encoders import Encoder


def _preview(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).resize((512, 384)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.xdist_group("scoring_process")
def test_it_answers_as_the_scorer_does_survives_its_own_death_and_ends_when_told() -> None:
    """One test, since starting torch in a process takes seconds."""
    here = Scorer(device="cpu", batch_size=4)
    previews = [_preview(seed) for seed in range(3)]
    process = ScoringProcess(device="cpu", batch_size=4, niceness=0)
    try:
        assert (process.model_name, process.model_version) == (here.model_name, here.model_version)
        answers = process.score_previews([*previews, b"no picture"], ["a", "", "boat", ""])
        assert process.reads_words is here.reads_words is False
        expected = here.score_previews(previews)
        assert answers[3] is None
        for answer, known in zip(answers[:3], expected, strict=True):
            assert answer is not None
            assert known is not None
            assert answer.distribution.probabilities == pytest.approx(known.distribution.probabilities, abs=1e-5)

        process.submit(previews[:1])
        process.submit(previews[1:])
        process.discard()
        again = process.score_previews(previews[2:])
        assert len(again) == 1, "discarded answers are not taken for new ones"

        attention = process.attention(previews[0])
        assert attention is not None
        height, width, weights = attention
        assert len(weights) == height * width
        assert sum(weights) == pytest.approx(1.0, abs=1e-3)
        assert process.attention(b"no picture") is None

        child = process._process
        assert child is not None
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(KnownError, match="stopped"):
            process.score_previews(previews)
        assert not process.running
        assert process.score_previews(previews[:1])[0] is not None, "it starts again when it is asked"
        child = process._process
    finally:
        process.close()
        here.close()
    assert child is not None
    child.join(10.0)
    assert child.exitcode is not None


@pytest.mark.xdist_group("scoring_process")
def test_merit_comes_back_from_the_process_with_the_votes(
    own_data_folder: Path, tmp_path: Path, compact_encoder: Callable[..., Encoder]
) -> None:
    encoder = compact_encoder(tmp_path)
    torch.manual_seed(1)
    config = MMLQConfig(visual_width=encoder.card.width, global_width=encoder.card.pooled_width, width=8, heads=2)
    merit = MeritConfig(encoder.card.texture_width, encoder.card.middle_width, components=5, width=4, members=2)
    head = QueryHead(config, merit=merit)
    facts: dict[str, Any] = {"version": "1", "title": "Frames", "licence": "none", "summary": "For tests."}
    save_query_model(own_data_folder / "models" / "frames", head, encoder, name="frames", bundle=True, **facts)
    here = Scorer("frames", "cpu", 4)
    previews = [_preview(seed) for seed in range(3)]
    process = ScoringProcess("frames", "cpu", 4, niceness=0)
    try:
        expected, answers = here.score_previews(previews), process.score_previews([*previews, b"no picture"])
    finally:
        process.close()
        here.close()
    assert answers[3] is None
    known = [one.distribution.merit for one in expected if one is not None and one.distribution.merit is not None]
    assert len(set(known)) == 3
    assert [None if one is None else one.distribution.merit for one in answers[:3]] == pytest.approx(known, abs=1e-4)


def test_a_model_that_is_not_there_is_a_known_error_and_not_a_dead_child() -> None:
    process = ScoringProcess("nobody", "cpu", niceness=0)
    with pytest.raises(KnownError, match="nobody"):
        process.start()
    assert not process.running


@pytest.mark.xdist_group("scoring_process")
def test_it_can_be_ended_while_it_loads_its_model() -> None:
    process = ScoringProcess(device="cpu", niceness=0)
    met: list[KnownError] = []

    def start() -> None:
        try:
            process.start()
        except KnownError as error:
            met.append(error)

    waiting = threading.Thread(target=start)
    waiting.start()
    process.interrupt()
    waiting.join(30.0)

    assert not waiting.is_alive()
    assert "stopped" in met[0].message
    assert not process.running
    with pytest.raises(KnownError, match="stopped"):
        process.start()
