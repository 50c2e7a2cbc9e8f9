"""NumPy, loaded without the threads of a linear algebra library that this room never calls.

OpenBLAS starts a thread a core and gives each its memory while NumPy is imported; that is half of the import's time,
paid by every worker process. The variable is put back at once, so that torch, loaded later, still uses all cores.
"""

from __future__ import annotations

import os
import threading

_VARIABLE = "OPENBLAS_NUM_THREADS"
_before = os.environ.get(_VARIABLE)
os.environ[_VARIABLE] = "1"
try:
    import numpy as np
    from numpy.typing import NDArray
finally:
    if _before is None:
        del os.environ[_VARIABLE]
    else:
        os.environ[_VARIABLE] = _before

FloatArray = NDArray[np.float32]
"""What measurements are computed in."""


class _Scratch(threading.local):
    """Memory that measurements use again for every photo; one set a thread.

    Fresh arrays of this size come from the system page by page, which costs more than the arithmetic done in them.
    """

    def __init__(self) -> None:
        self._buffers: dict[str, FloatArray] = {}

    def get(self, name: str, rows: int, columns: int) -> FloatArray:
        """Return an uninitialised ``(rows, columns)`` array; valid until the same name is asked for again."""
        buffer = self._buffers.get(name)
        if buffer is None or buffer.size < rows * columns:
            buffer = self._buffers[name] = np.empty(rows * columns, np.float32)
        return buffer[: rows * columns].reshape(rows, columns)


scratch = _Scratch()

__all__ = ["FloatArray", "NDArray", "np", "scratch"]
