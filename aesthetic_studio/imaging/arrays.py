"""NumPy, loaded without the threads of a linear algebra library that this room never calls.

OpenBLAS starts a thread a core and gives each its memory while NumPy is imported; that is half of the import's time,
paid by every worker process. The variable is put back at once, so that torch, loaded later, still uses all cores.
"""

from __future__ import annotations

import os

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

__all__ = ["FloatArray", "NDArray", "np"]
