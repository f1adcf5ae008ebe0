"""Calls and visits after sign-ups: whom, and with one digit what came of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from kiosk.i18n import N_, _, ngettext
from kiosk.reporting.heading import place, span
from kiosk.reporting.report import Report
from kiosk.reporting.staff import Names, follow_ups_parts, result_name
from kiosk.screens.staff_mode.export import EXPORT_KEY, export_keys, export_shown, may_export
from kiosk.screens.staff_mode.lines import DOT_KEY, STAR_KEY, cut, folded
from kiosk.screens.staff_mode.read import Text
from kiosk.screens.staff_mode.two_steps import Answer, Thing, TwoStepScreen
from kiosk.services.demos_report import Days
from kiosk.services.staff.contacts import Contact
from kiosk.services.staff.follow_up_work import FollowUpBy, FollowUpResult, Work
from kiosk.services.staff.follow_ups import FollowUpList, ToDo
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, Span
from kiosk.widgets.text import fit

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

RESULTS: Mapping[FollowUpResult, str] = {
    FollowUpResult.ACTIVATED: N_("They use it"),
    FollowUpResult.WILL_TRY: N_("They will try"),
    FollowUpResult.NOT_REACHED: N_("Not reached"),
    FollowUpResult.PROBLEM: N_("They have a problem with it"),
    FollowUpResult.DOES_NOT_WANT: N_("They do not want it"),
    FollowUpResult.VISITED: N_("Visited"),
}
"""In the order of their digits."""
_LAST_DIGITS = 6


def _when(days_late: int) -> str:
    return _("{days} d late").format(days=days_late) if days_late > 0 else _("today")


class FollowUpScreen(TwoStepScreen):
    """Who is due, the longest due first; a digit chooses, and a digit says what came of it."""

    NAME = N_("Follow-up")

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._work: Work | None = None
        self._is_mine_only = False
        self._phone = ""
        """A whole number, as long as the customer it belongs to is chosen."""

    def on_mount(self) -> None:
        """Look who is due; Textual calls this beside the frame's own."""
        self.act(self._read)

    async def _read(self) -> None:
        self._work = await self.flow.host.call_service(self.staff.follow_up_work.read)
        self.show()

    def _names(self) -> Names:
        return Names(self.staff.terminal.catalog, self._work.people if self._work else {})

    def _due(self) -> Sequence[ToDo]:
        return self._shown().to_do if self._work else ()

    def _chosen(self) -> ToDo | None:
        return next((each for each in self._due() if each.sign_up.hex == self.chosen), None)

    # what stands there

    def left_head(self, width: int) -> Sequence[Line]:
        """How many are due and how many overdue."""
        if self._work is None:
            return [()]
        due = self._due()
        overdue = sum(each.is_overdue(self._work.listed.today) for each in due)
        told = ngettext("Due: {count}", "Due: {count}", len(due)).format(count=len(due))
        spans = [Span(told, "strong")]
        if overdue:
            spans.append(Span("   " + _("overdue: {count}").format(count=overdue), "attention"))
        if self._is_mine_only:
            spans.append(Span("   " + _("signed up by me"), "quiet"))
        lines: list[Line] = [cut(tuple(spans), width)]
        if not self._work.is_whole:
            lines += folded(_("Only what was signed up at this machine."), width, "quiet")
        if not due:
            lines += [(), *folded(_("Nobody is due today."), width)]
        return [*lines, ()]

    def things(self, width: int) -> Sequence[Thing]:
        """Who is due: the end of the receipt's number, what for, how late."""
        late = [self._days_late(each) for each in self._due()]
        cells = max((cell_len(_when(days)) for days in late), default=0)
        return [
            Thing(to_do.sign_up.hex, self._line(to_do, days, cells))
            for to_do, days in zip(self._due(), late, strict=True)
        ]

    def _days_late(self, to_do: ToDo) -> int:
        assert self._work is not None  # noqa: S101 (else nobody is due)
        return (self._work.listed.today - to_do.due_on).days

    def _line(self, to_do: ToDo, late: int, cells: int) -> Line:
        receipt = (to_do.receipt or "")[-_LAST_DIGITS:]
        when = fit(_when(late), cells)
        what: str = self._names().product(to_do.products[0])
        if to_do.by is FollowUpBy.VISIT:
            what = _("visit: {product}").format(product=what)
        return (
            Span(receipt.ljust(_LAST_DIGITS + 1), "strong"),
            Span(f"{when}  ", "attention" if late > 0 else "ink"),
            Span(what),
        )

    def right_head(self, width: int) -> Sequence[Line]:
        """Who it is, as far as anything is known of them, and the question."""
        to_do = self._chosen()
        if to_do is None:
            return [(Span(_("What came of it?"), "strong"),), ()]
        what = _(", ").join(map(self._names().product, to_do.products))
        texts = [
            _("Receipt {number}").format(number=to_do.receipt),
            what,
            _("Signed up {day} by {name}").format(
                day=to_do.signed_on.isoformat(), name=self._names().person(to_do.staff)
            ),
            *([result_name(to_do.last_result)] if to_do.tries else []),
        ]
        lines = [line for text in texts for line in folded(text, width)]
        return [
            *lines,
            *self._phone_line(to_do, width),
            (),
            (Span(_("What came of it?"), "strong"),),
        ]

    def _phone_line(self, to_do: ToDo, width: int) -> list[Line]:
        contact = self._contact(to_do)
        if contact is None:
            return folded(_("No phone number was left."), width, "quiet")
        number = self._phone or contact.number_masked
        return [(Span(_("Phone {number}").format(number=number), "strong"),)]

    def _contact(self, to_do: ToDo) -> Contact | None:
        return self._work.contacts.get(to_do.sign_up) if self._work else None

    def answers(self) -> Sequence[Answer]:
        """The results."""
        return [Answer(code.value, _(words)) for code, words in RESULTS.items()]

    def has_chosen(self, thing: str) -> None:
        """Nobody else's number stays on the screen."""
        self._phone = ""

    def forget(self) -> None:
        """Nor that of one who was called."""
        super().forget()
        self._phone = ""

    # keys

    def foot_keys(self) -> Sequence[FootKey]:
        """Whose customers, who sleeps, a file; the whole number of the one who is called."""
        keys = []
        to_do = self._chosen()
        if to_do is None:
            mine = _("Only mine")
            keys.append(FootKey("*", mine, STAR_KEY, _("Mine"), is_on=self._is_mine_only))
            if self._work is not None:
                count = self._work.listed.dormant_count
                keys.append(FootKey(".", _("Dormant: {count}").format(count=count), DOT_KEY))
                keys += export_keys(self)
        elif self._contact(to_do) is not None and not self._phone:
            keys.append(FootKey(".", _("Show the number"), DOT_KEY))
        return [*keys, *super().foot_keys()]

    def takes(self, key: str) -> bool:
        """As the foot says."""
        to_do = self._chosen()
        if key == STAR_KEY and to_do is None:
            self._is_mine_only = not self._is_mine_only
        elif key == DOT_KEY and to_do is None:
            self.act(self._show_dormant)
        elif key == DOT_KEY and to_do is not None and (contact := self._contact(to_do)):
            self.act(lambda: self._reveal(contact))
        elif key == EXPORT_KEY and to_do is None and self._work and may_export(self):
            self.act(lambda: export_shown(self, self._report))
        else:
            return super().takes(key)
        return True

    def _shown(self) -> FollowUpList:
        assert self._work is not None  # noqa: S101 (else there is nothing to export)
        listed = self._work.listed
        return listed.of(self.who.number) if self._is_mine_only else listed

    def _report(self) -> Report:
        """The list with its numbers masked, as everybody may see them."""
        assert self._work is not None  # noqa: S101 (else there is nothing to export)
        today, is_whole = self._work.listed.today, self._work.is_whole
        phones = {each: contact.number_masked for each, contact in self._work.contacts.items()}
        parts = follow_ups_parts(self._shown(), self._names(), phones)
        told = [_("signed up by {name}").format(name=self.who.name)] if self._is_mine_only else []
        if not is_whole:
            told.append(_("Only what was signed up at this machine."))
        return Report(
            name="follow-ups",
            title=_("Follow-ups"),
            place=place(self.staff.settings, store=not is_whole),
            span=span(Days(today, today)),
            notes=tuple(told),
            sections=tuple(part.section for part in parts),
        )

    # steps

    async def answered(self, thing: str, answer: str) -> None:
        """Note it."""
        to_do = self._chosen()
        if to_do is None:
            return
        result = FollowUpResult(answer)
        by = FollowUpBy.VISIT if result is FollowUpResult.VISITED else to_do.by
        await self.flow.host.call_service(
            self.staff.sign_ups.follow_up, to_do.sign_up, self.who.number, result, by
        )
        self.flow.host.bring_now()
        self.forget()
        await self._read()
        self.say(_("Noted: {what}").format(what=_(RESULTS[result])))

    async def _reveal(self, contact: Contact) -> None:
        self._phone = await self.flow.host.call_service(
            self.staff.contacts.reveal, contact.id, self.who
        )
        self.show()

    async def _show_dormant(self) -> None:
        listed = self._work.listed if self._work else None
        if listed is None:
            return

        def lines() -> list[str]:
            found = [
                f"{each.receipt or '–'}  {self._names().product(each.product)}  {each.signed_on}"
                for each in listed.dormant
            ]
            return found or [_("Nobody's product sleeps.")]

        title = lambda: _("Dormant: {count}").format(count=listed.dormant_count)  # noqa: E731
        await self.read(Text(title, lines, lambda: _("Close")))
