"""The sample album by the name that the tests of this folder know it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def album(sample_album: Path) -> Path:
    """The sample album. Tests only look at it: one that changes an album makes its own copy."""
    return sample_album
