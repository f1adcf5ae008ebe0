"""Accepted offers against the channels' journals, on the way to 100 %; batches and receipts."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.widget import Widget

from kiosk.errors import KioskError
from kiosk.i18n import N_, _, ngettext
from kiosk.reporting.reconcile import reconcile_report
from kiosk.screens.pick import Item, Question
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.export import (
    EXPORT_KEY,
    export_keys,
    export_shown,
    may_export,
)
from kiosk.screens.staff_mode.lines import KEY_CELLS, MARGINS, MORE_KEY, folded, keyed
from kiosk.screens.staff_mode.pages import paged
from kiosk.screens.staff_mode.places.reconcile_views import (
    ON_DIGITS,
    Batches,
    Choice,
    Overview,
    ToConfirm,
    View,
    Work,
)
from kiosk.sentences import sentence
from kiosk.services.staff.duties import Duty
from kiosk.services.staff.reconciling import Reconciled
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, width_of
from kiosk.widgets.touch_panel import TouchPanel

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

_CONFIRM_KEY = "enter"
_YES, _NO = "yes", "no"
_BACK = ("minus", "escape", "backspace")
_LEAST_ROWS = 2


class ReconcileScreen(PlaceScreen):
    """A picture of it all; digits lead deeper, minus leads back."""

    NAME = N_("Reconcile")
    DUTY = Duty.RECONCILE
    DIGITS_CHOOSE = True

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._found: Reconciled | None = None
        self._is_loaded = False
        self._views: list[View] = []
        self._page = 0
        self._pages = 1
        self._on_page = ON_DIGITS
        self._choices: Sequence[Choice] = ()
        """Those on the page in front, from the digit 1 on."""

    def on_mount(self) -> None:
        """Read; Textual calls this beside the frame's own."""
        self.run_worker(self._begin(), group="reload", description="read what is open")

    async def _begin(self) -> None:
        try:
            await self._load()
        except KioskError as error:
            self.say(sentence(error), is_fault=True)

    async def _load(self) -> None:
        """Read anew, and stay where somebody is."""
        call = self.flow.host.call_service
        self._found = await call(self.staff.reconciling.read)
        if not self._views and self._found is not None:
            self._views = [Overview(self._work())]
        elif not self._views:
            self._views = [Batches(self._work(), await call(self.staff.reconciling.batches))]
        for view in self._views:
            view.work = self._work()
            await view.turn(view.first)
        self._is_loaded = True
        self.show()

    def _work(self) -> Work:
        return Work(self._found, self.staff, self.flow.host.call_service, self.flow.host.clock.now)

    # the frame

    def work(self) -> Iterable[Widget]:
        """The page."""
        yield TouchPanel(id="list")

    def write_work(self) -> None:
        """Write the view in front."""
        if not self._is_loaded:
            return
        panel = self.query_one("#list", TouchPanel)
        width, view = self.size.width - MARGINS, self._views[-1]
        head = list(view.head(width))
        if self._found is None:
            told = _("What journals prove is seen where the branch database may be read.")
            head = [*folded(told, width, "attention"), *head]
        elif view.confirms and not self._found.may_confirm:
            head += folded(sentence(KioskError("reconcile_not_here")), width, "attention")
        label = view.label(width)
        room = max(_LEAST_ROWS, panel.size.height - len(head) - 1 - len(label))
        if count := view.count(width):
            lines, actions = self._listed(view, count, width, room)
            tail = view.tail(width, room - len(lines) - 1)
            lines += [(), *tail] if tail else []
        else:
            pages = paged(view.blocks(width, room), room)
            self._pages, self._choices, actions = len(pages), (), {}
            self._page %= self._pages
            lines = pages[self._page]
        before = [*head, (), *label] if head else []
        panel.show([*before, *lines], {len(before) + row: key for row, key in actions.items()})

    def _listed(
        self, view: View, count: int, width: int, room: int
    ) -> tuple[list[Line], dict[int, str]]:
        self._on_page = min(ON_DIGITS, room)
        self._pages = -(-count // self._on_page)
        self._page = view.first // self._on_page
        if view.first % self._on_page:  # pages were longer before
            self._turn(view)
        self._choices = view.choices(width)[: self._on_page]
        lines = [
            keyed(str(digit), _fitting(each.words, width - KEY_CELLS), width)
            for digit, each in enumerate(self._choices, 1)
        ]
        return lines, {row: str(row + 1) for row in range(len(lines))}

    # keys

    def foot_keys(self) -> Sequence[FootKey]:
        """The next page, yes to what is probable, the way back."""
        if not self._is_loaded:
            return [FootKey("-", _("Back"), _BACK[0], can_go=True)]
        keys = []
        if self._pages > 1:
            page, count = self._page + 1, self._pages
            more = _("Page {page} of {count}").format(page=page, count=count)
            keys.append(FootKey("+", more, MORE_KEY, f"{page}/{count}"))
        if self._to_confirm is not None:
            count = self._to_confirm.count
            label = _("Confirm") if count == 1 else _("Confirm all {count}").format(count=count)
            keys.append(FootKey("Enter", label, _CONFIRM_KEY, _("Confirm")))
        if self._is_exported():
            keys += export_keys(self)
        return [*keys, FootKey("-", _("Back"), _BACK[0], can_go=len(self._views) < 2)]

    def _is_exported(self) -> bool:
        return bool(self._views) and self._views[-1].is_exported and may_export(self)

    @property
    def _to_confirm(self) -> ToConfirm | None:
        may = self._found is not None and self._found.may_confirm and self._views
        return self._views[-1].confirms if may else None

    def takes(self, key: str) -> bool:
        """Digits lead deeper; where nothing is to be chosen, they lead to other places."""
        if key == MORE_KEY:
            self._page = (self._page + 1) % self._pages
            self._turn(self._views[-1])
        elif key in _BACK and len(self._views) > 1:
            self._views.pop()
            self._page = 0
        elif key == _CONFIRM_KEY and (wanted := self._to_confirm) is not None:
            self.act(lambda: self._confirm(wanted))
        elif key == EXPORT_KEY and self._is_exported():
            self.act(self._export)
        elif key.isdigit() and key != "0":
            if int(key) <= len(self._choices):
                choice = self._choices[int(key) - 1]
                self.act(lambda: self._open(choice))
        else:
            return False
        return True

    def _turn(self, view: View) -> None:
        """Read the page in front, where it is one of a list."""
        first = self._page * self._on_page

        async def turn() -> None:
            await view.turn(first)
            self.show()

        if view.count(self.size.width - MARGINS):
            self.act(turn)

    async def _open(self, choice: Choice) -> None:
        view = await choice.opens()
        await view.turn(0)
        self._views.append(view)
        self._page = 0
        self.show()

    async def _confirm(self, wanted: ToConfirm) -> None:
        lines = await wanted.lines()
        if len(lines) > 1 and await self.ask(_sure(len(lines), wanted.what)) != (_YES,):
            return
        confirm = self.staff.reconciling.confirm
        count = await self.flow.host.call_service(confirm, lines, self.who.number)
        del self._views[1:]  # what stood there is not true any more
        self._page = 0
        await self._load()
        told = ngettext("{count} line is confirmed.", "{count} lines are confirmed.", count)
        self.say(told.format(count=count))

    async def _export(self) -> None:
        found, whole = self._found, await self.flow.host.call_service(self.staff.reconciling.whole)
        if found is None or whole is None:  # the branch has gone meanwhile
            raise KioskError("reconcile_not_here")
        settings, catalog = self.staff.settings, self.staff.terminal.catalog
        await export_shown(self, lambda: reconcile_report(whole, found.days, settings, catalog))

    @on(TouchPanel.Pressed)
    def press_line(self, event: TouchPanel.Pressed) -> None:
        """Do what the key of the line says that was touched."""
        self.press(event.action)


def _fitting(words: Line, width: int) -> Line:
    """Without the last of them, where not all have room."""
    return words if len(words) < 2 or width_of(words) <= width else words[:-1]


def _sure(count: int, what: str) -> Question:
    def title() -> str:
        asked = _("Are all {count} lines these offers' transactions?").format(count=count)
        return f"{what}\n{asked}" if what else asked

    return Question(
        title=title,
        items=lambda: [
            Item(_YES, "1", (_("Yes, confirm all {count}").format(count=count),)),
            Item(_NO, "2", (_("No, confirm none of them"),)),
        ],
        enter=lambda: _("Choose"),
        first=_NO,
        at_once=True,
    )
