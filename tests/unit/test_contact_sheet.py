"""The contact sheet shows what it is given, whatever the files are called, and needs nothing beside it."""

from __future__ import annotations

import io
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aesthetic_studio.contact_sheet import ContactEntry, file_uri, sheet_entries, write_contact_sheet
from aesthetic_studio.errors import KnownError
from aesthetic_studio.records import (
    Flag,
    Label,
    Metadata,
    PhotoRecord,
    PhotoState,
    RankedPhoto,
    Score,
    ScoreDistribution,
    SeriesKind,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

VOTES = (0.0, 0.0, 0.05, 0.1, 0.2, 0.3, 0.2, 0.1, 0.05, 0.0)


def jpeg(width: int = 512, height: int = 340) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 150)).save(buffer, "JPEG")
    return buffer.getvalue()


def entry(path: str, rank: int = 1, **more: object) -> ContactEntry:
    plain = ContactEntry(Path(path), rank, jpeg(), 3000, 2000, 6.1, 1.4, VOTES, ("sharpest of 7",))
    return replace(plain, **more)  # type: ignore[arg-type]


class Page(HTMLParser):
    """Elements in order, and all text outside of styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._quiet = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._quiet = tag in {"style", "script"}

    def handle_endtag(self, tag: str) -> None:
        self._quiet = False

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def test_sheet_shows_rank_score_and_reasons(tmp_path: Path) -> None:
    page = page_of(
        write_contact_sheet(tmp_path / "sheet.html", [entry("/p/a.jpg", 3)], title="Trip", subtitle="1 photo")
    )
    for words in ("Trip", "1 photo", "6.10", "± 1.40", "sharpest of 7", "a.jpg"):
        assert words in page.text
    assert len(page.all("rect")) == 10
    assert page.all("img")[0]["alt"] == "Rank 3: a.jpg"


def test_sheet_needs_nothing_beside_it(tmp_path: Path) -> None:
    page = page_of(write_contact_sheet(tmp_path / "sheet.html", [entry("/p/a.jpg")]))
    assert not page.all("script") and not page.all("link")
    assert all((image["src"] or "").startswith("data:image/jpeg;base64,") for image in page.all("img"))


@pytest.mark.parametrize(
    "name", ["<script>alert(1)<script>.jpg", "a&b \"quoted\" 'x'.jpg", "{{ 7 * 7 }}.jpg", "-->.jpg"]
)
def test_html_in_a_name_is_only_text(tmp_path: Path, name: str) -> None:
    page = page_of(write_contact_sheet(tmp_path / "sheet.html", [entry(f"/p/{name}")], title=name, subtitle=name))
    assert not page.all("script")
    assert page.text.count(name) >= 3
    assert page.all("img")[0]["alt"] == f"Rank 1: {name}"


def test_name_that_is_not_utf8_is_shown_and_linked(tmp_path: Path) -> None:
    raw = b"/photos/caf\xe9 \xff#1.jpg"
    page = page_of(write_contact_sheet(tmp_path / "sheet.html", [entry(os.fsdecode(raw))], title=os.fsdecode(raw)))
    link = page.all("a")[0]["href"] or ""
    assert unquote_to_bytes(link.removeprefix("file://")) == raw
    assert "caf? ?#1.jpg" in page.text


@pytest.mark.skipif(os.name == "nt", reason="names are bytes only elsewhere")
@given(
    st.binary(min_size=1, max_size=40).filter(
        lambda raw: b"\0" not in raw and b"/" not in raw and raw not in {b".", b".."}
    )
)
def test_every_name_survives_its_link(raw: bytes) -> None:
    link = file_uri(Path(os.fsdecode(b"/p/" + raw)))
    assert link.isascii()
    assert unquote_to_bytes(link.removeprefix("file://")) == b"/p/" + raw


def test_burst_is_folded_under_its_best_frame(tmp_path: Path) -> None:
    frames = tuple(entry(f"/p/{i}.jpg", i) for i in (1, 2, 3))
    best = entry("/p/1.jpg", 1, kind=SeriesKind.BURST, frames=frames)
    page = page_of(write_contact_sheet(tmp_path / "sheet.html", [best]))
    assert len(page.all("details")) == 1 and "open" not in page.all("details")[0]
    assert "Burst of 3" in page.text
    assert len(page.all("img")) == 4


def test_verdict_is_shown(tmp_path: Path) -> None:
    marked = entry("/p/1.jpg", verdict=Verdict(4, Flag.PICK, Label.GREEN))
    page = page_of(write_contact_sheet(tmp_path / "sheet.html", [marked]))
    assert "★★★★" in page.text and "Picked" in page.text
    assert any(span.get("title") == "Label: green" for span in page.all("span"))


def test_unscored_photo_without_a_preview_has_its_place(tmp_path: Path) -> None:
    bare = ContactEntry(Path("/p/1.jpg"), 1)
    page = page_of(write_contact_sheet(tmp_path / "sheet.html", [bare]))
    assert "not scored" in page.text and "no preview" in page.text


def test_damaged_preview_does_not_stop_the_sheet(tmp_path: Path) -> None:
    page = page_of(
        write_contact_sheet(
            tmp_path / "sheet.html", [entry("/p/1.jpg", preview=b"not a picture"), entry("/p/2.jpg", 2)]
        )
    )
    assert "2.jpg" in page.text


def test_failed_sheet_leaves_the_old_one(tmp_path: Path) -> None:
    output = tmp_path / "sheet.html"
    write_contact_sheet(output, [entry("/p/old.jpg")])

    def entries() -> Iterator[ContactEntry]:
        yield entry("/p/new.jpg")
        raise OSError(28, "No space left on device")

    with pytest.raises(KnownError, match="no room"):
        write_contact_sheet(output, entries())
    assert "old.jpg" in page_of(output).text
    assert [file.name for file in tmp_path.iterdir()] == ["sheet.html"]


def test_folder_that_is_a_file_is_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KnownError, match="cannot be written"):
        write_contact_sheet(tmp_path / "file" / "sheet.html", [])


def record(number: int, series: int | None = None, rank: int | None = None) -> PhotoRecord:
    return PhotoRecord(
        id=number,
        content_id=number,
        path=Path(f"/p/{number}.jpg"),
        state=PhotoState.PRESENT,
        size=1,
        mtime_ns=1,
        companions=(),
        format="JPEG",
        width=600,
        height=400,
        metadata=Metadata(make="Maker", model="One", focal_length_mm=35.0, aperture=8.0, shutter_s=1 / 200, iso=100),
        measurements=None,
        look=None,
        verdict=Verdict(),
        score=Score("m", "1", ScoreDistribution(VOTES)),
        series_id=series,
        series_kind=SeriesKind.BURST if series else None,
        series_rank=rank,
        reasons=("sharpest of 2",) if series else (),
    )


def test_entries_carry_the_frames_that_the_ranking_hides() -> None:
    records = {1: record(1), 2: record(2, 9, 1), 3: record(3, 9, 2)}
    ranking = [RankedPhoto(2, 1, ("sharpest of 2",)), RankedPhoto(1, 2, ())]
    burst, single = sheet_entries(ranking, records, lambda number: None)
    assert [frame.path.name for frame in burst.frames] == ["2.jpg", "3.jpg"]
    assert single.frames == ()
    assert single.facts == "Maker One · 35 mm · f/8 · 1/200 s · ISO 100"


def test_open_series_is_not_folded_twice() -> None:
    records = {2: record(2, 9, 1), 3: record(3, 9, 2)}
    ranking = [RankedPhoto(2, 1, ()), RankedPhoto(3, 2, ())]
    assert all(not found.frames for found in sheet_entries(ranking, records, lambda number: None))


def test_large_previews_are_made_smaller(tmp_path: Path) -> None:
    import base64

    source = page_of(write_contact_sheet(tmp_path / "s.html", [entry("/p/1.jpg", preview=jpeg(2000, 1000))])).all(
        "img"
    )[0]["src"]
    data = re.sub("^data:image/jpeg;base64,", "", source or "")
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert max(picture.size) <= 448
