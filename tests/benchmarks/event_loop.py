"""How late a Qt event loop is: a timer should fire every 5 ms; how much later it fires is how long it was held up."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer

TICK_MS = 5


class Lateness(QObject):
    """Measures from ``start`` to ``stop``, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self._late: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to measure."""
        self._last = time.perf_counter()
        self._timer.start(TICK_MS)

    def stop(self) -> dict[str, float]:
        """End it: ``p99_ms`` and ``max_ms`` over the ticks."""
        self._timer.stop()
        ordered = sorted(self._late)
        return {"p99_ms": max(0.0, ordered[int(0.99 * (len(ordered) - 1))]), "max_ms": ordered[-1]}

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late.append(1000 * (now - self._last) - TICK_MS)
        self._last = now
