"""What every test may use: where real data lies, a user's data folder of its own, and one rendered album."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Test processes share the cores; torch with a thread for each core in each of them runs many times slower. Here and not
# in a hook, since the rooms' own conftests import torch.
os.environ.setdefault("OMP_NUM_THREADS", "1")

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_configure() -> None:
    """Draw off screen before Qt is first imported, unless a developer chose a platform."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the library of the person who runs it."""
    from aesthetic_studio import paths

    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv("AESTHETIC_STUDIO_DATA", str(folder))
    paths.data_folder.cache_clear()
    return folder


@pytest.fixture(scope="session")
def repository() -> Path:
    """The top of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real photos; a test that asks for it is skipped, with the reason, where it is absent."""
    folder = Path(os.environ.get("AESTHETIC_STUDIO_DATA_SETS", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real photos are not here: {folder} (set AESTHETIC_STUDIO_DATA_SETS to their folder)")
    return folder


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
def sample_album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample album, rendered once for all tests. They only look at it: one that changes it makes its own copy."""
    from aesthetic_studio.sample_album import make_album

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sample-album"
    with _alone(folder.with_suffix(".lock")):
        make_album(folder)
    return folder
