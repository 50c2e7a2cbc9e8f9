"""The face models come from a file or by name, checked by sha256; where they are missing the way out is told."""

from __future__ import annotations

import hashlib
from shutil import copyfile

import pytest

from aesthetic_studio import cli
from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models import installing, registry
from aesthetic_studio.models.faces import parts
from aesthetic_studio.models.faces.finder import FaceFinder
from aesthetic_studio.models.offers import find_offer


@pytest.fixture
def made_files(tmp_path, monkeypatch):
    """A folder with files that stand for the networks, and a loader that only looks whether they are there."""
    folder = tmp_path / "networks"
    folder.mkdir()
    digests = {}
    for name in parts.FILES:
        (folder / name).write_bytes(name.encode())
        digests[name] = hashlib.sha256(name.encode()).hexdigest()
    monkeypatch.setattr(parts, "FILES", digests)
    monkeypatch.setattr(FaceFinder, "load", parts.check)
    return folder


@pytest.mark.parametrize("named", ["", parts.DETECTOR_FILE, parts.EYES_FILE])
def test_they_are_added_by_their_folder_or_by_one_of_them(made_files, named):
    assert not parts.is_installed()
    installed = installing.add(made_files / named)
    assert (installed.name, installed.folder) == ("faces", parts.faces_folder())
    assert parts.is_installed()
    assert installing.is_installed(find_offer("faces"))
    assert [card.name for card in registry.installed_models()] == ["embedded"]


def test_a_file_that_is_not_what_it_should_be_is_refused_and_nothing_is_installed(made_files):
    (made_files / parts.EYES_FILE).write_bytes(b"something else")
    with pytest.raises(ModelUnavailable, match=r"ocec_s\.onnx: this is not the file it should be"):
        installing.add(made_files)
    assert not parts.is_installed()


def test_one_file_without_the_other_is_told_by_name(made_files):
    (made_files / parts.DETECTOR_FILE).unlink()
    with pytest.raises(ModelUnavailable, match=r"yunet_2023mar\.onnx: this file is missing"):
        installing.add(made_files / parts.EYES_FILE)


def test_fetched_by_name_they_are_checked_installed_and_not_fetched_again(made_files, monkeypatch):
    asked = []

    def bring(file, folder, **_):
        asked.append(file)
        folder.mkdir(parents=True, exist_ok=True)
        return copyfile(made_files / file.name, folder / file.name), ""

    monkeypatch.setattr(installing, "download", bring)
    assert [each.name for each in installing.fetch("faces", agree=lambda _: True)] == ["faces"]
    assert parts.is_installed()
    assert installing.fetch("faces", agree=lambda _: True) == []
    assert {file.name: file.sha256 for file in asked} == {
        parts.DETECTOR_FILE: parts.DETECTOR_SHA256,
        parts.EYES_FILE: parts.EYES_SHA256,
    }


def test_removed_they_go_to_the_trash(made_files, tmp_path, monkeypatch):
    import send2trash

    installing.add(made_files)
    monkeypatch.setattr(send2trash, "send2trash", lambda path: path.rename(tmp_path / "trash"))
    installing.remove("faces")
    assert not parts.is_installed()
    assert (tmp_path / "trash" / parts.EYES_FILE).is_file()


def test_they_score_nothing_and_are_no_choice_of_model(made_files):
    installing.add(made_files)
    with pytest.raises(ModelUnavailable, match="no model named 'faces'"):
        registry.choose("faces")


def test_where_they_are_missing_the_command_says_how_to_get_them(capsys):
    assert cli.main(["faces"]) == 2
    assert "aesthetic-studio models fetch faces" in capsys.readouterr().err


def test_the_real_files_are_the_ones_on_offer_and_load(real_data):
    installing.add(real_data / "weights" / "faces")
    assert FaceFinder.load().version == parts.VERSION


def test_a_damaged_file_is_told_when_it_is_loaded(real_data):
    installing.add(real_data / "weights" / "faces")
    path = parts.faces_folder() / parts.EYES_FILE
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelUnavailable, match="models fetch faces"):
        FaceFinder.load()
