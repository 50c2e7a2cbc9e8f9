"""What threads sent to a window that has closed."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject


def drop_posted_answers(window: QObject) -> None:
    """Drop what was sent to a window's parts and has not come; call it once every worker has ended.

    An answer that came after closing would read a library that is closed by then.
    """
    for part in (window, *window.findChildren(QObject)):
        QCoreApplication.removePostedEvents(part, QEvent.Type.MetaCall.value)
