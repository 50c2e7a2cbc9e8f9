"""Grouping by hand: what the person said of which contents belong together.

A row belongs to the decision that made it and holds while that is done; of several about one content the newest holds.
So undo and redo only turn a decision's flag, and mark the folders whose series have to be found again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aesthetic_studio.groupings import Held
from aesthetic_studio.library.rows import from_db, to_db
from aesthetic_studio.records import SeriesKind

if TYPE_CHECKING:
    from aesthetic_studio.groupings import Statement
    from aesthetic_studio.library.connection import Store
    from aesthetic_studio.library.folders import Folders

_PHOTOS = (
    "FROM grouping g JOIN photo p ON p.content_id = g.content_id "
    "WHERE g.decision_id = ? ORDER BY g.part = 0, g.part, p.path"
)


class ByHand:
    """Writes statements within the caller's transaction and decision."""

    def __init__(self, store: Store, folders: Folders) -> None:
        self._store = store
        self._folders = folders

    def state(self, decision: int, statement: Statement) -> None:
        """Keep what a decision says."""
        self._store.run_many(
            "INSERT INTO grouping (decision_id, content_id, part, kind) VALUES (?, ?, ?, ?)",
            [(decision, content, held.part, held.kind.value) for content, held in statement.held(decision).items()],
        )

    def unsettle(self, decision: int) -> tuple[list[str], list[int]]:
        """Mark the folders that a decision's statement is about; says which they are, and its photos."""
        rows = self._store.all(f"SELECT DISTINCT p.folder_id {_PHOTOS}", (decision,))
        folders = [folder for (folder,) in rows]
        self._folders.touch(folders)
        paths = self._store.all(
            "SELECT path FROM folder WHERE id IN (SELECT value FROM json_each(?)) ORDER BY path", (json.dumps(folders),)
        )
        photos = self._store.all(f"SELECT p.id {_PHOTOS}", (decision,))
        return [from_db(path) for (path,) in paths], [photo for (photo,) in photos]

    def holding(self, folder: str) -> dict[int, Held]:
        """Where the contents of a folder's photos are by what holds now."""
        rows = self._store.all(
            "SELECT g.content_id, g.decision_id, g.part, g.kind FROM grouping g "
            "JOIN decision d ON d.id = g.decision_id AND NOT d.undone "
            "WHERE g.content_id IN (SELECT content_id FROM photo WHERE folder_id = ("
            "SELECT id FROM folder WHERE path = ?)) ORDER BY g.decision_id",
            (to_db(folder),),
        )
        return {content: Held(decision, part, SeriesKind(kind)) for content, decision, part, kind in rows}

    def hand_on(self) -> None:
        """What was said of a photo holds for its new content too, where a program wrote into its file meanwhile."""
        edited = (
            "FROM photo p JOIN grouping g ON g.content_id = p.previous_content_id "
            "WHERE p.previous_content_id IS NOT NULL AND p.content_id NOT IN (SELECT content_id FROM grouping)"
        )
        folders = [folder for (folder,) in self._store.all(f"SELECT DISTINCT p.folder_id {edited}")]
        if folders:
            self._store.run(
                "INSERT OR IGNORE INTO grouping (decision_id, content_id, part, kind) "
                f"SELECT g.decision_id, p.content_id, g.part, g.kind {edited}"
            )
            self._folders.touch(folders)
