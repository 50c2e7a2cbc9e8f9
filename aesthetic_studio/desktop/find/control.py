"""From a command to a search, and from its answer to the words above the photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from aesthetic_studio.albums import Duplicates, LikePhoto, LikeWords
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.errors import WordsUnavailable
from aesthetic_studio.paths import shown
from aesthetic_studio.translation import _, pgettext, retold

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.albums import PhotoQuery, Search
    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.find.bar import FindBar
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.desktop.work.reader import AlbumAnswer, LibraryReader


class FindControl(QObject):
    """Searches of one window.

    Args:
        bar: Asks and says.
        album: What is searched.
        views: Where the photos are.
        searcher: Who answers.
        active_model: Name and version of the model whose scores are shown.
    """

    def __init__(
        self,
        bar: FindBar,
        album: Album,
        views: Views,
        searcher: LibraryReader,
        active_model: Callable[[], tuple[str, str] | None],
    ) -> None:
        super().__init__(bar)
        self._bar, self._album, self._views = bar, album, views
        self._active_model = active_model
        self._last_words = ""
        self._is_new = False
        bar.asked.connect(lambda text: self._begin(LikeWords(text)))
        bar.left.connect(self.leave)
        bar.closed.connect(self.end)
        album.query_changed.connect(self._on_query_changed)
        album.loaded.connect(self._on_loaded)
        searcher.loading.connect(self._on_loading)
        searcher.wordless.connect(self._on_wordless)

    def similar(self) -> None:
        """Show the photos most like the current one."""
        current = self._views.current_id()
        if current is not None:
            self._begin(LikePhoto(current))

    def by_words(self) -> None:
        """Let words be typed, or tell what is missing for that and how to get it."""
        from aesthetic_studio.models.looks import words_for  # noqa: PLC0415 - not before the window is shown

        active = self._active_model()
        if active is None:
            self._bar.tell(_("No photo has been scored yet."), _("Wait until scoring has begun, then search by words."))
            return
        try:
            words_for(*active)
        except WordsUnavailable as error:
            self._bar.tell(retold("problem", shown(error.message)), retold("problem", shown(error.advice)))
        else:
            self._bar.ask(self._last_words)

    def duplicates(self) -> None:
        """Show photos that are nearly the same, group by group."""
        self._begin(Duplicates())

    def leave(self) -> None:
        """Search for no other words after all; what was shown stays."""
        self._bar.rest()
        self._views.take_focus()

    def end(self) -> None:
        """Show all photos of the album again; the photo that was current stays so."""
        self._bar.rest()
        self._album.touch()
        self._album.set_search(None)
        self._views.take_focus()

    @property
    def is_searching(self) -> bool:
        """Whether the album is what a search found."""
        return self._album.query.search is not None

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to end: a search, or what was told of one."""
        return self.is_searching or self._bar.isVisible()

    def _begin(self, search: Search) -> None:
        if isinstance(search, LikeWords):
            self._last_words, self._is_new = search.text, True
        self._bar.rest()
        self._views.show_grid()
        self._views.take_focus()
        if search == self._album.query.search:
            self._album.refresh()
        self._album.set_search(search)

    def _on_query_changed(self, query: PhotoQuery) -> None:
        self._bar.say("" if query.search is None else f"{self._asked(query.search)} …")

    def _on_loading(self) -> None:
        search = self._album.query.search
        if isinstance(search, LikeWords):
            self._bar.say(_("{asked} … The model that reads words is being loaded.").format(asked=self._asked(search)))

    def _on_wordless(self, message: str, advice: str) -> None:
        if isinstance(self._album.query.search, LikeWords):
            self._bar.tell(retold("problem", shown(message)), retold("problem", shown(advice)))

    def _on_loaded(self, answer: AlbumAnswer) -> None:
        search = answer.query.search
        match search:
            case None:
                self._bar.say("")
            case Duplicates():
                found = f"{count_of(answer.groups, 'group')}, {count_of(len(answer.ids), 'photo')}"
                if not answer.groups:
                    found = pgettext("groups", "none")
                self._bar.say(f"{self._asked(search)}: {found}")
            case LikeWords():
                self._bar.say(
                    _("{asked}: {photos}, the best match first").format(
                        asked=self._asked(search), photos=count_of(len(answer.ids), "photo")
                    )
                )
                if self._is_new:
                    # The photo that was current is somewhere among them; what was asked for is at the top.
                    self._views.go_to_end(first=True)
            case LikePhoto():
                self._bar.say(
                    _("{asked}: {photos}, the most alike first").format(
                        asked=self._asked(search), photos=count_of(len(answer.ids), "photo")
                    )
                )
        self._is_new = False

    def _asked(self, search: Search) -> str:
        match search:
            case LikePhoto(photo_id):
                cell = self._views.cell_of(photo_id)
                return _("Like {name}").format(name=shown(cell.name) if cell is not None else _("this photo"))
            case LikeWords(text):
                return _("Showing “{text}”").format(text=shown(text))
            case Duplicates():
                return _("Nearly the same")
