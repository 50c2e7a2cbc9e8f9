"""Making the sample shoot from the window: what is there is opened, what is in the way is told, a stop is at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aesthetic_studio.desktop.work.sample_maker import SampleMaker

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize("shoot", [False, True])
def test_one_that_is_there_is_only_opened(qtbot: QtBot, tmp_path: Path, shoot: bool) -> None:
    maker = SampleMaker(tmp_path, shoot=shoot)
    with qtbot.waitSignal(maker.made) as made:
        maker.start()
    maker.wait()
    assert made.args == [str(tmp_path)]
    assert list(tmp_path.iterdir()) == []


def test_what_is_in_the_way_of_the_shoot_is_told_in_its_words(qtbot: QtBot, tmp_path: Path) -> None:
    unfinished = tmp_path / "sample-shoot-unfinished"
    unfinished.mkdir()
    (unfinished / "mine.jpg").write_bytes(b"a photo of mine")
    maker = SampleMaker(tmp_path / "sample-shoot", shoot=True)
    with qtbot.waitSignal(maker.failed, timeout=120_000) as failed:
        maker.start()
    maker.wait()
    assert failed.args is not None
    assert "holds other files" in failed.args[0]
    assert "empty folder" in failed.args[1]
    assert (unfinished / "mine.jpg").is_file()


def test_a_shoot_that_is_stopped_is_not_opened_and_kept_to_go_on(qtbot: QtBot, tmp_path: Path) -> None:
    maker = SampleMaker(tmp_path / "sample-shoot", shoot=True)
    unfinished = tmp_path / "sample-shoot-unfinished"
    with qtbot.assertNotEmitted(maker.made), qtbot.assertNotEmitted(maker.failed):
        maker.start()
        qtbot.waitUntil((unfinished / ".sample-shoot").is_file, timeout=120_000)
        maker.stop()
    assert maker.isFinished()
    assert not (tmp_path / "sample-shoot").exists()
    assert unfinished.is_dir()
