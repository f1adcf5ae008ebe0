"""What can be seen of reconciling: the picture of it all, lists, an offer, a line, and batches."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from kiosk.i18n import _, format_share
from kiosk.journal_words import CLAIMS, FAULTS, STATES, UNCLEAR, proven_text
from kiosk.reporting.staff import device_name, service_name
from kiosk.screens.staff_mode.lines import folded
from kiosk.screens.staff_mode.pages import Block, folded_figures, listing
from kiosk.services.reconcile.drill import LineSeen, OfferSeen
from kiosk.services.reconcile.items import OpenItem, Page, Probable, ProbableKind, TrendDay, settled
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
ON_DIGITS = 9
"""So much can be chosen on a page."""
_RowT = TypeVar("_RowT")
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
    """The last of them stand only where all have room."""
    opens: Callable[[], Awaitable["View"]]


@dataclass(frozen=True)
class ToConfirm:
    """Probable lines that a person may say yes to."""

    count: int
    """As far as is known; how many they are shows when they are read."""
    what: str
    """What they have in common, if anything."""
    lines: Callable[[], Awaitable[Sequence[UUID]]]
    """Reads them, before somebody is asked."""


class View:
    """One page, or several, of the place; it is asked anew in another language or size."""

    first = 0
    """Where the page in front begins, among all that leads deeper."""

    def __init__(self, work: Work) -> None:
        self.work = work

    is_exported = False
    """Whether all that was found can be taken out from here."""

    @property
    def confirms(self) -> ToConfirm | None:
        """What can be confirmed here."""
        return None

    def head(self, width: int) -> Sequence[Line]:
        """What stands on top of every page."""
        raise NotImplementedError

    def label(self, width: int) -> Sequence[Line]:
        """What stands right above what leads deeper."""
        return ()

    async def turn(self, first: int) -> None:
        """Let the page in front begin there."""
        self.first = first

    def count(self, width: int) -> int:
        """How much leads deeper, on all pages."""
        return len(self.everything(width))

    def choices(self, width: int) -> Sequence[Choice]:
        """What leads deeper, on the page in front."""
        return self.everything(width)[self.first : self.first + ON_DIGITS]

    def everything(self, width: int) -> Sequence[Choice]:
        """All that leads deeper, where it is little."""
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


class _LongList(_Listed, Generic[_RowT]):
    """A list of which only the page in front is read."""

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._rows: Sequence[_RowT] = ()

    async def turn(self, first: int) -> None:
        """Read the page."""
        self._rows = await self.work.call(self.read, Page(first, ON_DIGITS))
        self.first = first

    def read(self, page: Page) -> Sequence[_RowT]:
        """A service's answer."""
        raise NotImplementedError

    def choices(self, width: int) -> Sequence[Choice]:
        """Of the page."""
        return [self.choice(each) for each in self._rows]

    def choice(self, row: _RowT) -> Choice:
        """A row in words."""
        raise NotImplementedError


class Overview(_Listed):
    """How far it is, and what is left to do."""

    is_exported = True

    def head(self, width: int) -> Sequence[Line]:
        """Accepted = proven + open + lapsed, and the same as a bar."""
        channels = self.found.channels
        names = ("accepted", "matched", "open", "lapsed")
        total = {name: sum(getattr(each, name) for each in channels) for name in names}
        share = settled(channels)
        days = self.found.days
        span = Span(f"  {days.first:%m-%d} – {days.last:%m-%d}", "quiet")
        if not total["accepted"]:
            return [(Span(_("Nothing was accepted in these days"), "strong"), span)]
        if share is None:
            untold = _("No journal tells of these days yet: nothing can be proven.")
            title = [(Span(_("Settled: no data"), "strong"), span), *folded(untold, width)]
        else:
            told = _("Settled {share}").format(
                share=format_share(share.numerator, share.denominator)
            )
            title = [(Span(told, "strong"), span), _bar(total, width)]
        told = _("Accepted {accepted} = proven {matched} + open {open} + lapsed {lapsed}")
        return [*title, *folded(told.format(**total), width)]

    def everything(self, width: int) -> Sequence[Choice]:
        """What is to be done first."""
        found, work = self.found, self.work
        kinds = found.probables
        probables = _made(Probables, work, *kinds) if len(kinds) < 2 else _made(Kinds, work)

        async def trend() -> View:
            return Trend(work, tuple(await work.call(work.staff.reconciling.trend)))

        async def batches() -> View:
            return Batches(work, await work.call(work.staff.reconciling.batches))

        return [
            Choice(
                (Span(_probable(found), "strong" if found.probables else "ink"),),
                probables,
            ),
            Choice((Span(_open(found)),), _made(Open, work)),
            Choice((Span(_unclear(found)),), _made(Unclear, work)),
            Choice((Span(_("By channel and day")),), _made(ByDay, work)),
            Choice((Span(_("Open items day by day")),), trend),
            Choice((Span(_("Batches and the branch's receipts")),), batches),
        ]

    def tail(self, width: int, rows: int) -> Sequence[Line]:
        """The channels, where all of them have room."""
        if not self.found.channels:
            return ()
        blocks = _by_channel(self.found, self.work, width)
        return blocks[0] if len(blocks) == 1 and len(blocks[0]) <= rows else ()


class Kinds(_Listed):
    """What a person can say yes to, by what it is."""

    @property
    def confirms(self) -> ToConfirm:
        """All of all kinds."""
        return _all_of(self.work, None, _count(self.found.probables))

    def head(self, width: int) -> Sequence[Line]:
        """How many, and what it means."""
        return [_title(_probable(self.found)), *_why_probable(width)]

    def everything(self, width: int) -> Sequence[Choice]:
        """The kinds, the most frequent first."""
        return [
            Choice((Span(self._words(each)),), _made(Probables, self.work, each))
            for each in self.found.probables
        ]

    def _words(self, kind: ProbableKind) -> str:
        what = self.work.what(kind.channel, kind.service)
        return _("{span}: {count}").format(span=what, count=kind.count)


class Probables(_LongList[Probable]):
    """Those of a kind; none where there is no kind."""

    def __init__(self, work: Work, kind: ProbableKind | None = None) -> None:
        super().__init__(work)
        self._kind = kind

    @property
    def confirms(self) -> ToConfirm | None:
        """All of them."""
        return _all_of(self.work, self._kind, self._kind.count) if self._kind else None

    def head(self, width: int) -> Sequence[Line]:
        """How many, and what it means."""
        if self._kind is None:
            return folded(_probable(self.found), width)
        what = self.work.what(self._kind.channel, self._kind.service)
        count = _("Probable, to confirm: {count}").format(count=self._kind.count)
        return [*folded(what, width, "strong"), *folded(count, width), *_why_probable(width)]

    def count(self, width: int) -> int:
        """Of the kind."""
        return self._kind.count if self._kind else 0

    def read(self, page: Page) -> Sequence[Probable]:
        """The oldest first."""
        return self.work.staff.reconciling.probables(self._kind, page)

    def choice(self, row: Probable) -> Choice:
        """When it was, how long after which offer, and where it stands."""
        minutes = round((row.occurred_at - row.accepted_at).total_seconds() / 60)
        words = (
            Span(f"{self.work.moment(row.occurred_at)}  ", "quiet"),
            Span(f"{_reference(row.reference)}  ", "strong"),
            Span(_("+{minutes} min").format(minutes=minutes)),
            Span(f"  {row.file}:{row.number}", "quiet"),
        )
        return Choice(words, _later(self.work.line_view, row.line))


class Open(_LongList[OpenItem]):
    """What the journals say nothing of yet."""

    def head(self, width: int) -> Sequence[Line]:
        """How many, by age."""
        if not self.found.open:
            return folded(_open(self.found), width)
        return [_title(_open(self.found)), *_counted(self._ages(), width)]

    def _ages(self) -> list[str]:
        today = self.work.staff.reconciling.today
        ages = Counter[int]()
        for day, count in self.found.open.items():
            ages[(today - day).days] += count
        told, above = [], -1
        for most in _AGES:
            if count := sum(ages[age] for age in ages if above < age <= most):
                span = _("today") if most == 0 else _("up to {days} d").format(days=most)
                told.append(_("{span}: {count}").format(span=span, count=count))
            above = most
        if count := sum(ages[age] for age in ages if age > above):
            span = _("older")
            told.append(_("{span}: {count}").format(span=span, count=count))
        return told

    def count(self, width: int) -> int:
        """Of all days."""
        return sum(self.found.open.values())

    def read(self, page: Page) -> Sequence[OpenItem]:
        """The oldest first."""
        return self.work.staff.reconciling.open_items(page)

    def choice(self, row: OpenItem) -> Choice:
        """An offer."""
        words = _words(self.work, row.accepted_at, row.reference, row.channel, row.service)
        return Choice(words, _later(self.work.offer_view, row.offer))


class Unclear(_LongList[LineSeen]):
    """Lines that are of several offers, or not what they seem to be."""

    def head(self, width: int) -> Sequence[Line]:
        """How many of each name."""
        counts = self.found.unclear
        if not counts:
            return folded(_unclear(self.found), width)
        told = [_("{span}: {count}").format(span=_(UNCLEAR[name]), count=count)
                for name, count in counts.items()]  # fmt: skip
        return [_title(_unclear(self.found)), *_counted(told, width)]

    def count(self, width: int) -> int:
        """Of all names."""
        return sum(self.found.unclear.values())

    def read(self, page: Page) -> Sequence[LineSeen]:
        """The newest first."""
        return self.work.staff.reconciling.unclear(page)

    def choice(self, row: LineSeen) -> Choice:
        """A line."""
        words = (
            Span(f"{self.work.moment(row.occurred_at)}  ", "quiet"),
            Span(_(UNCLEAR[row.fault or row.state])),
            Span(f"  {row.file}:{row.number}", "quiet"),
        )
        return Choice(words, _later(self.work.line_view, row.line))


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
        ]

    def label(self, width: int) -> Sequence[Line]:
        """What the lines are."""
        told = _("Lines of the journal") if self._lines else _("No line of a journal concerns it.")
        return folded(told, width, "quiet")

    def everything(self, width: int) -> Sequence[Choice]:
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
    def confirms(self) -> ToConfirm | None:
        """This one, while it is probable."""
        mine = [each.line for each in self._lines if each.is_probable]

        async def lines() -> Sequence[UUID]:
            return mine

        return ToConfirm(1, "", lines) if mine else None

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

    def label(self, width: int) -> Sequence[Line]:
        """What the offers are."""
        told = (
            _("Offers that it concerns")
            if self._offers
            else _("It concerns no offer that is known here.")
        )
        if any(each.is_probable for each in self._lines):
            told = _("The offer that it may be")
        return folded(told, width, "quiet")

    def everything(self, width: int) -> Sequence[Choice]:
        """Its offers."""
        return [
            Choice(self._words(each), _later(self.work.offer_view, each.offer))
            for each in self._offers
        ]

    def _words(self, each: OfferSeen) -> Line:
        return _words(self.work, each.accepted_at, each.reference, each.channel, each.service)


def _made(view: Callable[..., View], *what: Work | ProbableKind) -> Callable[[], Awaitable[View]]:
    async def opens() -> View:
        return view(*what)

    return opens


def _later(opens: Callable[[UUID], Awaitable[View]], which: UUID) -> Callable[[], Awaitable[View]]:
    return lambda: opens(which)


def _counted(told: Sequence[str], width: int) -> list[Line]:
    return [(Span(line),) for line in folded_figures(told, width)]


def _title(text: str) -> Line:
    return (Span(text, "strong"),)


def _reference(reference: str | None) -> str:
    return shown(reference) if reference else _("without a reference")


def _words(work: Work, at: datetime, reference: str | None, channel: str, service: str) -> Line:
    """When, which, what, where: the same for an offer wherever it is listed."""
    return (
        Span(f"{work.moment(at)}  ", "quiet"),
        Span(f"{shown(reference) if reference else '–'}  ", "strong"),
        Span(work.service(service)),
        Span(f" · {work.channel(channel)}"),
    )


def _line_words(work: Work, each: LineSeen) -> Line:
    told = _(FAULTS[each.fault]) if each.fault else _(STATES[each.state])
    return (
        Span(f"{work.moment(each.occurred_at)}  ", "quiet"),
        Span(told),
        Span(f"  {each.file}:{each.number}", "quiet"),
    )


def _count(kinds: Sequence[ProbableKind]) -> int:
    return sum(each.count for each in kinds)


def _all_of(work: Work, kind: ProbableKind | None, count: int) -> ToConfirm:
    async def lines() -> Sequence[UUID]:
        found: Sequence[UUID] = await work.call(work.staff.reconciling.probable_lines, kind)
        return found

    return ToConfirm(count, work.what(kind.channel, kind.service) if kind else "", lines)


def _probable(found: Reconciled) -> str:
    count = _count(found.probables)
    if not count:
        return _("There is no line to confirm.")
    return _("Probable, to confirm: {count}").format(count=count)


def _why_probable(width: int) -> list[Line]:
    told = _("The line has no reference that can be read; it and the offer have only each other.")
    return folded(told, width, "quiet")


def _open(found: Reconciled) -> str:
    count = sum(found.open.values())
    if not count:
        return _("Nothing is open: every accepted offer is settled.")
    return _("Open: {count}").format(count=count)


def _unclear(found: Reconciled) -> str:
    count = sum(found.unclear.values())
    if not count:
        return _("No line of the journals is ambiguous or faulty.")
    return _("Ambiguous and faulty lines: {count}").format(count=count)


def _counts() -> tuple[str, ...]:
    return _("Accepted"), _("Proven"), _("Open"), _("Lapsed")


def _by_channel(found: Reconciled, work: Work, width: int) -> list[Block]:
    rows = [
        (
            work.channel(each.channel),
            str(each.accepted),
            proven_text(each),
            str(each.open),
            str(each.lapsed),
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
