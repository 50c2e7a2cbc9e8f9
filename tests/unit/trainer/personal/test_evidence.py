"""The rules by which stars, flags, choices and pairs become comparisons, and the errors where they say nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from aesthetic_studio.judgements import FlaggedPhoto, JudgedPhoto, Judgements, Preference, PreferenceSource, RatedPhoto
from aesthetic_studio.records import Flag
from trainer.personal.evidence import TooFewJudgements, check, gather

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def photo(number: int) -> JudgedPhoto:
    return JudgedPhoto(number, number, bytes([number]) * 16, Path(f"{number}.jpg"), present=True)


def rated(*stars: int) -> tuple[RatedPhoto, ...]:
    return tuple(RatedPhoto(photo(number), given) for number, given in enumerate(stars))


def preferred(*pairs: tuple[int, int], source: str = PreferenceSource.TEACH) -> tuple[Preference, ...]:
    return tuple(Preference(photo(better), photo(worse), source, NOW) for better, worse in pairs)


def everything(judgements: Judgements) -> list[bytes]:
    del judgements
    return [bytes([number]) * 16 for number in range(200)]


def test_more_stars_beat_fewer_and_equal_stars_say_nothing() -> None:
    evidence = gather(Judgements(ratings=rated(5, 3, 3, 1)), everything(Judgements()))
    won = evidence.wins > 0
    assert won.tolist() == [
        [False, True, True, True],
        [False, False, False, True],
        [False, False, False, True],
        [False, False, False, False],
    ]


def test_ratings_weigh_as_many_comparisons_as_photos_were_rated() -> None:
    evidence = gather(Judgements(ratings=rated(*([1, 2, 3, 4, 5] * 8))), everything(Judgements()))
    assert evidence.wins.sum() == pytest.approx(40)
    assert evidence.counts.usable == 40


def test_every_pick_beats_every_reject() -> None:
    flags = tuple(FlaggedPhoto(photo(n), flag) for n, flag in enumerate([Flag.PICK, Flag.REJECT, Flag.PICK]))
    evidence = gather(Judgements(flags=flags), everything(Judgements()))
    assert (evidence.wins > 0).tolist() == [[False, True, False], [False, False, False], [False, True, False]]
    assert (evidence.counts.picks, evidence.counts.rejects) == (2, 1)


def test_a_chosen_frame_beats_the_others_of_its_burst_as_one_choice() -> None:
    choice = preferred((0, 1), (0, 2), (0, 3), source=PreferenceSource.BURST)
    evidence = gather(Judgements(preferences=choice), everything(Judgements()))
    assert evidence.wins[0, 1:].tolist() == [0.5, 0.5, 0.5]
    assert evidence.by_hand[0].tolist() == [0, 1, 1, 1]
    assert (evidence.counts.choices, evidence.counts.usable) == (1, 1)


def test_an_answered_pair_is_one_comparison_and_no_difference_half_each_way() -> None:
    pairs = preferred((0, 1)) + preferred((2, 3), source=PreferenceSource.TIE)
    evidence = gather(Judgements(preferences=pairs), everything(Judgements()))
    assert evidence.wins[0, 1] == 1.0
    assert (evidence.wins[2, 3], evidence.wins[3, 2]) == (0.5, 0.5)
    assert (evidence.counts.pairs, evidence.counts.ties) == (2, 1)


def test_judged_photos_that_cannot_be_seen_take_no_part() -> None:
    evidence = gather(Judgements(ratings=rated(5, 3, 1)), everything(Judgements())[:2])
    assert len(evidence.hashes) == 2
    assert evidence.counts.unseen == 1
    assert np.isfinite(evidence.wins).all()


def test_the_persons_words_are_kept_for_the_reasons() -> None:
    flags = (FlaggedPhoto(photo(0), Flag.PICK),)
    evidence = gather(Judgements(ratings=rated(1, 4), flags=flags), everything(Judgements()))
    assert evidence.said == ("1 star, picked", "4 stars")


def test_nothing_judged_is_told() -> None:
    with pytest.raises(TooFewJudgements, match="nothing to learn from yet"):
        check(gather(Judgements(), []), 20)


def test_too_few_are_told_with_how_many_more() -> None:
    with pytest.raises(TooFewJudgements) as told:
        check(gather(Judgements(ratings=rated(1, 2, 3, 4, 5)), everything(Judgements())), 20)
    assert "5 judgements" in told.value.message
    assert told.value.advice.startswith("15 more will do")


def test_all_ratings_equal_is_told() -> None:
    with pytest.raises(TooFewJudgements, match="all 30 ratings are equal"):
        check(gather(Judgements(ratings=rated(*[3] * 30)), everything(Judgements())), 20)


def test_picks_without_rejects_are_told() -> None:
    flags = tuple(FlaggedPhoto(photo(number), Flag.PICK) for number in range(30))
    with pytest.raises(TooFewJudgements, match="picks but no rejects"):
        check(gather(Judgements(flags=flags), everything(Judgements())), 20)


def test_missing_previews_are_told() -> None:
    with pytest.raises(TooFewJudgements) as told:
        check(gather(Judgements(ratings=rated(*[1, 5] * 20)), everything(Judgements())[:4]), 20)
    assert "36 judged photos have no preview" in told.value.advice
