"""Words that are still to be read while indexing: sidecars that changed, and photos catalogued before words were asked.

    catalogue ──photos that are due──▶ workers (one file a job) ──words──▶ catalogue

A decode tells the words of its own file already, so this is for what lies beside a photo and for older libraries; no
picture is decoded for it. What is due is kept in the catalogue, so a run that ends early is gone on with.
"""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from aesthetic_studio.library.words import sidecar_mark
from aesthetic_studio.paths import shown
from aesthetic_studio.pipeline.decode_worker import Kind
from aesthetic_studio.records import Words
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.library.catalogue import Catalogue, WordsDue
    from aesthetic_studio.pipeline.workers import Answer

AT_ONCE = 1000
"""Photos that are asked for at once."""


@dataclass(slots=True)
class _Photo:
    """A photo whose words are being read."""

    due: WordsDue
    mark: str
    waiting: set[str]
    """Files that have not been answered."""
    found: dict[str, Words] = field(default_factory=dict)
    problem: str | None = None

    @property
    def path(self) -> str:
        """The photo's own file."""
        return os.path.join(self.due.file.folder, self.due.file.name)  # noqa: PTH118 – as it is on the disk

    @property
    def sidecars(self) -> list[str]:
        """Paths of its sidecars."""
        return [os.path.join(self.due.file.folder, name) for name in self.due.file.sidecars]  # noqa: PTH118 – as above


class Wording:
    """Reads what is due within some folders, once in a run.

    Attributes:
        count: Photos whose words were stored.
        expected: Photos of an older library whose own words are to be read in this run, as far as is known.
        done: How many of them are read.
    """

    def __init__(self, catalogue: Catalogue, roots: Sequence[str]) -> None:
        self._catalogue = catalogue
        self._roots = roots
        self._asked_up_to = 0
        self._jobs: deque[tuple[_Photo, str]] = deque()
        self._submitted: dict[int, tuple[_Photo, str]] = {}
        self._unwritten: list[_Photo] = []
        self.count = self.expected = self.done = 0

    @property
    def is_busy(self) -> bool:
        """Whether something is on its way."""
        return bool(self.is_reading or self._unwritten)

    @property
    def is_reading(self) -> bool:
        """Whether a file waits for a worker, or its answer is awaited."""
        return bool(self._jobs or self._submitted)

    @property
    def unwritten(self) -> int:
        """Photos whose words are read and not stored."""
        return len(self._unwritten)

    def take_in(self) -> bool:
        """Ask for more that is due; ``False`` where there is none left in these folders."""
        while due := self._catalogue.words_due(after=self._asked_up_to, limit=AT_ONCE):
            self._asked_up_to = due[-1].photo_id
            for one in due:
                self._add(one)
            if self.is_busy:
                return True
        return False

    def _add(self, due: WordsDue) -> None:
        photo = _Photo(due, sidecar_mark(due.file), set())
        if not any(photo.path == root or photo.path.startswith(os.path.join(root, "")) for root in self._roots):  # noqa: PTH118 – as above
            return
        photo.waiting.update(([photo.path] if due.own else []) + (photo.sidecars if photo.mark else []))
        self.expected += due.own
        self._jobs.extend((photo, path) for path in sorted(photo.waiting))
        if not photo.waiting:
            self._unwritten.append(photo)

    def next_path(self) -> str | None:
        """The next file to read, ``None`` where none waits."""
        return self._jobs[0][1] if self._jobs else None

    def submitted(self, number: int) -> None:
        """The file that ``next_path`` told was handed to a worker as this job."""
        self._submitted[number] = self._jobs.popleft()

    def receive(self, answer: Answer) -> bool:
        """Take what became of a file; ``False`` where the job is none of these."""
        if answer.number not in self._submitted:
            return False
        photo, path = self._submitted.pop(answer.number)
        photo.waiting.discard(path)
        self.done += path == photo.path
        if answer.kind == Kind.WORDS:
            photo.found[path] = cast("Words", answer.payload)
        elif path != photo.path:
            reason = answer.payload[0] if isinstance(answer.payload, tuple) else answer.payload
            name = shown(os.path.basename(path))  # noqa: PTH119 – as above
            photo.problem = kept(
                "problem", "the sidecar {name} could not be read ({reason}); it was left as it is"
            ).format(name=name, reason=reason)
        if not photo.waiting:
            self._unwritten.append(photo)
        return True

    def write(self) -> None:
        """Store what has come in, within the caller's transaction."""
        batch, self._unwritten = self._unwritten, []
        for photo in batch:
            if not os.path.lexists(photo.path):
                continue  # it vanished meanwhile, and is due still when it comes back
            beside = Words()
            for path in photo.sidecars:
                beside = beside.with_sidecar(photo.found.get(path, Words()))
            own = photo.found.get(photo.path, Words()) if photo.due.own else None
            self._catalogue.store_words(photo.due.photo_id, own, photo.mark, beside, photo.problem)
            self.count += 1
