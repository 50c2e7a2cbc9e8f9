"""The window remembers how it stood, and never fails for what it finds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.settings import (
    LARGEST_THUMBNAIL,
    SMALLEST_THUMBNAIL,
    Settings,
    load_settings,
    save_settings,
    settings_file,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_settings_survive_a_round_trip(tmp_path: Path) -> None:
    kept = Settings(geometry="QUJD", thumbnail_size=320, sort="time", descending=False, last_folder="/photos/Süd")

    assert save_settings(kept, tmp_path / "deep" / "settings.json")

    assert load_settings(tmp_path / "deep" / "settings.json") == kept


def test_a_first_run_has_defaults(tmp_path: Path) -> None:
    assert load_settings(settings_file(tmp_path)) == Settings()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1, 2]", b"null", b"\xff\xfe\x00", b'{"thumbnail_size": ' + b"9" * 5000]
)
def test_a_damaged_file_falls_back_to_defaults(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.json").write_bytes(content)

    assert load_settings(tmp_path / "settings.json") == Settings()


def test_one_wrong_field_does_not_lose_the_others(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"thumbnail_size": "large", "descending": 0, "sort": "name", "future": 1}')

    assert load_settings(tmp_path / "settings.json") == Settings(sort="name")


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    assert not save_settings(Settings(), tmp_path / "file" / "settings.json")


def test_saving_leaves_no_other_file_behind(tmp_path: Path) -> None:
    save_settings(Settings(), tmp_path / "settings.json")
    save_settings(Settings(sort="name"), tmp_path / "settings.json")

    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


@given(st.integers())
def test_a_thumbnail_size_is_always_one_that_can_be_shown(size: int) -> None:
    assert SMALLEST_THUMBNAIL <= Settings(thumbnail_size=size).thumbnail_size <= LARGEST_THUMBNAIL


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(stored=st.dictionaries(st.sampled_from(sorted(asdict(Settings()))) | st.text(max_size=6), json_values))
def test_whatever_is_stored_gives_settings_of_the_right_types(
    tmp_path_factory: pytest.TempPathFactory, stored: object
) -> None:
    import json

    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_text(json.dumps(stored))

    loaded = asdict(load_settings(path))

    assert {name: type(value) for name, value in loaded.items()} == {
        name: type(value) for name, value in asdict(Settings()).items()
    }
