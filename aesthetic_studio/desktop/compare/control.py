"""What compare and survey do: who challenges whom, who leaves, who comes back, and what of it is a judgement.

Only Up and Down say that one photo is better than another, and that is kept for the trainer. Passing by says nothing; a
reject is a verdict like anywhere, and takes the photo out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from aesthetic_studio.desktop.compare.choosing import MOST, Chosen, Looked, choose_contest, choose_survey
from aesthetic_studio.desktop.toolkit.previews import read_preview
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag, PhotoRecord, PhotoState, SeriesKind
from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from PySide6.QtGui import QImage

    from aesthetic_studio.desktop.compare.contest import Contest, Said
    from aesthetic_studio.desktop.compare.view import CompareView
    from aesthetic_studio.desktop.work.decisions import Decided
    from aesthetic_studio.library.catalogue import Catalogue

AHEAD = 2
"""Challengers that are decoded in advance."""

PAIR_KEYS = N_("↑ new champion    ↓ keep    X reject    O leave out    L move alone")
SURVEY_KEYS = N_("X reject    O leave out    L move alone    C compare    Enter open")


class CompareControl(QObject):
    """Fills the compare view, for a contest or a survey.

    Signals:
        preferred: Better photo and worse photo, as the person said by a key.
        said: What happened, for the status line.
    """

    preferred = Signal(int, int)
    said = Signal(str)

    def __init__(self, view: CompareView, reader: Catalogue) -> None:
        super().__init__(view)
        self.view = view
        self._reader = reader
        self._contest: Contest | None = None
        self._chosen = self._surveyed = Chosen((), "")
        self._survey: list[int] = []
        self._away: dict[int, int] = {}
        self._rejected: set[int] = set()
        self._pairs: dict[tuple[int, int], Said] = {}
        self._records: dict[int, PhotoRecord] = {}
        view.promote_wanted.connect(self.promote)
        view.keep_wanted.connect(self.keep)

    # -- beginning and ending ------------------------------------------------------------------------------------------

    def open_contest(self, looked: Looked) -> bool:
        """Begin a contest; ``False``, with the reason said, where there is nobody to challenge the current photo."""
        contest, chosen = choose_contest(looked)
        if not contest.count:
            self.said.emit(_("There is no other photo to compare this one with"))
            return False
        self._begin(chosen)
        self._contest = contest
        if self._read([contest.champion]):
            self._show_contest()
        return True

    def open_survey(self, looked: Looked) -> bool:
        """Begin a survey; ``False``, with the reason said, where there is one photo only."""
        chosen = choose_survey(looked)
        if len(chosen.photo_ids) < 2:
            self.said.emit(_("There is no other photo to see beside this one"))
            return False
        self._begin(chosen)
        self._contest, self._survey, self._surveyed = None, list(chosen.photo_ids), chosen
        self._show_survey(looked.current)
        if len(looked.selected) > MOST:
            self.said.emit(
                _("The first {most} of {count} selected photos are shown").format(most=MOST, count=len(looked.selected))
            )
        return True

    def reopen_survey(self) -> None:
        """Go on with the survey that a contest began from, less what was rejected meanwhile."""
        current = self.current_id()
        self._contest, self._chosen = None, self._surveyed
        self._away |= {one: place for place, one in enumerate(self._survey) if one in self._rejected}
        self._survey = [one for one in self._survey if one not in self._rejected] or self._survey[:1]
        self.view.begin()
        self._show_survey(current)

    def leave(self) -> None:
        """Give back what the photos took."""
        self._contest, self._survey = None, []
        self._chosen = self._surveyed = Chosen((), "")
        self.view.leave()

    def looked(self, album: Sequence[int]) -> Looked | None:
        """What is looked at here, for a comparison that begins from this one."""
        current = self.current_id()
        if self._contest is not None:
            ids = [*self._contest.shown(), *self._contest.next_ones(MOST - 2)][:MOST]
            current = self._contest.champion if current is None else current
            order = {photo_id: place for place, photo_id in enumerate(album)}
            return Looked(current, tuple(sorted(ids, key=lambda one: order.get(one, len(order)))), album)
        return None if current is None else Looked(current, tuple(self._survey), album)

    def restore_survey(self) -> None:
        """Show all photos of the survey again that were left out."""
        back = [one for one in self._chosen.photo_ids if one in self._survey or one not in self._rejected]
        if back != self._survey:
            self._survey = back
            self._show_survey(self.current_id())

    # -- what the window asks ------------------------------------------------------------------------------------------

    def current_id(self) -> int | None:
        """The photo that keys act on."""
        return self.view.current_id()

    def holds(self, photo_id: int) -> bool:
        """Whether a photo takes part, or did before it was taken out."""
        if self._contest is not None:
            return self._contest.holds(photo_id)
        return photo_id in self._chosen.photo_ids

    def step(self, by: int) -> bool:
        """Bring another challenger, or go to another pane; ``False`` at the end."""
        if self._contest is None:
            return self.view.step(by)
        moved = self._contest.step(by)
        if moved:
            self._show_contest()
        return moved

    def go_to_end(self, *, first: bool) -> None:
        """Bring the first or last challenger, or go to the first or last pane."""
        if self._contest is None:
            self.view.step(-MOST if first else MOST)
        elif self._contest.step(-self._contest.place if first else self._contest.count - 1 - self._contest.place):
            self._show_contest()

    def go_to(self, photo_id: int) -> bool:
        """Show a photo that takes part. One that is on screen already does not become the current one."""
        if self._contest is None:
            return photo_id in self._survey
        if photo_id in self._contest.shown():
            return True
        if not self._contest.show(photo_id):
            return False
        self._show_contest()
        return True

    def promote(self) -> None:
        """The challenger is the better one: it is the champion now."""
        self._say_better(self._contest.promote() if self._contest is not None else None)

    def keep(self) -> None:
        """The champion is the better one: the next challenger comes."""
        self._say_better(self._contest.keep() if self._contest is not None else None)

    def leave_out(self) -> None:
        """Take the current photo out without judging it."""
        current = self.current_id()
        if current is not None and self._take_out(current):
            self.said.emit(_("Left out, not judged: {name}").format(name=self._name(current)))

    def toggle_lock(self) -> None:
        """Let the current photo move alone, or in step with the others again."""
        alone = self.view.toggle_lock()
        if alone is not None:
            self.said.emit(
                _("This photo moves alone: L locks it again")
                if alone
                else _("In step again, as far apart as they stand")
            )

    def on_rejected(self) -> None:
        """The current photo was rejected: it goes, and the next comes."""
        current = self.current_id()
        if current is not None:
            self._rejected.add(current)
            self._take_out(current)

    def refresh(self, photo_ids: Collection[int] | None = None) -> None:
        """Something changed about these photos, or about any: show those that are on screen as they are now."""
        ids = [one for one in self._shown_ids() if photo_ids is None or one in photo_ids]
        if ids:
            self.view.update_records(self._read(ids))

    def on_decided(self, decided: Decided) -> None:
        """Stand as before a decision that was undone, and as after one that was made again."""
        if decided.kind == "done":
            return
        undone = decided.kind == "undone"
        if decided.preferred is not None and self._contest is not None and decided.preferred in self._pairs:
            said = self._pairs[decided.preferred]
            turn = self._contest.unsay if undone else self._contest.say_again
            if turn(said.better, said.worse):
                self._show_contest()
        ids = [one for one in decided.photo_ids if self.holds(one)]
        for record in self._read(ids):
            rejected = record.verdict.flag is Flag.REJECT
            if undone and not rejected and record.id in self._rejected:
                self._rejected.discard(record.id)
                self._bring_back(record.id)
            elif not undone and rejected and record.id not in self._rejected:
                self._rejected.add(record.id)
                self._take_out(record.id)

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _begin(self, chosen: Chosen) -> None:
        self._chosen = chosen
        self._away, self._rejected, self._pairs, self._records = {}, set(), {}, {}
        self.view.begin()

    def _say_better(self, said: Said | None) -> None:
        if said is None:
            self.said.emit(_("There is no challenger to decide about"))
            return
        better, worse = self._read([said.better])[0], self._read([said.worse])[0]
        self._show_contest()
        if _competes(better, worse):
            self._pairs[better.content_id, worse.content_id] = said
            self.preferred.emit(said.better, said.worse)
        elif better.content_id == worse.content_id:
            self.said.emit(_("These two are identical, so no preference is kept"))

    def _take_out(self, photo_id: int) -> bool:
        if self._contest is not None:
            was_champion = photo_id == self._contest.champion
            if not self._contest.take_out(photo_id):
                self.refresh((photo_id,))
                return False
            self._show_contest()
            if was_champion and self._contest.challenger is not None:
                # The next press of the same key is not meant for the new champion.
                self.view.set_current_id(self._contest.challenger)
            return True
        if photo_id not in self._survey or len(self._survey) < 2:
            return False
        place = self._survey.index(photo_id)
        self._away[photo_id] = place
        del self._survey[place]
        current = self.current_id()
        self._show_survey(current if current != photo_id else self._survey[min(place, len(self._survey) - 1)])
        return True

    def _bring_back(self, photo_id: int) -> None:
        if self._contest is not None:
            if self._contest.bring_back(photo_id):
                self._show_contest()
        elif photo_id in self._away:
            self._survey.insert(min(self._away.pop(photo_id), len(self._survey)), photo_id)
            self._show_survey(photo_id)

    def _show_contest(self) -> None:
        contest = self._contest
        if contest is None:
            return
        records = {record.id: record for record in self._read(contest.shown())}
        while contest.challenger is not None and contest.challenger not in records:
            contest.take_out(contest.challenger)  # the library does not know it any more
            records = {record.id: record for record in self._read(contest.shown())}
        champion = records[contest.champion]
        challenger = None if contest.challenger is None else records[contest.challenger]
        number = _("{step} of {steps}").format(step=contest.place + 1, steps=contest.count)
        self.view.show_pair(champion, challenger, self._preview, place=number, end=self._end_words(champion))
        self.view.set_likely(self._read(contest.next_ones(AHEAD), quietly=True))
        about = [
            _("{challengers} in {among}").format(
                challengers=count_of(contest.count, "challenger"), among=self._chosen.among
            ),
            self._chosen.left_out,
        ]
        self.view.say(" · ".join(part for part in about if part), _(PAIR_KEYS))

    def _show_survey(self, current: int | None) -> None:
        self.view.show_survey(self._read(self._survey), self._preview, current)
        about = [
            _("{photos} of {among}").format(photos=count_of(len(self._survey), "photo"), among=self._chosen.among),
            self._chosen.left_out,
        ]
        self.view.say(" · ".join(part for part in about if part), _(SURVEY_KEYS))

    def _end_words(self, champion: PhotoRecord) -> str:
        left = self._contest.count if self._contest is not None else 0
        ways = [_("← brings the last challenger back.")] if left else []
        if champion.series_kind is SeriesKind.BURST:
            ways.append(_("Tab goes to the champion: P picks it, Shift+B makes it the best of its burst."))
        else:
            ways.append(_("Tab goes to the champion: P picks it."))
        parts = [
            _("That was the last challenger.") if left else _("No challenger is left."),
            _("{name} is the champion.").format(name=shown(champion.name)),
            " ".join([*ways, _("Esc leads back.")]),
        ]
        return "\n\n".join(parts)

    def _shown_ids(self) -> Sequence[int]:
        return self._survey if self._contest is None else self._contest.shown()

    def _read(self, photo_ids: Sequence[int], *, quietly: bool = False) -> list[PhotoRecord]:
        """Records as they are now; one that is no longer in the library stays as it was last seen, its file missing."""
        found = {record.id: record for record in self._reader.photos(list(photo_ids))}
        if quietly:
            return [found[one] for one in photo_ids if one in found]
        for one in photo_ids:
            if one in found:
                self._records[one] = found[one]
            elif one in self._records:
                self._records[one] = replace(self._records[one], state=PhotoState.MISSING)
        return [self._records[one] for one in photo_ids if one in self._records]

    def _preview(self, photo_id: int) -> QImage:
        data = self._reader.preview(photo_id)
        return read_preview(data)

    def _name(self, photo_id: int) -> str:
        return shown(self._records[photo_id].name) if photo_id in self._records else _("a photo")


def _competes(better: PhotoRecord, worse: PhotoRecord) -> bool:
    """Whether it means something that one is better: not of identical files, nor within a set that is kept whole."""
    if PhotoState.UNREADABLE in (better.state, worse.state) or better.content_id == worse.content_id:
        return False
    of_one_series = better.series_id is not None and better.series_id == worse.series_id
    return not of_one_series or better.series_kind is SeriesKind.BURST
