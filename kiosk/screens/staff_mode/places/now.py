"""What goes on in the lobby just now; here a call is taken and a machine switched off."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.i18n import N_, _, format_time, ngettext
from kiosk.reporting.staff import device_name
from kiosk.screens.pick import Item, Question
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.devices import Device, devices
from kiosk.screens.staff_mode.lines import DOT_KEY, MARGINS, folded
from kiosk.screens.staff_mode.places.now_lines import (
    call_lines,
    counter_lines,
    outage_lines,
    queue_lines,
    terminal_lines,
    until_words,
)
from kiosk.services.staff.help_calls import CallNow
from kiosk.services.staff.now import Lobby
from kiosk.services.staff.outages import OutageNow
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, Panel
from kiosk.widgets.touch_panel import TouchPanel

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

_READ_SECONDS = 1.0
_HOURS = (1, 2, 4)
_UNTIL_CLOSING = "0"
_MOST_CALLS = 3
"""Seen at once; the next ones follow when these are taken."""
_BETWEEN = 3
"""Cells between the queue and what stands beside it."""


class NowScreen(PlaceScreen):
    """The first place: who waits on the left, what stands in the lobby on the right."""

    NAME = N_("Now")

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._catalog = flow.services.terminal.catalog
        self._lobby: Lobby | None = None
        self._outages: tuple[OutageNow, ...] = ()
        self._is_reading = False

    def on_mount(self) -> None:
        """Look every second; Textual calls this beside the frame's own."""
        self._look()
        self.set_interval(_READ_SECONDS, self._look)

    def _look(self) -> None:
        # one look at a time: whoever answers slowly is not asked twice
        if not self._is_reading:
            self._is_reading = True
            self.run_worker(self._read(), group="look", description="look at the lobby")

    async def _read(self) -> None:
        try:
            self._lobby = await self.flow.host.call_service(self.staff.lobbies.read)
            self._outages = await self.flow.host.call_service(self.staff.outages.now)
        finally:
            self._is_reading = False
        self.show()

    def work(self) -> Iterable[Widget]:
        """Who calls; the queue, and beside it what stands in the lobby."""
        yield TouchPanel(id="calls")
        with Horizontal(id="sides"):
            yield Panel(id="queue")
            with Vertical(id="lobby"):
                yield Panel(id="counters")
                with Vertical(id="machines"):
                    yield Panel(id="outages")
                    yield Panel(id="terminals")

    def ring_text(self) -> str:
        """The calls themselves stand here."""
        return ""

    def write_work(self) -> None:
        """Write what was read."""
        self._write_calls()
        # what stands above takes its rows first
        self.call_after_refresh(self._write_lobby)

    def _write_lobby(self) -> None:
        lobby = self._lobby
        if lobby is None or not self.is_current:  # it may have gone meanwhile
            return
        settings, now = self.staff.settings, self.flow.host.clock.now()
        zone, room = settings.zone, self.size.width - MARGINS
        beside = (room - _BETWEEN) // 2
        queue = self.query_one("#queue", Panel)
        width, rows = (room if self.has_class("-narrow") else beside), queue.size.height
        told = self._scope_lines(lobby, width)
        lines = queue_lines(
            lobby, self._catalog, settings.queue.waiting_norm, width, rows - len(told)
        )
        queue.show([*lines, *told])
        self.query_one("#counters", Panel).show([*counter_lines(lobby, zone, now, beside), ()])
        outages = outage_lines(self._outages, self._catalog, zone, beside)
        self.query_one("#outages", Panel).show([*outages, ()])
        self.query_one("#terminals", Panel).show(terminal_lines(lobby, now, beside))

    def _scope_lines(self, lobby: Lobby, width: int) -> list[Line]:
        """Said only where it is not the whole branch, just now."""
        if lobby.is_whole:
            return []
        at = format_time(lobby.at.astimezone(self.staff.settings.zone))
        return [(), *folded(_("As this terminal heard at {time}").format(time=at), width, "quiet")]

    # calls

    def _in_turn(self) -> list[CallNow]:
        """Who waits for somebody first, then whom I have gone to, then those of others."""
        mine = self.who.number
        return sorted(
            self.calls, key=lambda each: (each.taken_by is not None, each.taken_by != mine)
        )

    def _first(self) -> CallNow | None:
        """The call that Enter is about."""
        first = next(iter(self._in_turn()), None)
        return first if first and first.taken_by in (None, self.who.number) else None

    def _write_calls(self) -> None:
        shown = self._in_turn()[:_MOST_CALLS]
        first, now = self._first(), self.flow.host.clock.now()
        width = self.size.width - MARGINS
        lines = call_lines(shown, first, self._catalog, self.flow.name_of, now, width)
        self.query_one("#calls", TouchPanel).show(lines, {0: "enter"} if first else {})

    def foot_keys(self) -> Sequence[FootKey]:
        """What can be done with the first call, and with a machine."""
        keys = []
        if (first := self._first()) is not None:
            does = _("I go there") if first.taken_by is None else _("Helped")
            keys.append(FootKey("Enter", does, "enter"))
        return [*keys, FootKey(".", _("Switch off or on"), DOT_KEY)]

    def takes(self, key: str) -> bool:
        """Enter is about the first call, the dot about what is out of order."""
        if key == "enter" and (first := self._first()) is not None:
            # a second strike by mistake would say at once that the customer has been helped
            if not self.flow.host.is_double_strike(key):
                self.act(lambda: self._answer(first))
        elif key == DOT_KEY:
            self.act(self._switch)
        else:
            return False
        return True

    @on(TouchPanel.Pressed)
    def press_line(self, event: TouchPanel.Pressed) -> None:
        """Do what the key of the line says that was touched."""
        self.press(event.action)

    async def _answer(self, call: CallNow) -> None:
        calls = self.staff.help_calls
        does = calls.take if call.taken_by is None else calls.done
        await self.flow.host.call_service(does, call.id, self.who.number)
        self.flow.host.bring_now()
        self._hear()

    # what is out of order

    async def _switch(self) -> None:
        known = devices(self._catalog, self.staff.settings.branch.machines)
        found = await self.ask(self._which_device(known))
        if found is None:
            return
        device = next(each for each in known if each.code == found[0])
        outage = self._outage_of(device)
        if outage is not None:
            await self.flow.host.call_service(self.staff.outages.end, outage, self.who.number)
        elif (until := await self.ask(_until_when())) is not None:
            await self._switch_off(device, until[0])
        else:
            return
        self.flow.host.bring_now()
        await self._read()

    async def _switch_off(self, device: Device, until: str) -> None:
        end = None
        if until != _UNTIL_CLOSING:
            end = self.flow.host.clock.now() + timedelta(hours=int(until))
        await self.flow.host.call_service(
            self.staff.outages.begin, device.channel, device.machine, end, self.who.number
        )

    def _outage_of(self, device: Device) -> OutageNow | None:
        return next(
            (
                each
                for each in self._outages
                if (each.channel, each.machine) == (device.channel, device.machine)
            ),
            None,
        )

    def _which_device(self, known: Sequence[Device]) -> Question:
        def item(number: int, device: Device) -> Item:
            name = device_name(self._catalog, device.channel, device.machine)
            outage = self._outage_of(device)
            told = until_words(outage, self.staff.settings.zone) if outage else ""
            return Item(device.code, str(number), (name, _("out of order") if outage else "", told))

        return Question(
            title=lambda: _("Which one? What works is switched off, what is off is switched on."),
            items=lambda: [item(number, each) for number, each in enumerate(known, 1)],
            enter=lambda: _("Choose"),
            at_once=True,
        )


def _until_when() -> Question:
    def hours(count: int) -> str:
        return ngettext("For {count} hour", "For {count} hours", count).format(count=count)

    return Question(
        title=lambda: _("Until when? After that it is offered again by itself."),
        items=lambda: [
            Item(_UNTIL_CLOSING, "1", (_("Until the end of the day"),)),
            *(Item(str(each), str(at), (hours(each),)) for at, each in enumerate(_HOURS, 2)),
        ],
        enter=lambda: _("Switch off"),
        at_once=True,
    )
