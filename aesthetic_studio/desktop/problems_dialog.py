"""The files that no photo could be made of, each with its reason and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from aesthetic_studio.desktop.inspector.parts import breakable
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.paths import shown
from aesthetic_studio.translation import _, retold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import UnreadableFile

LINES_OF_A_PROBLEM = 4
"""A path, a reason and an advice take as many in all but the longest."""


class ProblemsDialog(QDialog):
    """A table of file, reason and advice, the chosen one in full below it; the text of all of it can be copied."""

    def __init__(self, problems: Sequence[UnreadableFile], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Files that could not be read"))
        self.setObjectName("problemsDialog")
        self.resize(QSize(960, 540).boundedTo(self.screen().availableSize() * 0.94))
        self._problems = tuple(problems)
        intro = QLabel(
            _(
                "{files} could not be read. Nothing was changed in them, and they are looked at "
                "again whenever they change."
            ).format(files=count_of(len(problems), "file"))
        )
        intro.setWordWrap(True)
        table = self._table = QTreeWidget()
        table.setAccessibleName(_("Unreadable files"))
        table.setHeaderLabels([_("File"), _("What is wrong"), _("What to do"), _("Folder")])
        table.setRootIsDecorated(False)
        table.setAlternatingRowColors(True)
        table.setUniformRowHeights(True)
        for problem in problems:
            path = Path(problem.path)
            texts = [
                shown(text)
                for text in (path.name, _sentence(_told(problem.reason)), _told(problem.advice), path.parent)
            ]
            item = QTreeWidgetItem(texts)
            for column, text in enumerate(texts):
                item.setToolTip(column, text)
            table.addTopLevelItem(item)
        for column, width in enumerate((190, 260, 260)):
            table.setColumnWidth(column, width)
        table.header().setSectionResizeMode(3, QHeaderView.ResizeMode.Interactive)
        self._whole = QLabel(alignment=Qt.AlignmentFlag.AlignTop)
        self._whole.setAccessibleName(_("The chosen file"))
        self._whole.setWordWrap(True)
        self._whole.setTextFormat(Qt.TextFormat.PlainText)
        self._whole.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        # The longest of them decides the height, lest the table jumps at every step.
        self._whole.setMinimumHeight(self.fontMetrics().lineSpacing() * LINES_OF_A_PROBLEM)
        table.currentItemChanged.connect(self._on_current_changed)
        if (first := table.topLevelItem(0)) is not None:
            table.setCurrentItem(first)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(_("Copy list"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._on_copy)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        for widget in (intro, table, self._whole, buttons):
            layout.addWidget(widget)
        layout.setStretchFactor(table, 1)

    def text(self) -> str:
        """Write the whole list, a line a file."""
        return "\n".join(shown(f"{p.path}: {_told(p.reason)} {_told(p.advice)}") for p in self._problems)

    def _on_current_changed(self, item: QTreeWidgetItem | None) -> None:
        """Write out what the columns have no room for."""
        row = self._table.indexOfTopLevelItem(item) if item is not None else -1
        if row >= 0:
            problem = self._problems[row]
            self._whole.setText(
                f"{breakable(shown(problem.path))}\n{_sentence(_told(problem.reason))} {_told(problem.advice)}"
            )

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())


def _told(text: str) -> str:
    return retold("problem", text)


def _sentence(reason: str) -> str:
    """Write a reason that stands alone with a capital and a full stop."""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}." if reason else ""
