"""The theme, dark or light: neutral greys that photos can be judged on, one accent that says where the keyboard is.

Every grey has R = G = B; a tinted interface shifts how the colours beside it look. One style sheet serves both themes:
it names greys, and the theme in force says which they are. Whatever paints asks for them when it paints, so that the
theme can be changed while the window is open.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from aesthetic_studio.paths import resources_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QApplication


class Scheme(Enum):
    """Which of the two themes."""

    DARK = "dark"
    LIGHT = "light"


GREYS_BY_SCHEME = {
    Scheme.DARK: {
        "ground": "#171717",
        "base": "#171717",
        "edge": "#141414",
        "panel": "#232323",
        "raised": "#303030",
        "hover": "#3b3b3b",
        "line": "#484848",
        "selected": "#555555",
        "border": "#757575",
        "faint": "#8e8e8e",
        "dim": "#a6a6a6",
        "text": "#dcdcdc",
        "bright": "#ffffff",
        "icon": "#d6d6d6",
        "plate": "#121212",
    },
    Scheme.LIGHT: {
        "ground": "#cfcfcf",
        "base": "#fafafa",
        "edge": "#c4c4c4",
        "panel": "#e6e6e6",
        "raised": "#f4f4f4",
        "hover": "#d8d8d8",
        "line": "#b2b2b2",
        "selected": "#c2c2c2",
        "border": "#808080",
        "faint": "#585858",
        "dim": "#4a4a4a",
        "text": "#1e1e1e",
        "bright": "#000000",
        "icon": "#2e2e2e",
        "plate": "#f0f0f0",
    },
}
"""By name: ``ground`` is behind photos, ``base`` where is typed, ``bright`` stands out most."""

ACCENTS = {Scheme.DARK: "#5cb8ff", Scheme.LIGHT: "#0b5fb0"}
ICON_COLOUR = "#d6d6d6"
"""What the icons' files are drawn with; it is replaced by the theme's own."""

LABEL_COLOURS = ("#757575", "#e0483e", "#e6c229", "#4caf50", "#3f8de0", "#a45ee5")
"""By ``Label``: none, red, yellow, green, blue, purple."""

SIZES = {"small": "9pt", "size": "10pt", "title": "17pt", "huge": "28pt"}

GREYS = dict(GREYS_BY_SCHEME[Scheme.DARK])
"""The greys in force."""

_scheme = Scheme.DARK
_followers: list[Callable[[Scheme], None]] = []


def scheme() -> Scheme:
    """Say which theme is in force."""
    return _scheme


def follow(told: Callable[[Scheme], None]) -> None:
    """Tell a module of colours of each theme that comes into force, before anything is painted with it."""
    _followers.append(told)


def grey(name: str) -> QColor:
    """One of the greys in force."""
    return QColor(GREYS[name])


def accent() -> QColor:
    """The one colour, as it reads on the greys in force."""
    return QColor(ACCENTS[_scheme])


class ThemedIcon(QIconEngine):
    """An icon that is painted in the colour of the theme in force, so that buttons need not be told of a change.

    Args:
        drawing: The SVG file's text.
    """

    def __init__(self, drawing: str) -> None:
        super().__init__()
        self._drawing = drawing
        self._pixmaps: dict[tuple[int, int, str, bool], QPixmap] = {}

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """Paint it as large as the rectangle."""
        painter.setOpacity(0.4 if mode is QIcon.Mode.Disabled else 1.0)
        coloured = self._drawing.replace(ICON_COLOUR, GREYS["icon"])
        renderer = QSvgRenderer(QByteArray(coloured.encode()))
        renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
        renderer.render(painter, QRectF(rect))
        painter.setOpacity(1.0)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return it in so many device pixels; none where a window is too narrow for it."""
        if size.isEmpty():
            return QPixmap()
        disabled = mode is QIcon.Mode.Disabled
        wanted = (size.width(), size.height(), GREYS["icon"], disabled)
        if wanted not in self._pixmaps:
            pixmap = QPixmap(size)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
            painter.end()
            self._pixmaps[wanted] = pixmap
        return self._pixmaps[wanted]

    def clone(self) -> QIconEngine:
        """Copy it, as Qt does before it changes an icon."""
        return ThemedIcon(self._drawing)


@cache
def icon(name: str) -> QIcon:
    """One of our own icons. Raises ``FileNotFoundError`` for a name that has no file."""
    path = resources_folder() / "icons" / f"{name}.svg"
    if not path.is_file():
        raise FileNotFoundError(f"there is no icon {path}")
    drawing = path.read_text(encoding="utf-8")
    return QIcon(ThemedIcon(drawing)) if ICON_COLOUR in drawing else QIcon(str(path))


def apply_theme(application: QApplication, wanted: Scheme = Scheme.DARK) -> None:
    """Dress the whole program, whatever it wore: Fusion as the base, our palette, our style sheet."""
    global _scheme  # noqa: PLW0603 - one theme for all that is painted in this process
    _scheme = wanted
    GREYS.update(GREYS_BY_SCHEME[wanted])
    for told in _followers:
        told(wanted)
    application.setStyle("Fusion")
    application.setPalette(palette())
    application.setStyleSheet(style_sheet())
    application.setWindowIcon(icon("aesthetic-studio"))


def style_sheet() -> str:
    """``resources/theme/studio.qss`` with colours, sizes and the icons' place filled in."""
    folder = resources_folder()
    text = (folder / "theme" / "studio.qss").read_text(encoding="utf-8")
    icons = folder / "icons" if _scheme is Scheme.DARK else folder / "icons" / "light"
    words = {**GREYS, **SIZES, "accent": ACCENTS[_scheme], "icons": icons.as_posix()}
    # Longest first: @line must not be read out of @lines, should there ever be one.
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(f"@{word}", words[word])
    return text


ROLES = {
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
    QPalette.ColorRole.Link: "text",
    QPalette.ColorRole.LinkVisited: "text",
}
"""The grey of each of Qt's roles."""


def palette() -> QPalette:
    """Make a palette of the same greys for everything that paints itself."""
    made = QPalette()
    for role, name in ROLES.items():
        made.setColor(role, grey(name))
    made.setColor(QPalette.ColorRole.Accent, accent())
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, grey("border"))
    return made
