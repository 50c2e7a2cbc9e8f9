"""Walks every page and dialog of the window and prints, as JSON, what is cut, covered or out of reach.

    QT_SCALE_FACTOR=2 python tests/desktop/layout_walk.py LIBRARY_FOLDER [--reverse] [--long] [--language de]

A process of its own, since Qt takes its scale factor up once. ``--long`` stands in for a translation: every word that
the program itself says becomes 40 % longer.
"""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QThread
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollBar,
    QToolButton,
    QWidget,
)

sys.path.insert(0, str(Path(__file__).parent))

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.desktop.app import make_application
from aesthetic_studio.desktop.commands.keyboard import KeyboardDialog
from aesthetic_studio.desktop.commands.keymap import KeyMap
from aesthetic_studio.desktop.commands.palette import CommandPalette
from aesthetic_studio.desktop.commands.registry import CommandRegistry
from aesthetic_studio.desktop.commands.sheet import SHARE_OF_SCREEN, ShortcutSheet
from aesthetic_studio.desktop.problems_dialog import ProblemsDialog
from aesthetic_studio.desktop.toolkit.language import speak
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.records import Flag, Label, UnreadableFile, VerdictChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORD = re.compile(r"[^\W\d_]{2,}")
LONGER = 0.4
PATIENCE = 50
"""Looks at a page that has something cut before it is believed."""
OVERLAYS = frozenset({"callout", "dropHint", "qt_scrollarea_viewport"})
"""What lies over other widgets because it is meant to."""


def longer(text: str) -> str:
    """Make every word 40 % longer; names of files, numbers and marks stay as they are."""

    def stretch(word: re.Match[str]) -> str:
        letters = word[0]
        return letters + letters[-max(1, round(len(letters) * LONGER)) :].lower()

    parts = re.split(r"(\s+|<[^>]*>)", text)
    return "".join(part if re.search(r"[\d./\\<>@]|^\s*$", part) else WORD.sub(stretch, part) for part in parts)


def lengthen(root: QWidget) -> None:
    """Lengthen every text under a widget that was not lengthened yet."""
    for widget in [root, *root.findChildren(QWidget)]:
        if isinstance(widget, (QLabel, QAbstractButton)) and widget.window().objectName() != "shortcutSheet":
            written = widget.property("written")
            # A plate over a photo takes its size when it is told its words.
            if widget.property("role") != "plate" and widget.text() and widget.text() != written:
                widget.setText(longer(widget.text()))
                widget.setProperty("written", widget.text())
        elif isinstance(widget, QComboBox):
            for row in range(widget.count()):
                if widget.itemData(row, Qt.ItemDataRole.UserRole + 7) is None:
                    widget.setItemText(row, longer(widget.itemText(row)))
                    widget.setItemData(row, True, Qt.ItemDataRole.UserRole + 7)
        elif isinstance(widget, QMenu) and not widget.property("written"):
            widget.setTitle(longer(widget.title()))
            for action in widget.actions():
                action.setText(longer(action.text()))
            widget.setProperty("written", True)


def named(widget: QWidget) -> str:
    """Say which widget it is, for whoever has to repair it."""
    text = widget.text() if isinstance(widget, (QLabel, QAbstractButton)) else ""
    name = widget.objectName() or widget.accessibleName()
    return f"{type(widget).__name__} {name!r} {text!r} in {type(widget.parentWidget()).__name__}"


def cut_by(widget: QWidget) -> str:
    """Say how a widget's words are cut; empty where they are seen whole."""
    if isinstance(widget, QLabel) and widget.text() and widget.toolTip() != widget.text():
        if widget.wordWrap():
            needed = widget.heightForWidth(widget.width())
            if needed > widget.height() + 2:
                return f"needs {needed} px of height and has {widget.height()}"
        elif widget.minimumSizeHint().width() > widget.width() + 1:
            return f"needs {widget.minimumSizeHint().width()} px and has {widget.width()}"
        elif widget.sizeHint().height() > widget.height() + 3:
            return f"needs {widget.sizeHint().height()} px of height and has {widget.height()}"
    if isinstance(widget, QAbstractButton) and widget.text():
        shows_text = not isinstance(widget, QToolButton) or (
            widget.toolButtonStyle() is not Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        if shows_text and widget.sizeHint().width() > widget.width() + 1:
            return f"needs {widget.sizeHint().width()} px and has {widget.width()}"
        if widget.sizeHint().height() > widget.height() + 3:
            return f"needs {widget.sizeHint().height()} px of height and has {widget.height()}"
    if isinstance(widget, QLineEdit) and widget.height() < widget.fontMetrics().height():
        return "is lower than a line"
    return ""


def seen(root: QWidget) -> Iterator[QWidget]:
    """The widgets under a page that are shown, without the parts that Qt builds others of."""
    for widget in root.findChildren(QWidget):
        inner = isinstance(widget.parentWidget(), (QComboBox, QAbstractSpinBox, QLineEdit, QScrollBar))
        if widget.isVisibleTo(root) and widget.window() is root.window() and not inner and not widget.size().isEmpty():
            yield widget


def rect_in(widget: QWidget, root: QWidget) -> QRect:
    """Where a widget lies in another's coordinates."""
    return QRect(widget.mapTo(root, QPoint(0, 0)), widget.size())


def scrolls(widget: QWidget, root: QWidget) -> bool:
    """Whether a widget lies in an area that can be scrolled to it."""
    above = widget.parentWidget()
    while above is not None and above is not root:
        if isinstance(above, QAbstractScrollArea):
            return True
        above = above.parentWidget()
    return False


def problems_of(page: str, root: QWidget) -> list[str]:
    """What is wrong with a page as it stands."""
    found: list[str] = []
    shown = list(seen(root))
    for widget in shown:
        if reason := cut_by(widget):
            found.append(f"{page}: {named(widget)} {reason}")
        # Qt's splitter lies a pixel off when it is turned round.
        reach = root.rect().adjusted(-1, -1, 1, 1)
        if not scrolls(widget, root) and not over_photo(widget) and not reach.contains(rect_in(widget, root)):
            found.append(f"{page}: {named(widget)} reaches out of the window")
    controls = [w for w in shown if isinstance(w, (QLabel, QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox))]
    for number, one in enumerate(controls):
        for other in controls[number + 1 :]:
            if one.parentWidget() is other.parentWidget() and not over_photo(one) and not over_photo(other):
                both = one.geometry().intersected(other.geometry())
                if both.width() > 1 and both.height() > 1:
                    found.append(f"{page}: {named(one)} lies over {named(other)}")
    return found


def over_photo(widget: QWidget) -> bool:
    """Whether a widget is a plate that lies over a photo."""
    return widget.property("role") == "plate" or widget.objectName() in OVERLAYS


def settle(count: int = 4) -> None:
    """Let layouts come to rest."""
    for _ in range(count):
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        QApplication.processEvents()


def wait_for(done: Callable[[], bool]) -> None:
    """Let the window work until something is so."""
    for _ in range(4000):
        if done():
            return
        QApplication.processEvents()
        QThread.msleep(2)
    raise SystemExit("the window did not come to rest")


def lasting_problems_of(page: str, root: QWidget) -> list[str]:
    """What is still wrong with a page when all that the window reads meanwhile has been laid out."""
    found = problems_of(page, root)
    for _ in range(PATIENCE):
        if not found:
            break
        QThread.msleep(10)
        settle()
        found = problems_of(page, root)
    return found


def filled(folder: Path) -> Catalogue:
    """Open a library that shows all there is to show."""
    import conftest as made  # the fixtures' own helpers

    catalogue = Catalogue.open(folder / "library.sqlite")
    photos = folder / "photos"
    photos.mkdir(exist_ok=True)
    catalogue.add_root(str(photos))
    catalogue.set_active_model("made", "1")
    library = made.MadeLibrary(folder / "library.sqlite", str(photos), catalogue)
    for number in range(24):
        library.add(f"photo-{number:02d}.jpg", score=8.0 - number / 4, companions=(f"photo-{number:02d}.cr3",))
    library.group(library.ids[:4])
    catalogue.decide(library.ids[:1], VerdictChange(rating=5, flag=Flag.PICK, label=Label.GREEN), "x")
    return catalogue


def walk(window: MainWindow, arguments: argparse.Namespace) -> list[str]:
    """Show page after page."""
    found: list[str] = []

    def look(page: str, root: QWidget) -> None:
        settle()
        if arguments.long:
            lengthen(root)
            # Words are there before a window takes its size; here they come later, so that it has to take it again.
            root.resize(root.width() - 9, root.height())
            settle()
            root.resize(root.width() + 9, root.height())
            settle()
        found.extend(lasting_problems_of(page, root))
        if arguments.shots:
            root.grab().save(str(Path(arguments.shots) / f"{page}.png"))

    for command in ("grid", "loupe", "burst", "compare", "survey"):
        window.registry.run("view.grid")
        window.registry.run(f"view.{command}")
        look(command, window)
    window.registry.run("view.grid")
    window.status.show_problems(3)
    window.chips.show_hidden(99_926)
    look("grid-full", window)
    window.panels.toggle_strip()
    window.filter_panel.set_more_shown(shown=True)
    window.chips.show_filter(PhotoFilter(text="sea", iso_at_least=100, rating=5))
    look("filters", window)
    window.filter_panel.set_more_shown(shown=False)
    window.panels.toggle_strip()
    window.chips.show_filter(PhotoFilter())
    window.tour.start(asked=False)
    for _ in range(5):
        look("tour", window)
        window.tour._on_next()
    window.filter_panel.set_filter(PhotoFilter(text="nothing like it"))
    wait_for(window.views.nothing.isVisible)
    look("nothing-found", window)
    window.filter_panel.clear()  # an empty library has nothing to filter
    wait_for(window.chips.isHidden)
    window.views.show_page(empty_library=True, nothing_found=False)
    if arguments.squeeze:
        window.views.welcome.findChild(QAbstractButton, "chooseFolder").setFixedWidth(60)
    look("welcome", window)
    window.drop_in.hint.appear()
    look("drop", window)
    window.drop_in.hint.hide()
    problem = UnreadableFile("/photos/torn.jpg", "the file ends in the middle", "Copy it from the card again.")
    registry = window.registry
    if arguments.long:
        registry = CommandRegistry()
        for command in window.registry:
            registry.add(replace(command, text=longer(command.text), menu=longer(command.menu)))
    dialogs: list[QDialog] = [
        CommandPalette(registry, window),
        ShortcutSheet(registry, window),
        KeyboardDialog(registry, KeyMap(registry), window),
        ProblemsDialog([problem] * 3, window),
    ]
    for dialog in dialogs:
        if isinstance(dialog, ShortcutSheet):
            dialog.fit(QSize(*arguments.room) * SHARE_OF_SCREEN)
        dialog.show()
        look(dialog.objectName(), dialog)
        screen = QRect(0, 0, *arguments.room)
        if dialog.width() > screen.width() or dialog.height() > screen.height():
            found.append(f"{dialog.objectName()}: is larger than the screen: {dialog.size().toTuple()}")
        dialog.close()
    return found


def main() -> int:
    """Walk and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reverse", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--theme", default="dark")
    parser.add_argument("--language", default="en")
    parser.add_argument("--shots", default="")
    parser.add_argument("--squeeze", action="store_true", help="cut a button, to prove that it is found")
    arguments = parser.parse_args()
    arguments.room = tuple(map(int, arguments.size.split("x")))
    application = make_application()
    speak(application, arguments.language)
    if arguments.reverse:
        application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    MainWindow.rescan = lambda _window: None
    with filled(arguments.folder) as catalogue:
        window = MainWindow(catalogue)
        window.resize(*arguments.room)
        window.show()
        window.start()
        wait_for(lambda: window.album.answer is not None and window.news.overview is not None)
        window.registry.run(f"view.theme.{arguments.theme}")
        wait_for(lambda: window.grid.current_id() is not None)
        found = walk(window, arguments)
        size, count = window.size().toTuple(), sum(1 for _ in seen(window))
        if window.width() > arguments.room[0] or window.height() > arguments.room[1]:
            found.append(f"the window is larger than the screen: {size}")
        ratio = window.devicePixelRatioF()
        window.close()
    print(json.dumps({"found": sorted(set(found)), "widgets": count, "ratio": ratio}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
