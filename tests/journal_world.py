"""Accepted offers, and a channel's journal of which is known what became of each of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from support import default_catalog

from kiosk.services.reference import ALPHABET, LENGTH, read_reference

SHANGHAI = ZoneInfo("Asia/Shanghai")
HERE, ELSEWHERE = "0001", "0002"
MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HOURS = 8
SERVICES = {"same_bank_transfer": "行内转账", "cross_bank_transfer": "跨行转账"}
FAMILY, GIVEN = "张王李赵欧阳〇㐂𠮷", "伟芳娜敏静丽强磊"


class Fate(StrEnum):
    """What became of an offer; the fault that must be told of its line has the same name."""

    DONE = "done"
    LATE = "late"
    LOST = "lost"
    DUPLICATE = "duplicate"
    REPEATED = "repeated"
    NO_REFERENCE = "no_reference"
    SWAPPED = "damaged_reference"
    OTHER_BRANCH = "other_branch"
    OTHER_CHANNEL = "other_channel"
    OTHER_SERVICE = "other_service"
    TOO_EARLY = "before_acceptance"
    TAKEN_BACK = "taken_back"
    TAKEN_BACK_BY_REFERENCE = "taken_back by reference"
    CORRECTED = "corrected"


TOLD = {
    Fate.DUPLICATE, Fate.REPEATED, Fate.SWAPPED, Fate.OTHER_BRANCH, Fate.OTHER_CHANNEL,
    Fate.OTHER_SERVICE, Fate.TOO_EARLY, Fate.TAKEN_BACK, Fate.TAKEN_BACK_BY_REFERENCE,
    Fate.CORRECTED,
}  # fmt: skip
"""Fates with a line of which something must be told."""
TELLS_ITS_OWN = {
    Fate.DONE, Fate.LATE, Fate.DUPLICATE, Fate.REPEATED, Fate.NO_REFERENCE, Fate.SWAPPED,
}  # fmt: skip
"""Fates whose first line is the offer's transaction, and stays it."""
PROVEN = {Fate.DONE, Fate.LATE, Fate.DUPLICATE, Fate.REPEATED, Fate.CORRECTED}
"""By the reference alone."""
WEIGHTS = {Fate.DONE: 40, Fate.LATE: 3, Fate.LOST: 3, Fate.NO_REFERENCE: 4, Fate.SWAPPED: 3}


@dataclass(frozen=True)
class Accepted:
    """An offer that somebody accepted."""

    id: UUID
    reference: str
    channel: str
    service: str
    fen: int
    accepted_at: datetime
    terminal: str

    @property
    def band(self) -> str:
        """Of the amount, by the catalog."""
        bands = default_catalog().service(self.service).amount_bands
        return next(each.code for each in bands if each.up_to is None or self.fen <= each.up_to)

    def row(self) -> tuple[object, ...]:
        """As the rules have it."""
        at = self.accepted_at.replace(tzinfo=None)
        return (self.id, self.reference, self.channel, self.service, self.band, at, self.terminal,
                self.id, at.date())  # fmt: skip


@dataclass
class JournalWorld:
    """What was offered, what the journal says, and what is true."""

    offers: list[Accepted] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    fates: dict[UUID, Fate] = field(default_factory=dict)
    own_lines: dict[int, UUID] = field(default_factory=dict)
    """Number of a line → the offer whose transaction it is."""
    planted: dict[int, str] = field(default_factory=dict)
    """Number of a line → the fault that must be told of it."""

    def text(self) -> str:
        """The journal in the layout `mobile`."""
        return "\n".join(["流水|…", *self.lines, f"合计|{len(self.lines)}", ""])

    def write(self, path: Path) -> None:
        """As its core system does."""
        path.write_bytes(self.text().encode("gb18030"))

    def count(self) -> Counter[Fate]:
        """Of each fate."""
        return Counter(self.fates.values())


class Writer:
    """Writes the lines of a journal.

    Args:
        random: Where all chance comes from.
        references: Of the offers, one after the other.
    """

    def __init__(self, random: Random, days: int = 1) -> None:
        self.random = random
        self.days = days
        self.world = JournalWorld()

    def offer(self, offer: Accepted, fate: Fate) -> None:
        """One more offer, and what the journal says of it."""
        self.world.offers.append(offer)
        self.world.fates[offer.id] = fate
        if fate is not Fate.LOST:
            self._tell(offer, fate)

    def _tell(self, offer: Accepted, fate: Fate) -> None:
        minutes = 3 * 24 * 60 if fate is Fate.LATE else self.random.uniform(1, 25)
        if fate is Fate.TOO_EARLY:
            minutes = -60
        at = offer.accepted_at + timedelta(minutes=minutes)
        said = {Fate.NO_REFERENCE: "", Fate.SWAPPED: damaged(offer.reference, self.random)}
        number = self.line(
            at,
            other(offer.service) if fate is Fate.OTHER_SERVICE else offer.service,
            offer.fen,
            said.get(fate, offer.reference),
            branch=ELSEWHERE if fate is Fate.OTHER_BRANCH else HERE,
            terminal=offer.terminal,
        )
        if fate in TELLS_ITS_OWN:
            self.world.own_lines[number] = offer.id
        self._tell_more(offer, fate, number, at + timedelta(minutes=5))

    def _tell_more(self, offer: Accepted, fate: Fate, number: int, at: datetime) -> None:
        """What comes after the offer's line, and what must be told of either."""
        same, told = (at, offer.service, offer.fen), fate.value
        match fate:
            case Fate.DUPLICATE:
                number = self.line(*same, offer.reference)
            case Fate.REPEATED:
                self.world.lines.append(self.world.lines[-1])
                number += 1
            case Fate.TAKEN_BACK:
                self.line(*same, "", kind="冲正", reverses=self.id(number))
            case Fate.TAKEN_BACK_BY_REFERENCE:
                self.line(*same, offer.reference, kind="R")
                told = Fate.TAKEN_BACK.value
            case Fate.CORRECTED:
                of = self.line(*same, offer.reference, reverses=self.id(number))
                self.world.own_lines[of] = offer.id
                told = Fate.TAKEN_BACK.value
        if fate in TOLD:
            self.world.planted[number] = told

    def line(
        self,
        at: datetime,
        service: str,
        fen: int,
        reference: str,
        *,
        branch: str = HERE,
        terminal: str = "",
        kind: str = "N",
        reverses: str = "",
    ) -> int:
        """Write one; its number in the file."""
        number = len(self.world.lines) + 2
        name = self.random.choice(FAMILY) + self.random.choice(GIVEN)
        said = (
            self.id(number), at.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S"), SERVICES[service],
            name, f"{fen // 100}.{fen % 100:02}", reference, branch, terminal, kind, reverses,
        )  # fmt: skip
        self.world.lines.append("|".join(said))
        return number

    def stranger(self, branch: str = ELSEWHERE) -> None:
        """Somebody who was never at a terminal."""
        self.line(self.moment(), self.random.choice([*SERVICES]), self.amount(), "", branch=branch)

    def moment(self) -> datetime:
        """When the branch is open."""
        day = timedelta(days=self.random.randrange(self.days))
        return MORNING + day + timedelta(seconds=self.random.randrange(HOURS * 3600))

    def amount(self) -> int:
        """In fen; many are round, and the same."""
        return self.random.choice([100_00, 500_00, 2_000_00, 8_000_00, 60_000_00])

    @staticmethod
    def id(number: int) -> str:
        """Of the transaction on a line."""
        return f"TX{number:010}"


def references(random: Random) -> Iterator[str]:
    """Whole ones, none of them twice."""
    seen = set()
    while True:
        data = "".join(random.choices(ALPHABET, k=LENGTH - 1))
        if data not in seen:
            seen.add(data)
            yield next(each for sign in ALPHABET if (each := read_reference(data + sign)))


def damaged(reference: str, random: Random) -> str:
    """Two signs beside each other in the wrong order, or one that is wrong."""
    places = [n for n in range(LENGTH - 1) if reference[n] != reference[n + 1]]
    place = random.choice(places)
    return reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]


def other(service: str) -> str:
    """The other of the two."""
    return next(each for each in SERVICES if each != service)


def make_world(
    random: Random,
    offers: int,
    strangers: int,
    days: int = 1,
    fates: Sequence[Fate] = (),
    here: int = 0,
) -> JournalWorld:
    """A world of so many offers, and so many transactions of others elsewhere, and here."""
    writer = Writer(random, days)
    names = references(random)
    weights = [WEIGHTS.get(each, 1) for each in Fate]
    drawn = fates or random.choices([*Fate], weights, k=offers)
    for fate in drawn:
        writer.offer(
            Accepted(
                UUID(int=random.getrandbits(128), version=4),
                next(names),
                "net" if fate is Fate.OTHER_CHANNEL else "mobile",
                random.choice([*SERVICES]),
                writer.amount(),
                writer.moment(),
                random.choice(["T1", "T2"]),
            ),
            fate,
        )
    for _ in range(strangers):
        writer.stranger()
    for _ in range(here):
        writer.stranger(HERE)
    return writer.world
