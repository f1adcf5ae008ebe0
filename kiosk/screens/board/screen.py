"""The whole board: who is called where, who is next, what the counters do."""

from dataclasses import dataclass
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from kiosk.announcing import call_sentence
from kiosk.config import Config
from kiosk.i18n import _, format_time, language
from kiosk.screens.board.arrangement import LARGE_CALLS, MARGIN, Arrangement, arrange
from kiosk.screens.board.call_row import CallRow
from kiosk.screens.board.panel import Room, pages
from kiosk.screens.size import is_too_small
from kiosk.services.board_view import BoardView
from kiosk.widgets.band import Band
from kiosk.widgets.lines import Lines
from kiosk.widgets.text import centre
from kiosk.widgets.words import Words


@dataclass(frozen=True)
class BoardState:
    """What the board knows at one moment."""

    view: BoardView | None
    """None: the branch could not be asked yet today."""
    config: Config
    """With what the branch has set, once it has been asked."""
    now: datetime
    """In the branch's zone."""
    page: int = 0
    """Counts on: which of the pages of the panel is shown."""
    marked: frozenset[tuple[str, datetime]] = frozenset()
    """The keys of new calls."""
    has_sign: bool = False
    """Whether the sign before a new call is there at this moment: it comes and goes."""
    old_since: datetime | None = None
    """Since when nothing new is known, in the branch's zone; None: all of it is of now."""
    has_waits: bool = True
    """What is known is new enough to tell waits from it."""


class BoardScreen(Screen[None]):
    """Says only what has changed to the terminal."""

    AUTO_FOCUS = ""
    CSS = """
    BoardScreen Band { height: 1; }
    CallRow { width: 1fr; background: $page; color: $ink; text-style: bold; }
    CallRow > .call-row--box { background: $band; color: $on-band; text-style: bold; }
    CallRow > .call-row--marked { background: $band; color: $on-band; text-style: bold; }
    CallRow > .call-row--marked-box { background: $page; color: $ink; text-style: bold; }
    #below { height: auto; }
    #others { width: 1fr; height: auto; }
    #panel { background: $page; color: $ink; }
    #foot-line { dock: bottom; height: 1; background: $page; color: $quiet; }
    #foot-line.-old { background: $sign; color: $on-sign; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._state: BoardState | None = None
        self._arrangement: Arrangement | None = None
        self._shown: object = None

    def compose(self) -> ComposeResult:
        """Band, calls, panel and foot."""
        yield Band()
        yield CallRow(has_sentence=True, id="newest")
        with Horizontal(id="below"):
            with Vertical(id="others"):
                for number in range(1, LARGE_CALLS):
                    yield CallRow(id=f"call-{number}")
            yield Lines(id="panel")
        yield Lines(id="foot-line")
        yield Words(id="too-small")

    def on_mount(self) -> None:
        """Show what is known already."""
        self._write()

    def on_resize(self) -> None:
        """Another size, another arrangement."""
        self._write()

    def show(self, state: BoardState) -> None:
        """Show another state, in the language in use."""
        self._state = state
        self._write()

    def _write(self) -> None:
        shown = (self._state, self.size, language())
        if self._state is None or not self.is_mounted or shown == self._shown:
            return
        self._shown = shown
        self._write_state(self._state)

    def _write_state(self, state: BoardState) -> None:
        self.set_class(is_too_small(*self.size), "-too-small")
        self.query_one("#too-small", Words).text = _("This screen is too small.")
        calls = state.view.calls if state.view else ()
        arrangement = self._arrange(state.view)
        self._write_band(state)
        for number, row in enumerate(self.query(CallRow)):
            row.call = calls[number] if number < len(calls) else None
            row.is_marked = row.call is not None and row.call.key in state.marked
            row.has_sign = row.is_marked and state.has_sign
        self.query_one("#newest", CallRow).sentence = self._sentence(state)
        self._write_panel(state, arrangement)
        foot = self.query_one("#foot-line", Lines)
        foot.set_class(state.old_since is not None, "-old")
        foot.lines = (centre(_foot(state), self.size.width),)

    def _arrange(self, view: BoardView | None) -> Arrangement:
        calls = view.calls if view else ()
        counters = view.counters if view else ()
        highest = max([1, *(each.counter for each in calls), *(each.number for each in counters)])
        longest = max([5, *(len(each.number) for each in calls)])
        arrangement = arrange(*self.size, longest, len(str(highest)))
        if arrangement != self._arrangement:
            self._arrangement = arrangement
            self._lay_out(arrangement)
        return arrangement

    def _lay_out(self, arrangement: Arrangement) -> None:
        self.query_one(Band).styles.height = arrangement.band_rows
        newest, *others = self.query(CallRow)
        newest.scale = arrangement.newest
        newest.styles.height = newest.rows
        gaps = (arrangement.first_gap_rows, arrangement.gap_rows)
        for row, gap_rows in zip(others, gaps, strict=True):
            row.scale = arrangement.others
            row.styles.height = row.rows
            row.styles.margin = (gap_rows, 0, 0, 0)
        below, panel = self.query_one("#below"), self.query_one("#panel")
        panel.styles.width = arrangement.panel_columns
        panel.styles.height = arrangement.panel_rows
        if arrangement.is_beside:
            below.styles.layout = "horizontal"
            panel.styles.margin = (arrangement.first_gap_rows, MARGIN, 0, 0)
        else:
            below.styles.layout = "vertical"
            panel.styles.margin = (arrangement.gap_rows, 0, 0, MARGIN)

    def _write_band(self, state: BoardState) -> None:
        band = self.query_one(Band)
        bank = state.config.bank.name.in_language(language())
        band.name_text = f"{bank} · {state.config.branch.name.in_language(language())}"
        waiting = state.view.waiting if state.view else None
        band.status_text = "" if waiting is None else _("Waiting: {count}").format(count=waiting)
        band.clock_text = format_time(state.now)

    def _sentence(self, state: BoardState) -> str:
        if state.view is None:
            return ""
        if not state.view.calls:
            return _("Nobody has been called yet today.")
        newest = state.view.calls[0]
        return call_sentence(newest.number, newest.counter, language())

    def _write_panel(self, state: BoardState, arrangement: Arrangement) -> None:
        lines: tuple[str, ...] = ()
        if state.view is not None:
            room = Room(arrangement.panel_columns, arrangement.panel_rows)
            found = pages(state.view, room, state.config.zone, is_old=not state.has_waits)
            lines = found[state.page % len(found)]
        self.query_one("#panel", Lines).lines = lines


def _foot(state: BoardState) -> str:
    if state.view is None:
        return _("Connecting…")
    if state.old_since is not None:
        return _("As of {time}. Connecting again…").format(time=format_time(state.old_since))
    board = state.config.board
    lines = (board.line.in_language(each) for each in (language(), *board.languages))
    return next(filter(None, lines), "")
