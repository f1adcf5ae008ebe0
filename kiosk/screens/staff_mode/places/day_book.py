"""The day book: three rounds past the equipment, and what is to be remembered of the day."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual import on
from textual.widget import Widget

from kiosk.i18n import N_, _, format_time
from kiosk.reporting.staff import device_name
from kiosk.screens.pick import Item, Question
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.devices import Device, devices
from kiosk.screens.staff_mode.lines import KEY_CELLS, MARGINS, keyed
from kiosk.screens.write_in import Asked
from kiosk.services.staff.day_book import (
    MAX_NOTE,
    DayBookCategory,
    DayPage,
    Note,
    Round,
    check_note,
)
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, Span, width_of
from kiosk.widgets.text import fold
from kiosk.widgets.touch_panel import TouchPanel

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

ROUNDS = (1, 2, 3)
CATEGORIES: Mapping[DayBookCategory, str] = {
    DayBookCategory.COMPLAINT: N_("Complaint"),
    DayBookCategory.SPECIAL_CARE: N_("Special care"),
    DayBookCategory.EQUIPMENT: N_("Equipment"),
    DayBookCategory.NOTE: N_("Other"),
}
"""In the order of their digits, which follow those of the rounds."""


class DayBookScreen(PlaceScreen):
    """One digit for each round and each kind of note."""

    NAME = N_("Day book")
    DIGITS_CHOOSE = True

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._catalog = flow.services.terminal.catalog
        self._day: DayPage | None = None

    def on_mount(self) -> None:
        """Look what stands there today."""
        self.act(self._read)

    async def _read(self) -> None:
        self._day = await self.flow.host.call_service(self.staff.day_book.of_day)
        self.show()

    # what stands there

    def work(self) -> Iterable[Widget]:
        """The rounds, the kinds of notes, and the day."""
        yield TouchPanel(id="list")

    def write_work(self) -> None:
        """Write the day."""
        width = self.size.width - MARGINS
        panel = self.query_one("#list", TouchPanel)
        lines: list[Line] = [(Span(_("Three rounds past the equipment"), "strong"),)]
        actions: dict[int, str] = {}
        for number in ROUNDS:
            actions[len(lines)] = str(number)
            lines.append(keyed(str(number), self._round_words(number, width - KEY_CELLS), width))
        lines += [(), (Span(_("Write down"), "strong"),)]
        for digit, name in enumerate(CATEGORIES.values(), len(ROUNDS) + 1):
            actions[len(lines)] = str(digit)
            lines.append(keyed(str(digit), (Span(_(name)),), width))
        lines.append(())
        lines += self._note_lines(width, panel.size.height - len(lines))
        panel.show(lines, actions)

    def _round_words(self, number: int, width: int) -> Line:
        name = Span(_("Round {number}").format(number=number))
        checked = self._checked(number)
        if checked is None:
            return name, Span("  " + _("not yet"), "quiet")
        at, who = format_time(checked.at.astimezone(self._zone)), self.flow.name_of(checked.staff)
        broken = [code for code, is_fine in checked.items.items() if not is_fine]
        if not broken:
            told = _("{time} {staff}: all in order").format(time=at, staff=who)
            return name, Span(f"  {told}", "quiet")
        names = _(", ").join(self._name_of(code) for code in broken)
        told = _("{time} {staff}: not in order: {what}").format(time=at, staff=who, what=names)
        if width_of((name, Span(told))) + 2 > width:
            told = _("{time} {staff}: {count} not in order").format(
                time=at, staff=who, count=len(broken)
            )
        return name, Span(f"  {told}", "attention")

    def _checked(self, number: int) -> Round | None:
        """This round, as it was made last today."""
        rounds = self._day.rounds if self._day else ()
        return next((each for each in rounds if each.number == number), None)

    def _note_lines(self, width: int, rows: int) -> list[Line]:
        """Today's notes, the newest first; what has no room is counted."""
        notes = self._day.notes[::-1] if self._day else ()
        lines: list[Line] = []
        for number, note in enumerate(notes):
            more = self._note_line(note, width)
            left = len(notes) - number
            if len(lines) + len(more) + (left > 1) > rows:
                lines.append((Span(_("and {count} more").format(count=left), "quiet"),))
                break
            lines += more
        return lines

    def _note_line(self, note: Note, width: int) -> list[Line]:
        at = format_time(note.at.astimezone(self._zone))
        head = f"{at} {_(CATEGORIES[DayBookCategory(note.category)])}  "
        first, *others = fold(head + note.text, width)
        return [(Span(first),), *((Span("      " + line),) for line in others)]

    # what is noted

    def foot_keys(self) -> Sequence[FootKey]:
        """The way back."""
        return [FootKey("-", _("Back"), "minus")]

    def takes(self, key: str) -> bool:
        """A digit is a round's or a kind's."""
        if not key.isdigit() or key == "0":
            return False
        number = int(key)
        categories = list(CATEGORIES)
        if number in ROUNDS:
            self.act(lambda: self._check(number))
        elif number - len(ROUNDS) <= len(categories):
            category = categories[number - len(ROUNDS) - 1]
            self.act(lambda: self._write_down(category))
        return True

    @on(TouchPanel.Pressed)
    def press_line(self, event: TouchPanel.Pressed) -> None:
        """Do what the key of the line says that was touched."""
        self.press(event.action)

    async def _check(self, number: int) -> None:
        found = await self.ask(self._which_are_fine(number))
        if found is None:
            return
        items = {each.code: each.code in found for each in self._devices()}
        await self.flow.host.call_service(self.staff.day_book.check, number, items, self.who.number)
        await self._read()
        self.say(_("Noted."))

    def _which_are_fine(self, number: int) -> Question:
        known = self._devices()
        return Question(
            title=lambda: _(
                "Round {number}: is all in order? A digit takes the tick off what is not."
            ).format(number=number),
            items=lambda: [
                Item(each.code, str(at), (device_name(self._catalog, each.channel, each.machine),))
                for at, each in enumerate(known, 1)
            ],
            enter=lambda: _("Note it"),
            at_once=True,
            ticked=tuple(each.code for each in known),
        )

    async def _write_down(self, category: DayBookCategory) -> None:
        text = await self.write_in(_note(category))
        if text is None:
            return
        await self.flow.host.call_service(
            self.staff.day_book.write, category, text, self.who.number
        )
        await self._read()
        self.say(_("Noted."))

    # what it knows

    @property
    def _zone(self) -> ZoneInfo:
        return self.staff.settings.zone

    def _devices(self) -> list[Device]:
        return devices(self._catalog, self.staff.settings.branch.machines)

    def _name_of(self, code: str) -> str:
        known = {each.code: each for each in self._devices()}
        if code not in known:
            return code
        return device_name(self._catalog, known[code].channel, known[code].machine)


def _note(category: DayBookCategory) -> Asked:
    return Asked(
        title=lambda: _("{category}: what happened?").format(category=_(CATEGORIES[category])),
        help=lambda: _(
            "At most {count} characters. No name, no phone, card or identity number."
        ).format(count=MAX_NOTE),
        restrict=rf".{{0,{MAX_NOTE}}}",
        check=check_note,
        enter=lambda: _("Note it"),
    )
