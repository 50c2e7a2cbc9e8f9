"""What every part of the catalogue reads through."""

from __future__ import annotations

import sqlite3
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.library.connection import unjoined


@pytest.mark.parametrize("loaded", [True, False])
@given(ids=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=50))
def test_ids_come_back_as_sqlite_wrote_them_with_numpy_and_without(loaded, ids):
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE photo (place INTEGER PRIMARY KEY, id INTEGER)")
        connection.executemany("INSERT INTO photo (id) VALUES (?)", [(number,) for number in ids])
        (joined,) = connection.execute("SELECT group_concat(id) FROM (SELECT id FROM photo ORDER BY place)").fetchone()
    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        if loaded:
            import numpy  # noqa: F401
        else:
            patch.delitem(sys.modules, "numpy", raising=False)
        assert list(unjoined(joined)) == ids
