"""The log of our own faults: tracebacks, with the time and the versions that a report needs."""

from __future__ import annotations

import platform
import sys
import traceback
from datetime import datetime
from typing import TYPE_CHECKING

from aesthetic_studio import __version__, paths

if TYPE_CHECKING:
    from pathlib import Path

KEEP_BYTES = 1_000_000
"""A log that grew beyond this starts anew: faults are rare, and a full disk would be one more."""


def write_log(fault: BaseException | str) -> Path | None:
    """Append a fault with its traceback and return the log file; ``None`` where it cannot be written."""
    text = fault if isinstance(fault, str) else "".join(traceback.format_exception(fault))
    when = datetime.now().astimezone().isoformat(timespec="seconds")
    head = f"--- {when} · Aesthetic Studio {__version__} · Python {platform.python_version()} · {platform.platform()}"
    path = paths.log_folder() / "aesthetic-studio.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = "w" if path.exists() and path.stat().st_size > KEEP_BYTES else "a"
        with path.open(mode, encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{head}\n{' '.join(sys.argv)}\n{text}\n")
    except OSError:
        return None
    return path
