"""Products are opened for a customer: chosen together, read, and found again by the receipt."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from textual import on
from textual.widget import Widget

from kiosk.i18n import N_, _, language, ngettext
from kiosk.reporting.staff import Names
from kiosk.screens.pick import Item, Question
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.lines import DOT_KEY, KEY_CELLS, MARGINS, STAR_KEY, keyed
from kiosk.screens.staff_mode.read import Text
from kiosk.screens.staff_mode.segments import (
    ANSWERS_KEY,
    CHANGE_KEY,
    next_segment,
    segment_lines,
)
from kiosk.screens.write_in import Asked
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_staff import Bundle
from kiosk.services.journal import new_id
from kiosk.services.product import PAGES, Product
from kiosk.services.staff.consent import consent_text
from kiosk.services.staff.contacts import Contact, Purpose, plain_number
from kiosk.services.staff.receipts import check_receipt
from kiosk.services.staff.sign_ups import Opened, Signing, SignUpState
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, Span, width_of
from kiosk.widgets.table import Column, table
from kiosk.widgets.text import fold
from kiosk.widgets.touch_panel import TouchPanel

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

_NONE, _LEFT_OUT = "-", "left-out"
"""No segment has these codes."""
_TAUGHT, _USED = "taught", "used"
_NO, _YES = "no", "yes"
_OLDER = "older"
_RECEIPT = r"[A-Za-z0-9-]{0,24}"
"""What can be typed of one."""
_LEAST_SIGNED = 6
"""Rows that what was signed today keeps, whatever is told of the customer."""
_LAST_DIGITS = 6
"""Of a receipt's number, in the table: enough to know it by."""


@dataclass
class _Draft:
    """What the customer has chosen so far; nothing of it is stored before it is signed."""

    bundle: Bundle
    products: list[Product] = field(default_factory=list)
    segment: str = ""
    is_left_out: bool = False
    receipt: str = ""


class SignUpScreen(PlaceScreen):
    """A bundle's digit begins; the products that were signed today stand below."""

    NAME = N_("Sign up")
    DIGITS_CHOOSE = True

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._catalog = flow.services.terminal.catalog
        self._signed: tuple[SignUpState, ...] = ()

    def on_mount(self) -> None:
        """Look what was signed today."""
        self.act(self._read)

    async def _read(self) -> None:
        sign_ups, today = self.staff.sign_ups, self.staff.terminal.journal.business_date()
        found = await self.flow.host.call_service(sign_ups.signed_on, today)
        self._signed = found[::-1]
        self.show()

    # what stands there

    def work(self) -> Iterable[Widget]:
        """The bundles, and the day's sign-ups."""
        yield TouchPanel(id="list")

    def write_work(self) -> None:
        """Write both."""
        width = self.size.width - MARGINS
        panel = self.query_one("#list", TouchPanel)
        lines: list[Line] = [(Span(_("Who is the customer?"), "strong"),), ()]
        actions: dict[int, str] = {}
        for digit, bundle in enumerate(self._catalog.bundles, 1):
            actions[len(lines)] = str(digit)
            names = _and(self._catalog.product(code) for code in bundle.products)
            name = Span(bundle.name.in_language(language()), "strong")
            listed = (name, Span(f"  {names}", "quiet"))
            if width_of(listed) <= width - KEY_CELLS:
                lines.append(keyed(str(digit), listed, width))
                continue
            below = [" " * KEY_CELLS + line for line in fold(names, width - KEY_CELLS)]
            actions |= {len(lines) + at: str(digit) for at in range(1, len(below) + 1)}
            lines += [
                keyed(str(digit), (name,), width),
                *((Span(line, "quiet"),) for line in below),
            ]
        lines.append(())
        rows = panel.size.height - len(lines) - _LEAST_SIGNED
        tail, more = segment_lines(self._catalog, self.flow.segment, width, rows)
        actions |= {len(lines) + at: key for at, key in more.items()}
        lines += [*tail, ()]
        rows = panel.size.height - len(lines)
        lines += signed_lines(self._signed, self._catalog, self.flow.name_of, width, rows)
        panel.show(lines, actions)

    def foot_keys(self) -> Sequence[FootKey]:
        """What is noted of sign-ups that are there."""
        return [
            FootKey(".", _("Taught or used"), DOT_KEY),
            FootKey("*", _("Withdraw a number"), STAR_KEY, _("Withdraw")),
            FootKey("-", _("Back"), "minus"),
        ]

    def takes(self, key: str) -> bool:
        """A digit is a bundle's."""
        bundles = self._catalog.bundles
        if key == CHANGE_KEY:
            self.flow.segment = next_segment(self._catalog, self.flow.segment)
        elif key == ANSWERS_KEY:
            self.act(self.read_answers)
        elif key == DOT_KEY:
            self.act(self._note_state)
        elif key == STAR_KEY:
            self.act(self._withdraw)
        elif key.isdigit() and 0 < int(key) <= len(bundles):
            self.act(lambda: self._sign_up(bundles[int(key) - 1]))
        else:
            return key.isdigit() and key != "0"
        return True

    @on(TouchPanel.Pressed)
    def press_line(self, event: TouchPanel.Pressed) -> None:
        """Begin with the bundle that was touched."""
        self.press(event.action)

    # signing

    async def _sign_up(self, bundle: Bundle) -> None:
        draft = _Draft(bundle)
        steps: tuple[Callable[[_Draft], Awaitable[bool]], ...] = (
            self._choose, self._read_all, self._say_who, self._take_receipt,
        )  # fmt: skip
        at = 0
        while at < len(steps):
            at += 1 if await steps[at](draft) else -1
            if at < 0:
                return
        signed = await self._sign(draft)
        await self._read()  # it is signed, whatever comes of the number
        contact = await self._take_phone(signed[0])
        await self.read(_done(draft, contact))

    async def _choose(self, draft: _Draft) -> bool:
        found = await self.ask(_which_products(self._catalog, draft))
        if found is not None:
            draft.products = [self._catalog.product(code) for code in found]
        return bool(found)

    async def _read_all(self, draft: _Draft) -> bool:
        number = 0
        while number < len(draft.products):
            number += 1 if await self.read(_disclosure(self._catalog, draft, number)) else -1
            if number < 0:
                return False
        return True

    async def _say_who(self, draft: _Draft) -> bool:
        found = await self.ask(_which_segment(self._catalog, draft.bundle, self.flow.segment))
        if found is None:
            return False
        code = found[0]
        draft.is_left_out = code == _LEFT_OUT
        draft.segment = draft.bundle.customer if code in (_NONE, _LEFT_OUT) else code
        return True

    async def _take_receipt(self, draft: _Draft) -> bool:
        receipt = await self.write_in(_receipt())
        draft.receipt = receipt or ""
        return receipt is not None

    async def _sign(self, draft: _Draft) -> tuple[UUID, ...]:
        opened = [Opened(new_id(), each.code, each.disclosure.version) for each in draft.products]
        signing = Signing(
            visit=new_id(),
            opened=opened,
            segment=draft.segment,
            receipt=draft.receipt,
            bundle=draft.bundle.code,
            company=draft.bundle.customer == "company",
            left_out=draft.is_left_out,
        )
        await self.flow.host.call_service(self.staff.sign_ups.sign, signing, self.who.number)
        self.flow.segment = None  # the next customer is somebody else
        self.flow.host.bring_now()
        return tuple(each.id for each in opened)

    async def _take_phone(self, sign_up: UUID) -> Contact | None:
        """Only who agreed is asked for a number; whoever does not is not asked twice."""
        found = await self.ask(_whether_phone())
        if found is None or found[0] == _NO:
            return None
        if not await self.read(self._consent()):
            return None
        agreed_in = language()  # whatever is spoken while the number is typed
        number = await self.write_in(_phone())
        if number is None:
            return None
        contacts = self.staff.contacts
        return await self.flow.host.call_service(
            contacts.keep, number, Purpose.ACTIVATION, sign_up, agreed_in
        )

    def _consent(self) -> Text:
        settings = self.staff.settings
        return Text(
            title=lambda: _("For the customer to read: may we keep your phone number?"),
            paragraphs=lambda: consent_text(settings, Purpose.ACTIVATION, language()).lines,
            confirm=lambda: _("Go on"),
            agree=lambda: _("I have read this and agree"),
        )

    # what becomes of it

    async def _note_state(self) -> None:
        sign_up = await self._find()
        if sign_up is None:
            return
        state = await self.ask(_which_state())
        if state is None:
            return
        sign_ups = self.staff.sign_ups
        note = sign_ups.taught if state[0] == _TAUGHT else sign_ups.used
        await self.flow.host.call_service(note, sign_up.id, self.who.number)
        await self._read()
        product = self._names().product(sign_up.product)
        self.say(_("Noted: {receipt}, {product}").format(receipt=sign_up.receipt, product=product))

    def _names(self) -> Names:
        """Of products that an older sign-up may have, and today's catalog has no more."""
        return Names(self._catalog, {})

    async def _find(self) -> SignUpState | None:
        """One of today's, or one of another day by its receipt."""
        if not self._signed:
            return await self._find_older()
        found = await self.ask(_which_sign_up(self._catalog, self._signed))
        if found == (_OLDER,):
            return await self._find_older()
        return _chosen(self._signed, found)

    async def _find_older(self) -> SignUpState | None:
        receipt = await self.write_in(_older_receipt())
        if receipt is None:
            return None
        known = await self.flow.host.call_service(self.staff.sign_ups.of_receipt, receipt)
        listed = [each for each in known if each.closed_at is None]
        if not listed:
            self.say(_("No sign-up with the receipt {receipt} is found.").format(receipt=receipt))
            return None
        zone = self.staff.settings.zone
        return _chosen(listed, await self.ask(_which_product(self._names(), listed, zone)))

    async def _withdraw(self) -> None:
        code = await self.write_in(_withdrawal_code())
        if code is None:
            return
        withdraw, number = self.staff.contacts.withdraw, self.who.number
        contact = await self.flow.host.call_service(withdraw, code, number)
        self.flow.host.bring_now()
        self.say(_("Deleted: {number}").format(number=contact.number_masked))


def _withdrawal_code() -> Asked:
    return Asked(
        title=lambda: _("A customer takes a phone number back"),
        help=lambda: _("The withdrawal code that they were given, 8 digits."),
        restrict=r"[0-9]{0,8}",
        check=lambda text: text,
        enter=lambda: _("Delete the number"),
    )


def _and(products: Iterable[Product]) -> str:
    return _(", ").join(each.name.in_language(language()) for each in products)


def _end_of(receipt: str) -> str:
    return receipt if len(receipt) <= _LAST_DIGITS else "…" + receipt[-_LAST_DIGITS:]


def signed_lines(
    signed: Sequence[SignUpState],
    catalog: Catalog,
    name_of: Callable[[str], str],
    width: int,
    height: int,
) -> list[Line]:
    """The day's sign-ups, the newest first, on so many rows.

    Args:
        signed: They.
        catalog: Has the products' names.
        name_of: Gives who signed them up, for a staff number.
        width: Cells.
        height: Rows.
    """
    count = ngettext("Signed today: {count} product", "Signed today: {count} products", len(signed))
    lines: list[Line] = [(Span(count.format(count=len(signed)), "strong"),)]
    if not signed:
        return lines
    columns = (
        Column(_("Receipt")), Column(_("Product")), Column(_("State")),
        Column(_("Signed by"), can_go=True),
    )  # fmt: skip
    rows = [
        (
            Span(_end_of(each.receipt)),
            Span(catalog.product(each.product).name.in_language(language())),
            Span(state_name(each), "ink" if each.taught_at else "quiet"),
            Span(name_of(each.staff), "quiet"),
        )
        for each in signed
    ]
    return [*lines, *table(columns, rows[: max(0, height - 2)], width)]


def state_name(sign_up: SignUpState) -> str:
    """How far a customer has come with a product."""
    if sign_up.used_at is not None:
        return _("used")
    return _("taught") if sign_up.taught_at is not None else _("signed")


# --- what is asked ----------------------------------------------------------------------------


def _which_products(catalog: Catalog, draft: _Draft) -> Question:
    products = [catalog.product(code) for code in draft.bundle.products]
    return Question(
        title=lambda: _(
            "Which of these would the customer like? Digits tick; nothing is ticked for them."
        ),
        items=lambda: [
            Item(each.code, str(number), (each.name.in_language(language()),))
            for number, each in enumerate(products, 1)
        ],
        enter=lambda: _("Go on"),
        at_once=True,
        ticked=tuple(each.code for each in draft.products),
        needs_one=True,
    )


def _disclosure(catalog: Catalog, draft: _Draft, number: int) -> Text:
    product = draft.products[number]

    def paragraphs() -> list[str]:
        disclosure = product.disclosure
        said = [line for page in PAGES for line in disclosure.page(page, language())]
        source = catalog.sources[disclosure.fee_source]
        return [
            *said,
            _("Fees as of {day}").format(day=source.effective.isoformat()),
            _("Official address: {address}").format(address=disclosure.web),
            _("Hotline: {number}").format(number=disclosure.hotline),
        ]

    return Text(
        title=lambda: _("For the customer to read: {product} ({number} of {count})").format(
            product=product.name.in_language(language()),
            number=number + 1,
            count=len(draft.products),
        ),
        paragraphs=paragraphs,
        confirm=lambda: _("The customer has read this"),
    )


def _which_segment(catalog: Catalog, bundle: Bundle, taken_for: str | None) -> Question:
    segments = (
        catalog.segments
        if bundle.customer == "personal"
        else [each for each in catalog.segments if set(each.products) & set(bundle.products)]
    )

    def items() -> list[Item]:
        named = [
            Item(each.code, str(number), (each.name.in_language(language()),))
            for number, each in enumerate(segments, 1)
        ]
        return [
            *named,
            Item(_NONE, str(len(named) + 1), (_("None of these, or not known"),)),
            Item(_LEFT_OUT, "0", (_("60+ or large type: stays out of every target"),)),
        ]

    return Question(
        title=lambda: _("Which kind of customer? Only what they said themselves."),
        items=items,
        enter=lambda: _("Go on"),
        at_once=True,
        first=taken_for or _NONE,
    )


def _receipt() -> Asked:
    return Asked(
        title=lambda: _("The number on the core system's receipt"),
        help=lambda: _(
            "6 to 24 letters, digits and hyphens. Never a name, a card or an identity number."
        ),
        restrict=_RECEIPT,
        check=lambda text: check_receipt(text.upper()),
        enter=lambda: _("Sign up"),
    )


def _whether_phone() -> Question:
    return Question(
        title=lambda: _("Signed. May we call to ask whether it works? Only if the customer likes."),
        items=lambda: [
            Item(_NO, "1", (_("No number is left"),)),
            Item(_YES, "2", (_("The customer would like to leave one"),)),
        ],
        enter=lambda: _("Go on"),
        at_once=True,
    )


def _phone() -> Asked:
    return Asked(
        title=lambda: _("The customer's mobile number"),
        help=lambda: _("11 digits. It is kept encrypted and shown to nobody but who calls."),
        restrict=r"[0-9]{0,11}",
        check=plain_number,
        enter=lambda: _("Keep it"),
    )


def _done(draft: _Draft, contact: Contact | None) -> Text:
    def paragraphs() -> list[str]:
        lines = [
            _("Signed: {products}").format(products=_and(draft.products)),
            _("Receipt: {number}").format(number=draft.receipt),
        ]
        if contact is not None:
            lines += [
                _("Phone: {number}, until {day}").format(
                    number=contact.number_masked, day=contact.keep_until.isoformat()
                ),
                _("Withdrawal code for the customer: {code}").format(code=contact.withdrawal_code),
            ]
        lines.append(_("Now show how to use it. When they can, press . here: taught."))
        return lines

    return Text(title=lambda: _("Signed up"), paragraphs=paragraphs, confirm=lambda: _("Finish"))


def _chosen(listed: Sequence[SignUpState], codes: Sequence[str] | None) -> SignUpState | None:
    return next((each for each in listed if codes and each.id.hex == codes[0]), None)


def _older_receipt() -> Asked:
    return Asked(
        title=lambda: _("Signed on another day: the number on its receipt"),
        help=lambda: _("The whole number, as it was written down."),
        restrict=_RECEIPT,
        check=lambda text: check_receipt(text.upper()),
        enter=lambda: _("Find it"),
    )


def _which_product(names: Names, listed: Sequence[SignUpState], zone: ZoneInfo) -> Question:
    return Question(
        title=lambda: _("Receipt {receipt}: which product?").format(receipt=listed[0].receipt),
        items=lambda: [
            Item(
                each.id.hex,
                str(number),
                (
                    names.product(each.product),
                    state_name(each),
                    f"{each.signed_at.astimezone(zone):%Y-%m-%d}",
                ),
            )
            for number, each in enumerate(listed, 1)
        ],
        enter=lambda: _("Choose"),
        at_once=True,
    )


def _which_sign_up(catalog: Catalog, signed: Sequence[SignUpState]) -> Question:
    return Question(
        title=lambda: _("Which one? Type the end of the receipt's number."),
        items=lambda: [
            *(
                Item(
                    each.id.hex,
                    each.receipt,
                    (catalog.product(each.product).name.in_language(language()), state_name(each)),
                )
                for each in signed
            ),
            Item(_OLDER, "0", (_("signed on another day"), "")),
        ],
        enter=lambda: _("Choose"),
    )


def _which_state() -> Question:
    return Question(
        title=lambda: _("What is so now?"),
        items=lambda: [
            Item(_TAUGHT, "1", (_("The customer was shown and can do it"),)),
            Item(_USED, "2", (_("The customer has used it, and I saw it"),)),
        ],
        enter=lambda: _("Note it"),
        at_once=True,
    )
