"""A run's folder: the resolved recipe, what happened line by line, checkpoints, and what came of it.

recipe.json       the recipe with every value that it took
metrics.jsonl     one line a step or epoch; cut back to the checkpoint where a killed run goes on
checkpoints/      last and best, each one safetensors file
results.json, predictions.csv, attention.npz, model/, report.html    at the end
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from aesthetic_studio.errors import KnownError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

METRICS_FILE = "metrics.jsonl"
RECIPE_FILE = "recipe.json"
RESULTS_FILE = "results.json"


class RunFolder:
    """Where one run writes.

    Attributes:
        path: The folder; made when the run begins.
        writes: Whether this process writes; of several, only the main one does.
    """

    def __init__(self, path: Path, *, resume: bool = False, writes: bool = True) -> None:
        """Begin a run, or go on with one. Raises ``KnownError`` where nothing can be written."""
        self.path = path
        self.writes = writes
        if not writes:
            return
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._metrics = (path / METRICS_FILE).open("ab" if resume else "wb", buffering=0)
        except OSError as error:
            raise KnownError(
                f"{path}: nothing can be written here ({error.strerror}).", "Name another --output."
            ) from error

    def log(self, line: dict[str, Any]) -> None:
        """Add one line to ``metrics.jsonl``; it is in the file when this returns."""
        if self.writes:
            try:
                self._metrics.write(json.dumps(line).encode() + b"\n")
            except OSError as error:
                raise _unwritable(self.path / METRICS_FILE, error) from error

    def write(self, name: str, content: Any) -> None:
        """Write one JSON file, whole or not at all."""
        if not self.writes:
            return
        path = self.path / name
        beside = path.with_name(f"{path.name}.new")
        try:
            beside.write_text(json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
            beside.replace(path)
        except OSError as error:
            raise _unwritable(path, error) from error

    def checkpoint(self, name: str) -> Path:
        """Where a checkpoint lies (``last``, ``best``)."""
        return self.path / "checkpoints" / f"{name}.safetensors"

    @staticmethod
    def is_begun(path: Path) -> bool:
        """Whether a folder holds a run that could be gone on with."""
        return any((path / "checkpoints").glob("*.safetensors")) or (path / RESULTS_FILE).exists()

    @staticmethod
    def recipe_of(path: Path) -> dict[str, Any] | None:
        """The resolved recipe of the run in a folder; ``None`` where there is none that can be read."""
        try:
            content = json.loads((path / RECIPE_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return content if isinstance(content, dict) else None

    def metrics_end(self) -> int:
        """How long ``metrics.jsonl`` is, in bytes that have reached the disk."""
        if not self.writes:
            return 0
        os.fsync(self._metrics.fileno())
        return os.fstat(self._metrics.fileno()).st_size

    def cut_metrics(self, end: int) -> None:
        """Forget the lines after a checkpoint: they are written anew as the run goes on from there."""
        if self.writes:
            self._metrics.truncate(min(end, os.fstat(self._metrics.fileno()).st_size))
            self._metrics.seek(0, os.SEEK_END)

    def lines(self) -> Iterator[dict[str, Any]]:
        """What was logged so far."""
        with (self.path / METRICS_FILE).open(encoding="utf-8") as stream:
            for line in stream:
                yield json.loads(line)

    def close(self) -> None:
        """End the run."""
        if self.writes:
            self._metrics.close()


def _unwritable(path: Path, error: OSError) -> KnownError:
    return KnownError(
        f"{path}: this could not be written ({error.strerror}).", "Make room on the disk, then go on with --resume."
    )
