"""What the clauses of a filter are made of."""

# ruff: noqa: S608 - only text of ours is put together

from __future__ import annotations

import sqlite3
import sys
from array import array

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aesthetic_studio.library.conditions import MARKED, Condition, marks_of

ids = st.lists(st.integers(1, 300), max_size=40)


@pytest.mark.parametrize("loaded", [True, False])
@example(some=[], others=[], stored={1})
@given(some=ids, others=ids, stored=st.sets(st.integers(1, 400), max_size=60))
def test_exactly_the_marked_photos_are_found_with_numpy_and_without(loaded, some, others, stored):
    with pytest.MonkeyPatch.context() as patch:
        if loaded:
            import numpy  # noqa: F401
        else:
            patch.delitem(sys.modules, "numpy", raising=False)
        marks = marks_of(array("q", some), array("q", others))
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE photo (id INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO photo VALUES (?)", [(photo,) for photo in stored])
        found = {photo for (photo,) in connection.execute(f"SELECT id FROM photo WHERE {MARKED}", (marks,))}
        left = {photo for (photo,) in connection.execute(f"SELECT id FROM photo WHERE NOT {MARKED}", (marks,))}
    connection.close()
    assert found == stored & {*some, *others}
    assert left == stored - found


@pytest.mark.parametrize("number", [0, 1, 2, 100, 101, 10_000])
def test_a_clause_of_any_number_of_parts_holds_where_each_of_them_does(number):
    wanted = Condition()
    for place in range(number):
        wanted.add("? < value", place)
    with sqlite3.connect(":memory:") as connection:
        asked = f"WITH made (value) AS (VALUES (?)) SELECT {wanted.sql} FROM made"
        answers = [connection.execute(asked, [value, *wanted.parameters]).fetchone() for value in (number, number - 2)]
    connection.close()
    assert answers == [(1,), (int(number == 0),)]
