"""Albums: what a query lists, in which order, against a plain reference."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aesthetic_studio.albums import Comparison, GroupKind, PhotoFilter, PhotoQuery, SortKey
from aesthetic_studio.faces import Face
from aesthetic_studio.library import conditions, halves
from aesthetic_studio.library.rows import folded, name_key, to_db
from aesthetic_studio.records import (
    CaptureTime,
    Flag,
    Frame,
    Label,
    PhotoFile,
    PhotoRecord,
    PhotoState,
    Series,
    SeriesKind,
    UnreadableFile,
    VerdictChange,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.library.connection import Row, Statement


@dataclass(frozen=True)
class Made:
    """One photo of a made library."""

    folder: str
    name: str
    camera: str
    taken: datetime | None
    score: float | None
    rating: int
    flag: Flag
    label: Label
    readable: bool
    lens: str | None = None
    iso: int | None = None
    focal: float | None = None
    width: int = 6000
    size: int = 1
    sharpness: float = 0.5
    faces: int | None = None
    """``None``: nobody looked."""
    shut: bool = False
    """The eyes of the first face."""
    caption: str | None = None


def fill(catalogue: Catalogue, photos: Sequence[Made], facts_of: Callable, distribution_of: Callable) -> None:
    with catalogue.transaction():
        for number, made in enumerate(photos):
            file = PhotoFile(made.folder, made.name, made.size, number)
            if not made.readable:
                photo = catalogue.store_unreadable(file, UnreadableFile(str(file.path), "damaged", "restore it"))
            else:
                taken = CaptureTime(made.taken, 1.0) if made.taken else None
                meta = {
                    "model": made.camera,
                    "lens": made.lens,
                    "iso": made.iso,
                    "focal_length_mm": made.focal,
                    "caption": made.caption,
                }
                facts = facts_of(f"{number}".encode(), make=None, taken=taken, **meta)
                measured = replace(facts.measurements, sharpness=made.sharpness)
                photo = catalogue.store_facts(file, replace(facts, width=made.width, measurements=measured))
                content = catalogue.photo(photo).content_id
                if made.faces is not None:
                    opened = [0.001 if made.shut else 0.9, *[0.5] * made.faces][: made.faces]
                    found = [Face(0.1, 0.1, 0.2, 0.2, 0.95, eyes_open=each, eyes_confidence=0.99) for each in opened]
                    catalogue.store_faces("1", [(content, found)])
                if made.score is not None:
                    catalogue.store_scores("model", "1", [(content, distribution_of(made.score))])
            catalogue.decide([photo], VerdictChange(made.rating, made.flag, made.label), "set")


def looked_at(catalogue: Catalogue) -> dict[int, int]:
    """Photo → faces, of the photos in which somebody looked for some."""
    photos = everything(catalogue)
    return {photo.id: len(photo.faces) for photo in photos if catalogue.faces_version(photo.content_id) is not None}


def everything(catalogue: Catalogue) -> list[PhotoRecord]:
    return catalogue.photos(range(1, catalogue.newest_photo_id() + 1))


def within(value: float | None, at_least: float | None, at_most: float | None) -> bool:
    if at_least is None and at_most is None:
        return True
    return value is not None and (at_least is None or value >= at_least) and (at_most is None or value <= at_most)


def sharpness_within(photo: PhotoRecord, wanted: PhotoFilter, known: Sequence[PhotoRecord]) -> bool:
    """So many per cent of the library are left out from below, so many kept."""
    if wanted.sharpness_at_least is None and wanted.sharpness_at_most is None:
        return True
    measured = sorted(other.measurements.sharpness for other in known if other.measurements is not None)
    first = round((wanted.sharpness_at_least or 0) / 100 * len(measured))
    kept = round((100 if wanted.sharpness_at_most is None else wanted.sharpness_at_most) / 100 * len(measured))
    if photo.measurements is None or first >= len(measured) or kept == 0:
        return False
    return measured[first] <= photo.measurements.sharpness <= measured[kept - 1]


def passes(
    photo: PhotoRecord, wanted: PhotoFilter, known: Sequence[PhotoRecord] = (), looked: Mapping[int, int] | None = None
) -> bool:
    """What ``PhotoFilter`` says, in plain words."""
    places = [photo.name, photo.folder, photo.metadata.camera or "", photo.metadata.lens or ""]
    meta = photo.metadata
    places.append(meta.caption or "")
    taken = meta.taken.local if meta.taken else None
    rating, compare = photo.verdict.rating, wanted.rating_comparison
    checks = [
        not wanted.folders
        or any(photo.folder == folder or photo.folder.startswith(folder + "/") for folder in wanted.folders),
        all(any(word in folded(place) for place in places) for word in folded(wanted.text).split()),
        within(photo.score.distribution.mean if photo.score else None, wanted.score_at_least, wanted.score_at_most),
        within(photo.score.distribution.spread if photo.score else None, wanted.spread_at_least, wanted.spread_at_most),
        within(meta.iso, wanted.iso_at_least, wanted.iso_at_most),
        within(meta.focal_length_mm, wanted.focal_at_least, wanted.focal_at_most),
        wanted.rating is None
        or (compare is Comparison.EXACTLY and rating == wanted.rating)
        or (compare is Comparison.AT_LEAST and rating >= wanted.rating)
        or (compare is Comparison.AT_MOST and rating <= wanted.rating),
        wanted.flags is None or photo.verdict.flag in wanted.flags,
        wanted.labels is None or photo.verdict.label in wanted.labels,
        wanted.camera is None or meta.camera == wanted.camera,
        wanted.lens is None or meta.lens == wanted.lens,
        wanted.groups is None or (photo.series_kind.value if photo.series_kind else "single") in wanted.groups,
        wanted.taken_from is None or (taken is not None and taken >= wanted.taken_from),
        wanted.taken_before is None or (taken is not None and taken < wanted.taken_before),
        wanted.states is None or photo.state in wanted.states,
        wanted.series_id is None or photo.series_id == wanted.series_id,
        sharpness_within(photo, wanted, known),
        within((looked or {}).get(photo.id), wanted.faces_at_least, wanted.faces_at_most),
        wanted.eyes_closed is None or any(face.surely_closed for face in photo.faces) is wanted.eyes_closed,
    ]
    return all(checks)


def key_of(photo: PhotoRecord, sort: SortKey) -> object:
    score, meta, verdict = photo.score.distribution if photo.score else None, photo.metadata, photo.verdict
    keys: dict[SortKey, object] = {
        SortKey.SCORE: score and score.mean,
        SortKey.TIME: meta.taken and meta.taken.local,
        SortKey.NAME: name_key(photo.name),
        SortKey.RATING: verdict.rating,
        SortKey.SPREAD: score and score.spread,
        SortKey.FLAG: int(verdict.flag),
        SortKey.LABEL: int(verdict.label),
        SortKey.SHARPNESS: photo.measurements and photo.measurements.sharpness,
        SortKey.ISO: meta.iso,
        SortKey.FOCAL_LENGTH: meta.focal_length_mm,
        SortKey.CAMERA: meta.camera and (meta.camera.casefold(), (meta.lens or "").casefold()),
        SortKey.PIXELS: photo.width * photo.height,
        SortKey.FILE_SIZE: photo.size,
        SortKey.ADDED: photo.id,
    }
    return keys[sort]


DESCENDING = {SortKey.SCORE, SortKey.SPREAD, SortKey.SHARPNESS, SortKey.FILE_SIZE}
FINE = {*DESCENDING, SortKey.TIME, SortKey.NAME}


def mirrored(sort: SortKey, descending: bool) -> bool:
    """Score, time and the like have a usual direction; the other is its mirror, equals and all."""
    return sort in FINE and descending is not (sort in DESCENDING)


def path_order(photo: PhotoRecord) -> tuple[bool, bytes]:
    """Byte by byte, names that are not UTF-8 last."""
    path = str(photo.path)
    return isinstance(to_db(path), bytes), os.fsencode(path)


def reference(photos: Sequence[PhotoRecord], query: PhotoQuery, looked: Mapping[int, int]) -> list[int]:
    """The same album by plain Python."""
    found = sorted(
        (photo for photo in photos if passes(photo, query.filter, photos, looked)),
        key=path_order,
        reverse=mirrored(query.sort, query.descending),
    )
    damaged = [photo for photo in found if photo.state is PhotoState.UNREADABLE]
    sound = [photo for photo in found if photo.state is not PhotoState.UNREADABLE]
    keyed = [photo for photo in sound if key_of(photo, query.sort) is not None]
    keyless = [photo for photo in sound if key_of(photo, query.sort) is None]
    keyed.sort(key=lambda photo: key_of(photo, query.sort), reverse=query.descending)  # type: ignore[arg-type,return-value]
    ordered = keyed + keyless + damaged
    if not query.collapse_series or query.filter.series_id is not None:
        return [photo.id for photo in ordered]
    listed: list[int] = []
    for photo in ordered:
        if photo.series_id is None:
            listed.append(photo.id)
            continue
        frames = [other for other in found if other.series_id == photo.series_id]
        frames.sort(key=lambda frame: (not frame.best_of_series, frame.series_rank))
        if photo == frames[0]:
            listed += [frame.id for frame in (frames if photo.series_id in query.open_series else frames[:1])]
    return listed


FOLDERS = ["/photos", "/photos/a", "/photos/a b", "/photos/a/deep", "/photos/100%_", "/photos/\udcff"]
CAMERAS = ["Canon EOS R5", "ÉCLAIR 2", "Pixel 8"]
LENSES = ["RF 50mm F1.2", "zoom"]
NOON = datetime(2024, 5, 12, 12)

made_photos = st.lists(
    st.builds(
        Made,
        folder=st.sampled_from(FOLDERS),
        name=st.sampled_from([f"{stem}{n}.jpg" for stem in ("IMG_", "img_", "Été ", "\udcfe") for n in (1, 2, 9, 10)]),
        camera=st.sampled_from(CAMERAS),
        taken=st.none() | st.sampled_from([NOON, NOON + timedelta(minutes=1), NOON + timedelta(days=400)]),
        score=st.none() | st.sampled_from([2.0, 4.5, 4.5, 7.25]),
        rating=st.integers(0, 5),
        flag=st.sampled_from(Flag),
        label=st.sampled_from(Label),
        readable=st.sampled_from([True, True, True, True, False]),
        lens=st.none() | st.sampled_from(LENSES),
        iso=st.none() | st.sampled_from([100, 400, 6400]),
        focal=st.none() | st.sampled_from([24.0, 50.0, 50.5]),
        width=st.sampled_from([4000, 6000]),
        size=st.sampled_from([10, 20]),
        sharpness=st.sampled_from([0.0, 0.25, 0.5, 0.75]),
        faces=st.none() | st.integers(0, 2),
        shut=st.booleans(),
        caption=st.none() | st.sampled_from(["Été at the sea", "img of 2"]),
    ),
    max_size=14,
    unique_by=lambda made: (made.folder, made.name),
)

filters = st.builds(
    PhotoFilter,
    folders=st.lists(st.sampled_from(["/photos", "/photos/a", "/photos/\udcff", "/elsewhere"]), max_size=2).map(tuple),
    text=st.sampled_from(
        ["", "", "img", "IMG_1", "été", "%", "_", "canon deep", "eos 50MM", "'", "a b", "sea", "sea canon", "img 2"]
    ),
    score_at_least=st.none() | st.sampled_from([1.0, 4.5]),
    score_at_most=st.none() | st.sampled_from([4.5, 9.0]),
    rating=st.none() | st.integers(0, 5),
    rating_comparison=st.sampled_from(Comparison),
    flags=st.none() | st.frozensets(st.sampled_from(Flag)),
    labels=st.none() | st.frozensets(st.sampled_from(Label), min_size=1),
    camera=st.none() | st.sampled_from(CAMERAS),
    states=st.none() | st.frozensets(st.sampled_from(PhotoState), min_size=1),
    lens=st.none() | st.sampled_from(LENSES),
    groups=st.none() | st.frozensets(st.sampled_from(GroupKind)),
    focal_at_least=st.none() | st.sampled_from([24.0, 50.0]),
    focal_at_most=st.none() | st.sampled_from([24.0, 50.0]),
    iso_at_least=st.none() | st.sampled_from([100, 400, 10**30]),
    iso_at_most=st.none() | st.sampled_from([100, 400]),
    taken_from=st.none() | st.sampled_from([NOON, NOON + timedelta(minutes=1)]),
    taken_before=st.none() | st.sampled_from([NOON + timedelta(minutes=1), NOON + timedelta(days=500)]),
    spread_at_least=st.none() | st.sampled_from([0.0, 0.45]),
    spread_at_most=st.none() | st.sampled_from([0.0, 0.45]),
    sharpness_at_least=st.none() | st.sampled_from([0.0, 50.0, 100.0]),
    sharpness_at_most=st.none() | st.sampled_from([0.0, 50.0, 100.0]),
    faces_at_least=st.none() | st.integers(0, 2),
    faces_at_most=st.none() | st.integers(0, 2),
    eyes_closed=st.none() | st.booleans(),
)
fields = st.sampled_from([each.name for each in dataclasses.fields(PhotoFilter) if each.name != "series_id"])


def thinned(data: st.DataObject) -> PhotoFilter:
    """A filter of few fields: one of all of them lets nothing through."""
    whole = data.draw(filters)
    names = data.draw(st.frozensets(fields, max_size=4))
    return PhotoFilter(**{name: getattr(whole, name) for name in names | {"rating_comparison"}})


def group(catalogue: Catalogue, size: int, kind: SeriesKind) -> list[int]:
    """Make series of neighbours in every folder; in a bracket the middle frame is the best one."""
    for folder in catalogue.folders_to_group():
        photos = catalogue.records_in_folder(folder)
        series = []
        for start in range(0, len(photos) - size + 1, size):
            best = 0 if kind is SeriesKind.BURST else size // 2
            members = photos[start : start + size]
            frames = (Frame(photo.id, n + 1, n == best, (f"frame {n}",)) for n, photo in enumerate(members))
            series.append(Series(kind, tuple(frames)))
        catalogue.replace_series(folder, series)
    return sorted({photo.series_id for photo in everything(catalogue) if photo.series_id is not None})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_albums_list_what_the_filter_says_in_the_order_asked_for(
    data, tmp_path_factory, facts_of, distribution_of, open_library
):
    photos = data.draw(made_photos)
    path = tmp_path_factory.mktemp("library") / "l.sqlite"
    with open_library(path) as catalogue, catalogue.reader() as reader:
        fill(catalogue, photos, facts_of, distribution_of)
        ids = group(catalogue, data.draw(st.sampled_from([2, 3])), data.draw(st.sampled_from(SeriesKind)))
        known, looked = everything(catalogue), looked_at(catalogue)
        for _ in range(6):
            wanted = thinned(data)
            query = PhotoQuery(
                wanted,
                data.draw(st.sampled_from(SortKey)),
                data.draw(st.booleans()),
                data.draw(st.booleans()),
                data.draw(st.frozensets(st.sampled_from(ids))) if ids else frozenset(),
            )
            with pytest.MonkeyPatch.context() as patch:
                # In so small a library few photos are none, unless all but all of them count as few.
                patch.setattr(conditions, "FEW", data.draw(st.sampled_from([1, 1000])))
                patch.setattr(conditions, "_NAMED_ONE_BY_ONE", data.draw(st.sampled_from([0, 2])))
                assert list(catalogue.ids(query)) == reference(known, query, looked)
                # Nor is any small library walked in halves, unless all are large.
                patch.setattr(halves, "LARGE", 1)
                assert list(reader.ids(query)) == reference(known, query, looked)
                matching = sum(passes(photo, wanted, known, looked) for photo in known)
                in_scope = sum(passes(photo, PhotoFilter(folders=wanted.folders)) for photo in known)
                for opened in (catalogue, reader):
                    found = opened.album(query)
                    assert list(found.ids) == reference(known, query, looked)
                    assert (found.matching, found.in_scope) == (matching, in_scope)
                    assert opened.count(wanted) == matching


def group_of(photo: PhotoRecord, sort: SortKey) -> object:
    """Photos of one group are equals for an order: the same key, no key, or unreadable."""
    return "unreadable" if photo.state is PhotoState.UNREADABLE else key_of(photo, sort)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_equals_are_in_path_order_and_fine_keys_the_other_way_round_in_a_mirror(
    data, tmp_path_factory, facts_of, distribution_of, open_library
):
    with open_library(tmp_path_factory.mktemp("library") / "l.sqlite") as catalogue:
        fill(catalogue, data.draw(made_photos), facts_of, distribution_of)
        paths = [photo.id for photo in sorted(everything(catalogue), key=path_order)]
        for sort in SortKey:
            orders = [
                catalogue.photos(catalogue.ids(PhotoQuery(sort=sort, descending=descending, collapse_series=False)))
                for descending in (True, False)
            ]
            assert sorted(photo.id for photo in orders[0]) == sorted(paths)
            for descending, photos in zip((True, False), orders, strict=True):
                for _, run in groupby(photos, partial(group_of, sort=sort)):
                    places = [paths.index(photo.id) for photo in run]
                    assert places == sorted(places, reverse=mirrored(sort, descending))
            keyed = [[p.id for p in photos if key_of(p, sort) is not None and not p.problem] for photos in orders]
            assert set(keyed[0]) == set(keyed[1])
            assert keyed[0] == keyed[1][::-1] or sort not in FINE
            assert orders[0][: len(keyed[0])] == [photo for photo in orders[0] if photo.id in set(keyed[0])]


@pytest.mark.parametrize("in_halves", [False, True], ids=["whole", "halves"])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", sorted(set(SortKey) - {SortKey.ADDED}))
def test_an_order_is_a_walk_and_no_sort_either_way_round(
    catalogue, facts_of, distribution_of, monkeypatch, sort, descending, in_halves
):
    fill(catalogue, [plain("a", score=3.0), plain("b", score=4.0)], facts_of, distribution_of)
    monkeypatch.setattr(halves, "LARGE", 1 if in_halves else 3)
    plans, groups, each = [], [], halves.PairedReader.each

    def explained(store: halves.PairedReader, statements: Sequence[Statement]) -> list[list[Row]]:
        for sql, parameters in statements:
            of_groups = sql.startswith("SELECT (SELECT group_concat")
            plan = store.all(f"EXPLAIN QUERY PLAN {sql}", parameters)
            (groups if of_groups else plans).append([row[3] for row in plan])
        return each(store, statements)

    monkeypatch.setattr(halves.PairedReader, "each", explained)
    with catalogue.reader() as reader:
        reader.ids(PhotoQuery(PhotoFilter(rating=0), sort, descending))

    asked = plans + groups
    assert len(asked) >= (2 if in_halves else 1)
    assert not [step for plan in plans for step in plan if "TEMP B-TREE" in step]
    assert not [step for plan in groups for step in plan if "TEMP B-TREE FOR RIGHT" in step]
    walks = [step for plan in asked for step in plan if step.startswith(("SCAN photo", "SEARCH photo"))]
    assert not [step for step in walks if "COVERING" not in step]
    assert not in_halves or len([step for step in walks if "<" in step or ">" in step]) >= 2, "each looks for its half"


def plain(name: str, **values: object) -> Made:
    start: dict[str, object] = {
        "folder": "/p", "camera": "X", "taken": NOON, "score": None, "rating": 0,
        "flag": Flag.NONE, "label": Label.NONE, "readable": True,
    }  # fmt: skip
    return Made(name=name, **{**start, **values})  # type: ignore[arg-type]


def names(catalogue: Catalogue, query: PhotoQuery) -> list[str]:
    return [cell.name for cell in catalogue.cells(catalogue.ids(query))]


@pytest.mark.parametrize("descending", [True, False])
def test_unscored_photos_come_last_in_both_directions(catalogue, facts_of, distribution_of, descending):
    fill(catalogue, [plain("a"), plain("b", score=3.0), plain("c", score=5.0)], facts_of, distribution_of)
    scored = ["c", "b"] if descending else ["b", "c"]
    assert names(catalogue, PhotoQuery(descending=descending)) == [*scored, "a"]


def test_names_are_sorted_as_people_count(catalogue, facts_of, distribution_of):
    fill(catalogue, [plain("IMG_10.jpg"), plain("img_9.jpg"), plain("IMG_1.jpg")], facts_of, distribution_of)
    ordered = names(catalogue, PhotoQuery(sort=SortKey.NAME, descending=False))
    assert ordered == ["IMG_1.jpg", "img_9.jpg", "IMG_10.jpg"]


def test_a_burst_takes_one_place_and_opens_right_there(catalogue, facts_of, distribution_of):
    scores = {"a": 5.0, "b": 6.0, "c": 9.0, "d": 2.0}
    fill(catalogue, [plain(name, score=score) for name, score in scores.items()], facts_of, distribution_of)
    [series] = [group(catalogue, 3, SeriesKind.BURST)[0]]
    assert names(catalogue, PhotoQuery()) == ["a", "d"]
    assert names(catalogue, PhotoQuery(open_series=frozenset({series}))) == ["a", "b", "c", "d"]
    assert names(catalogue, PhotoQuery(collapse_series=False)) == ["c", "b", "a", "d"]
    assert [frame.reasons for frame in catalogue.series_frames(series)] == [("frame 0",), ("frame 1",), ("frame 2",)]


def test_a_rated_frame_is_listed_although_the_filter_hides_the_best_of_its_burst(catalogue, facts_of, distribution_of):
    fill(catalogue, [plain("a"), plain("b", rating=5), plain("c")], facts_of, distribution_of)
    group(catalogue, 3, SeriesKind.BURST)
    assert names(catalogue, PhotoQuery(PhotoFilter(rating=5))) == ["b"]


def test_a_burst_that_loses_its_best_frame_does_not_hide_the_others(album):
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        album.write(name, name)
    album.index()
    group(album.catalogue, 3, SeriesKind.BURST)
    (album.folder / "elsewhere").mkdir()
    (album.folder / "a.jpg").rename(album.folder / "elsewhere/a.jpg")
    album.index()
    assert sorted(names(album.catalogue, PhotoQuery())) == ["a.jpg", "b.jpg", "c.jpg"]
    assert album.catalogue.folders_to_group() == [str(album.folder), str(album.folder / "elsewhere")]


def test_an_opened_burst_keeps_its_number_when_the_folder_is_grouped_again(album):
    for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg"):
        album.write(name, name)
    album.index()
    before = group(album.catalogue, 2, SeriesKind.BURST)
    album.write("e.jpg", "e")
    album.index()
    assert group(album.catalogue, 2, SeriesKind.BURST) == before


def test_a_folder_that_changes_while_its_series_are_found_is_grouped_again(album):
    album.write("a.jpg", "a")
    album.index()
    folder = str(album.folder)
    with album.catalogue.reader() as reader:
        reader.records_in_folder(folder)
    album.write("b.jpg", "b")
    album.index()
    album.catalogue.replace_series(folder, [])
    assert album.catalogue.folders_to_group() == [folder]
    album.catalogue.records_in_folder(folder)
    album.catalogue.replace_series(folder, [])
    assert album.catalogue.folders_to_group() == []


def test_panels_count_what_is_listed(catalogue, facts_of, distribution_of):
    photos = [plain("a", camera="Canon"), plain("b", camera="Apple"), plain("c", folder="/p/q", camera="Canon")]
    fill(catalogue, photos, facts_of, distribution_of)
    assert catalogue.folder_counts() == [("/p", 2), ("/p/q", 1)]
    assert catalogue.cameras() == [("Apple", 1), ("Canon", 2)]
    assert catalogue.totals().present == 3
