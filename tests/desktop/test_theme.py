"""Dark and light: chosen by a person, switched at once, remembered, and readable in both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from aesthetic_studio.desktop.toolkit import appearance, colours, theme
from aesthetic_studio.desktop.toolkit.theme import GREYS, Scheme, apply_theme, icon, style_sheet
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.paths import resources_folder
from aesthetic_studio.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

Make = Callable[..., Any]
READABLE = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text of any size."""

VISIBLE = 3.0
"""The same, 1.4.11, for signs and for what shows where the keyboard is."""

TEXT_GREYS = {"text", "bright", "dim"}
GROUNDS = {"panel", "base", "ground", "raised"}
CELLS = ("CELL", "CELL_SELECTED", "CELL_CURRENT")


@pytest.fixture(autouse=True)
def dark_again(qapp: QApplication) -> Iterator[None]:
    apply_theme(qapp)
    yield
    qapp.styleHints().unsetColorScheme()
    apply_theme(qapp)


def luminance(colour: QColor) -> float:
    """Relative luminance of sRGB as WCAG 2.2 defines it."""
    parts = [colour.redF(), colour.greenF(), colour.blueF()]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def laid_over(upper: QColor, lower: QColor) -> QColor:
    share = upper.alphaF()
    channels = zip(upper.getRgbF()[:3], lower.getRgbF()[:3], strict=True)
    return QColor.fromRgbF(*(share * a + (1 - share) * b for a, b in channels))


@pytest.mark.parametrize("scheme", Scheme)
def test_every_text_reads_on_every_ground(qapp: QApplication, scheme: Scheme) -> None:
    apply_theme(qapp, scheme)

    weak = {
        (text, ground): round(ratio, 2)
        for text in TEXT_GREYS | {"faint"}
        for ground in GROUNDS - ({"raised"} if text == "faint" else set())
        if (ratio := contrast(QColor(GREYS[text]), QColor(GREYS[ground]))) < READABLE
    }
    on_marked = {
        ground: round(contrast(QColor(GREYS["bright"]), QColor(GREYS[ground])), 2) for ground in ("selected", "hover")
    }

    assert weak == {}
    assert min(on_marked.values()) >= READABLE, on_marked


@pytest.mark.parametrize("scheme", Scheme)
def test_every_rule_of_the_style_sheet_that_names_text_and_ground_is_readable(
    qapp: QApplication, scheme: Scheme
) -> None:
    apply_theme(qapp, scheme)
    weak, looked = [], 0
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", style_sheet()):
        text = re.search(r"(?:^|[;\s])(?:selection-)?color:\s*(#\w{6})", body)
        ground = re.search(r"background(?:-color)?:\s*(#\w{6})", body)
        if text and ground and "disabled" not in selector:
            looked += 1
            if contrast(QColor(text[1]), QColor(ground[1])) < READABLE:
                weak.append(selector.strip())

    assert weak == []
    assert looked >= 5


@pytest.mark.parametrize("scheme", Scheme)
def test_qts_own_palette_is_readable(qapp: QApplication, scheme: Scheme) -> None:
    apply_theme(qapp, scheme)
    role, made = QPalette.ColorRole, theme.palette()
    pairs = [
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.Text, role.AlternateBase),
        (role.ButtonText, role.Button),
        (role.ToolTipText, role.ToolTipBase),
        (role.HighlightedText, role.Highlight),
        (role.PlaceholderText, role.Base),
        (role.Link, role.Window),
    ]

    weak = [(text.name, ground.name) for text, ground in pairs if contrast(made.color(text), made.color(ground)) < 4.5]

    assert weak == []


@pytest.mark.parametrize("scheme", Scheme)
def test_what_is_painted_on_a_cell_is_readable(qapp: QApplication, scheme: Scheme) -> None:
    apply_theme(qapp, scheme)
    score = {ground: laid_over(colours.CHIP_ON_CELL, getattr(colours, ground)) for ground in CELLS}

    weak = [
        *((text, ground) for text in ("TEXT",) for ground in (*CELLS, "BACKGROUND", "CHIP", "LOUPE_BACKGROUND")),
        ("TEXT_MUTED", "CELL"),
        ("TEXT_MUTED", "BACKGROUND"),
        ("TEXT_FAINT", "CELL"),
        ("TEXT_FAINT", "BACKGROUND"),
    ]
    weak = [pair for pair in weak if contrast(getattr(colours, pair[0]), getattr(colours, pair[1])) < READABLE]
    for photo in (QColor("#000000"), QColor("#ffffff")):
        chip = laid_over(colours.CHIP_ON_PHOTO, photo)
        weak += [(name, "chip") for name in ("TEXT", "TEXT_MUTED") if contrast(getattr(colours, name), chip) < READABLE]

    assert weak == []
    assert all(contrast(colours.TEXT, ground) >= READABLE for ground in score.values())


@pytest.mark.parametrize("scheme", Scheme)
def test_signs_and_focus_are_seen(qapp: QApplication, scheme: Scheme) -> None:
    apply_theme(qapp, scheme)
    signs = ("STAR", "BEST", "PICKED", "REJECTED")

    weak = [name for name in signs if contrast(getattr(colours, name), colours.CELL) < VISIBLE]
    weak += [ground for ground in GROUNDS if contrast(theme.accent(), QColor(GREYS[ground])) < VISIBLE]

    assert weak == []
    assert contrast(colours.RING, colours.BACKGROUND) >= VISIBLE


@pytest.mark.parametrize("scheme", Scheme)
def test_greys_are_neutral_so_that_no_photo_is_judged_beside_a_tint(qapp: QApplication, scheme: Scheme) -> None:
    apply_theme(qapp, scheme)
    grounds = [QColor(grey) for grey in GREYS.values()]
    grounds += [getattr(colours, name) for name in (*CELLS, "BACKGROUND", "LOUPE_BACKGROUND", "WELL", "CHIP_ON_PHOTO")]

    assert all(ground.red() == ground.green() == ground.blue() for ground in grounds)


@pytest.mark.parametrize("scheme", Scheme)
def test_every_icon_of_the_style_sheet_is_there(qapp: QApplication, scheme: Scheme) -> None:
    apply_theme(qapp, scheme)

    named = set(re.findall(r'url\("([^"]+)"\)', style_sheet()))

    assert len(named) >= 5
    assert [path for path in named if not (resources_folder() / path).is_file()] == []
    assert "@" not in style_sheet().split("*/", 1)[1]


def test_icons_take_the_themes_colour_without_being_made_again(qapp: QApplication) -> None:
    held = icon("grid")
    brightest = []

    for scheme in Scheme:
        apply_theme(qapp, scheme)
        image = held.pixmap(QSize(24, 24)).toImage()
        pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        brightest.append(max(pixel.lightness() for pixel in pixels if pixel.alpha() > 200))

    assert brightest[0] > 180
    assert brightest[1] < 90


def mean_lightness(widget: Any) -> float:
    image = widget.grab().toImage().scaled(32, 32)
    return sum(image.pixelColor(x, y).lightness() for x in range(32) for y in range(32)) / 1024


def test_the_theme_is_switched_at_once_with_all_that_paints_itself(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(0)
    window = show_window(library)
    window.views.show_page(empty_library=False, nothing_found=False)
    parts = (window.grid.viewport(), window.inspector, window.folder_tree, window.menuBar(), window.toolbar)
    dark = [mean_lightness(part) for part in parts]

    window.registry.run("view.theme.light")
    light = [mean_lightness(part) for part in parts]
    window.registry.run("view.theme.dark")
    again = [mean_lightness(part) for part in parts]

    assert all(after > before + 100 for before, after in zip(dark, light, strict=True)), (dark, light)
    assert again == pytest.approx(dark, abs=1)


def test_the_theme_is_remembered(
    qtbot: QtBot, make_library: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MainWindow, "rescan", lambda _window: None)
    library = make_library(1)
    window = MainWindow(library.catalogue, settings_path=tmp_path / "settings.json")
    qtbot.addWidget(window)
    window.registry.run("view.theme.light")
    window.close()
    apply_theme(QApplication.instance())

    again = MainWindow(library.catalogue, load_settings(tmp_path / "settings.json"))
    qtbot.addWidget(again)

    assert theme.scheme() is Scheme.LIGHT
    assert window.registry["view.theme.light"].checked()


def test_the_systems_theme_is_followed_while_the_program_runs(
    qtbot: QtBot, make_library: Make, show_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    worn = Qt.ColorScheme.Light
    monkeypatch.setattr(appearance, "system_scheme", lambda: worn)
    window = show_window(make_library(1))

    window.registry.run("view.theme.system")
    first = theme.scheme()
    worn = Qt.ColorScheme.Dark
    QApplication.styleHints().colorSchemeChanged.emit(worn)

    assert (first, theme.scheme()) == (Scheme.LIGHT, Scheme.DARK)


def test_a_theme_that_is_not_known_is_the_dark_one(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library(1), theme="sepia")

    assert window.registry["view.theme.dark"].checked()


@pytest.mark.parametrize("size", [QSize(0, 0), QSize(0, 18), QSize(18, 0)])
def test_an_icon_without_room_is_nothing_and_no_warning(qapp: Any, size: QSize) -> None:
    assert icon("heat-map").pixmap(size).isNull()
    assert not icon("heat-map").pixmap(QSize(18, 18)).isNull()
