"""What can be seen of reconciling: the picture of it all, lists, an offer, a line, and batches."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kiosk.i18n import _, format_share
from kiosk.journal_words import CLAIMS, FAULTS, STATES
from kiosk.reporting.staff import device_name
from kiosk.screens.staff_mode.lines import folded
from kiosk.screens.staff_mode.pages import Block, listing
from kiosk.screens.staff_mode.places.now_lines import service_name
from kiosk.services.reconcile.drill import LineSeen, OfferSeen
from kiosk.services.reconcile.items import OpenItem, Probable, TrendDay
from kiosk.services.reference import shown
from kiosk.services.staff.reconciling import Batches as BatchesSeen
from kiosk.services.staff.reconciling import Reconciled
from kiosk.services.staff.services import StaffServices
from kiosk.sync_status import batch_lines, quarantined
from kiosk.widgets.panel import Line, Span
from kiosk.widgets.plot import plot_lines

_PLOT_ROWS = (6, 12)
"""The fewest in which a shape can be seen, and as many as it needs."""
_AGES = (0, 2, 7)
"""Open items are told together up to so many days."""
_OFFER_STATES = {
    "matched": lambda: _("Proven"), "open": lambda: _("Open"), "lapsed": lambda: _("Lapsed"),
}  # fmt: skip


@dataclass(frozen=True)
class Work:
    """What views are made of."""

    found: Reconciled | None
    staff: StaffServices
    call: Callable[..., Awaitable[Any]]
    """Runs a service."""
    now: Callable[[], datetime]

    def service(self, code: str | None) -> str:
        """A service's name; an older catalog may have had others than today's."""
        return service_name(self.staff.terminal.catalog, code) if code else "–"

    def channel(self, code: str | None) -> str:
        """A channel's name."""
        return device_name(self.staff.terminal.catalog, code, None) if code else "–"

    def moment(self, at: datetime) -> str:
        """To the minute; the lines of a day differ by it."""
        return f"{at.astimezone(self.staff.settings.zone):%m-%d %H:%M}"

    def what(self, channel: str | None, service: str | None) -> str:
        """Service and channel; the latter says less where there is no room for both."""
        return f"{self.service(service)} · {self.channel(channel)}"

    async def offer_view(self, offer: UUID) -> "View":
        """An offer with its lines."""
        offers, lines = await self.call(self.staff.reconciling.offer, offer)
        return OfferView(self, tuple(offers), tuple(lines))

    async def line_view(self, line: UUID) -> "View":
        """A line with its offers."""
        lines, offers = await self.call(self.staff.reconciling.line, line)
        return LineView(self, tuple(lines), tuple(offers))


@dataclass(frozen=True)
class Choice:
    """Something on a digit."""

    words: Line
    opens: Callable[[], Awaitable["View"]]


class View:
    """One page, or several, of the place; it is asked anew in another language or size."""

    def __init__(self, work: Work) -> None:
        self.work = work

    @property
    def confirms(self) -> Sequence[UUID]:
        """The probable lines that can be confirmed here."""
        return ()

    def head(self, width: int) -> Sequence[Line]:
        """What stands on top of every page."""
        raise NotImplementedError

    def choices(self, width: int) -> Sequence[Choice]:
        """What leads deeper."""
        return ()

    def tail(self, width: int, rows: int) -> Sequence[Line]:
        """What stands below, if it has room."""
        return ()

    def blocks(self, width: int, rows: int) -> Sequence[Block]:
        """What stands here where nothing leads deeper."""
        return ()


class _Listed(View):
    """A view of what was found."""

    @property
    def found(self) -> Reconciled:
        """It was read: nobody comes here before that."""
        assert self.work.found is not None  # noqa: S101
        return self.work.found


class Overview(_Listed):
    """How far it is, and what is left to do."""

    def head(self, width: int) -> Sequence[Line]:
        """Accepted = proven + open + lapsed, and the same as a bar."""
        channels = self.found.channels
        names = ("accepted", "matched", "open", "lapsed")
        total = {name: sum(getattr(each, name) for each in channels) for name in names}
        days = self.found.days
        title: Line = (
            Span(_("Settled {share}").format(
                share=format_share(total["matched"] + total["lapsed"], total["accepted"])
            ), "strong"),
            Span(f"  {days.first:%m-%d} – {days.last:%m-%d}", "quiet"),
        )  # fmt: skip
        told = _("Accepted {accepted} = proven {matched} + open {open} + lapsed {lapsed}")
        return [
            title,
            *([_bar(total, width)] if total["accepted"] else []),
            *folded(told.format(**total), width),
        ]

    def choices(self, width: int) -> Sequence[Choice]:
        """What is to be done first."""
        found, work = self.found, self.work
        probable = _("Probable, to confirm: {count}").format(count=len(found.probables))
        unclear = _("Ambiguous and faulty lines: {count}").format(count=len(found.unclear))

        async def trend() -> View:
            return Trend(work, tuple(await work.call(work.staff.reconciling.trend)))

        async def batches() -> View:
            return Batches(work, await work.call(work.staff.reconciling.batches))

        return [
            Choice(
                (Span(probable, "strong" if found.probables else "ink"),), _made(Probables, work)
            ),
            Choice((Span(_("Open: {count}").format(count=len(found.open))),), _made(Open, work)),
            Choice((Span(unclear),), _made(Unclear, work)),
            Choice((Span(_("By channel and day")),), _made(ByDay, work)),
            Choice((Span(_("Open items day by day")),), trend),
            Choice((Span(_("Batches and the branch's receipts")),), batches),
        ]

    def tail(self, width: int, rows: int) -> Sequence[Line]:
        """The channels, where all of them have room."""
        blocks = _by_channel(self.found, self.work, width)
        return blocks[0] if len(blocks) == 1 and len(blocks[0]) <= rows else ()


class Probables(_Listed):
    """What a person can say yes to."""

    @property
    def confirms(self) -> Sequence[UUID]:
        """All of them."""
        return [each.line for each in self.found.probables]

    def head(self, width: int) -> Sequence[Line]:
        """How many, and what it means."""
        told = _(
            "The line has no reference that can be read; it and the offer have only each other."
        )
        title = _("Probable, to confirm: {count}").format(count=len(self.found.probables))
        return [_title(title), *folded(told, width, "quiet")]

    def choices(self, width: int) -> Sequence[Choice]:
        """The oldest first."""
        return [
            Choice(self._words(each), _later(self.work.line_view, each.line))
            for each in self.found.probables
        ]

    def _words(self, each: Probable) -> Line:
        return _words(self.work, each.occurred_at, each.reference, each.channel, each.service)


class Open(_Listed):
    """What the journals say nothing of yet."""

    def head(self, width: int) -> Sequence[Line]:
        """How many, by age."""
        title = _("Open: {count}").format(count=len(self.found.open))
        return [_title(title), *folded(" · ".join(self._ages()), width)]

    def _ages(self) -> list[str]:
        today = self.work.staff.reconciling.today
        ages = [(today - each.business_date).days for each in self.found.open]
        told, above = [], -1
        for most in _AGES:
            if count := sum(above < age <= most for age in ages):
                span = _("today") if most == 0 else _("up to {days} d").format(days=most)
                told.append(_("{span}: {count}").format(span=span, count=count))
            above = most
        if count := sum(age > above for age in ages):
            span = _("older")
            told.append(_("{span}: {count}").format(span=span, count=count))
        return told

    def choices(self, width: int) -> Sequence[Choice]:
        """The oldest first."""
        return [
            Choice(self._words(each), _later(self.work.offer_view, each.offer))
            for each in self.found.open
        ]

    def _words(self, each: OpenItem) -> Line:
        return _words(self.work, each.accepted_at, each.reference, each.channel, each.service)


class Unclear(_Listed):
    """Lines that are of several offers, or not what they seem to be."""

    def head(self, width: int) -> Sequence[Line]:
        """How many of each name."""
        counts = Counter(map(_fault, self.found.unclear))
        title = _("Ambiguous and faulty lines: {count}").format(count=len(self.found.unclear))
        return [_title(title), *folded(
            " · ".join(_("{span}: {count}").format(span=name, count=n) for name, n in
                       counts.most_common()), width,
        )]  # fmt: skip

    def choices(self, width: int) -> Sequence[Choice]:
        """The newest first."""
        return [
            Choice(
                (
                    Span(f"{self.work.moment(each.occurred_at)}  ", "quiet"),
                    Span(_fault(each)), Span(f"  {each.file}:{each.number}", "quiet"),
                ),
                _later(self.work.line_view, each.line),
            )
            for each in self.found.unclear
        ]  # fmt: skip


class ByDay(_Listed):
    """How far each channel and each day is."""

    def head(self, width: int) -> Sequence[Line]:
        """Of which days."""
        days = self.found.days
        return [
            (
                Span(_("By channel and day"), "strong"),
                Span(f"  {days.first} – {days.last}", "quiet"),
            )
        ]

    def blocks(self, width: int, rows: int) -> Sequence[Block]:
        """Two tables."""
        by_day = [
            (str(each.day), *map(str, (each.accepted, each.matched, each.open, each.lapsed)))
            for each in self.found.progress
        ]
        heads = (_("Day"), *_counts())
        return [
            *_by_channel(self.found, self.work, width),
            *listing(_("By day"), [heads, *by_day], range(1, 5), width),
        ]


class Trend(View):
    """Whether what is open gets less."""

    def __init__(self, work: Work, days: tuple[TrendDay, ...]) -> None:
        super().__init__(work)
        self._days = days

    def head(self, width: int) -> Sequence[Line]:
        """What is drawn."""
        return [_title(_("Open items day by day"))]

    def blocks(self, width: int, rows: int) -> Sequence[Block]:
        """The shape, then the figures."""
        least, most = _PLOT_ROWS
        legend: Line = (
            Span("█ " + _("open at the end of the day")),
            Span("   ▚ " + _("accepted on the day"), "attention"),
        )
        plot = plot_lines(
            [f"{each.day:%m-%d}" for each in self._days],
            [each.open for each in self._days],
            [each.accepted for each in self._days],
            width,
            max(least, min(most, rows - 1)),
        )
        texts = [(str(each.day), str(each.accepted), str(each.open)) for each in self._days]
        heads = (_("Day"), _("Accepted"), _("Open"))
        return [[*plot, legend], *listing(_("By day"), [heads, *texts], (1, 2), width)]


class Batches(View):
    """Whether the branch has what its terminals recorded."""

    def __init__(self, work: Work, batches: BatchesSeen) -> None:
        super().__init__(work)
        self._batches = batches

    def head(self, width: int) -> Sequence[Line]:
        """What it is."""
        return [_title(_("Batches and the branch's receipts"))]

    def blocks(self, width: int, rows: int) -> Sequence[Block]:
        """This machine's, then what the branch has of every terminal."""
        here, zone = self._batches.here, self.work.staff.settings.zone
        told = batch_lines(here, self.work.now(), zone)
        if here.quarantined:
            told.append(quarantined(here.quarantined))
        blocks = [[_title(_("This machine"))] + [
            line for each in told for line in folded(each, width)
        ]]  # fmt: skip
        if not self._batches.terminals:
            return blocks
        heads = (
            _("Terminal"), _("Last in touch"), _("Batches"), _("Events"), _("Waiting"),
            _("In quarantine"),
        )  # fmt: skip
        texts = [
            (
                each.code,
                self.work.moment(each.last_seen) if each.last_seen else _("never"),
                str(each.batch_number), str(each.acked_seq),
                "–" if each.waiting is None else str(each.waiting), str(each.quarantined),
            )
            for each in self._batches.terminals
        ]  # fmt: skip
        return [*blocks, *listing(_("With the branch"), [heads, *texts], range(2, 6), width)]


class OfferView(View):
    """An accepted offer, with the lines that concern it."""

    def __init__(
        self, work: Work, offers: tuple[OfferSeen, ...], lines: tuple[LineSeen, ...]
    ) -> None:
        super().__init__(work)
        self._offers = offers
        self._lines = lines

    def head(self, width: int) -> Sequence[Line]:
        """What is known of it."""
        return [line for each in self._offers for line in self._facts(each, width)]

    def _facts(self, each: OfferSeen, width: int) -> list[Line]:
        claim = CLAIMS.get(each.evidence or "")
        accepted = _("Accepted {time} at terminal {terminal}").format(
            time=self.work.moment(each.accepted_at), terminal=each.terminal
        )
        title = _("Offer {reference}").format(reference=_reference(each.reference))
        return [
            (Span(title, "strong"), Span(f"  {_OFFER_STATES[each.state]()}")),
            *folded(self.work.what(each.channel, each.service), width),
            *folded(accepted, width),
            *folded(_(claim) if claim else _("nobody says it is done"), width, "quiet"),
            *([] if self._lines else folded(_("No line of a journal concerns it."), width)),
        ]

    def choices(self, width: int) -> Sequence[Choice]:
        """Its lines."""
        return [
            Choice(_line_words(self.work, each), _later(self.work.line_view, each.line))
            for each in self._lines
        ]


class LineView(View):
    """A line of a journal, with the offers that it may be of."""

    def __init__(
        self, work: Work, lines: tuple[LineSeen, ...], offers: tuple[OfferSeen, ...]
    ) -> None:
        super().__init__(work)
        self._lines = lines
        self._offers = offers

    @property
    def confirms(self) -> Sequence[UUID]:
        """This one, while it is probable."""
        found = self.work.found
        probable = {each.line for each in found.probables} if found else set()
        return [each.line for each in self._lines if each.line in probable]

    def head(self, width: int) -> Sequence[Line]:
        """What stands there."""
        return [line for each in self._lines for line in self._facts(each, width)]

    def _facts(self, each: LineSeen, width: int) -> list[Line]:
        title = _("Line {number} of {file}").format(number=each.number, file=each.file)
        told = [self.work.moment(each.occurred_at), self.work.what(each.channel, each.service)]
        said = _("Reference there: {text}").format(text=each.reference or _("none"))
        states = [_(STATES[each.state])] + ([_(FAULTS[each.fault])] if each.fault else [])
        return [
            *folded(title, width, "strong"),
            *folded("  ".join(told), width),
            *folded(said, width),
            *folded(" · ".join(states), width, "attention" if each.fault else "ink"),
        ]

    def choices(self, width: int) -> Sequence[Choice]:
        """Its offers."""
        return [
            Choice(self._words(each), _later(self.work.offer_view, each.offer))
            for each in self._offers
        ]

    def _words(self, each: OfferSeen) -> Line:
        return _words(self.work, each.accepted_at, each.reference, each.channel, each.service)


def _made(view: type[_Listed], work: Work) -> Callable[[], Awaitable[View]]:
    async def opens() -> View:
        return view(work)

    return opens


def _later(opens: Callable[[UUID], Awaitable[View]], which: UUID) -> Callable[[], Awaitable[View]]:
    return lambda: opens(which)


def _title(text: str) -> Line:
    return (Span(text, "strong"),)


def _reference(reference: str | None) -> str:
    return shown(reference) if reference else _("without a reference")


def _words(work: Work, at: datetime, reference: str | None, channel: str, service: str) -> Line:
    """When, which, what: the same for an offer wherever it is listed."""
    return (
        Span(f"{work.moment(at)}  ", "quiet"),
        Span(f"{shown(reference) if reference else '–'}  ", "strong"),
        Span(work.what(channel, service)),
    )


def _line_words(work: Work, each: LineSeen) -> Line:
    told = _(FAULTS[each.fault]) if each.fault else _(STATES[each.state])
    return (
        Span(f"{work.moment(each.occurred_at)}  ", "quiet"),
        Span(told),
        Span(f"  {each.file}:{each.number}", "quiet"),
    )


def _fault(each: LineSeen) -> str:
    return _(FAULTS[each.fault]) if each.fault else _(STATES[each.state])


def _counts() -> tuple[str, ...]:
    return _("Accepted"), _("Proven"), _("Open"), _("Lapsed")


def _by_channel(found: Reconciled, work: Work, width: int) -> list[Block]:
    rows = [
        (
            work.channel(each.channel),
            *map(str, (each.accepted, each.matched, each.open, each.lapsed)),
        )
        for each in found.channels
    ]
    return listing(_("By channel"), [(_("Channel"), *_counts()), *rows], range(1, 5), width)


def _bar(total: dict[str, int], width: int) -> Line:
    """Proven, lapsed, and what is left to 100 %; the signs tell them apart without colours."""
    accepted = total["accepted"]
    proven = total["matched"] * width // accepted
    settled = (total["matched"] + total["lapsed"]) * width // accepted
    return (
        Span("█" * proven),
        Span("▒" * (settled - proven), "quiet"),
        Span("·" * (width - settled), "attention"),
    )
