"""The law of identity: whatever is renamed, moved, swapped, edited or deleted between two scans, each verdict stays
with its content."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from aesthetic_studio.albums import PhotoFilter, PhotoQuery
from aesthetic_studio.records import Label, PhotoState, VerdictChange

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = [f"{folder}/{name}.jpg" for folder in ("a", "b", "b/c") for name in ("1", "2", "3")]
names = st.sampled_from(NAMES)


def machine(album_at: Callable, open_library: Callable) -> type[RuleBasedStateMachine]:
    """The class, with the fixtures it needs."""

    class Identity(RuleBasedStateMachine):
        """A model file system: path → content, beside the real one."""

        def __init__(self) -> None:
            super().__init__()
            self.top = Path(tempfile.mkdtemp())
            self.album = album_at(self.top / "photos", open_library(self.top / "library.sqlite"))
            self.disk: dict[str, bytes] = {}
            self.seen: dict[str, bytes] = {}
            self.stars: dict[bytes, tuple[int, Label]] = {}
            self.fresh, self.judged = itertools.count(), itertools.count()
            for folder in ("a", "b/c"):
                (self.album.folder / folder).mkdir(parents=True)

        def teardown(self) -> None:
            assert self.album.catalogue.health() == []
            self.album.catalogue.close()
            shutil.rmtree(self.top)

        @rule(name=names)
        def write(self, name: str) -> None:
            """A new photo, or an edit of the one that is there. All have one size, to make it harder."""
            number = next(self.fresh)
            self.disk[name] = f"{number:06d}".encode()
            path = self.album.write(name, self.disk[name])
            os.utime(
                path, ns=(number, number)
            )  # two writes within one tick of the clock are no edit that stat can tell

        @initialize()
        def start(self) -> None:
            for name in NAMES[::2]:
                self.write(name)
            self.scan()

        def one_of(self, data: st.DataObject) -> str | None:
            return data.draw(st.sampled_from(sorted(self.disk))) if self.disk else None

        @rule(data=st.data(), new=names)
        def rename(self, data: st.DataObject, new: str) -> None:
            old = self.one_of(data)
            if old is not None and old != new:
                (self.album.folder / old).replace(self.album.folder / new)
                self.disk[new] = self.disk.pop(old)

        @rule(data=st.data())
        def replace_by_a_new_photo(self, data: st.DataObject) -> None:
            """The old one is renamed, and a new one takes its name."""
            old = self.one_of(data)
            free = sorted(set(NAMES) - set(self.disk))
            if old is not None and free:
                new = data.draw(st.sampled_from(free))
                (self.album.folder / old).rename(self.album.folder / new)
                self.disk[new] = self.disk.pop(old)
                self.write(old)

        @rule(data=st.data())
        def swap(self, data: st.DataObject) -> None:
            one, other = self.one_of(data), self.one_of(data)
            if one is not None and other is not None and one != other:
                first, second = self.album.folder / one, self.album.folder / other
                first.rename(self.top / "held")
                second.rename(first)
                (self.top / "held").rename(second)
                self.disk[one], self.disk[other] = self.disk[other], self.disk[one]

        @rule()
        def swap_folders(self) -> None:
            folders = self.album.folder / "a", self.album.folder / "b/c"
            folders[0].rename(self.top / "held")
            folders[1].rename(folders[0])
            (self.top / "held").rename(folders[1])
            turned = {"a": "b/c", "b/c": "a", "b": "b"}
            self.disk = {
                f"{turned[name.rpartition('/')[0]]}/{name.rpartition('/')[2]}": data for name, data in self.disk.items()
            }

        @rule(data=st.data())
        def delete(self, data: st.DataObject) -> None:
            name = self.one_of(data)
            if name is not None:
                (self.album.folder / name).unlink()
                del self.disk[name]

        @rule()
        def scan(self) -> None:
            """Index, check every verdict, and judge what is new: each content has a verdict of its own."""
            self.album.index()
            there = set(self.disk.values())
            for name, content in self.disk.items():
                before = self.seen.get(name)
                if content not in self.stars:
                    is_edit = before is not None and before not in there
                    self.stars[content] = self.stars.pop(before) if is_edit else (0, Label.NONE)
            self.seen = dict(self.disk)
            catalogue = self.album.catalogue
            present = PhotoQuery(PhotoFilter(states=frozenset({PhotoState.PRESENT})), collapse_series=False)
            photos = catalogue.photos(catalogue.ids(present))
            found = {
                str(photo.path.relative_to(self.album.folder)): (photo.verdict.rating, photo.verdict.label)
                for photo in photos
            }
            assert found == {name: self.stars[content] for name, content in self.disk.items()}
            for photo in photos:
                content = self.disk[str(photo.path.relative_to(self.album.folder))]
                if self.stars[content] == (0, Label.NONE):
                    number = 1 + next(self.judged) % 29
                    self.stars[content] = verdict = (number % 5 + 1, Label(number % 6))
                    catalogue.decide([photo.id], VerdictChange(rating=verdict[0], label=verdict[1]), "Judge")

    return Identity


def test_verdicts_follow_their_content_through_any_changes(album_at, open_library):
    run_state_machine_as_test(
        machine(album_at, open_library),
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
