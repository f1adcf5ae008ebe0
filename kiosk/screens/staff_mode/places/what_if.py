"""What if: other counters, lunches or diversion, and the curve of the day beside today's."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from textual import on
from textual.widget import Widget

from kiosk.errors import KioskError
from kiosk.i18n import N_, _
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.lines import DOT_KEY, MARGINS, MORE_KEY, STAR_KEY, cut, folded
from kiosk.screens.staff_mode.pages import paged
from kiosk.screens.staff_mode.places.what_if_views import (
    Curve,
    dial_help,
    dial_name,
    dial_value,
    progress_lines,
    read_value,
)
from kiosk.screens.write_in import Asked
from kiosk.sentences import sentence
from kiosk.services.staff.duties import Duty
from kiosk.services.staff.rhythm import Rhythm
from kiosk.services.staff.seen import Seen
from kiosk.services.staff.what_if import Basis, Dial, Setting, basis
from kiosk.simulating import simulate
from kiosk.simulation_words import NOT_YOURS, ScenarioNames
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, Panel, Span
from kiosk.widgets.sliders import Slider, Sliders

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

DAYS: Final = 100
"""Enough for a difference that matters, and few seconds."""
SEED: Final = 1
_RUN_KEY = "enter"
_BACK = ("escape", "backspace")
_LESS, _MORE = "minus", "plus"
_ON_DIGITS: Final = 8
"""Services."""
_MORE_DIGIT, _BACK_DIGIT = "8", "9"
_SIMULATION: Final = "simulation"
_LEAST_ROWS: Final = 3
_LOW: Final = 22
"""Rows of a screen, at most, that has none to spare."""


class WhatIfScreen(PlaceScreen):
    """Digits choose a line, − and + move it, Enter simulates what is set."""

    NAME = N_("What if")
    DUTY = Duty.WHAT_IF
    DIGITS_CHOOSE = True

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._basis: Basis | None = None
        self._setting: Setting | None = None
        self._today: Seen[Rhythm] | None = None
        self._curve: Curve | None = None
        self._progress: tuple[int, int] | None = None
        """While it is simulated: so many days of so many."""
        self._by_service = False
        self._page = 0
        """Of the services."""
        self._chosen = 0
        self._shows_curve = False
        self._curve_page = 0
        self._pages = 1
        """Of the curve."""

    # what is read

    def on_mount(self) -> None:
        """Read; Textual calls this beside the frame's own."""
        self.run_worker(self._load(), group="reload", description="read what is varied")

    async def _load(self) -> None:
        call = self.flow.host.call_service
        try:
            self._basis = await call(basis, self.staff.settings.data_folder)
            self._setting = Setting.of(self._basis.scenario)
            self.show()
            self._today = await call(self.staff.sees.rhythm)
        except KioskError as error:
            self.say(sentence(error), is_fault=True)
        self.show()

    # the frame

    def work(self) -> Iterable[Widget]:
        """What it rests on, the sliders, and what came of them."""
        yield Panel(id="head")
        yield Sliders(id="sliders")
        yield Panel(id="list")

    def write_work(self) -> None:
        """Write all of it."""
        if self._basis is None or self._setting is None:
            return
        width = self.size.width - MARGINS
        shows_curve = self._shows_curve and self._progress is None
        head, sliders = self.query_one("#head", Panel), self.query_one(Sliders)
        head.show(self._head(self._basis, width))
        # a curve needs the room; its last page says again what it rests on
        head.display = not shows_curve or self.size.height > _LOW
        sliders.display = not shows_curve
        if not shows_curve:
            sliders.show(self._sliders())
        panel = self.query_one("#list", Panel)
        rows = max(_LEAST_ROWS, panel.size.height)
        if self._progress is not None:
            panel.show(progress_lines(*self._progress, width))
        elif self._curve is None:
            panel.show([(Span(_("Enter simulates what is set here."), "quiet"),)][:rows])
        elif shows_curve:
            pages = paged(self._curve.blocks(width, rows), rows)
            self._pages = len(pages)
            self._curve_page %= len(pages)
            panel.show(pages[self._curve_page])
        else:
            panel.show(self._curve.summary(width, rows))

    def _head(self, found: Basis, width: int) -> list[Line]:
        if not found.is_own:
            return folded(_(NOT_YOURS), width, "attention")
        return [cut((Span(found.scenario.name, "strong"),), width)]

    # what can be set

    def _dials(self) -> list[Dial]:
        """Those on the screen."""
        if not self._by_service:
            return self._now.dials()
        first = self._page * self._on_page
        return self._now.dials_of_services()[first : first + self._on_page]

    @property
    def _now(self) -> Setting:
        """Nothing is to be set before it was read."""
        assert self._setting is not None  # noqa: S101
        return self._setting

    @property
    def _is_own(self) -> bool:
        return self._basis is not None and self._basis.is_own

    @property
    def _on_page(self) -> int:
        """Services; where they need pages, one digit leads to the next one."""
        count = len(self._now.dials_of_services())
        return _ON_DIGITS if count <= _ON_DIGITS else _ON_DIGITS - 1

    def _sliders(self) -> list[Slider]:
        names = ScenarioNames(self._now.base, self.staff.terminal.catalog)
        dials = self._dials()
        here = self._chosen = min(self._chosen, len(dials) - 1)
        found = [
            Slider(str(at + 1), dial_name(each, names), dial_value(each), each.share, at == here)
            for at, each in enumerate(dials)
        ]
        return [*found, *(Slider(key, words) for key, words in self._leading().items())]

    def _leading(self) -> dict[str, str]:
        """Digits that lead to other lines, and what they say."""
        if not self._by_service:
            by_service = {str(len(self._now.dials()) + 1): _("Diversion by service …")}
            return by_service if self._now.dials_of_services() else {}
        if len(self._now.dials_of_services()) <= self._on_page:
            return {}
        return {_MORE_DIGIT: _("More services …")}

    def foot_keys(self) -> Sequence[FootKey]:
        """Simulate or stop, type a number, settings or curve, the curve's next page."""
        back = FootKey(_BACK_DIGIT, _("Back"), _BACK_DIGIT)
        if self._setting is None:
            return [back]
        if self._progress is not None:
            return [FootKey("Enter", _("Stop"), _RUN_KEY), back]
        keys = [FootKey("Enter", _("Simulate"), _RUN_KEY, _("Run"))]
        if not self._shows_curve:
            keys.append(FootKey(".", _("Type"), DOT_KEY))
        elif self._pages > 1:
            page, count = self._curve_page + 1, self._pages
            more = _("Page {page} of {count}").format(page=page, count=count)
            keys.append(FootKey("+", more, MORE_KEY, f"{page}/{count}"))
        if self._curve is not None:
            other, short = (
                (_("Settings"), _("Set")) if self._shows_curve else (_("Curve"), _("Curve"))
            )
            keys.append(FootKey("*", other, STAR_KEY, short))
        return [*keys, back]

    # keys

    def takes(self, key: str) -> bool:
        """Digits never lead to other places here; back does, from the whole branch."""
        if key == _RUN_KEY and self._setting is not None:
            self._run_or_stop()
        elif key in (_BACK_DIGIT, *_BACK):
            self._go_back()
        elif self._setting is None or self._progress is not None:
            return key.isdigit() and key != "0"
        elif key == STAR_KEY and self._curve is not None:
            self._shows_curve, self._curve_page = not self._shows_curve, 0
        elif self._shows_curve:
            self._curve_page += key == MORE_KEY
            return key == MORE_KEY or (key.isdigit() and key != "0")
        elif key in (_LESS, _MORE):
            self._step(1 if key == _MORE else -1)
        elif key == DOT_KEY:
            self.act(self._type)
        else:
            return self._chooses(key)
        return True

    def _go_back(self) -> None:
        """From the curve to what is set, from the services to the whole branch, from there away."""
        if self._progress is None and self._shows_curve:
            self._shows_curve = False
        elif self._progress is None and self._by_service:
            self._by_service, self._chosen = False, 0
        else:
            self.open_place(next(iter(self.flow.places)))

    def _chooses(self, key: str) -> bool:
        """A digit chooses a line, or leads to other ones."""
        if not key.isdigit() or key == "0":
            return False
        if key in self._leading():
            self._lead()
        elif int(key) <= len(self._dials()):
            self._chosen = int(key) - 1
        return True

    def _lead(self) -> None:
        self._chosen = 0
        if self._by_service:
            pages = -(-len(self._now.dials_of_services()) // self._on_page)
            self._page = (self._page + 1) % pages
        else:
            self._by_service, self._page = True, 0

    @on(Sliders.Touched)
    def touch_slider(self, event: Sliders.Touched) -> None:
        """Do what was touched."""
        if self._progress is not None:
            return
        dials, aim = self._dials(), event.aim
        if aim.row >= len(dials):
            self.press([*self._leading()][aim.row - len(dials)])
            return
        self.press(str(aim.row + 1))
        if aim.what in ("less", "more"):
            self.press(_MORE if aim.what == "more" else _LESS)
        elif isinstance(aim.what, float):
            self._move(dials[aim.row].at(aim.what))
            self.show()

    def _step(self, steps: int) -> None:
        dial = self._dials()[self._chosen]
        self._move(dial.value + steps * dial.step)

    def _move(self, value: float) -> None:
        try:
            self._setting = self._now.moved(self._dials()[self._chosen], value)
        except KioskError as error:
            self.say(sentence(error), is_fault=True)

    async def _type(self) -> None:
        dial = self._dials()[self._chosen]
        name = dial_name(dial, ScenarioNames(self._now.base, self.staff.terminal.catalog))

        def check(text: str) -> str:
            self._now.moved(dial, read_value(dial, text))
            return text

        typed = await self.write_in(
            Asked(
                title=lambda: name,
                help=lambda: dial_help(dial),
                restrict=r"[0-9:.]{0,5}",
                check=check,
                enter=lambda: _("Take it"),
            )
        )
        if typed is not None:
            self._move(read_value(dial, typed))
            self.show()

    # the simulation

    def _run_or_stop(self) -> None:
        if self._progress is not None:
            self.workers.cancel_group(self, _SIMULATION)
            return
        self._progress = (0, 0)
        self.run_worker(self._simulate(self._now), group=_SIMULATION, description="simulate")

    async def _simulate(self, setting: Setting) -> None:
        """In another process, which ends with this worker, and so with this place."""

        def on_day(done: int, of: int) -> None:
            self._progress = (done, of)
            self.show()

        try:
            found = await simulate(setting.compared(), DAYS, SEED, on_day)
            self._curve = Curve(found, setting, self._today, is_own=self._is_own)
            self._shows_curve, self._curve_page = True, 0
        except KioskError as error:
            self._progress = None
            self.say(sentence(error), is_fault=True)
        except asyncio.CancelledError:
            self._progress = None
            if self.is_attached:
                self.say(_("Stopped. Nothing has changed."))
            raise
        finally:
            self._progress = None
        self.show()
