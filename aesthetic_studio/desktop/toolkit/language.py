"""Which language the window speaks: the one that was chosen, else the system's, else English; Qt's own words too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

from aesthetic_studio import translation

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


def speak(application: QApplication, chosen: str) -> None:
    """Say everything in this language, that of a stored setting; empty for the system's.

    Before the window is made: what is on the screen already keeps its words.
    """
    system = QLocale.system()
    code = translation.best_of([chosen] if chosen else system.uiLanguages())
    translation.use(code)
    wanted = QLocale(translation.language())
    # The system's own way with numbers stays where it is of the same language: Austria's, Switzerland's.
    QLocale.setDefault(system if system.language() == wanted.language() else wanted)
    for old in application.findChildren(QTranslator):
        application.removeTranslator(old)
        old.deleteLater()
    words = QTranslator(application)
    if words.load(wanted, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(words)


def name_of(code: str) -> str:
    """The name that a language has for itself: ``Deutsch``."""
    name = QLocale(code).nativeLanguageName() if code != translation.ENGLISH else "English"
    return f"{name[:1].upper()}{name[1:]}"
