"""What Qt does not tell of the keyboard by itself."""

from __future__ import annotations

import sys

from PySide6.QtGui import QGuiApplication, QKeyEvent

X11_LOCK_MASK = 0x02
MAC_ALPHA_LOCK = 0x10000
WINDOWS_CAPITAL_KEY = 0x14


def caps_lock_in(event: QKeyEvent) -> bool:
    """Whether Caps Lock was on when this key was pressed; False where the platform does not say."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - for one platform only

        return bool(ctypes.windll.user32.GetKeyState(WINDOWS_CAPITAL_KEY) & 1)
    if sys.platform == "darwin":
        return bool(event.nativeModifiers() & MAC_ALPHA_LOCK)
    if QGuiApplication.platformName() in {"xcb", "wayland"}:
        return bool(event.nativeModifiers() & X11_LOCK_MASK)
    return False
