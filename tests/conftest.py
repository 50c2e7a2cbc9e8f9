"""What every test may use: where the real data lies, and a user's data folder of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
