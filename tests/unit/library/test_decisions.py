"""Every decision is one step that can be undone, exactly, after a restart too."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aesthetic_studio.records import Flag, Label, PhotoFile, Verdict, VerdictChange


@pytest.fixture
def five(catalogue, facts_of):
    """A catalogue with five photos, numbered 1 to 5."""
    for number in range(5):
        catalogue.store_facts(PhotoFile("/p", f"{number}.jpg", 1, 1), facts_of(str(number).encode()))
    return catalogue


def verdicts(catalogue) -> list[Verdict]:
    return [photo.verdict for photo in catalogue.photos(range(1, 6))]


def test_a_decision_about_many_photos_is_one_step(five):
    five.decide([1], VerdictChange(rating=2), "Rate 2")
    decision = five.decide([1, 2, 3], VerdictChange(rating=4, flag=Flag.PICK), "Rate 4")
    assert decision.photo_ids == (1, 2, 3)
    assert five.undo_title() == "Rate 4"
    assert five.undo() == decision
    assert verdicts(five)[:3] == [Verdict(2), Verdict(), Verdict()]
    assert (five.undo_title(), five.redo_title()) == ("Rate 2", "Rate 4")


def test_picks_and_rejects_made_together_are_one_step(five):
    kept, gone = VerdictChange(flag=Flag.PICK), VerdictChange(flag=Flag.REJECT)
    five.decide([4], VerdictChange(rating=3), "Rate 3")
    decision = five.decide_each({kept: [1, 4], gone: [2, 3]}, "Keep 2")
    assert sorted(decision.photo_ids) == [1, 2, 3, 4]
    assert [one.flag for one in verdicts(five)] == [1, -1, -1, 1, 0]
    assert five.undo() == decision
    assert verdicts(five) == [Verdict(), Verdict(), Verdict(), Verdict(3), Verdict()]
    five.redo()
    assert [one.flag for one in verdicts(five)] == [1, -1, -1, 1, 0]
    assert five.decide_each({kept: [1], gone: [3]}, "again").id == 0


def test_one_step_never_changes_a_photo_in_two_ways(five):
    with pytest.raises(ValueError, match="one way"):
        five.decide_each({VerdictChange(flag=Flag.PICK): [1, 2], VerdictChange(flag=Flag.REJECT): [2]}, "both")
    assert verdicts(five) == [Verdict()] * 5
    assert five.undo_title() is None


def test_undo_survives_a_restart(five, open_library):
    five.decide([1], VerdictChange(label=Label.RED), "Label red")
    five.decide([2], VerdictChange(rating=1), "Rate 1")
    five.undo()
    five.close()
    with open_library(five.path) as again:
        assert (again.undo_title(), again.redo_title()) == ("Label red", "Rate 1")
        again.redo()
        again.undo()
        again.undo()
        assert verdicts(again) == [Verdict()] * 5
        assert again.undo() is None


def test_a_new_decision_clears_what_could_be_redone(five):
    five.decide([1], VerdictChange(rating=1), "a")
    five.undo()
    five.decide([2], VerdictChange(rating=2), "b")
    assert five.redo_title() is None
    assert five.redo() is None


def test_a_decision_that_changes_nothing_is_no_step(five):
    five.decide([1], VerdictChange(rating=1), "a")
    five.undo()
    assert five.decide([1], VerdictChange(rating=0), "nothing").photo_ids == ()
    assert (five.undo_title(), five.redo_title()) == (None, "a")


def test_unknown_photos_are_left_out(five):
    assert five.decide([1, 99], VerdictChange(rating=1), "a").photo_ids == (1,)


def test_a_rating_that_is_none_is_refused(five):
    with pytest.raises(ValueError, match="0 to 5 stars, not 6"):
        five.decide([1], VerdictChange(rating=6), "a")
    assert five.undo_title() is None


def test_undo_follows_a_photo_that_was_moved(album):
    album.write("x/a.jpg", "one")
    album.index()
    album.catalogue.decide([album.id_of("x/a.jpg")], VerdictChange(rating=5), "Rate 5")
    (album.folder / "x").rename(album.folder / "y")
    album.index()
    album.catalogue.undo()
    assert album.catalogue.photo(album.id_of("y/a.jpg")).verdict == Verdict()


def test_fifty_thousand_photos_are_one_step(catalogue):
    store = catalogue._store
    with catalogue.transaction():
        store.run("INSERT INTO folder (id, path, search) VALUES (1, '/p', '/p')")
        store.run_many(
            "INSERT INTO photo (folder_id, path, name, state, size, mtime_ns, search, name_key, rating) "
            "VALUES (1, ?, 'n', 0, 0, 0, '', '', ?)",
            [(f"/p/{number}", number % 6) for number in range(50_000)],
        )
    before = store.all("SELECT id, rating FROM photo")
    decision = catalogue.decide(range(1, 50_001), VerdictChange(rating=3), "Rate 3")
    assert len(decision.photo_ids) == 50_000 - len([1 for _, rating in before if rating == 3])
    assert store.value("SELECT count(*) FROM photo WHERE rating <> 3") == 0
    catalogue.undo()
    assert store.all("SELECT id, rating FROM photo") == before
    assert catalogue.undo_title() is None


changes = st.builds(
    VerdictChange,
    rating=st.none() | st.integers(0, 5),
    flag=st.none() | st.sampled_from(Flag),
    label=st.none() | st.sampled_from(Label),
)
steps = st.lists(st.tuples(st.lists(st.integers(1, 5), max_size=5), changes) | st.sampled_from(["undo", "redo"]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_undo_and_redo_are_inverses(five, steps):
    while five.undo():
        pass
    done, undone = [verdicts(five)], []
    for step in steps:
        if step == "undo":
            assert (five.undo() is None) == (len(done) == 1)
            if len(done) > 1:
                undone.append(done.pop())
        elif step == "redo":
            # What an earlier example left to redo is not this one's; a first decision clears it.
            if undone:
                assert five.redo() is not None
                done.append(undone.pop())
        elif five.decide(*step, "step").photo_ids:
            photos, change = step
            done.append([change.apply(v) if n in photos else v for n, v in enumerate(done[-1], start=1)])
            undone = []
        assert verdicts(five) == done[-1]
