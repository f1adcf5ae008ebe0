"""What stands there when nobody does: what the terminal is for, in every language."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen

from kiosk.config import LANGUAGES, Language
from kiosk.i18n import NATIVE_NAMES, _, language
from kiosk.screens.customer.base import TOUCH, ticket_key, too_small_sentence
from kiosk.screens.size import is_too_small
from kiosk.widgets.band import Band
from kiosk.widgets.choice_grid import Choice, ChoiceGrid
from kiosk.widgets.face import Face, FaceView
from kiosk.widgets.foot import Foot, FootKey
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.services.poster import Poster

FACE_SECONDS = 15
"""How long one face stands."""
_STARTS = {"0": "ticket", "8": "help", "asterisk": "large_type"}


class AttractScreen(Screen[None]):
    """Any key or touch starts; a language can be chosen in its own script.

    What it is for takes turns with posters in one place; everything else stands still.
    """

    AUTO_FOCUS = ""

    class Started(Message):
        """Somebody is here."""

        def __init__(self, language: Language | None, then: str | None, by: str) -> None:
            super().__init__()
            self.by = by
            """The key that was struck, or a touch."""
            self.language = language
            """None: the terminal's own."""
            self.then = then
            """What they asked for already: `ticket`, `help` or `large_type`."""

    def __init__(
        self, place: Callable[[], str], local_time: Callable[[], str], *, is_away: bool = False
    ) -> None:
        """Make the screen.

        Args:
            place: Bank and branch.
            local_time: Hours and minutes.
            is_away: It stands elsewhere than in its branch.
        """
        super().__init__()
        self._is_away = is_away
        self._place = place
        self._local_time = local_time
        self._waiting = ""
        self._failed = False
        """The last visit could not be started."""
        self._shown: object = None
        """What the texts were written for."""
        self._posters: tuple[Poster, ...] = ()
        self._face = 0
        """0: what the terminal is for; then the posters."""
        self._faces_since: float | None = None
        """When the first face began to stand; None: the clock was not looked at since."""

    def compose(self) -> ComposeResult:
        """The frame; its texts are short enough to be read in passing."""
        yield Band()
        yield Face()
        yield Words(id="start")
        yield ChoiceGrid(cards=True)
        yield Foot()
        yield Words(id="too-small")

    def on_mount(self) -> None:
        """Fill in the texts."""
        self.show()

    def on_screen_resume(self) -> None:
        """A session may have changed the language, and shows that visits can be started."""
        self._failed = False
        self._shown = None  # what was pressed before the visit is not pressed any more
        self._face, self._faces_since = 0, None
        self.show()

    def on_resize(self, event: events.Resize) -> None:
        """Small terminals get a smaller frame."""
        self.set_class(event.size.height < 24, "-compact")
        self.set_class(event.size.height < 24, "-low")
        self.set_class(is_too_small(event.size.width, event.size.height), "-too-small")

    def show_waiting(self, waiting: str) -> None:
        """Say how many people wait."""
        self._waiting = waiting
        self.show()

    def show_failure(self) -> None:
        """Say that nothing can be started here, and where to go."""
        self._failed = True
        self._face = 0
        self.show()

    def show_posters(self, posters: "Sequence[Poster]") -> None:
        """From now on these take turns with what the terminal is for."""
        self._posters = tuple(posters)
        self._face, self._faces_since = 0, None
        self._show_face()

    def turn(self, seconds: float) -> None:
        """Show the face whose turn it is.

        Args:
            seconds: Of a monotonic clock.
        """
        if self._faces_since is None:
            self._faces_since = seconds
        turns = int((seconds - self._faces_since) // FACE_SECONDS)
        face = 0 if self._failed else turns % (1 + len(self._posters))
        if face != self._face:
            self._face = face
            self._show_face()

    def _show_face(self) -> None:
        for each in self.query(Face):  # none where the app is ending
            each.show(self._face_view())

    def _face_view(self) -> FaceView:
        if self._face:
            poster = self._posters[self._face - 1]
            return FaceView(
                poster.title.in_language(language()),
                tuple(line.in_language(language()) for line in poster.lines),
                poster.art,
                warns=poster.kind == "safety",
            )
        if self._failed:
            where = _("Please go to a counter, or speak to the lobby manager.")
            if self._is_away:
                where = _("Please speak to the staff beside it.")
            return FaceView(_("This terminal is out of order."), (where,))
        purpose = _(
            "Much can be done on your phone or at a machine, and this terminal shows you how. "
            "For everything else it gives you a counter ticket."
        )
        if self._is_away:
            purpose = _(
                "Much can be done on your phone, and this terminal shows you how. "
                "For everything else it says where our branch is and what to bring."
            )
        return FaceView(_("What would you like to do today?"), (purpose,))

    def _invitation(self) -> str:
        if self._failed:
            return _("Touch the screen or press any key to try again")
        return _("Touch the screen or press any key to start")

    def show(self) -> None:
        """Write every text, if anything has changed."""
        if not self.query(Band):
            return  # not composed yet, or the app is ending
        state = (language(), self._place(), self._waiting, self._local_time(), self._failed)
        if state != self._shown:
            self._shown = state
            self._write()
        else:
            self.query_one(ChoiceGrid).release()

    def _write(self) -> None:
        band = self.query_one(Band)
        band.name_text = self._place()
        band.status_text = self._waiting
        band.clock_text = self._local_time()
        self._show_face()
        self.query_one("#start", Words).text = self._invitation()
        languages = [Choice(code, NATIVE_NAMES[code]) for code in LANGUAGES]
        self.query_one(ChoiceGrid).show(languages)
        self.query_one(Foot).show(
            [
                replace(ticket_key(is_away=self._is_away), short=""),
                FootKey("8", _("Call staff"), "help"),
                FootKey("*", _("Large, 60+"), "large_type"),
            ]
        )
        self.query_one("#too-small", Words).text = too_small_sentence(is_away=self._is_away)

    def on_key(self, event: events.Key) -> None:
        """Any key starts; some say more."""
        event.stop()
        if self.has_class("-too-small"):
            self.post_message(
                self.Started(None, "help" if event.key == "8" else "ticket", event.key)
            )
            return
        if event.key in "123" and self.query_one(ChoiceGrid).press_key(event.key):
            return
        self.post_message(self.Started(None, _STARTS.get(event.key), event.key))

    def on_click(self) -> None:
        """A touch anywhere starts."""
        then = "ticket" if self.has_class("-too-small") else None
        self.post_message(self.Started(None, then, TOUCH))

    @on(ChoiceGrid.Chosen)
    def start_in_language(self, event: ChoiceGrid.Chosen) -> None:
        """Start in the language that was touched."""
        language = next(code for code in LANGUAGES if code == event.code)
        by = TOUCH if event.touched else str(LANGUAGES.index(language) + 1)
        self.post_message(self.Started(language, None, by))

    @on(Foot.Pressed)
    def start_with(self, event: Foot.Pressed) -> None:
        """Start with what was touched."""
        self.post_message(self.Started(None, event.action, TOUCH))
