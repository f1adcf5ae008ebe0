"""What a channel's journal says of offers: recorded by the branch, in one go, in any order."""

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest
from demo_history import arrive
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sync_world import FakeClock, World

from kiosk import projections
from kiosk.errors import KioskError
from kiosk.models import Diversion, Event, HourlyFigures, MatchRule, UndoneReason
from kiosk.models.payloads import (
    DiversionOffered,
    ReconciliationLapsed,
    ReconciliationMatched,
    ReconciliationUndone,
    VisitLeftOut,
    VisitStarted,
)
from kiosk.models.tables import table_of
from kiosk.services.branch import check
from kiosk.services.diversion import Diversions, Evidence, OfferMade
from kiosk.services.journal import Fact, Journal, Origin, new_id
from kiosk.services.reconcile.facts import JournalFact, record_facts

EVENT, DIVERSION, FIGURES = (table_of(model) for model in (Event, Diversion, HourlyFigures))
MATCHED = ReconciliationMatched(rule=MatchRule.REFERENCE)
OFFERS = 3
STAGES = ("accept", "complete", "fall_back", "left_out", "matched", "undone", "lapsed")
MOVES = st.lists(
    st.tuples(
        st.sampled_from((*STAGES, "accept", "matched", "undone")),
        st.integers(0, OFFERS - 1),
        st.sampled_from([0, 1, 3_600, 86_400]),
    ),
    max_size=14,
)


@dataclass
class Bank:
    """A branch database with a terminal's offers in it."""

    world: World

    def begin(self) -> None:
        self.world.clock.time = FakeClock().time
        with self.world.branch.write() as connection:
            for table in (EVENT, *projections.TABLES):
                connection.execute(delete(table))
        clock, zone = self.world.clock, self.world.config.zone
        self.journal = Journal(self.world.branch, Origin("0001", "T1", 1), clock, zone, "release-1")
        self.diversions = Diversions(self.journal, 1)
        self.offers = [self._offer(number) for number in range(OFFERS)]

    def _offer(self, number: int) -> OfferMade:
        made = OfferMade(new_id(), new_id(), "transfer", "mobile")
        started = Fact(VisitStarted(), visit=made.visit, language="zh_CN")
        offered = Fact(
            DiversionOffered(answers={"amount": f"up_to_{number}"}, wait=None),
            visit=made.visit, service=made.service, channel=made.channel, offer=made.id,
        )  # fmt: skip
        self.journal.record(started, offered)
        return made

    def play(self, what: str, which: int) -> None:
        offer = self.offers[which]
        match what:
            case "accept":
                self.diversions.accept(offer)
            case "complete":
                self.diversions.complete(offer, Evidence.CUSTOMER_SAID)
            case "fall_back":
                self.diversions.fall_back(offer)
            case "left_out":
                self.journal.record(Fact(VisitLeftOut(), visit=offer.visit))
            case "matched":
                self.say(fact(MATCHED, offer, new_id()))
            case "undone":
                why = UndoneReason.REVERSAL
                self.say(fact(ReconciliationUndone(), offer, new_id(), why))
            case "lapsed":
                self.say(fact(ReconciliationLapsed(), offer))

    def say(self, *facts: JournalFact) -> int:
        with self.world.branch.write() as connection:
            return record_facts(
                connection, self.world.branch, self.world.config, self.world.clock, facts
            )

    def events(self) -> list[Any]:
        with self.world.branch.read() as connection:
            found = connection.execute(select(EVENT).order_by(EVENT.c.terminal, EVENT.c.seq))
            return list(found.mappings())

    def kept(self) -> list[tuple[Any, ...]]:
        shown = [column for column in DIVERSION.columns if column.name != "evidence"]
        with self.world.branch.read() as connection:
            offers = connection.execute(select(*shown).order_by(DIVERSION.c.id)).all()
            figures = connection.execute(
                select(FIGURES.c.local_hour, FIGURES.c.completed, FIGURES.c.proven)
                .where(FIGURES.c.channel != "", FIGURES.c.offered > 0)
                .order_by(FIGURES.c.local_hour)
            ).all()
        return [tuple(row) for row in (*offers, *figures)]


def fact(
    payload: ReconciliationMatched | ReconciliationUndone | ReconciliationLapsed,
    offer: OfferMade,
    line: UUID | None = None,
    reason: UndoneReason | None = None,
) -> JournalFact:
    day = FakeClock().time.date()
    return JournalFact(
        payload, offer.visit, offer.service, offer.channel, offer.id, day, line, reason
    )


@pytest.fixture(scope="module")
def bank(kept_world: World) -> Bank:
    return Bank(kept_world)


@settings(max_examples=6, deadline=None)
@given(moves=MOVES, chance=...)
def test_branch_and_terminal_may_come_in_any_order(
    bank: Bank, moves: list[tuple[str, int, int]], chance: Random
) -> None:
    bank.begin()
    for what, which, seconds in moves:
        bank.world.clock.advance(seconds=seconds)
        bank.play(what, which)
    kept, events = bank.kept(), bank.events()
    for offer in bank.offers:
        of_it = [event["stage"] for event in events if event["offer"] == offer.id]
        [row] = [row for row in kept if row[0] == offer.id]
        found = dict(zip([c.name for c in DIVERSION.columns if c.name != "evidence"], row,
                         strict=True))  # fmt: skip
        assert found["journal_matches"] == of_it.count("matched") - of_it.count("undone")
        assert (found["lapsed_at"] is None) == ("lapsed" not in of_it)
        assert (found["reference"] is None) == ("accepted" not in of_it)
        assert found["terminal"] == "T1"
        assert found["amount_band"] == f"up_to_{bank.offers.index(offer)}"
    assert not check(bank.world.branch).differences
    arrive(bank.world, chance.sample(events, len(events)))
    assert bank.kept() == kept
    arrive(bank.world, sorted(events, key=lambda event: str(event["terminal"])))
    assert bank.kept() == kept


def test_many_facts_are_one_step_of_the_caller_s(bank: Bank) -> None:
    bank.begin()
    for offer in bank.offers:
        bank.diversions.accept(offer)
    facts = [fact(MATCHED, offer, new_id()) for offer in bank.offers]
    with pytest.raises(ValueError, match="without"):
        bank.say(*facts, fact(MATCHED, bank.offers[0]))
    assert not [event for event in bank.events() if event["kind"] == "reconciliation"]
    assert bank.say(*facts) == OFFERS
    assert bank.say() == 0
    assert bank.say(fact(ReconciliationLapsed(), bank.offers[0])) == 1
    said = [event for event in bank.events() if event["kind"] == "reconciliation"]
    seqs = [event["seq"] for event in said]
    assert seqs == list(range(seqs[0], seqs[0] + OFFERS + 1))
    assert {event["terminal"] for event in said} == {"@branch"}
    assert {type(event["occurred_at"]) for event in said} == {datetime}
    assert {event["release"] for event in said} == {"release-1"}
    assert [event["payload"] for event in said] == [{"rule": "reference"}] * OFFERS + [{}]
    taken_back = fact(ReconciliationUndone(), bank.offers[1], new_id(), UndoneReason.STAFF)
    assert bank.say(taken_back) == 1
    assert [event["reason"] for event in bank.events() if event["stage"] == "undone"] == ["staff"]
    assert not check(bank.world.branch).differences


def test_what_is_not_whole_is_refused_as_a_whole(bank: Bank) -> None:
    bank.begin()
    offer, line = bank.offers[0], new_id()
    good = fact(MATCHED, offer, line)
    for wrong in (fact(MATCHED, offer), fact(ReconciliationUndone(), offer, line)):
        with pytest.raises(ValueError, match="without"):
            bank.say(good, wrong)
    assert not [event for event in bank.events() if event["kind"] == "reconciliation"]


def test_choosing_again_keeps_the_reference(bank: Bank) -> None:
    bank.begin()
    first, other = bank.offers[:2]
    reference = bank.diversions.accept(first)
    assert bank.diversions.accept(other) != reference
    assert bank.diversions.accept(first) == reference
    said = {event["reference"] for event in bank.events() if event["offer"] == first.id}
    assert said == {None, reference}  # None: of the offer


def test_a_branch_that_is_not_there_is_told(bank: Bank) -> None:
    bank.begin()
    config = bank.world.config
    elsewhere = replace(config, branch=replace(config.branch, code="0002"))
    with (
        pytest.raises(KioskError, match="branch_unknown"),
        bank.world.branch.write() as connection,
    ):
        record_facts(connection, bank.world.branch, elsewhere, bank.world.clock, [])
