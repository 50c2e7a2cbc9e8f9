"""One album for all tests of this folder, rendered once, whichever process comes first."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock between test processes, where the system has one."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The sample album. Tests only look at it: one that changes an album makes its own copy."""
    from aesthetic_studio.sample_album import make_album

    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "sample-album"
    with _alone(folder.with_suffix(".lock")):
        make_album(folder)
    return folder
