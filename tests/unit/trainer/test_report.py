"""A run reports itself on one page that needs nothing: whole runs, runs that died, and damaged files alike."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import Interval
from trainer import metrics
from trainer.cli import main
from trainer.evaluation import compare_photos
from trainer.report import attention, figures, page, write_report
from trainer.report.reading import Curve, Looked, Predictions, Sweep, read_run
from trainer.report.run_files import sweep_content, write_attention, write_predictions

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.xdist_group("report")
"""What these tests share is made once, not once a process."""

NASTY = "<script>alert('x')</script>"


def distributions(count: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Predicted and actual ones that agree a little."""
    generator = np.random.default_rng(seed)
    truth = generator.uniform(2.5, 8.5, count)
    return metrics.points(0.5 * truth + 2.7 + generator.normal(0, 0.7, count)), metrics.points(truth)


def write_lines(folder: Path, epochs: int, *, more: str = "") -> None:
    """A log as the loop writes it."""
    lines = []
    for epoch in range(1, epochs + 1):
        lines.append({"event": "step", "epoch": epoch, "step": 10 * epoch - 5, "loss": 1.1 / epoch})
        srcc = 0.7 - 0.01 * (epoch - 3) ** 2
        lines.append({"event": "epoch", "epoch": epoch, "step": 10 * epoch, "loss": 1 / epoch, "srcc": srcc})
    text = "".join(json.dumps(line) + "\n" for line in lines) + more
    (folder / "metrics.jsonl").write_text(text, encoding="utf-8")


def write_run(folder: Path, *, title: str = "Tiny") -> Path:
    """A whole run of five epochs."""
    predicted, actual = distributions(60)
    recipe = {"title": title, "method": "queries", "training": {"epochs": 5, "watch": "srcc"}, "seeds": [1, 2]}
    (folder / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    write_lines(folder, 5)
    names = [f"{k}.png" for k in range(60)]
    write_predictions(folder / "predictions.csv", names, ["test"] * 40 + ["train"] * 20, predicted, actual)
    found = compare_photos(
        {"this model": predicted, "other": actual[::-1]},
        actual,
        np.array(["a", "b"] * 30),
        name="made",
        protocol="held out",
        resamples=20,
    )
    (folder / "results.json").write_text(json.dumps(found.as_json()), encoding="utf-8")
    manifest = {
        "set": "made",
        "kind": "a table",
        "photos": 60,
        "splits": {"test": {"photos": 40, "sha256_of_ids": "ab" * 32, "ids": []}},
        "excluded": [{"file": "gone.png", "reason": "it is missing"}],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    sweep = sweep_content(
        "head.queries", [(k, {"srcc": Interval(k / 20, k / 20 - 0.1, k / 20 + 0.1)}) for k in (1, 2, 4)]
    )
    (folder / "sweep.json").write_text(json.dumps(sweep), encoding="utf-8")
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "best.safetensors").touch()
    Image.new("RGB", (40, 20), (200, 40, 40)).save(folder / "red.png")
    places = [folder / "red.png", folder / "away.png"]
    maps = np.random.default_rng(0).uniform(size=(2, 3, 3))
    write_attention(folder / "attention.npz", ["red.png", "away.png"], places, maps, predicted[:2], actual[:2])
    return folder


class Parsed(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "action"}]
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in {"meta", "img", "br", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_run(tmp_path_factory.mktemp("run"), title=f"Tiny {NASTY}")
    write_report(folder)
    return folder


def test_the_page_is_one_file_without_script_or_network(run: Path) -> None:
    text = (run / "report.html").read_text(encoding="utf-8")
    parsed = Parsed(text)
    assert parsed.open == []
    assert "script" not in parsed.tags
    assert NASTY not in text
    assert parsed.addresses
    assert all(address.startswith("data:image/") for address in parsed.addresses)
    outside = re.sub(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+", "", text)
    assert not re.search(r"https?://|url\(|@import", outside)
    assert "default-src 'none'" in text


def test_pictures_in_the_page_hold_no_script_and_load_nothing(run: Path) -> None:
    text = (run / "report.html").read_text(encoding="utf-8")
    drawings = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", text)
    assert len(drawings) >= 6
    for drawing in drawings:
        tree = ElementTree.fromstring(base64.b64decode(drawing))  # noqa: S314 - made by matplotlib a moment ago
        for element in tree.iter():
            assert not str(element.tag).endswith(("script", "image", "foreignObject"))
            assert all(value.startswith("#") for name, value in element.attrib.items() if name.endswith("href")), (
                element.attrib
            )


def test_the_page_tells_what_came_of_the_run(run: Path) -> None:
    text = (run / "report.html").read_text(encoding="utf-8")
    result = json.loads((run / "results.json").read_text(encoding="utf-8"))["rows"][0]["metrics"]["srcc"]
    assert f"{result['value']:.3f}" in text
    assert f"[{result['low']:.3f}, {result['high']:.3f}]" in text
    for words in (
        "training.epochs",
        "abababababababab",
        "gone.png",
        "40 photos of the split test",
        "epoch 3",
        "has not",
    ):
        assert (words in text) == (words != "has not"), words


def test_every_plot_is_a_picture_of_its_own_too(run: Path) -> None:
    names = {path.name for path in (run / "plots").iterdir()}
    assert {"loss.png", "validation.png", "predicted-against-actual.png", "calibration.png", "sweep-1.png"} <= names
    for path in (run / "plots").iterdir():
        with Image.open(path) as picture:
            assert min(picture.size) > 200


def test_a_missing_photo_is_skipped_and_counted(run: Path) -> None:
    text = (run / "report.html").read_text(encoding="utf-8")
    assert text.count("Heat map of where") == 1
    assert "1 of the photos for attention examples could not be read" in text


def test_the_same_run_gives_the_same_page(run: Path) -> None:
    before = (run / "report.html").read_bytes()
    write_report(run)
    assert (run / "report.html").read_bytes() == before


def test_a_run_that_died_has_a_report_that_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "recipe.json").write_text('{"title": "Short", "training": {"epochs": 30}}', encoding="utf-8")
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last.safetensors").touch()
    write_lines(tmp_path, 4, more='{"event": "epoch", "epo')
    assert main(["report", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "has not finished: it stands after epoch 4 of 30" in text
    assert "last good checkpoint" in text
    assert "1 line was damaged" in text


def test_a_sweep_with_values_to_come_says_how_many_are_done(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text('{"values": [1, 2, 4]}', encoding="utf-8")
    for done in (2, 3):
        points = [(value, {"srcc": Interval(0.5, 0.4, 0.6)}) for value in (1, 2, 4)[:done]]
        (tmp_path / "sweep.json").write_text(json.dumps(sweep_content("head.queries", points)), encoding="utf-8")
        text = write_report(tmp_path).read_text(encoding="utf-8")
        assert ("2 of 3 values are done" in text) == (done == 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("results.json", b'{"rows": [{"judge": 3}, 7, {"metrics": []}], "differences": [1], "notes": 5'),
        ("results.json", b"[1, 2]"),
        ("results.json", b'{"rows": [{"judge": "a", "part": "b", "count": "x", "metrics": {"srcc": "y"}}]}'),
        ("recipe.json", b"\xff\xfe"),
        ("manifest.json", b'{"splits": [1], "excluded": [1], "photos": "many", "notes": null}'),
        ("predictions.csv", b"file,split\nx,y\n"),
        ("predictions.csv", b"\x00\x01"),
        ("attention.npz", b"PK\x03\x04 no archive"),
        ("sweep.json", b'{"key": "k", "points": [{"value": 1}, {"metrics": {"srcc": "x"}}]}'),
        ("sweep.json", b'{"sweeps": 3}'),
        ("results.json", b'{"rows": 1, "differences": {}, "notes": 5, "warnings": "x", "kind": 3}'),
        ("manifest.json", b'{"splits": {"test": 1}, "excluded": 1, "notes": 5, "set": [1]}'),
        ("recipe.json", b'{"training": {"epochs": "x"}, "title": ["a"], "watch": 1, "a": [[{}], {}]}'),
        ("metrics.jsonl", b'{"epoch": "one"}\n[]\n{"epoch": 1, "loss": "NaN"}\n{"epoch": 1}\n{"event": 3}\nnull\n'),
        ("metrics.jsonl", b'{"epoch": 1, "loss": NaN}\n{"epoch": 2, "loss": 1e999}\n'),
        ("metrics.jsonl", b'{"event": "chosen", "inner_srcc": "x"}\n{"event": "stopped"}\n'),
        ("model/card.json", b"{}"),
    ],
)
def test_no_damaged_file_stops_a_report(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"event": "begun"}\n', encoding="utf-8")
    (tmp_path / "model").mkdir()
    (tmp_path / name).write_bytes(content)
    assert write_report(tmp_path).is_file()


def test_an_attention_file_with_pickled_objects_is_not_opened(tmp_path: Path) -> None:
    write_lines(tmp_path, 1)
    files = np.empty(1, dtype=object)
    files[0] = {"any": "object"}
    np.savez(tmp_path / "attention.npz", files=files, maps=np.ones((1, 2, 2)))
    run = read_run(tmp_path)
    assert run.looked == ()
    assert any("attention.npz" in problem for problem in run.problems)


def test_a_folder_without_a_run_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KnownError, match="not a run"):
        write_report(tmp_path)
    assert main(["report", str(tmp_path / "nowhere")]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_damaged_predictions_are_passed_over_and_counted(tmp_path: Path) -> None:
    write_lines(tmp_path, 1)
    predicted, actual = distributions(5)
    path = tmp_path / "predictions.csv"
    write_predictions(path, [f"{k}" for k in range(5)], [""] * 5, predicted, actual)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text(
        "\n".join([*lines[:3], "2,,nan" + ",0.05" * 19, "3,," + ",".join(["0"] * 20), lines[5][:30]]), "utf-8"
    )
    run = read_run(tmp_path)
    assert run.predictions is not None
    assert len(run.predictions) == 2
    assert any("3 damaged lines" in problem for problem in run.problems)


def test_seeds_and_stages_are_curves_of_their_own(tmp_path: Path) -> None:
    lines = [{"seed": seed, "epoch": epoch, "loss": 1 / epoch} for seed in (1, 2) for epoch in (1, 2, 3)]
    lines += [
        {
            "event": "epoch",
            "stage": "joint",
            "epoch": 1,
            "step": 7,
            "loss": 2.0,
            "validation": {"loss": 3.0, "srcc": 0.5},
        }
    ]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    found = {curve.label: curve for curve in read_run(tmp_path).curves}
    assert set(found) == {"seed 1", "seed 2", "joint"}
    assert found["seed 2"].loss == [1, 0.5, 1 / 3]
    assert found["joint"].validation == {"validation_loss": [3.0], "srcc": [0.5]}
    assert write_report(tmp_path).is_file()


def test_validation_that_began_late_stays_in_its_epoch(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [{"epoch": 1, "loss": 2.0}, {"epoch": 2, "loss": 1.0, "srcc": 0.4}]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    srcc = read_run(tmp_path).curves[0].validation["srcc"]
    assert np.isnan(srcc[0])
    assert srcc[1] == 0.4


@pytest.mark.parametrize("count", [2, 21, figures.MANY_POINTS + 1])
def test_plots_of_predictions_are_drawn_for_few_and_many_photos(count: int) -> None:
    predicted, actual = distributions(count)
    found = Predictions(np.full(count, "test"), predicted, actual)
    drawn = [figures.predicted_against_actual(found), figures.calibration(found), figures.votes_on_the_whole(found)]
    assert (drawn[1] is None) == (count < 20)
    for figure in filter(None, drawn):
        assert figures.as_svg(figure).startswith(b"<?xml")


def test_a_judge_who_says_one_thing_of_all_photos_can_be_drawn() -> None:
    _, actual = distributions(40)
    found = Predictions(np.full(40, ""), np.full((40, 10), 0.1), actual)
    for figure in (figures.predicted_against_actual(found), figures.calibration(found)):
        assert figure is not None
        figures.as_png(figure)


def test_where_nothing_was_measured_nothing_is_drawn() -> None:
    empty = Predictions(np.empty(0, dtype=np.str_), np.empty((0, 10)), np.empty((0, 10)))
    assert figures.predicted_against_actual(empty) is None
    assert figures.votes_on_the_whole(empty) is None
    assert figures.loss_curves([]) is None
    assert figures.validation_curves([Curve("", [1.0], [2.0])]) is None
    assert figures.standing([], "srcc") is None
    assert figures.sweep(Sweep("k", (), {})) is None


def test_many_fits_are_one_mean_over_grey_curves() -> None:
    curves = [Curve(f"seed {k}", [1.0, 2.0], [float(k), 1.0]) for k in range(9)]
    figure = figures.loss_curves(curves)
    assert figure is not None
    lines = figure.axes[0].get_lines()
    assert list(np.asarray(lines[-1].get_ydata())) == [4.0, 1.0]
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["mean of 9 fits"]


def test_calibration_bins_lie_on_the_line_where_people_agree_on_average() -> None:
    truth = np.linspace(2.0, 9.0, 200)
    found = Predictions(np.full(200, ""), metrics.points(truth), metrics.points(truth))
    figure = figures.calibration(found)
    assert figure is not None
    dots = figure.axes[0].get_lines()[1]
    np.testing.assert_allclose(np.asarray(dots.get_xdata()), np.asarray(dots.get_ydata()), atol=1e-9)


def test_a_heat_map_brightens_where_the_queries_looked_and_keeps_the_shape() -> None:
    photo = Image.new("RGB", (60, 30), (90, 90, 90))
    heat = np.zeros((3, 6), dtype=np.float32)
    heat[1, 5] = 1.0
    drawn = np.asarray(attention.overlay(photo, heat)).astype(int)
    assert drawn.shape == (30, 60, 3)
    assert drawn[15, 55].sum() > 3 * 90 > drawn[15, 5].sum()
    assert np.array_equal(np.asarray(attention.overlay(photo, np.ones((3, 3), dtype=np.float32))), np.asarray(photo))


def test_examples_are_spread_over_the_photos_and_filled_up_where_some_are_missing(tmp_path: Path) -> None:
    looked = []
    for number in range(12):
        path = tmp_path / f"{number}.png"
        if number != 0:
            Image.new("RGB", (8, 8), (number * 20, 0, 0)).save(path)
        looked.append(Looked(path.name, path, np.eye(2, dtype=np.float32), 5.0, 6.0))
    made, missing = attention.examples(looked, tmp_path, most=4)
    assert [one.file for one in made] == ["4.png", "7.png", "11.png", "1.png"]
    assert missing == 1
    assert attention.examples([], tmp_path) == ([], 0)


def test_settings_are_listed_as_a_recipe_writes_them() -> None:
    content = {"name": "x", "head": {"queries": 4, "flip": True}, "parts": [{"side": 2.50}, {"side": 3}], "none": None}
    assert page.settings_rows(content) == [
        ("name", "x"),
        ("head.queries", "4"),
        ("head.flip", "true"),
        ("parts[1].side", "2.5"),
        ("parts[2].side", "3"),
    ]


def test_a_report_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    write_lines(tmp_path, 1)
    (tmp_path / "plots").write_text("in the way", encoding="utf-8")
    with pytest.raises(KnownError, match="cannot be written"):
        write_report(tmp_path)
    assert not list(tmp_path.glob(".report-*"))


def test_a_name_that_is_no_text_is_shown_with_marks(tmp_path: Path) -> None:
    write_lines(tmp_path, 1)
    manifest = {"set": "a\udcff", "excluded": [{"file": "b\udc80.png", "reason": "it is missing"}]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "b?.png" in write_report(tmp_path).read_text(encoding="utf-8")
