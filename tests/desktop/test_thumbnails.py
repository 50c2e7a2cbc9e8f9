"""Thumbnails: what is seen comes first, memory is bounded, and nothing late or broken is ever painted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QThread
from PySide6.QtGui import QColor, QImage

from aesthetic_studio.desktop.grid.thumbnails import ThumbnailProvider

if TYPE_CHECKING:
    from collections.abc import Callable


def jpeg(width: int, height: int, colour: str = "red") -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG")
    return buffer.data().data()


class Reader:
    """Previews of one size; can be held up, and remembers who asked for what."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.began = threading.Event()
        self.asked: list[int] = []
        self.threads: set[int] = set()
        self.opened, self.closed = 0, 0
        self.answer: Callable[[int], bytes | None] = lambda _: jpeg(512, 340)

    def __call__(self) -> Reader:
        self.opened += 1
        return self

    def preview(self, photo_id: int) -> bytes | None:
        self.asked.append(photo_id)
        self.threads.add(threading.get_ident())
        self.began.set()
        self.open.wait(10)
        return self.answer(photo_id)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def provider(reader: Reader, qapp: object):
    made = ThumbnailProvider(reader, threads=1)
    yield made
    reader.open.set()
    made.close()


def test_a_thumbnail_is_decoded_in_the_background_at_the_size_asked_for(qtbot, provider, reader: Reader) -> None:
    with qtbot.waitSignal(provider.thumbnail_ready) as ready:
        provider.want([7], side=160)
    assert ready.args == [7]
    assert (provider.pixmap(7).width(), provider.pixmap(7).height()) == (160, 106)
    assert threading.get_ident() not in reader.threads
    assert provider.thread() is QThread.currentThread()


def test_what_is_visible_comes_before_what_is_prefetched(qtbot, provider, reader: Reader) -> None:
    with qtbot.waitSignals([provider.thumbnail_ready] * 4):
        provider.want([3, 4], [5, 6], side=64)
    assert reader.asked == [3, 4, 5, 6]


def test_photos_that_were_scrolled_past_are_not_decoded(qtbot, provider, reader: Reader) -> None:
    reader.open.clear()
    provider.want([1, 2, 3], side=64)
    assert reader.began.wait(10)
    provider.want([8, 9], side=64)
    with qtbot.waitSignals([provider.thumbnail_ready] * 2):
        reader.open.set()
    assert reader.asked == [1, 8, 9]


def test_a_stale_answer_is_never_shown(qtbot, provider, reader: Reader) -> None:
    reader.open.clear()
    provider.want([1], side=64)
    assert reader.began.wait(10)
    provider.invalidate([1])
    reader.answer = lambda _: jpeg(512, 512, "blue")
    shown: list[int] = []
    provider.thumbnail_ready.connect(shown.append)
    provider.want([1, 2], side=64)
    reader.open.set()
    qtbot.waitUntil(lambda: shown == [1, 2])
    assert provider.pixmap(1).toImage().pixelColor(5, 5).blue() > 200


def test_memory_is_bounded_and_the_longest_unseen_go_first(qtbot, reader: Reader) -> None:
    provider = ThumbnailProvider(reader, threads=1, budget_bytes=5 * 64 * 64 * 4)
    with qtbot.waitSignals([provider.thumbnail_ready] * 20):
        provider.want(range(20), side=64)
    assert provider.kept_bytes <= 5 * 64 * 64 * 4
    assert provider.pixmap(0) is None
    assert provider.pixmap(19) is not None
    provider.close()


def test_a_larger_grid_keeps_the_small_picture_until_the_better_one_is_there(qtbot, provider) -> None:
    with qtbot.waitSignal(provider.thumbnail_ready):
        provider.want([1], side=64)
    with qtbot.waitSignal(provider.thumbnail_ready):
        provider.want([1], side=300)
        assert provider.pixmap(1).width() == 64
    assert provider.pixmap(1).width() == 300


def test_a_preview_smaller_than_the_cell_is_not_decoded_for_ever(qtbot, provider, reader: Reader) -> None:
    reader.answer = lambda _: jpeg(50, 40)
    with qtbot.waitSignal(provider.thumbnail_ready):
        provider.want([1], side=300)
    with qtbot.waitSignal(provider.thumbnail_ready):
        provider.want([1, 2], side=300)
    assert reader.asked == [1, 2]
    assert provider.pixmap(1).width() == 50


@pytest.mark.parametrize("answer", [None, b"", b"this is no picture"])
def test_a_photo_without_a_preview_is_known_as_such(qtbot, provider, reader: Reader, answer: bytes | None) -> None:
    reader.answer = lambda _: answer
    with qtbot.waitSignal(provider.thumbnail_ready):
        provider.want([1], side=64)
    assert provider.is_absent(1)
    assert provider.pixmap(1) is None
    assert not provider.is_absent(2)


def test_one_preview_that_fails_does_not_stop_the_others(qtbot, provider, reader: Reader) -> None:
    def answer(photo_id: int) -> bytes:
        if photo_id == 1:
            raise OSError("the disk does not answer")
        return jpeg(80, 60)

    reader.answer = answer
    with qtbot.waitSignals([provider.thumbnail_ready] * 2):
        provider.want([1, 2], side=64)
    assert provider.is_absent(1)
    assert provider.pixmap(2) is not None


def test_a_catalogue_that_cannot_be_opened_leaves_placeholders_and_is_tried_again(qtbot, reader: Reader) -> None:
    tries: list[int] = []

    def open_reader() -> Reader:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("locked")
        return reader

    provider = ThumbnailProvider(open_reader, threads=1)
    provider.want([1], side=64)
    qtbot.waitUntil(lambda: provider._workers._running == 0)
    assert provider.pixmap(1) is None
    with qtbot.waitSignal(provider.thumbnail_ready):
        provider.want([1], side=64)
    provider.close()


def test_closing_lets_go_of_every_reader(qtbot, reader: Reader) -> None:
    provider = ThumbnailProvider(reader, threads=2)
    with qtbot.waitSignals([provider.thumbnail_ready] * 4):
        provider.want(range(4), side=64)
    provider.close()
    provider.close()
    assert reader.opened == reader.closed > 0
    provider.want([9], side=64)
    assert 9 not in reader.asked
