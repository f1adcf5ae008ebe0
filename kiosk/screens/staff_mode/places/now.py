"""What goes on in the lobby just now: who waits, what counters and terminals do."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.i18n import N_, _, format_time
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.lines import MARGINS, folded
from kiosk.screens.staff_mode.places.now_lines import counter_lines, queue_lines, terminal_lines
from kiosk.services.staff.now import Lobby
from kiosk.widgets.panel import Line, Panel

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

_READ_SECONDS = 1.0
_BETWEEN = 3
"""Cells between the queue and what stands beside it."""


class NowScreen(PlaceScreen):
    """The first place: who waits on the left, what stands in the lobby on the right."""

    NAME = N_("Now")

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._catalog = flow.services.terminal.catalog
        self._lobby: Lobby | None = None
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
        finally:
            self._is_reading = False
        self.show()

    def work(self) -> Iterable[Widget]:
        """The queue, and beside it what stands in the lobby."""
        with Horizontal(id="sides"):
            yield Panel(id="queue")
            with Vertical(id="lobby"):
                yield Panel(id="counters")
                yield Panel(id="terminals")

    def write_work(self) -> None:
        """Write what was read."""
        lobby = self._lobby
        if lobby is None:
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
        self.query_one("#terminals", Panel).show(terminal_lines(lobby, now, beside))

    def _scope_lines(self, lobby: Lobby, width: int) -> list[Line]:
        """Said only where it is not the whole branch, just now."""
        if lobby.is_whole:
            return []
        at = format_time(lobby.at.astimezone(self.staff.settings.zone))
        return [(), *folded(_("As this terminal heard at {time}").format(time=at), width, "quiet")]
