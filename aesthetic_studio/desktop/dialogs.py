"""Everything the window asks or tells in a dialog of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from aesthetic_studio import __version__, paths
from aesthetic_studio.desktop.commands.keyboard import KeyboardDialog
from aesthetic_studio.desktop.commands.palette import CommandPalette, run_last
from aesthetic_studio.desktop.commands.sheet import ShortcutSheet
from aesthetic_studio.desktop.problems_dialog import ProblemsDialog
from aesthetic_studio.desktop.teach.panel import TeachPanel
from aesthetic_studio.desktop.teach.process import TeachProcess
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.desktop.work.sample_maker import SampleMaker
from aesthetic_studio.errors import KnownError
from aesthetic_studio.translation import _, retold, whole

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


class Dialogs(QObject):
    """The dialogs of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._sample: SampleMaker | None = None
        self._teach: TeachPanel | None = None
        self._telling: set[str] = set()

    def choose_folder(self) -> None:
        """Let a folder be chosen, and open it."""
        start = self._window.settings.last_folder or str(Path.home())
        folder = QFileDialog.getExistingDirectory(self._window, _("Choose a folder of photos"), start)
        if folder:
            self._window.open_folders([folder])

    def open_sample(self) -> None:
        """Make the sample album in the user's data folder, and open it."""
        self._make_sample(
            SampleMaker(paths.data_folder() / "sample-album", self),
            _("Making the sample album…"),
            _("Making the sample album: {done} of {total} photos"),
        )

    def open_shoot(self) -> None:
        """Make the sample shoot in the user's data folder, and open it."""
        self._make_sample(
            SampleMaker(paths.data_folder() / "sample-shoot", self, shoot=True),
            _("Making the sample shoot…"),
            _("Making the sample shoot: {done} of {total} photos"),
        )

    def _make_sample(self, maker: SampleMaker, begun: str, going_on: str) -> None:
        """Let one be made at a time."""
        if self._sample is not None:
            maker.deleteLater()
            return
        self._window.show_working(begun)
        self._sample = maker
        self._sample.progressed.connect(
            lambda done, total: self._window.show_working(going_on.format(done=whole(done), total=whole(total)))
        )
        self._sample.made.connect(lambda folder: self._window.open_folders([folder]))
        self._sample.failed.connect(self.tell)
        self._sample.finished.connect(self._on_sample_finished)
        self._sample.start()

    def remove_folder(self) -> None:
        """Ask, then no longer list the chosen folders; what was decided about their photos is kept."""
        roots = self._window.chosen_roots()
        if not roots:
            return
        names = "\n".join(paths.shown(root) for root in roots)
        question = QMessageBox(
            QMessageBox.Icon.Question,
            _("Remove from the library"),
            _("No longer list these folders?\n\n{names}").format(names=names),
        )
        question.setInformativeText(_("No file is touched. Stars and scores come back if you add the folder again."))
        remove = question.addButton(_("Remove"), QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.exec()
        if question.clickedButton() is remove:
            self._window.remove_folders(roots)

    def show_problems(self) -> None:
        """List the files that could not be read."""
        ProblemsDialog(self._window.reader_here.problems(), self._window).exec()

    def teach(self) -> None:
        """Open the Teach panel, or bring the open one to the front."""
        if self._teach is None:
            window = self._window
            self._teach = TeachPanel(
                lambda: TeachProcess(window.catalogue.path),
                window.catalogue.reader,
                lambda photo_id: window.reader_here.photo(photo_id).name,
                window,
            )
            self._teach.answered.connect(window.decisions.prefer)
            self._teach.model_wanted.connect(self._use_model)
            self._teach.installed.connect(self._on_installed)
            self._teach.finished.connect(self._on_teach_finished)
            self._teach.show()
        else:
            self._teach.raise_()
            self._teach.activateWindow()

    def show_palette(self) -> None:
        """Let any command be found and run."""
        window = self._window
        palette = CommandPalette(window.registry, window, recent=window.settings.recent_commands)
        if palette.exec() and palette.chosen is not None:
            recent = run_last(window.settings.recent_commands, palette.chosen)
            window.memory.change(recent_commands=recent)
            window.actions_[palette.chosen].trigger()

    def show_shortcuts(self) -> None:
        """Show all keys."""
        sheet = ShortcutSheet(self._window.registry, self._window)
        if sheet.exec() and sheet.change_wanted:
            self.show_keyboard()

    def show_keyboard(self) -> None:
        """Let keys be changed."""
        window = self._window
        dialog = KeyboardDialog(window.registry, window.keymap, window)
        dialog.keys_changed.connect(lambda: window.memory.take_keys(window))
        dialog.exec()

    def open_log_folder(self) -> None:
        """Show the log files in the file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.log_folder())))

    def show_about(self) -> None:
        """Say what this is."""
        box = QMessageBox(self._window)
        box.setWindowTitle(_("About Aesthetic Studio"))
        box.setIconPixmap(self._window.windowIcon().pixmap(64, 64))
        box.setText(_("Aesthetic Studio {version}").format(version=__version__))
        box.setInformativeText(
            _(
                "Scores, ranks and picks the best shot. Your originals are never changed, and "
                "nothing leaves this computer."
            )
        )
        box.exec()

    def tell(self, message: str, advice: str) -> None:
        """Tell what is in the way and what to do about it; the same words only once at a time."""
        if message in self._telling:
            return
        self._telling.add(message)
        try:
            show_known_error(message, advice, self._window)
        finally:
            self._telling.discard(message)

    def tell_added(self, unreadable: int) -> None:
        """Say in the status line that some files could not be read."""
        self._window.status.show_message(_("{files} could not be read").format(files=count_of(unreadable, "file")))

    def close(self) -> None:
        """End what still runs."""
        if self._sample is not None:
            self._sample.stop()
        if self._teach is not None:
            self._teach.reject()

    def _use_model(self, name: str) -> None:
        """Let a model score, now and from the next start on."""
        from aesthetic_studio.models import registry  # noqa: PLC0415 - not before the window is shown

        try:
            registry.set_default_model(name)
        except KnownError as error:
            self.tell(error.message, error.advice)
            return
        self._window.work.use_model(name)

    def _on_installed(self, name: str) -> None:
        """Let the new version of a model score at once where the one before does."""
        from aesthetic_studio.models import registry  # noqa: PLC0415 - not before the window is shown

        if registry.default_model() == name:
            self._window.work.use_model(name)

    def _on_teach_finished(self) -> None:
        self._teach = None

    def _on_sample_finished(self) -> None:
        self._window.show_working("")
        if self._sample is not None:
            self._sample.deleteLater()
            self._sample = None


def show_known_error(message: str, advice: str, parent: QWidget | None = None) -> None:
    """Tell a known error: what happened in bold, what to do below."""
    box = QMessageBox(
        QMessageBox.Icon.Warning, "Aesthetic Studio", retold("problem", paths.shown(message)), parent=parent
    )
    box.setInformativeText(retold("problem", paths.shown(advice)))
    box.exec()
