"""The journeys of a photographer, as `features/` tells them."""

from __future__ import annotations

import pytest
from pytest_bdd import scenarios

# A dialog of its own window has no window manager to say a size to, off screen.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

scenarios("features")
