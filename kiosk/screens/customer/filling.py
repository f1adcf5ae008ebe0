"""Filling in while waiting: one question after the other, and at the end what the counter sees."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from textual import events, on
from textual.widget import Widget

from kiosk.i18n import _, language
from kiosk.screens.customer.base import TOUCH, CustomerScreen
from kiosk.screens.entries import bounds_phrase, entry_label, entry_value
from kiosk.services.catalog import EntryField
from kiosk.widgets.block_digits import BlockDigits
from kiosk.widgets.choice_grid import Choice
from kiosk.widgets.foot import FootKey
from kiosk.widgets.number_pad import CORRECT, NEXT, NumberPad, PadKey
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

LEAVE_OUT, HAND_OVER, CHANGE, THROW_AWAY, TICKET = (
    "-", "hand-over", "change", "throw-away", "ticket",
)  # fmt: skip
"""No option has the code that leaves a field out: a code begins with a letter."""
_KEY_ACTIONS = {
    "enter": NEXT,
    "backspace": CORRECT,
    "full_stop": CORRECT,
    "plus": "help",
}
"""Where digits are typed."""
_FEN = 100


class _FieldScreen(CustomerScreen):
    """One field of a service.

    Args:
        flow: Knows which screen follows which.
        service: Whose fields they are.
        at: Which of them.
        value: What was filled in before; empty: nothing.
    """

    help_matters = True

    def __init__(self, flow: "Flow", service: str, at: int, value: str) -> None:
        super().__init__(flow)
        self.service = self._service = service
        self._at = at
        self._value = value

    @property
    def field(self) -> EntryField:
        """What is asked."""
        return self.flow.catalog.service(self._service).fields[self._at]

    def title_text(self) -> str:
        """What is asked, and how much more is."""
        return _("{field} ({number} of {count})").format(
            field=entry_label(self.field),
            number=self._at + 1,
            count=len(self.flow.catalog.service(self._service).fields),
        )

    def help_text(self) -> str:
        """The catalog's line."""
        return self.field.help.in_language(language())

    async def enter(self, value: str) -> None:
        """Go on with an answer, or without one."""
        self._value = value
        await self.flow.enter(self._service, self._at, value)


class ChoiceFieldScreen(_FieldScreen):
    """A field whose answers stand on buttons."""

    def choices(self) -> list[Choice]:
        """The options, and none of them."""
        before = (_("You chose this before"),)
        return [
            *(
                Choice(
                    option.code,
                    option.label.in_language(language()),
                    before if option.code == self._value else (),
                )
                for option in self.field.options
            ),
            Choice(LEAVE_OUT, _("Skip this")),
        ]

    async def choose(self, code: str) -> None:
        """Take the answer."""
        await self.enter("" if code == LEAVE_OUT else code)


class NumberFieldScreen(_FieldScreen):
    """A field that is typed: every digit belongs to the number, so the foot has other keys."""

    AUTO_FOCUS = ""
    compact = True

    def __init__(self, flow: "Flow", service: str, at: int, value: str) -> None:
        super().__init__(flow, service, at, value)
        self._digits = str(int(value) // self._unit) if value else ""
        self._refused = False

    @property
    def _unit(self) -> int:
        """What the number that is typed counts."""
        return _FEN if self.field.kind == "amount" else 1

    @property
    def is_typing(self) -> bool:
        """Always."""
        return True

    def help_text(self) -> str:
        """The catalog's line; after a number that can't be, what can."""
        if not self._refused:
            return super().help_text()
        return _("Please have another look: {range}.").format(range=bounds_phrase(self.field))

    def body(self) -> Iterable[Widget]:
        """What was typed, as large as it can be, and what it is typed with."""
        yield Words(id="title")
        yield Words(id="help")
        yield BlockDigits("")
        yield Words(id="entered")
        yield NumberPad()

    def show_choices(self) -> None:
        """Show what was typed, and what the keys do now."""
        self.set_class(self._refused, "-refused")
        self.query_one(BlockDigits).number = self._digits
        self.query_one("#entered", Words).text = (
            entry_value(self.field, self._typed) if self._digits else bounds_phrase(self.field)
        )
        following = _("Go on") if self._digits else _("Skip this")
        self.query_one(NumberPad).show(
            PadKey(CORRECT, ".", _("Delete a digit")), PadKey(NEXT, "Enter", following)
        )

    @property
    def _typed(self) -> str:
        return str(int(self._digits) * self._unit) if self._digits else ""

    def foot_keys(self) -> list[FootKey]:
        """The usual ones, but for those that are digits elsewhere."""
        return self.foot_keys_while_typing(has_typed=bool(self._digits))

    def on_key(self, event: events.Key) -> None:
        """Digits are typed; what they mean elsewhere stands in the foot."""
        key = _KEY_ACTIONS.get(event.key, event.key)
        is_typed = key in (CORRECT, NEXT, "help") or (len(key) == 1 and key in "0123456789")
        if self.has_class("-too-small") or not is_typed:
            return  # Textual calls the same method of the base class next
        event.stop()
        event.prevent_default()  # and not for these
        if key == "help":
            if not self.flow.is_double_strike(event.key):
                self.perform("help")
        elif key == CORRECT and not self._digits:
            if not self.flow.is_double_strike(event.key):
                self.perform("back")
        else:
            self._press(key, by=event.key)

    @on(NumberPad.Pressed)
    def press_touched(self, event: NumberPad.Pressed) -> None:
        """Do what the touched key says."""
        self._press(event.code, by=TOUCH)

    def _press(self, code: str, by: str) -> None:
        # the same digit comes often enough twice; a hand that trembles from the screen before does
        # not begin a number, nor end one twice
        if (code == NEXT or not self._digits) and self.flow.is_double_strike(by):
            return
        if code == NEXT:
            self.run_once(self._go_on)
        elif code == CORRECT:
            self._change(self._digits[:-1])
        else:
            self._change((self._digits + code).lstrip("0"))

    def _change(self, digits: str) -> None:
        self._refused = len(digits) > len(str(self.field.bounds[1] // self._unit))
        if not self._refused:
            self._digits = digits
        self.write()

    async def _go_on(self) -> None:
        if self._digits and not self.field.takes(self._typed):
            self._refused = True
            self.write()
        else:
            await self.enter(self._typed)


class EntriesScreen(CustomerScreen):
    """What the counter will see, before it does.

    Args:
        flow: Knows which screen follows which.
        service: What the ticket is for.
        values: Field → value, as far as they were filled in.
    """

    help_matters = True

    def __init__(self, flow: "Flow", service: str, values: Mapping[str, str]) -> None:
        super().__init__(flow)
        self.service = self._service = service
        self._values = dict(values)

    def title_text(self) -> str:
        """What stands below."""
        if not self._values:
            return _("Nothing is filled in")
        return _("This is what the counter will see")

    def help_text(self) -> str:
        """What becomes of it."""
        if not self._values:
            return _("That is fine: the counter asks you.")
        return _("It is deleted when you have been served, and at closing time at the latest.")

    def work(self) -> Iterable[Widget]:
        """The entries."""
        yield Words(id="entries", hanging=2)

    def write(self) -> None:
        """Write the entries too."""
        self.query_one("#entries", Words).text = "\n".join(
            _("{field}: {value}").format(
                field=entry_label(field), value=entry_value(field, self._values[field.code])
            )
            for field in self.flow.catalog.service(self._service).fields
            if field.code in self._values
        )
        super().write()

    def choices(self) -> list[Choice]:
        """Hand it over, or not."""
        change = Choice(CHANGE, _("Change something") if self._values else _("Fill it in"))
        if not self._values:
            return [Choice(TICKET, _("Back to my ticket")), change]
        return [
            Choice(HAND_OVER, _("Show it to the counter")),
            change,
            Choice(THROW_AWAY, _("Delete it")),
        ]

    async def choose(self, code: str) -> None:
        """Hand it over, change or delete it."""
        if code == CHANGE:
            await self.flow.fill_in_again()
        else:
            await self.flow.hand_over(self._values if code == HAND_OVER else {})
