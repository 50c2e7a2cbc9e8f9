"""Asks for a smart album's name, and says what it will hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from aesthetic_studio.library.smart_albums import LONGEST_NAME
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.albums import SmartAlbum

WIDTH = 420


class AlbumDialog(QDialog):
    """One line for the name.

    Args:
        title: The dialog's title.
        holds: What the album filters by and how it is sorted, in words.
        albums: Those there are.
        renamed: The album that is to get another name, None where one is saved: only then a name may be there already.
    """

    def __init__(
        self,
        title: str,
        holds: str,
        albums: Sequence[SmartAlbum],
        *,
        renamed: SmartAlbum | None = None,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setObjectName("albumDialog")
        self._renamed = renamed
        self._albums = {album.name.casefold(): album for album in albums}
        self._name = QLineEdit(name)
        self._name.setAccessibleName(_("Name of the smart album"))
        self._name.setPlaceholderText(_("Name"))
        self._name.setMaxLength(LONGEST_NAME)
        self._name.selectAll()
        what = QLabel(holds)
        what.setWordWrap(True)
        what.setProperty("role", "dim")
        self._note = QLabel()
        self._note.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._save = QPushButton(_("Save"))
        buttons.addButton(self._save, QDialogButtonBox.ButtonRole.AcceptRole)
        self._save.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        for widget in (self._name, what, self._note, buttons):
            layout.addWidget(widget)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._name.textChanged.connect(self._on_name_changed)
        self._on_name_changed()
        self.resize(WIDTH, self.sizeHint().height())

    def name(self) -> str:
        """Return the name that was typed."""
        return " ".join(self._name.text().split())

    def _on_name_changed(self) -> None:
        name = self.name()
        there = self._albums.get(name.casefold())
        if there is not None and self._renamed is not None and there.id == self._renamed.id:
            there = None
        self._save.setText(
            _("Rename") if self._renamed is not None else _("Replace") if there is not None else _("Save")
        )
        self._save.setEnabled(bool(name) and (there is None or self._renamed is None))
        self._note.setText("" if there is None else self._note_on(there))
        self._note.setVisible(there is not None)

    def _note_on(self, there: SmartAlbum) -> str:
        if self._renamed is not None:
            return _("There is a smart album called {name} already.").format(name=there.name)
        said = _("This replaces the smart album {name}.").format(name=there.name)
        if not there.unknown:
            return said
        lost = _("That includes what a newer version stored in it: {fields}.").format(fields=", ".join(there.unknown))
        return f"{said} {lost}"
