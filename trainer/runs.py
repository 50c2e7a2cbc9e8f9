"""A run's folder: the resolved recipe, what happened line by line, and the card."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aesthetic_studio.errors import KnownError

if TYPE_CHECKING:
    from pathlib import Path


class RunFolder:
    """Where one run writes.

    Attributes:
        path: The folder; made when the run begins.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._metrics = (path / "metrics.jsonl").open("w", encoding="utf-8")
        except OSError as error:
            raise KnownError(
                f"{path}: nothing can be written here ({error.strerror}).", "Name another --output."
            ) from error

    def log(self, line: dict[str, Any]) -> None:
        """Add one line to ``metrics.jsonl``; it is on disk when this returns."""
        self._metrics.write(json.dumps(line) + "\n")
        self._metrics.flush()

    def write(self, name: str, content: Any) -> None:
        """Write one JSON file."""
        (self.path / name).write_text(
            json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8"
        )

    def close(self) -> None:
        """End the run."""
        self._metrics.close()
