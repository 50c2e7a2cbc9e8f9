"""Facts by content: what one decode told, kept once however many files have these bytes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aesthetic_studio.library.rows import (
    folded,
    microseconds,
    pack_look,
    pack_measurements,
    sharpness_of,
    to_json,
)
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from aesthetic_studio.library.connection import Store
    from aesthetic_studio.library.previews import PreviewStore
    from aesthetic_studio.library.words import PhotoWords
    from aesthetic_studio.records import Metadata, PhotoFacts

_LARGEST = 2**63 - 1

_UPSERT = """
INSERT INTO content (hash, has_preview, format, width, height, gear_id, taken, taken_at, taken_resolution,
    utc_offset_minutes, focal_length_mm, aperture, shutter_s, iso, exposure_bias_ev, latitude, longitude, orientation,
    burst_id, burst_primary, live_id, warnings, words_read)
VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
ON CONFLICT (hash) DO UPDATE SET has_preview = 1, words_read = 1, format = excluded.format, width = excluded.width,
    height = excluded.height, gear_id = excluded.gear_id, taken = excluded.taken, taken_at = excluded.taken_at,
    taken_resolution = excluded.taken_resolution, utc_offset_minutes = excluded.utc_offset_minutes,
    focal_length_mm = excluded.focal_length_mm, aperture = excluded.aperture, shutter_s = excluded.shutter_s,
    iso = excluded.iso, exposure_bias_ev = excluded.exposure_bias_ev, latitude = excluded.latitude,
    longitude = excluded.longitude, orientation = excluded.orientation, burst_id = excluded.burst_id,
    burst_primary = excluded.burst_primary, live_id = excluded.live_id, warnings = excluded.warnings
"""


class Contents:
    """Writes and finds contents."""

    def __init__(self, store: Store, previews: PreviewStore, words: PhotoWords) -> None:
        self._store = store
        self._previews = previews
        self._words = words

    def find(self, content_hash: bytes) -> int | None:
        """The content with this hash whose facts and preview are all here."""
        found: int | None = self._store.value("SELECT id FROM content WHERE hash = ? AND has_preview", (content_hash,))
        return found

    def put(self, facts: PhotoFacts) -> int:
        """Keep the facts and the preview, within the caller's transaction; says the content's id."""
        self._previews.put(facts.content_hash, facts.preview)
        known = self._store.value("SELECT id FROM content WHERE hash = ?", (facts.content_hash,))
        meta = facts.metadata
        gear = self._gear(meta)
        taken = meta.taken
        self._store.run(
            _UPSERT,
            (
                facts.content_hash,
                shown(facts.format),
                facts.width,
                facts.height,
                gear,
                microseconds(taken),
                taken.local.replace(tzinfo=None).isoformat() if taken else None,
                taken.resolution if taken else None,
                taken.utc_offset_minutes if taken else None,
                _real(meta.focal_length_mm),
                _real(meta.aperture),
                _real(meta.shutter_s),
                meta.iso if meta.iso is None or abs(meta.iso) <= _LARGEST else None,
                _real(meta.exposure_bias_ev),
                _real(meta.latitude),
                _real(meta.longitude),
                meta.orientation,
                shown(meta.burst_id) if meta.burst_id is not None else None,
                meta.burst_primary,
                shown(meta.live_id) if meta.live_id is not None else None,
                to_json([shown(warning) for warning in facts.warnings]),
            ),
        )
        content: int = known or self._store.value("SELECT id FROM content WHERE hash = ?", (facts.content_hash,))
        self._store.run(
            "INSERT OR REPLACE INTO technical (content_id, measurements, look) VALUES (?, ?, ?)",
            (content, pack_measurements(facts.measurements), pack_look(facts.look)),
        )
        if known is not None or meta.words:
            self._words.put(content, meta.words)
        if known is not None:  # a newer decoder may know better than what its photos repeat
            self._store.run(
                "UPDATE photo SET (taken, gear_id, iso, focal_mm, pixels) = (SELECT taken, gear_id, iso, "
                "focal_length_mm, width * height FROM content WHERE id = ?1), sharpness = ?2 WHERE content_id = ?1",
                (content, sharpness_of(pack_measurements(facts.measurements))),
            )
        return content

    def drop_previews(self) -> None:
        """Drop all previews: the next scan decodes every photo again."""
        with self._store.lock:
            self._previews.clear()
            self.notice_lost_previews()

    def notice_lost_previews(self) -> None:
        """Without their previews, photos count as unread."""
        if self._previews.is_empty() and self._store.value("SELECT 1 FROM content WHERE has_preview LIMIT 1"):
            with self._store.transaction():
                self._store.run("UPDATE content SET has_preview = 0")
                self._store.run("UPDATE folder SET signature = NULL")

    def _gear(self, meta: Metadata) -> int:
        named = tuple(shown(part or "") for part in (meta.make, meta.model, meta.lens))
        found: int | None = self._store.value("SELECT id FROM gear WHERE make = ? AND model = ? AND lens = ?", named)
        if found is not None:
            return found
        camera = shown(meta.camera or "")
        return self._store.insert(
            "INSERT INTO gear (make, model, lens, camera, search) VALUES (?, ?, ?, ?, ?)",
            (*named, camera, folded(f"{camera}\n{named[2]}")),
        )


def _real(value: float | None) -> float | None:
    """A number that can be sorted and compared; NaN and infinity are no facts."""
    return value if value is not None and math.isfinite(value) else None
