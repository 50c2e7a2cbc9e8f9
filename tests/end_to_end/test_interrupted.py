"""Whatever ends the program, the next run goes on where it stopped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pty = pytest.importorskip("pty", reason="needs a terminal that a program can hold")
termios = pytest.importorskip("termios", reason="needs a terminal that a program can hold")

COUNT = 400


@pytest.fixture
def many(tmp_path: Path, photo: Callable[..., Path]) -> Path:
    """Enough photos that the program can be met in the middle of them."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(COUNT):
        photo(folder / f"{number:04}.jpg", number, side=96)
    return folder


@contextmanager
def _on_a_terminal(studio: Any, *arguments: str | Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The program with a terminal as its standard error, which is where it shows progress."""
    ours, theirs = pty.openpty()
    # A terminal without a size has no room for a bar.
    termios.tcsetwinsize(theirs, (24, 100))
    process = subprocess.Popen(
        studio.command(*arguments), env=studio.environment, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        os.close(ours)


def _wait_for_progress(terminal: int, least: int) -> str:
    """Read the terminal until the bar shows that many photos."""
    shown = ""
    while True:
        shown += os.read(terminal, 4096).decode("utf-8", "replace")
        if any(int(count) >= least for count in re.findall(r"(\d+)/\d+ \[", shown)):
            return shown


def _rest_of(terminal: int) -> str:
    """All that the terminal shows until the program lets go of it."""
    shown = b""
    try:
        while data := os.read(terminal, 4096):
            shown += data
    except OSError:
        # The way Linux says that the other side has closed.
        pass
    return shown.decode("utf-8", "replace")


def test_after_a_kill_indexing_goes_on_where_it_stopped(studio: Any, many: Path) -> None:
    with _on_a_terminal(studio, "index", many) as (process, terminal):
        _wait_for_progress(terminal, 100)
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    told = studio("index", many, "--json").json()
    assert told["unchanged"] > 0, "what was stored before the kill is not decoded again"
    assert told["added"] + told["unchanged"] == COUNT
    assert studio("index", many, "--json").json()["unchanged"] == COUNT


def test_ctrl_c_stops_cleanly_says_so_and_keeps_what_is_done(studio: Any, many: Path) -> None:
    with _on_a_terminal(studio, "index", many) as (process, terminal):
        _wait_for_progress(terminal, 50)
        process.send_signal(signal.SIGINT)
        said = _rest_of(terminal)
        assert process.wait(10) == 130
        assert process.stdout is not None
        assert process.stdout.read() == b"", "an interrupted command has no result"
    assert "Interrupted" in said
    assert "kept" in said
    assert "Traceback" not in said
    told = studio("index", many, "--json").json()
    assert told["unchanged"] >= 50
    assert told["added"] + told["unchanged"] == COUNT


def test_no_worker_outlives_a_killed_program(studio: Any, many: Path) -> None:
    """Workers hold the terminal open no more than the program itself: its end is their end."""
    with _on_a_terminal(studio, "index", many) as (process, terminal):
        _wait_for_progress(terminal, 20)
        workers = _children_of(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        for worker in workers:
            _wait_for_the_end_of(worker)


def _children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    if not path.exists():
        pytest.skip("this system does not tell a process's children")
    return [int(child) for child in path.read_text().split()]


def _wait_for_the_end_of(pid: int) -> None:
    """Wait without asking again and again: a process descriptor becomes readable when its process ends."""
    import select

    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], 20.0)[0], f"worker {pid} is still there"
    finally:
        os.close(descriptor)
