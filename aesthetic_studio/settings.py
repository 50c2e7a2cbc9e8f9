"""What the window remembers between runs: one frozen dataclass, one JSON file.

Settings are a convenience, so a damaged or missing file never stops the program: what cannot be understood falls back
to its default. They are written to a file of their own and renamed into place, so a crash leaves the old ones.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

SMALLEST_THUMBNAIL = 96
LARGEST_THUMBNAIL = 512


@dataclass(frozen=True, slots=True)
class Settings:
    """All that is remembered. Every field has a default that suits a first run."""

    geometry: str = ""
    """The window's place and size, as Qt's own bytes in base64; empty on a first run."""
    splitter: str = ""
    """How wide the panels are, as Qt's own bytes in base64."""
    thumbnail_size: int = 200
    """Pixels of a grid cell's side."""
    sort: str = "score"
    descending: bool = True
    collapse_series: bool = True
    folders_shown: bool = True
    inspector_shown: bool = True
    strip_shown: bool = False
    """The histogram and timeline below the grid."""
    more_filters: bool = False
    """The filter's rarer fields are unfolded."""
    advance: bool = False
    """A rating or flag steps to the next photo by itself."""
    last_folder: str = ""
    """Where the folder dialog opens."""
    keys: dict[str, Any] = field(default_factory=dict)
    """What the person changed about the keys, by command id; ``commands/keymap.py`` reads and writes it."""
    recent_commands: list[str] = field(default_factory=list)
    """The commands that were run last out of the palette, the last first."""
    language: str = ""
    """The code of the language, ``de``; empty for the system's."""
    theme: str = "dark"
    """``dark``, ``light`` or ``system``."""
    full_screen: list[str] = field(default_factory=list)
    """The views that fill the screen, by name."""
    second_window: dict[str, Any] = field(default_factory=dict)
    """Where the loupe's second window stands, by the screens that there are."""
    tour_seen: bool = False
    """The short tour was shown, and never comes unasked again."""

    def __post_init__(self) -> None:
        size = min(max(self.thumbnail_size, SMALLEST_THUMBNAIL), LARGEST_THUMBNAIL)
        object.__setattr__(self, "thumbnail_size", size)
        for name in ("recent_commands", "full_screen"):
            texts = [text for text in getattr(self, name) if isinstance(text, str)]
            object.__setattr__(self, name, texts)


def settings_file(data_folder: Path) -> Path:
    """Where the settings lie in the user's data folder."""
    return data_folder / "settings.json"


def load_settings(path: Path) -> Settings:
    """Read the settings; defaults for whatever is missing, damaged or of another type."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    return _from_stored(stored) if isinstance(stored, dict) else Settings()


def _from_stored(stored: dict[str, Any]) -> Settings:
    defaults = asdict(Settings())
    kept = {
        field.name: stored[field.name]
        for field in fields(Settings)
        # bool is an int to Python, so types are compared and not asked for with isinstance.
        if type(stored.get(field.name)) is type(defaults[field.name])
    }
    return Settings(**kept)


def save_settings(settings: Settings, path: Path) -> bool:
    """Write the settings whole or not at all; False where the folder cannot be written, which is no reason to fail."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".settings-")
    except OSError:
        return False
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(settings), file, indent=2, sort_keys=True)
        Path(name).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        return False
    return True
