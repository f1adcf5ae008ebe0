"""Offers that are accepted at a terminal, and journals of them for the branch."""

from datetime import UTC, datetime
from random import Random
from uuid import UUID

from journal_world import Accepted, Fate, JournalWorld, Writer
from support import default_catalog
from sync_world import TerminalHere, World

from kiosk.models.payloads import VisitStarted
from kiosk.services.diversion import Diversions, OfferMade
from kiosk.services.journal import Fact, new_id
from kiosk.services.reconcile.importing import Imported, Journals
from kiosk.services.reconcile.layout import load_layout

FEN = {"upto_50k": 100_00, "over_50k": 60_000_00}


def accept(terminal: TerminalHere, band: str = "upto_50k") -> str:
    """Somebody accepts to transfer with the mobile bank."""
    offer = OfferMade(new_id(), new_id(), "same_bank_transfer", "mobile")
    terminal.journal.record(
        Fact(VisitStarted(), visit=offer.visit, language="zh_CN", arrived_at=terminal.clock.now())
    )
    diversions = Diversions(terminal.journal, terminal.config.terminal.digit)
    diversions.offer(offer, {"amount": band}, None)
    reference = diversions.accept(offer)
    terminal.clock.advance(minutes=2)
    return reference


def offers(world: World) -> list[Accepted]:
    """Those that the branch knows, in their order."""
    found = world.rows(
        "SELECT id, reference, channel, service, amount_band, accepted_at, terminal FROM diversion"
        " ORDER BY accepted_at"
    )
    return [
        Accepted(
            UUID(str(offer)), str(reference), str(channel), str(service), FEN[str(band)],
            datetime.fromisoformat(str(at)).replace(tzinfo=UTC), str(terminal),
        )
        for offer, reference, channel, service, band, at, terminal in found
    ]  # fmt: skip


def journals(world: World) -> Journals:
    """Those of the world's branch."""
    return Journals(world.branch, world.config, default_catalog(), world.clock)


def take_in(world: World, journal: JournalWorld, name: str = "journal.txt") -> Imported:
    """Import a journal."""
    path = world.folder / name
    journal.write(path)
    return journals(world).take_in(path, load_layout("mobile", None, default_catalog()))


def write(world: World, *fates: Fate) -> Writer:
    """A journal of what became of the offers, in their order."""
    writer = Writer(Random(1))
    for offer, fate in zip(offers(world), fates, strict=True):
        writer.offer(offer, fate)
    return writer
