"""Any model on any set: the same photos for all, words beside no words, series by pairs, paired differences."""

from __future__ import annotations

import csv
import dataclasses
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
import torch
from PIL import Image

from aesthetic_studio.errors import KnownError, UnreadablePhoto
from aesthetic_studio.models import registry
from aesthetic_studio.models.card import DataSource, HeldOut
from aesthetic_studio.models.protocol import AestheticModel, ModelOutput, TextTokens, VisualTokens
from aesthetic_studio.records import ScoreDistribution
from trainer import metrics
from trainer.cli import main
from trainer.data.records import TEST, TRAIN, LabelledPair, LabelledSeries, PhotoSet, SeriesSet
from trainer.evaluation import (
    Evaluation,
    compare_photos,
    compare_series,
    evaluate,
    of_split,
    results_to_held_out,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

BRIGHTNESS = (20, 60, 100, 140, 180, 220)


class Bright:
    """A model that likes bright photos; with words, photos of which people say "good"."""

    def __init__(self, size: int = 8, sign: float = 1.0, learned: Sequence[str] = (), reads: bool = False) -> None:
        sources = tuple(DataSource(name, 1, "CC0", "votes") for name in learned)
        self.card = SimpleNamespace(input_size=size, training_data=sources)
        self.sign = sign
        self.reads = reads
        self.seen: list[tuple[int, ...]] = []

    def encode(self, images: torch.Tensor) -> VisualTokens:
        self.seen.append(tuple(images.shape))
        pooled = images.float().mean(dim=(1, 2, 3))[:, None]
        return VisualTokens(pooled[:, None], pooled, 1, 1)

    def encode_words(self, words: Sequence[str]) -> TextTokens | None:
        if not self.reads:
            return None
        said = torch.tensor([[[4.0 if "good" in text else -4.0]] for text in words])
        return TextTokens(said, torch.tensor([[not text] for text in words]))

    def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        mean = 5.5 + self.sign * (tokens.pooled[:, 0] - 120.0) / 40.0
        if text is not None:
            mean = mean + text.tokens[:, 0, 0].masked_fill(text.padding[:, 0], 0.0)
        shares = torch.from_numpy(metrics.points(mean.double().numpy()))
        return ModelOutput(shares, torch.ones(len(mean), 1, 1), tokens.pooled)


class Pairwise(Bright):
    """One that reads photos whole and orders a series by its pairs, as FGAesQ does."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[int, ...]] = []
        self.series: list[str] = []

    def score_image(self, photo: np.ndarray, seed: int | None = 0, *, draws: int = 1) -> ScoreDistribution:
        self.shapes.append(photo.shape)
        return ScoreDistribution(tuple(metrics.points(np.array([photo.mean() / 25.5]))[0]))

    def score_series(self, photos: Sequence[Callable[[], np.ndarray]], name: str) -> list[float]:
        self.series.append(name)
        scores = []
        for load in photos:
            try:
                scores.append(float(load().mean()))
            except UnreadablePhoto:
                scores.append(float("nan"))
        return scores


def model(**settings: Any) -> AestheticModel:
    return cast("AestheticModel", Bright(**settings))


@pytest.fixture
def photos(tmp_path: Path) -> PhotoSet:
    """Six photos of two sources that people like the brighter."""
    paths = []
    for number, level in enumerate(BRIGHTNESS):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (12, 6), (level, level, level)).save(paths[-1])
    votes = metrics.points(np.linspace(2.5, 8.5, len(paths)))
    return PhotoSet(
        name="lights",
        files=tuple(path.name for path in paths),
        paths=tuple(paths),
        votes=votes,
        sources=np.array(["a", "b"] * 3),
        splits=np.array([TRAIN, TEST, TRAIN, TEST, TEST, TEST]),
        notes=("made of plain colours",),
    )


@pytest.fixture
def series(photos: PhotoSet) -> SeriesSet:
    """Two series of three of them, brightest first."""
    made = []
    for name, rows in (("dusk", (0, 1, 2)), ("noon", (3, 4, 5))):
        pairs = tuple(LabelledPair(b, a, 0.8) for a in rows for b in rows if b > a)
        made.append(LabelledSeries(name, rows, pairs, category=name))
    return SeriesSet("bursts", photos.files, photos.paths, tuple(made))


def test_several_models_answer_side_by_side_and_the_others_differ_from_the_first(photos: PhotoSet) -> None:
    found, answers = evaluate({"dark": model(sign=-1.0), "bright": model()}, photos, split="all", resamples=50)
    srcc = {(row.judge, row.part): row.metrics["srcc"].value for row in found.rows}
    assert srcc["bright", "pooled"] == pytest.approx(1.0)
    assert srcc["dark", "pooled"] == pytest.approx(-1.0)
    assert {part for _, part in srcc} == {"pooled", "mean within source", "a", "b"}
    assert [row.judge for row in found.rows[:2]] == ["dark", "bright"], "judges of one part stand together"
    difference = found.differences[0]
    assert (difference.judge, difference.against) == ("bright", "dark")
    assert difference.metrics["srcc"].value == pytest.approx(2.0)
    assert answers is not None
    assert set(answers.predicted) == {"dark", "bright"}


def test_a_photo_that_cannot_be_read_is_left_out_for_every_model(photos: PhotoSet) -> None:
    photos.paths[2].write_bytes(b"no picture")
    models = {"small": model(size=4), "large": model(size=16)}
    found, answers = evaluate(models, photos, split="all", resamples=10)
    assert [row.file for row in found.excluded] == ["2.png"]
    assert answers is not None
    assert answers.rows.tolist() == [0, 1, 3, 4, 5]
    assert {row.count for row in found.rows if row.part == "pooled"} == {5}


def test_no_photo_that_can_be_read_is_an_error_with_the_reason(photos: PhotoSet) -> None:
    for path in photos.paths:
        path.unlink()
    with pytest.raises(KnownError, match="not one photo"):
        evaluate({"m": model()}, photos, resamples=10)


def test_models_of_one_size_share_a_decoded_photo(photos: PhotoSet) -> None:
    models = {name: Bright(size=8) for name in ("one", "other")}
    evaluate(cast(dict[str, AestheticModel], models), photos, split="all", resamples=10)
    assert models["one"].seen == models["other"].seen == [(6, 3, 8, 8)]


def test_a_model_that_reads_words_answers_with_and_without_them(photos: PhotoSet) -> None:
    said = tuple(("so good", "very good") if number > 2 else ("dull",) for number in range(6))
    spoken = dataclasses.replace(photos, comments=(*said[:5], ()))
    found, answers = evaluate({"deaf": model(), "reader": model(reads=True)}, spoken, split="all", resamples=10)
    assert [row.judge for row in found.rows if row.part == "pooled"] == ["deaf", "reader", "reader, with words"]
    assert answers is not None
    moved = metrics.mean_scores(answers.predicted["reader, with words"]) - metrics.mean_scores(
        answers.predicted["reader"]
    )
    assert (moved[:3] < 0).all()
    assert (moved[3:5] > 0).all()
    assert moved[5] == 0.0, "a photo without words"


def test_published_scores_of_the_set_are_judged_as_points(photos: PhotoSet) -> None:
    published = dataclasses.replace(photos, columns={"published_nima": np.linspace(3, 8, 6), "challenge": np.zeros(6)})
    found, _ = evaluate({"m": model()}, published, split="all", resamples=10)
    row = next(row for row in found.rows if row.judge == "published scores of NIMA")
    assert row.metrics["srcc"].value == pytest.approx(1.0)
    assert "emd" not in row.metrics
    assert not any("challenge" in row.judge.lower() for row in found.rows)


def test_the_test_split_is_judged_where_the_set_states_one(photos: PhotoSet) -> None:
    chosen, name = of_split(photos, None)
    assert (len(chosen.files), name) == (4, TEST)
    assert of_split(photos, "all") == (photos, "")
    assert len(of_split(photos, TRAIN)[0].files) == 2
    with pytest.raises(KnownError, match="validation"):
        of_split(photos, "validation")


def test_a_model_that_learned_from_the_set_is_told_on(photos: PhotoSet, series: SeriesSet) -> None:
    knows = {"knows": model(learned=["Lights/a"]), "new": model(learned=["elsewhere"])}
    found, _ = evaluate(knows, photos, resamples=10)
    assert len(found.warnings) == 1
    assert "knows learned from lights" in found.warnings[0]
    assert found.notes == ("made of plain colours",)
    assert "- knows learned from lights" in table.markdown(found)
    assert "only where it was left out by the same list" in found.warnings[0], "it may not know the test photos"
    assert "no held-out figures" in evaluate(knows, photos, split="all", resamples=10)[0].warnings[0]
    assert evaluate(knows, series, resamples=10)[0].warnings == ()


def test_series_are_judged_by_pairs_orders_and_categories(series: SeriesSet) -> None:
    found, answers = evaluate({"bright": model(), "dark": model(sign=-1.0)}, series, resamples=20)
    assert answers is None
    figures = {(row.judge, row.part): row.metrics for row in found.rows}
    assert figures["bright", "pooled"]["series_accuracy"].value == 1.0
    assert figures["dark", "noon"]["pair_accuracy"].value == 0.0
    assert figures["bright", "mean over categories"]["series_srcc"].value == pytest.approx(1.0)
    assert found.differences[0].metrics["pair_accuracy"].value == -1.0
    assert "series accuracy (best photo)" in table.markdown(found)


def test_a_model_of_series_compares_pairs_of_whole_photos(series: SeriesSet, photos: PhotoSet) -> None:
    judge = Pairwise()
    both = cast(dict[str, AestheticModel], {"pairs": judge, "single": Bright()})
    found, _ = evaluate(both, series, resamples=10)
    assert judge.series == ["dusk", "noon"]
    assert [row.judge for row in found.rows if row.part == "pooled"] == ["pairs", "single"]
    assert all(row.metrics["series_srcc"].value == pytest.approx(1.0) for row in found.rows)
    evaluate(cast(dict[str, AestheticModel], {"pairs": judge}), photos, split="all", resamples=10)
    assert judge.shapes == [(6, 12, 3)] * 6


@pytest.mark.parametrize("alone", [True, False])
def test_a_series_goes_on_without_a_photo_that_cannot_be_read(series: SeriesSet, alone: bool) -> None:
    series.paths[0].write_bytes(b"no picture")
    models: dict[str, Any] = {"pairs": Pairwise()} if alone else {"single": Bright(), "pairs": Pairwise()}
    found, _ = evaluate(models, series, resamples=10)
    assert [row.file for row in found.excluded] == ["0.png"]
    assert all(row.metrics["pair_accuracy"].value == 1.0 for row in found.rows)
    assert {row.count for row in found.rows if row.part == "pooled"} == {2}


def test_a_series_whose_pairs_are_all_lost_is_gone_and_the_others_keep_their_scores(series: SeriesSet) -> None:
    for row in (0, 1):
        series.paths[row].write_bytes(b"no picture")
    found, _ = evaluate(cast(dict[str, AestheticModel], {"s": Bright(), "p": Pairwise()}), series, resamples=10)
    assert {row.count for row in found.rows} == {1}
    assert all(row.metrics["series_accuracy"].value == 1.0 for row in found.rows)


def test_an_answer_that_is_no_number_is_an_error_and_no_figure(photos: PhotoSet) -> None:
    broken = Bright()
    broken.sign = float("nan")
    with pytest.raises(KnownError, match="no number"):
        evaluate({"broken": cast(AestheticModel, broken)}, photos, resamples=10)


def evaluation() -> Evaluation:
    generator = np.random.default_rng(0)
    truth = generator.uniform(3, 8, 40)
    answers = {
        "this model": metrics.points(truth + generator.normal(0, 1, 40)),
        "other | judge": metrics.points(truth + generator.normal(0, 3, 40)),
    }
    return compare_photos(
        answers,
        metrics.points(truth),
        np.array(["a", "b"] * 20),
        name="made",
        protocol="leave one source out",
        points=["other | judge"],
        resamples=50,
    )


def test_results_survive_the_way_to_json_and_into_a_card() -> None:
    found = evaluation()
    cards = results_to_held_out(json.loads(json.dumps(found.as_json())))
    assert cards == found.held_out() == results_to_held_out(found)
    assert isinstance(cards[0], HeldOut)
    assert (cards[0].set, cards[0].subject, cards[0].protocol) == ("made", "this model", "leave one source out, pooled")


def test_damaged_rows_of_results_are_passed_over() -> None:
    content = json.loads(json.dumps(evaluation().as_json()))
    content["rows"][0] = {"judge": "x"}
    content["rows"].append("nothing")
    assert len(results_to_held_out(content)) == len(content["rows"]) - 2
    assert results_to_held_out({}) == ()


def test_tables_are_markdown_whose_columns_line_up() -> None:
    found = evaluation()
    for text in (table.figures(found), table.differences(found), *table.side_by_side(found).split("\n\n")):
        lines = text.splitlines()
        assert len({len(line) for line in lines}) == 1
        assert len({line.count("|") for line in lines}) == 1
    assert "other ¦ judge" in table.markdown(found)
    assert "–" in table.figures(found), "one score a photo says nothing of distributions"


def test_a_narrow_table_has_a_column_for_each_judge() -> None:
    first = table.side_by_side(evaluation()).splitlines()[0]
    assert "this model" in first
    assert "other ¦ judge" in first


def test_categories_count_alike_however_many_series_they_have() -> None:
    series, good = [], []
    for number in range(12):
        category = "many" if number < 9 else "few"
        series.append(LabelledSeries(str(number), (0, 1), (LabelledPair(0, 1, 0.9),), category=category))
        good.append(np.array([2.0, 1.0]) if category == "many" else np.array([1.0, 2.0]))
    found = compare_series({"m": good}, series, name="made", resamples=30)
    accuracy = {row.part: row.metrics["pair_accuracy"].value for row in found.rows}
    assert accuracy["pooled"] == 0.75
    assert accuracy["mean over categories"] == 0.5


def test_the_command_prints_one_table_and_writes_what_was_asked_for(
    planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "load_model", lambda name, _device: model(sign=-1.0 if name == "dark" else 1.0))
    output = tmp_path / "judged"
    command = ["evaluate", "bright", "dark", "bright", "--data", str(planted), "--resamples", "20"]
    assert main([*command, "--output", str(output)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("| judge")
    assert "96 photos" in printed.err
    content = json.loads((output / "evaluation.json").read_text(encoding="utf-8"))
    assert {row["judge"] for row in content["rows"]} == {"bright", "dark"}
    with (output / "predictions-bright.csv").open(encoding="utf-8") as stream:
        assert len(list(csv.DictReader(stream))) == 96
    assert "Evaluation on" in (output / "report.html").read_text(encoding="utf-8")
    assert (output / "evaluation.md").read_text(encoding="utf-8").strip() == printed.out.strip()
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "photos"


def test_the_command_names_what_is_wrong(planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "nobody", "--data", str(planted)]) == 1
    assert "nobody" in capsys.readouterr().err
    assert main(["evaluate", "embedded", "--data", str(tmp_path / "nothing")]) == 1
    assert "nothing" in capsys.readouterr().err
    assert main(["evaluate", "embedded", "--data", str(planted), "--split", "test"]) == 1
    assert "states no splits" in capsys.readouterr().err
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    assert main(["evaluate", "embedded", "--data", str(planted), "--output", str(file / "inside")]) == 1
    assert "--output" in capsys.readouterr().err


def test_the_bundled_model_on_real_photos(real_data: Path, tmp_path: Path) -> None:
    from trainer.data import open_photos

    photos = open_photos(real_data / "sophoappeal")
    few = photos.take(np.arange(0, len(photos), 20))
    found, _ = evaluate({"embedded": registry.load_model("embedded", "cpu")}, few, resamples=50)
    figures = {row.judge: row.metrics["srcc"].value for row in found.rows if row.part == "pooled"}
    assert figures["embedded"] > figures["published scores of NIMA"]
    assert "learned from sophoappeal" in found.warnings[0]
