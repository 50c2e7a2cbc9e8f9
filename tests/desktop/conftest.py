"""A made library and a window over it, without a camera, a model or a second process."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage

from aesthetic_studio.desktop.toolkit.theme import apply_theme
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.library.scan import FolderScan
from aesthetic_studio.pipeline.grouping import group_folders
from aesthetic_studio.records import (
    CaptureTime,
    Frame,
    Look,
    Measurements,
    Metadata,
    PhotoFacts,
    PhotoFile,
    ScoreDistribution,
    Series,
    SeriesKind,
    UnreadableFile,
)
from aesthetic_studio.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pytestqt.qtbot import QtBot

START = datetime(2024, 5, 12, 14, 3, 7)
BLACK = Look(bytes(32 * 32), bytes(8 * 8 * 3))


@dataclass
class MadeLibrary:
    """Photos that exist in the catalogue alone, best first by score and by name alike."""

    path: Path
    folder: str
    catalogue: Catalogue
    ids: list[int] = field(default_factory=list)

    def add(
        self,
        name: str,
        *,
        folder: str | None = None,
        camera: str = "EOS 5D",
        score: float | None = 5.0,
        companions: tuple[str, ...] = (),
        minute: int | None = None,
        look: Look = BLACK,
        burst: str | None = None,
        sharpness: float = 0.6,
    ) -> int:
        number = len(self.ids)
        file = PhotoFile(folder or self.folder, name, 1000 + number, number, companions)
        facts = made_facts(str(file.path), number, camera, minute, look, burst, sharpness)
        photo_id = self.catalogue.store_facts(file, facts)
        self.ids.append(photo_id)
        if score is not None:
            content = self.catalogue.photos([photo_id])[0].content_id
            self.catalogue.store_scores("made", "1", [(content, distribution_around(score))])
        return photo_id

    def verdict(self, photo_id: int) -> Any:
        return self.catalogue.photos([photo_id])[0].verdict

    def lose(self, photo_ids: Sequence[int]) -> None:
        """Let these photos' files be gone when their folder is looked at again."""
        lost = {photo.name for photo in self.catalogue.photos(photo_ids)}
        listed = (photo for photo in self.catalogue.photos(self.ids) if photo.name not in lost)
        files = tuple(PhotoFile(self.folder, p.name, p.size, p.mtime_ns, p.companions) for p in listed)
        self.catalogue.apply_scan(FolderScan(self.folder, b"later", unchanged=False, files=files))
        self.catalogue.finish_scan([self.folder], [self.folder])

    def find_bursts(self) -> None:
        """Group the photos as a run does: those that were added with the same ``burst``."""
        group_folders(self.catalogue)

    def group(self, photo_ids: Sequence[int], kind: SeriesKind = SeriesKind.BURST) -> None:
        self.group_all([(photo_ids, kind)])

    def group_all(self, groups: Sequence[tuple[Sequence[int], SeriesKind]]) -> None:
        """Let these be all the series that there are."""
        found = [
            Series(
                kind,
                tuple(
                    Frame(photo_id, rank, rank == 1, ("sharpest of the burst",))
                    for rank, photo_id in enumerate(photo_ids, start=1)
                ),
            )
            for photo_ids, kind in groups
        ]
        self.catalogue.replace_series(self.folder, found)


def distribution_around(mean: float) -> ScoreDistribution:
    return ScoreDistribution.from_votes([max(1e-6, 2.718 ** -(((k - mean) / 1.5) ** 2)) for k in range(1, 11)])


def made_preview(number: int) -> bytes:
    image = QImage(96, 64, QImage.Format.Format_RGB32)
    image.fill(QColor.fromHsv(number * 37 % 360, 120, 180))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG")
    return bytes(buffer.data().data())


def made_facts(
    identity: str,
    number: int,
    camera: str,
    minute: int | None = None,
    look: Look = BLACK,
    burst: str | None = None,
    sharpness: float = 0.6,
) -> PhotoFacts:
    return PhotoFacts(
        content_hash=hashlib.blake2b(identity.encode("utf-8", "surrogateescape"), digest_size=16).digest(),
        format="JPEG",
        width=6000,
        height=4000,
        metadata=Metadata(
            taken=CaptureTime(START + timedelta(minutes=number if minute is None else minute), 1.0, 120),
            make="Canon",
            model=camera,
            lens="EF 50mm",
            focal_length_mm=50.0,
            aperture=2.8,
            shutter_s=1 / 250,
            iso=400,
            exposure_bias_ev=-1 / 3,
            burst_id=burst,
        ),
        measurements=Measurements(sharpness, 0.1, 0.01, -0.4, 0.02, 0.01, 0.2, 0.4, 1.5),
        look=look,
        preview=made_preview(number),
    )


@pytest.fixture
def make_library(tmp_path: Path) -> Iterator[Callable[..., MadeLibrary]]:
    """Make a library of so many photos, ``photo-00.jpg`` the best."""
    opened: list[Catalogue] = []

    def make(count: int = 6) -> MadeLibrary:
        catalogue = Catalogue.open(tmp_path / "library.sqlite")
        opened.append(catalogue)
        folder = tmp_path / "photos"
        folder.mkdir()
        catalogue.add_root(str(folder))
        catalogue.set_active_model("made", "1")
        library = MadeLibrary(tmp_path / "library.sqlite", str(folder), catalogue)
        for number in range(count):
            library.add(f"photo-{number:02d}.jpg", score=8.0 - number * 6 / max(1, count))
        return library

    yield make
    for catalogue in opened:
        catalogue.close()


@pytest.fixture
def show_window(qtbot: QtBot, qapp: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., MainWindow]:
    """Show a window over a library, with its photos loaded and nothing going on behind it."""
    apply_theme(qapp)
    monkeypatch.setattr(MainWindow, "rescan", lambda _window: None)

    def show(library: MadeLibrary, **settings: Any) -> MainWindow:
        window = MainWindow(library.catalogue, replace(Settings(), collapse_series=True, **settings))
        qtbot.addWidget(window)
        window.resize(1300, 800)
        window.show()
        with qtbot.waitSignals([window.album.loaded, window.reader.overview_loaded], timeout=10_000):
            window.start()
        qtbot.waitUntil(lambda: window.album.answer is not None)
        window.activateWindow()
        window.views.take_focus()
        return window

    return show


@pytest.fixture
def unreadable() -> UnreadableFile:
    return UnreadableFile("/photos/torn.jpg", "the file ends in the middle", "Copy it from the card again.")


@pytest.fixture(autouse=True)
def quiet_log() -> Iterator[None]:
    """A test that provokes an error does not write it to the terminal."""
    logger = logging.getLogger("aesthetic_studio")
    handlers = list(logger.handlers)
    yield
    for handler in [handler for handler in logger.handlers if handler not in handlers]:
        logger.removeHandler(handler)
        handler.close()
