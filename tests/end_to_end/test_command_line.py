"""The command line itself: quick to start, clear when something is in the way, never a traceback."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aesthetic_studio import cli
from aesthetic_studio.cli.arguments import DESCRIPTIONS, parse
from aesthetic_studio.models import registry
from aesthetic_studio.models.card import DataSource, HeldOut, Interval, ModelCard


def test_help_names_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in DESCRIPTIONS)
    assert "130 interrupted" in shown


@pytest.mark.parametrize("command", DESCRIPTIONS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert "--library" in capsys.readouterr().out


def test_starting_imports_nothing_heavy() -> None:
    """The window and ``--help`` are there before torch, Qt or numpy are."""
    heavy = "numpy torch PySide6 PIL exif sqlite_utils transformers tqdm platformdirs"
    program = f"""
import sys
import aesthetic_studio.cli, aesthetic_studio.cli.arguments, aesthetic_studio.cli.commands, aesthetic_studio.records
import aesthetic_studio.library.catalogue, aesthetic_studio.pipeline.indexing, aesthetic_studio.pipeline.studio
import aesthetic_studio.pipeline.scoring, aesthetic_studio.pipeline.scoring_process
print(*[name for name in {heavy.split()!r} if name in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def test_options_may_stand_before_the_command_and_a_folder_may_be_called_like_one() -> None:
    before = parse(["--library", "x.sqlite", "rank", "folder", "--top", "3"])
    assert (before.command, before.folders, before.top, before.library) == ("rank", ["folder"], 3, Path("x.sqlite"))
    folder = parse(["./index"])
    assert (folder.command, folder.folders) == (None, ["./index"])
    assert parse(["--", "index"]).command is None
    assert parse([]).folders == []


@pytest.mark.parametrize("arguments", [["rank", "--top", "0"], ["index"], ["rank", "--nonsense"], ["contact-sheet"]])
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_machine_without_a_display_is_told_what_works_there(studio: Any) -> None:
    ran = studio(library=False)
    assert ran.code == 2
    assert "no display" in ran.err
    assert "aesthetic-studio rank" in ran.err


def test_a_mistyped_command_is_told_so(studio: Any) -> None:
    ran = studio("idnex", library=False)
    assert ran.code == 2
    assert "no such folder and no such command" in ran.err


def test_a_locked_library_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from aesthetic_studio.library import connection

    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.05)
    library = tmp_path / "library.sqlite"
    photos = tmp_path / "photos"
    photos.mkdir()
    assert cli.main(["index", "--library", str(library), str(photos)]) == 0
    holder = sqlite3.connect(library, isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        assert cli.main(["index", "--library", str(library), str(photos)]) == 2
    finally:
        holder.close()
    said = capsys.readouterr().err
    assert str(library) in said
    assert "held by another program" in said


def test_an_unknown_model_names_those_that_are_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "photos").mkdir()
    library = str(tmp_path / "library.sqlite")
    assert cli.main(["rank", "--library", library, "--model", "nobody", str(tmp_path / "photos")]) == 2
    assert "Installed models: " in capsys.readouterr().err


def test_an_empty_library_asks_for_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rank", "--library", str(tmp_path / "none.sqlite")]) == 2
    assert "Name a folder" in capsys.readouterr().err
    assert not (tmp_path / "none.sqlite").exists()


def test_a_fault_of_ours_goes_to_the_log_and_one_line_to_the_user(
    own_data_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from aesthetic_studio.cli import models as cli_models

    def fail(_: object) -> int:
        raise ZeroDivisionError("once in a blue moon")

    monkeypatch.setattr(cli_models, "models", fail)
    assert cli.main(["models"]) == 3
    said = capsys.readouterr().err
    log = own_data_folder / "logs" / "aesthetic-studio.log"
    assert len(said.splitlines()) == 1
    assert str(log) in said
    assert "Traceback" in log.read_text()


def test_a_reader_that_has_seen_enough_is_no_fault(studio: Any) -> None:
    with subprocess.Popen(
        studio.command("doctor", "--json"), env=studio.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(60) == 141
    assert said == b""


def test_models_are_listed_with_licence_size_and_quality(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "--json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    default = next(card for card in cards if card["default"])
    assert default["licence"]
    assert default["size_bytes"] > 0
    assert "held_out" in default
    assert cli.main(["models"]) == 0
    assert default["name"] in capsys.readouterr().out


@pytest.fixture
def stated(own_data_folder: Path) -> ModelCard:
    """An installed model whose card states everything."""
    held_out = (
        HeldOut(
            "votes", "leave one source out", 96, {"srcc": Interval(0.61, 0.5, 0.7), "emd": Interval(0.1, 0.05, 0.2)}
        ),
        HeldOut("votes", "leave one source out", 96, {"srcc": Interval(-0.25, -0.3, -0.2)}, "the average vote"),
        HeldOut("pool", "photos held out, blur", 20, {"pair_accuracy": Interval(0.9, 0.8, 1.0)}),
    )
    card = dataclasses.replace(
        registry.find_card("embedded"),
        name="stated",
        title="All is stated",
        version="7",
        parameters=1_234_567,
        size_bytes=2_500_000,
        licence="CC0-1.0",
        summary="Looks at things.",
        speed="5 ms a photo",
        limits=("It must not delete.", "It is weak."),
        training_data=(DataSource("made", 734, "CC0", "votes"), DataSource("big", 0, "Apache-2.0", "teacher")),
        held_out=held_out,
        reference=(2.0, 4.0, 6.0),
        reference_photos="3 photos of made",
    )
    card.save(own_data_folder / "models" / card.name)
    return card


def test_a_models_whole_card_is_shown_in_words(stated: ModelCard, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "show", "stated"]) == 0
    shown = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines[0] == "All is stated (stated 7): 1.2 million parameters, 2.5 MB, CC0-1.0"
    for line in ("Looks at things.", "Speed: 5 ms a photo", "- It must not delete.", "- It is weak."):
        assert line in lines
    assert "734 made votes CC0" in lines
    assert "– big teacher Apache-2.0" in lines
    judged = lines[lines.index("judge held out photos srcc emd pair_accuracy") + 1 :]
    assert judged == [
        "this model leave one source out 96 0.610 [0.500, 0.700] 0.100 [0.050, 0.200] –",
        "the average vote leave one source out 96 -0.250 [-0.300, -0.200] – –",
        "this model photos held out, blur 20 – – 0.900 [0.800, 1.000]",
    ]


def test_a_models_whole_card_is_shown_as_json(stated: ModelCard, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "show", "stated", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["name"], shown["version"], shown["licence"]) == ("stated", "7", "CC0-1.0")
    assert (shown["summary"], shown["speed"]) == ("Looks at things.", "5 ms a photo")
    assert shown["training_data"] == [dataclasses.asdict(part) for part in stated.training_data]
    assert shown["judged"] == [dataclasses.asdict(part) for part in stated.held_out]
    assert shown["reference"] == [2.0, 4.0, 6.0]
    assert shown["reference_photos"] == "3 photos of made"


def test_a_card_that_states_little_is_shown_too(
    stated: ModelCard, own_data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    little = dataclasses.replace(stated, speed="", limits=(), training_data=(), held_out=(), reference=())
    little.save(own_data_folder / "models" / "stated")
    assert cli.main(["models", "show", "stated"]) == 0
    shown = capsys.readouterr().out
    assert "Looks at things." in shown
    assert "Speed" not in shown
    assert cli.main(["models", "show", "stated", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["judged"], found["training_data"], found["reference"]) == ([], [], [])


def test_the_bundled_models_card_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    card = registry.find_card("embedded")
    assert cli.main(["models", "show", "embedded"]) == 0
    shown = capsys.readouterr().out
    assert all(f"- {limit}" in shown for limit in card.limits)
    assert all(part.name in shown for part in card.training_data)


def test_an_unknown_models_card_is_answered_with_those_that_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    for options in ([], ["--json"]):
        assert cli.main(["models", "show", "nobody", *options]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "There is no model named 'nobody'" in said.err
        assert "Installed models: embedded" in said.err


def test_showing_a_model_needs_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "show"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "models show: what?" in said.err
    assert "aesthetic-studio models show embedded" in said.err


def test_the_doctor_tells_what_is_there_and_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = tmp_path / "library.sqlite"
    (tmp_path / "photos").mkdir()
    cli.main(["index", "--library", str(library), str(tmp_path / "photos")])
    capsys.readouterr()
    assert cli.main(["doctor", "--json", "--library", str(library)]) in (0, 1)
    findings = {each["topic"]: each for each in json.loads(capsys.readouterr().out)}
    assert {"Aesthetic Studio", "torch", "devices", "formats", "library", "display", "models"} <= set(findings)
    assert str(library) in findings["library"]["text"]
    assert findings["library"]["state"] == "ok"


def test_the_doctor_finds_a_damaged_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = tmp_path / "library.sqlite"
    library.write_bytes(b"SQLite format 3\x00" + b"\x07" * 5000)
    assert cli.main(["doctor", "--library", str(library)]) == 1
    shown = capsys.readouterr().out
    assert str(library) in shown


def test_a_temporary_library_leaves_nothing_behind(
    own_data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photos").mkdir()
    assert cli.main(["index", "--temp-library", str(tmp_path / "photos")]) == 0
    assert not list(own_data_folder.glob("*.sqlite"))
