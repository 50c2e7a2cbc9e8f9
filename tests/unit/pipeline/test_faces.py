"""Faces are looked for once, what the user sees first, whatever interrupts it; originals are opened only for faces."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from aesthetic_studio import cli
from aesthetic_studio.errors import KnownError
from aesthetic_studio.faces import Face
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.models.faces import parts
from aesthetic_studio.models.faces.detector import Detection
from aesthetic_studio.models.faces.eyes import EyeState
from aesthetic_studio.models.faces.finder import CloseLook, FaceFinder
from aesthetic_studio.pipeline import faces as stage
from aesthetic_studio.pipeline.faces import Looker, find_faces, look_at, without_nested
from aesthetic_studio.pipeline.faces_process import FacesProcess
from aesthetic_studio.pipeline.grouping import group_folders
from aesthetic_studio.pipeline.indexing import index
from aesthetic_studio.pipeline.studio import find_faces_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aesthetic_studio.records import Progress

VERSION = "made 1"
FACE = Face(0.4, 0.3, 0.2, 0.3, 0.9, 0.95, 0.9, 0.2)
COUNT = 11


class MadeLooker:
    """Finds one face in photos whose name says so; keeps the names it was shown."""

    batch_size = 3

    def __init__(self, gone: str = "?") -> None:
        self.shown: list[str] = []
        self._gone = gone

    def look(self, photos: Sequence[tuple[str, bytes]]) -> list[tuple[Face, ...] | None]:
        names = [path.rsplit("/", 1)[-1] for path, preview in photos if preview]
        self.shown += names
        return [None if self._gone in name else (FACE,) * ("face" in name) for name in names]


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    draw = np.random.default_rng(4)
    for number in range(COUNT):
        name = f"{number:02d}-{'face' if number % 4 == 1 else 'tree'}.jpg"
        Image.fromarray(draw.integers(0, 255, (40, 60, 3), dtype=np.uint8)).save(folder / name)
    return folder


@pytest.fixture
def catalogue(album: Path, tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "library.sqlite") as opened:
        index(opened, [str(album)])
        group_folders(opened)
        yield opened


def test_every_photo_is_looked_at_once_and_only_folders_with_faces_are_grouped_anew(catalogue):
    looker, told = MadeLooker(), []
    report = find_faces(catalogue, VERSION, lambda: looker, progress=told.append)
    assert (report.looked, report.with_faces, report.failed, report.interrupted) == (COUNT, 3, 0, False)
    assert len(looker.shown) == len(set(looker.shown)) == COUNT
    assert catalogue.face_counts(VERSION) == (COUNT, COUNT)
    assert len(catalogue.folders_to_group()) == 1
    last: Progress = told[-1]
    assert (last.stage, last.done, last.total) == ("faces", COUNT, COUNT)
    again = find_faces(catalogue, VERSION, pytest.fail)
    assert again.looked == 0


def test_what_was_found_before_an_interruption_is_kept_and_the_next_run_goes_on_there(catalogue):
    first, second = MadeLooker(), MadeLooker()
    report = find_faces(catalogue, VERSION, lambda: first, should_stop=lambda: len(first.shown) >= 5)
    assert report.interrupted
    assert 5 <= len(first.shown) < COUNT
    find_faces(catalogue, VERSION, lambda: second)
    assert sorted(first.shown + second.shown) == sorted(set(first.shown + second.shown))
    assert len(first.shown + second.shown) == COUNT


def test_what_the_user_looks_at_comes_first_also_when_that_changes(catalogue):
    by_name = {photo.name: photo.id for photo in catalogue.photos(range(1, COUNT + 1))}
    looker = MadeLooker()

    def visible() -> list[int]:
        return [by_name["09-face.jpg"]] if not looker.shown else [by_name["07-tree.jpg"], by_name["10-tree.jpg"]]

    find_faces(catalogue, VERSION, lambda: looker, first=visible)
    assert looker.shown[0] == "09-face.jpg"
    assert set(looker.shown[MadeLooker.batch_size + 1 :][:2]) <= set(looker.shown)
    places = {name: place for place, name in enumerate(looker.shown)}
    assert max(places["07-tree.jpg"], places["10-tree.jpg"]) <= stage.MOST_SIDE_BY_SIDE + 2


def test_a_file_that_is_away_just_now_is_looked_at_another_time_and_holds_nothing_up(catalogue, monkeypatch):
    monkeypatch.setattr(stage, "READ_AHEAD", 3)
    away, back = MadeLooker(gone="tree"), MadeLooker()
    report = find_faces(catalogue, VERSION, lambda: away, first=lambda: [COUNT])
    assert (report.looked, report.failed) == (3, COUNT - 3)
    assert find_faces(catalogue, VERSION, lambda: back).looked == COUNT - 3


def test_only_the_photos_that_were_named_are_looked_at(catalogue):
    looker, wanted = MadeLooker(), [3, 1, 7]
    report = find_faces(catalogue, VERSION, lambda: looker, only=wanted)
    assert report.looked == 3
    assert looker.shown == [photo.name for photo in catalogue.photos(wanted)]


def test_without_the_models_nobody_looks_and_nothing_is_said(catalogue):
    assert not parts.is_installed()
    assert find_faces_in(catalogue, catalogue.roots()) is None


def test_the_command_lists_photos_with_faces_and_looks_only_once(catalogue, monkeypatch, capsys):
    looker = MadeLooker()
    looker.close = lambda: None
    monkeypatch.setattr(parts, "is_installed", lambda: True)
    monkeypatch.setattr(stage, "Looker", lambda: looker)
    library = str(catalogue.path)
    catalogue.close()
    assert cli.main(["faces", "--library", library, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert sorted(entry["path"].rsplit("/")[-1] for entry in told) == ["01-face.jpg", "05-face.jpg", "09-face.jpg"]
    assert told[0]["faces"] == [{"number": 1, **dataclasses.asdict(FACE)}]
    assert not told[0]["eyes_closed"]
    assert cli.main(["faces", "--library", library]) == 0
    answer = capsys.readouterr().out
    assert "open: 1 of 1" in answer
    assert f"Faces in 3 of {COUNT} photos." in answer
    assert len(looker.shown) == COUNT


class MadeFinder:
    """Finds a face in the left half of every preview, and again in its close-up."""

    def __init__(self, *, confirmed: bool = True, anything: bool = True) -> None:
        self.confirmed, self.anything = confirmed, anything
        self.close_ups: list[tuple[int, int]] = []

    def find(self, preview: Image.Image) -> list[Detection]:
        width, height = preview.size
        points = np.zeros((5, 2), np.float32)
        face = Detection(0.8, 0.1 * width, 0.2 * height, 0.2 * width, 0.5 * height, points)
        return [face] if self.anything else []

    def look_closely(self, close_ups) -> list[CloseLook | None]:
        self.close_ups += [each.picture.size for each in close_ups]
        return [CloseLook(each.face, EyeState(0.9, 0.8)) if self.confirmed else None for each in close_ups]


@pytest.fixture
def photo(tmp_path: Path) -> tuple[str, bytes]:
    """A photo of 800 × 600 and its small preview."""
    import io

    path = tmp_path / "photo.png"
    Image.new("RGB", (800, 600), (90, 120, 150)).save(path)
    small = io.BytesIO()
    Image.new("RGB", (200, 150), (90, 120, 150)).save(small, "JPEG")
    return str(path), small.getvalue()


def test_a_photo_without_faces_is_never_opened(tmp_path: Path, photo) -> None:
    assert look_at(MadeFinder(anything=False), str(tmp_path / "not there.jpg"), photo[1]) == ()


def test_faces_are_seen_closely_in_the_originals_pixels(photo) -> None:
    finder = MadeFinder()
    [face] = look_at(finder, *photo)
    assert (face.x, face.y, face.width, face.height) == pytest.approx((0.1, 0.2, 0.2, 0.5), abs=1e-3)
    assert (face.confidence, face.eyes_open, face.eyes_confidence) == (0.8, 0.9, 0.8)
    # Twice the height of the face, 300 of the original's pixels, cut off at its left edge.
    assert finder.close_ups[0][1] >= 570
    assert look_at(MadeFinder(confirmed=False), *photo) == ()


def test_of_an_original_that_cannot_be_decoded_the_previews_faces_are_known(tmp_path: Path, photo) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and nothing else")
    [face] = look_at(MadeFinder(), str(broken), photo[1])
    assert (face.eyes_open, face.sharpness) == (None, None)
    assert look_at(MadeFinder(), str(tmp_path / "away.png"), photo[1]) is None
    assert look_at(MadeFinder(), photo[0], b"no picture") == ()


def test_a_part_of_a_face_is_no_second_face() -> None:
    whole, mouth, child = Face(0.2, 0.2, 0.4, 0.4, 0.9), Face(0.3, 0.4, 0.2, 0.19, 0.7), Face(0.5, 0.5, 0.2, 0.2, 0.8)
    assert without_nested([mouth, child, whole]) == (whole, child)


def test_photos_are_looked_at_side_by_side_and_answered_in_order(photo) -> None:
    looker = Looker(MadeFinder())
    answers = looker.look([photo, ("away.png", photo[1]), photo])
    looker.close()
    assert [answer is None for answer in answers] == [False, True, False]


def test_without_its_files_the_process_says_how_to_get_them() -> None:
    process = FacesProcess(niceness=0)
    with pytest.raises(KnownError, match="models fetch faces"):
        process.look([])
    assert not process.running


def test_the_real_models_answer_from_a_process_of_their_own(real_data, catalogue) -> None:
    from aesthetic_studio.models import installing

    installing.add(real_data / "weights" / "faces")
    process = FacesProcess(niceness=0)
    try:
        report = find_faces(catalogue, parts.VERSION, lambda: process)
    finally:
        process.close()
    assert (report.looked, report.with_faces) == (COUNT, 0)
    assert FaceFinder.load().version == parts.VERSION
