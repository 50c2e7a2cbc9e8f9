"""The words of the features lie in ``steps/``, a module a subject; this makes them known."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path

import pytest

STEPS = Path(__file__).with_name("steps")
SUBJECTS = ("shoots", "deciding", "looking", "comparing", "culling", "files", "windows")


def pytest_configure(config: pytest.Config) -> None:
    """Register each module of steps as a plugin. The tests are no package, so theirs is made here."""
    if "journey_steps" not in sys.modules:
        pytest.register_assert_rewrite("journey_steps")
        spec = importlib.util.spec_from_file_location("journey_steps", STEPS / "__init__.py")
        assert spec is not None
        assert spec.loader is not None
        package = importlib.util.module_from_spec(spec)
        sys.modules["journey_steps"] = package
        spec.loader.exec_module(package)
    for subject in SUBJECTS:
        module = importlib.import_module(f"journey_steps.{subject}")
        if not config.pluginmanager.is_registered(module):
            config.pluginmanager.register(module, module.__name__)
