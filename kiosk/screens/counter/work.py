"""The teller's screen: the one thing to do, the ticket in hand, who waits, and every key."""

from collections.abc import Callable
from uuid import UUID

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kiosk.i18n import NATIVE_NAMES, _, language, language_after
from kiosk.screens.counter import questions
from kiosk.screens.counter.actions import ACTIONS, KEYS, Action, usable
from kiosk.screens.counter.host import Host
from kiosk.screens.counter.phrases import (
    label_of,
    own_ticket,
    queue_lines,
    to_do,
)
from kiosk.screens.counter.teller import Teller, on_its_way
from kiosk.screens.pick import PickScreen, Question
from kiosk.screens.staff import StaffScreen
from kiosk.services.desk_view import Destination, ToCounter, ToQueue, ToStaff
from kiosk.services.workplace import CounterState
from kiosk.widgets.band import Band
from kiosk.widgets.block_digits import SHORT, BlockDigits
from kiosk.widgets.key_rows import KeyRows, RowKey
from kiosk.widgets.panel import Line, Panel, Span
from kiosk.widgets.words import Words

_READ_SECONDS = 1.0


class WorkScreen(StaffScreen[None]):
    """Shows what `Teller` knows, and tells it what was pressed."""

    def __init__(self, host: Host, teller: Teller) -> None:
        super().__init__(host)
        self.host = host
        self._teller = teller

    def compose(self) -> ComposeResult:
        """The one thing, the ticket beside the line, the keys."""
        yield Band()
        yield Panel(id="to-do")
        with Horizontal(id="desk"):
            with Vertical(id="own"):
                yield BlockDigits("")
                yield Panel(id="ticket")
            yield Panel(id="queue")
        yield Words(id="note")
        yield KeyRows()
        yield Words(id="too-small")

    def on_mount(self) -> None:
        """Look at the desk every second."""
        self.set_interval(_READ_SECONDS, self._look)

    def _look(self) -> None:
        self.run_worker(self._teller.read(), group="read", description="read the desk")

    def name_text(self) -> str:
        """Which counter, and who works at it."""
        who = self._teller.at.who
        return f"{super().name_text()} · {who.name} {who.number}"

    def write(self) -> None:
        """Write all of it."""
        teller = self._teller
        view, at = teller.view, teller.at
        self.query_one("#to-do", Panel).show(to_do(view, at, self.size.width - 4))
        self.query_one("#note", Words).text = teller.note
        self.query_one(KeyRows).show(self._keys())
        # what stands below takes its rows first
        self.call_after_refresh(self._write_desk)

    def _write_desk(self) -> None:
        if not self.is_current:  # it may have gone meanwhile
            return
        teller = self._teller
        view, at, now = teller.view, teller.at, teller.now
        queue, own = self.query_one("#queue", Panel), self.query_one("#own", Vertical)
        queue.show(queue_lines(view, at, now, *queue.size))
        lines = self._ticket_lines(own.size.width)
        digits = self.query_one(BlockDigits)
        number = view.ticket.number if view.ticket else ""
        is_large = bool(number) and self._is_room_for_digits(number, len(lines), own.size.height)
        digits.display = is_large
        if is_large:
            digits.number = number
        elif number:
            lines.insert(0, (Span(number, "strong"),))
        self.query_one("#ticket", Panel).show(lines)

    def _is_room_for_digits(self, number: str, lines: int, height: int) -> bool:
        width = self.query_one("#own", Vertical).size.width
        return height >= SHORT.rows + lines and SHORT.width_of(len(number)) <= width

    def _ticket_lines(self, width: int) -> list[Line]:
        teller = self._teller
        ticket = teller.view.ticket
        if ticket is None:
            return [(Span(_("Nobody is at this counter."), "quiet"),)]
        return own_ticket(ticket, teller.at, teller.view, teller.entries, teller.now, width)

    def _keys(self) -> list[RowKey]:
        view = self._teller.view
        can = usable(view, has_entries=bool(self._teller.entries))
        keys = [
            RowKey(KEYS[action], label_of(action, view.state), action, action in can)
            for action in KEYS
            if action is not Action.LANGUAGE
        ]
        following = NATIVE_NAMES[language_after(language())]
        return [*keys, RowKey(KEYS[Action.LANGUAGE], following, Action.LANGUAGE)]

    # keys

    def on_key(self, event: events.Key) -> None:
        """One key, one action."""
        event.stop()
        if self.app.screen is not self:  # typed ahead of the question that a key asks
            self.app.post_message(events.Key(event.key, event.character))
            return
        self._teller.touch()
        if event.key == "escape":
            self._teller.drop_pending()
        elif action := ACTIONS.get(event.key):
            self._perform(action)
        self.show()

    @on(KeyRows.Pressed)
    def press_key(self, event: KeyRows.Pressed) -> None:
        """Do what the key says that the mouse pressed."""
        self._teller.touch()
        self._perform(Action(event.action))
        self.show()

    def _perform(self, action: Action) -> None:
        teller = self._teller
        if self.host.is_double_strike(action):
            return
        label = label_of(action, teller.view.state)
        if teller.pending is not None and action is not Action.LANGUAGE:
            teller.say(on_its_way(teller.pending.label))
        elif self._can(action):
            self._actions(label)[action]()
        else:
            self.run_worker(self._look_again(action), group="look again", exclusive=True)

    def _can(self, action: Action) -> bool:
        return action in usable(self._teller.view, has_entries=bool(self._teller.entries))

    async def _look_again(self, action: Action) -> None:
        """A ticket may have come since the desk was read, a moment ago."""
        teller = self._teller
        await teller.read()
        label = label_of(action, teller.view.state)
        if self._can(action) and teller.pending is None and self.app.screen is self:
            self._actions(label)[action]()
            self.show()
        elif not teller.is_away:
            teller.say(_("“{label}” can't be done now.").format(label=label))

    def _actions(self, label: str) -> dict[Action, Callable[[], None]]:
        teller, desk = self._teller, self._teller.at.desk

        def press(act: Callable[[UUID], object]) -> Callable[[], None]:
            return lambda: teller.press(label, act)

        return {
            Action.NEXT: press(desk.call_next),
            Action.RECALL: press(desk.recall),
            Action.START: press(desk.start),
            Action.NO_SHOW: press(desk.no_show),
            Action.HOLD: press(desk.hold),
            Action.FINISH: lambda: self._finish(label),
            Action.CALL: lambda: self._with_ticket(
                label, questions.which_to_call(teller), desk.call
            ),
            Action.RESUME: lambda: self._with_ticket(
                label, questions.which_on_hold(teller), desk.resume
            ),
            Action.REQUEUE: lambda: self._with_ticket(
                label, questions.which_came_late(teller), desk.requeue
            ),
            Action.TRANSFER: lambda: self._transfer(label),
            Action.COPY: teller.copy,
            Action.BREAK: lambda: self._break(label),
            Action.SIGN_OFF: self.host.sign_off,
            Action.LANGUAGE: self.host.switch_language,
        }

    # what is asked first

    def _ask(self, question: Question, then: Callable[[tuple[str, ...]], None]) -> None:
        def answered(codes: tuple[str, ...] | None) -> None:
            self._teller.touch()
            if codes is not None:
                then(codes)

        self.app.push_screen(PickScreen(self.host, question), answered)

    def _with_ticket(
        self, label: str, question: Question, act: Callable[[UUID, UUID], object]
    ) -> None:
        def chosen(codes: tuple[str, ...]) -> None:
            ticket = UUID(codes[0])
            self._teller.press(label, lambda request: act(request, ticket))

        self._ask(question, chosen)

    def _finish(self, label: str) -> None:
        desk = self._teller.at.desk

        def chosen(codes: tuple[str, ...]) -> None:
            self._teller.press(label, lambda request: desk.finish(request, codes))

        self._ask(questions.what_was_done(self._teller), chosen)

    def _transfer(self, label: str) -> None:
        def kind_chosen(codes: tuple[str, ...]) -> None:
            kind = codes[0]
            self._ask(
                questions.which_place(self._teller, kind),
                lambda places: self._pass_on(label, _destination(kind, places[0])),
            )

        self._ask(questions.where_to(self._teller), kind_chosen)

    def _pass_on(self, label: str, destination: Destination) -> None:
        desk = self._teller.at.desk
        self._teller.press(label, lambda request: desk.transfer(request, destination))

    def _break(self, label: str) -> None:
        teller, desk = self._teller, self._teller.at.desk
        if teller.view.state is CounterState.BREAK:
            teller.press(label, desk.end_break)
        elif teller.view.state is CounterState.CLOSED:
            who = teller.at.who.number
            teller.press(label, lambda request: desk.open(request, who))
        else:
            self._ask(questions.how_long(), lambda codes: self._go(label, int(codes[0])))

    def _go(self, label: str, minutes: int) -> None:
        desk = self._teller.at.desk
        self._teller.press(label, lambda request: desk.start_break(request, minutes or None))


def _destination(kind: str, code: str) -> Destination:
    if kind == questions.QUEUE:
        return ToQueue(code)
    return ToCounter(int(code)) if kind == questions.COUNTER else ToStaff(code)
