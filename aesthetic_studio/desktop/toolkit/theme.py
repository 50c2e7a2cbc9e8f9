"""The dark theme: neutral greys that photos can be judged on, one accent that says where the keyboard is.

Every grey has R = G = B; a tinted interface shifts how the colours beside it look.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QIcon, QPalette

from aesthetic_studio.paths import resources_folder

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

GREYS = {
    "base": "#171717",
    "edge": "#141414",
    "panel": "#232323",
    "raised": "#303030",
    "hover": "#3b3b3b",
    "line": "#484848",
    "selected": "#555555",
    "faint": "#757575",
    "dim": "#a6a6a6",
    "text": "#dcdcdc",
    "bright": "#ffffff",
}
ACCENT = "#5cb8ff"
LABEL_COLOURS = ("#757575", "#e0483e", "#e6c229", "#4caf50", "#3f8de0", "#a45ee5")
"""By ``Label``: none, red, yellow, green, blue, purple."""

SIZES = {"small": "9pt", "size": "10pt", "title": "17pt", "huge": "28pt"}


def grey(name: str) -> QColor:
    """One of the theme's greys."""
    return QColor(GREYS[name])


@cache
def icon(name: str) -> QIcon:
    """One of our own icons. Raises ``FileNotFoundError`` for a name that has no file."""
    path = resources_folder() / "icons" / f"{name}.svg"
    if not path.is_file():
        raise FileNotFoundError(f"there is no icon {path}")
    return QIcon(str(path))


def apply_theme(application: QApplication) -> None:
    """Dress the whole program: Fusion as the base, our palette, our style sheet."""
    application.setStyle("Fusion")
    application.setPalette(dark_palette())
    application.setStyleSheet(style_sheet())
    application.setWindowIcon(icon("aesthetic-studio"))


def style_sheet() -> str:
    """``resources/theme/dark.qss`` with colours, sizes and the icons' place filled in."""
    folder = resources_folder()
    text = (folder / "theme" / "dark.qss").read_text(encoding="utf-8")
    words = {**GREYS, **SIZES, "accent": ACCENT, "icons": (folder / "icons").as_posix()}
    # Longest first: @line must not be read out of @lines, should there ever be one.
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(f"@{word}", words[word])
    return text


def dark_palette() -> QPalette:
    """Make a palette of the same greys for everything that paints itself."""
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: "panel",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "base",
        QPalette.ColorRole.AlternateBase: "raised",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.BrightText: "bright",
        QPalette.ColorRole.ToolTipBase: "raised",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.PlaceholderText: "faint",
        QPalette.ColorRole.Highlight: "selected",
        QPalette.ColorRole.HighlightedText: "bright",
        QPalette.ColorRole.Light: "hover",
        QPalette.ColorRole.Midlight: "raised",
        QPalette.ColorRole.Mid: "line",
        QPalette.ColorRole.Dark: "edge",
        QPalette.ColorRole.Shadow: "edge",
    }
    for role, name in roles.items():
        palette.setColor(role, grey(name))
    palette.setColor(QPalette.ColorRole.Link, grey("text"))
    palette.setColor(QPalette.ColorRole.LinkVisited, grey("text"))
    palette.setColor(QPalette.ColorRole.Accent, QColor(ACCENT))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, grey("faint"))
    return palette
