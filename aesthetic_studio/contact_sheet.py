"""A contact sheet: ranked photos as one HTML file that needs nothing beside it.

Previews are embedded, bursts are folded under their best frame, and links lead to the originals::

    ranking + records + previews ──sheet_entries──▶ ContactEntry… ──write_contact_sheet──▶ page.html
"""

from __future__ import annotations

import base64
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from aesthetic_studio.paths import resources_folder, shown
from aesthetic_studio.records import Flag, PhotoRecord, RankedPhoto, SeriesKind, Verdict
from aesthetic_studio.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

log = logging.getLogger("aesthetic_studio.contact_sheet")

THUMBNAIL_SIDE = 448
"""Long side of an embedded picture, pixels: sharp in a column of 300 CSS pixels, and some 20 kB."""

_KIND_WORDS = {
    SeriesKind.BURST: "Burst",
    SeriesKind.BRACKET: "Exposure bracket",
    SeriesKind.PANORAMA: "Panorama",
    SeriesKind.FOCUS: "Focus stack",
}


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """One photo on the sheet, with the frames of the series that it stands for.

    Attributes:
        rank: Its place, 1 the best; within ``frames`` the place in the series.
        preview: JPEG bytes, ``None`` where there is none.
        distribution: Ten probabilities over 1..10, empty while unscored.
        frames: All frames of its series, itself among them; empty for a photo that stands alone.
    """

    path: Path
    rank: int
    preview: bytes | None = None
    width: int = 0
    height: int = 0
    score: float | None = None
    spread: float | None = None
    distribution: tuple[float, ...] = ()
    reasons: tuple[str, ...] = ()
    verdict: Verdict = field(default_factory=Verdict)
    facts: str = ""
    kind: SeriesKind | None = None
    frames: tuple[ContactEntry, ...] = ()


def sheet_entries(
    ranking: Sequence[RankedPhoto],
    records: Mapping[int, PhotoRecord],
    preview: Callable[[int], bytes | None],
) -> Iterator[ContactEntry]:
    """Entries for a ranking, one after the other, so that a long sheet never holds all its pictures at once.

    ``records`` holds every photo of the ranking by its id, frames of collapsed series included; ``preview``
    answers a photo's JPEG. A place in the ranking that stands for a series shows all of its frames.
    """
    series: dict[int, list[PhotoRecord]] = {}
    for record in records.values():
        if record.series_id is not None:
            series.setdefault(record.series_id, []).append(record)
    listed = {place.photo_id for place in ranking}
    for place in ranking:
        record = records[place.photo_id]
        frames = series.get(record.series_id, []) if record.series_id is not None else []
        hidden = [frame for frame in frames if frame.id not in listed]
        shown = sorted(frames, key=lambda frame: (frame.series_rank or 0, str(frame.path))) if hidden else []
        yield _entry(
            record,
            place.rank,
            preview,
            place.reasons or record.reasons,
            tuple(_entry(frame, frame.series_rank or i, preview, frame.reasons) for i, frame in enumerate(shown, 1)),
        )


def write_contact_sheet(
    output: Path, entries: Iterable[ContactEntry], *, title: str = "Contact sheet", subtitle: str = ""
) -> Path:
    """Write one self-contained HTML file and return its path.

    The file appears whole or not at all. Raises ``KnownError`` where it cannot be written, ``DiskFull`` where
    there is no room.
    """
    import jinja2  # noqa: PLC0415 - start-up stays quick for everything that writes no sheet

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resources_folder()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        shown=shown, uri=file_uri, picture=_data_uri, bars=_bars, kind=lambda kind: _KIND_WORDS[kind]
    )
    page = environment.get_template("contact_sheet.html.j2").stream(
        title=shown(title), subtitle=shown(subtitle), entries=entries, reject=Flag.REJECT, pick=Flag.PICK
    )
    page.enable_buffering(32)
    with whole_file(output, "contact sheet") as file:
        file.writelines(page)
    return output


def file_uri(path: Path) -> str:
    """A ``file:`` address of a local path, byte for byte, whatever its name holds."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - a link must lead where the user's own path leads
    if os.name == "nt":
        return absolute.as_uri()
    return "file://" + quote(os.fsencode(absolute), safe="/")


def _entry(
    record: PhotoRecord,
    rank: int,
    preview: Callable[[int], bytes | None],
    reasons: tuple[str, ...],
    frames: tuple[ContactEntry, ...] = (),
) -> ContactEntry:
    distribution = record.score.distribution if record.score is not None else None
    return ContactEntry(
        path=record.path,
        rank=rank,
        preview=preview(record.id),
        width=record.width,
        height=record.height,
        score=distribution.mean if distribution is not None else None,
        spread=distribution.spread if distribution is not None else None,
        distribution=distribution.probabilities if distribution is not None else (),
        reasons=reasons,
        verdict=record.verdict,
        facts=_facts(record),
        kind=record.series_kind,
        frames=frames,
    )


def _facts(record: PhotoRecord) -> str:
    """Settings in a photographer's shorthand: ``Camera · 35 mm · f/8 · 1/200 s · ISO 100``."""
    data = record.metadata
    parts = [data.camera] if data.camera else []
    if data.focal_length_mm:
        parts.append(f"{data.focal_length_mm:g} mm")
    if data.aperture:
        parts.append(f"f/{data.aperture:g}")
    if data.shutter_s:
        slow = data.shutter_s >= 0.4
        parts.append(f"{data.shutter_s:.2g} s" if slow else f"1/{round(1 / data.shutter_s)} s")
    if data.iso:
        parts.append(f"ISO {data.iso}")
    return " · ".join(parts)


def _data_uri(preview: bytes) -> str:
    """The picture itself as an address, made smaller where it is larger than the sheet shows."""
    import io  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415 - start-up stays quick for everything that writes no sheet

    try:
        with Image.open(io.BytesIO(preview)) as picture:
            if max(picture.size) > THUMBNAIL_SIDE:
                picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
                smaller = io.BytesIO()
                picture.convert("RGB").save(smaller, "JPEG", quality=82)
                preview = smaller.getvalue()
    except OSError as error:
        # The browser may still make something of it, and a sheet with one broken picture beats no sheet.
        log.warning("a preview could not be made smaller: %s", error)
    return "data:image/jpeg;base64," + base64.b64encode(preview).decode("ascii")


def _bars(distribution: Sequence[float]) -> list[tuple[int, str, str]]:
    """Votes as bars of a plot 10 wide and 1 high: vote, top edge and height, the tallest bar filling it."""
    highest = max(distribution, default=0.0) or 1.0
    return [(vote, f"{1 - p / highest:.3f}", f"{p / highest:.3f}") for vote, p in enumerate(distribution, start=1)]
