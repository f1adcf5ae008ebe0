"""A terminal whose store is an older copy, a clone or lost begins a new one and loses nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support import default_rules
from sync_history import counted, kept_figures
from sync_world import (
    FORMS,
    LosesAnswers,
    TerminalHere,
    World,
    add_raw_event,
    reopened,
    rows,
    world_on,
)

from kiosk.bootstrap import build
from kiosk.errors import KioskError
from kiosk.models.payloads import VisitStarted
from kiosk.sentences import sentence
from kiosk.services.audit import AuditAction, AuditLog, entries, first_broken
from kiosk.services.branch import check
from kiosk.services.branch_queue import BranchQueue
from kiosk.services.journal import Fact, new_id
from kiosk.services.keys import key
from kiosk.services.sync.granting import open_renewal
from kiosk.services.sync.quarantine import Decider, epochs_held, held_events
from kiosk.services.sync.renew import Plan, Renewed, renewal
from kiosk.services.sync.wire import Answer, BranchSide, Caller, RenewalRequest
from kiosk.services.tickets import TicketRequest, Tickets

world = world_on(*FORMS)


Around = Callable[[BranchSide], BranchSide]


def renewed(
    world: World, terminal: TerminalHere, code: str = "", around: Around = lambda side: side
) -> tuple[TerminalHere, Renewed]:
    """The same terminal with a new store."""
    terminal.store.close()
    code = code or open_renewal(world.branch, "0001", terminal.config.terminal.code)
    with renewal(terminal.config, world.clock) as found:
        done = found.carry_out(code, lambda: around(terminal.connect(terminal.branch_url)))
    assert done is not None
    return reopened(terminal), done


def planned(terminal: TerminalHere) -> Plan:
    terminal.store.close()
    with renewal(terminal.config, terminal.clock) as found:
        return found.plan


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(KioskError) as caught:
        act()
    assert "{" not in sentence(caught.value)
    return caught.value.code


EVENTS = "SELECT epoch, seq, id FROM event ORDER BY epoch, seq"


def assert_one_place_for_each(world: World, *terminals: TerminalHere) -> None:
    """Each event of any store is on the branch once, and counted once."""
    there = world.rows(f"{EVENTS}")
    assert len({event for *_, event in there}) == len(there)
    here = {event for terminal in terminals for *_, event in rows(terminal.path, EVENTS)}
    assert {event for *_, event in there} == here
    for code, epoch, acked in world.rows("SELECT code, epoch, acked_seq FROM terminal"):
        count = "SELECT count(*) FROM event WHERE terminal = ? AND epoch = ?"
        assert world.rows(count, code, epoch) == [(acked,)]
    assert_receipts_tile(world)
    assert not check(world.branch).differences
    for terminal in terminals:
        assert not check(terminal.store).differences
    world.branch.close()


def assert_receipts_tile(world: World) -> None:
    ends: dict[tuple[object, ...], object] = {}
    for *origin, first, last, events, parts in world.rows(
        "SELECT terminal, epoch, from_seq, to_seq, events, inserted + duplicates + quarantined"
        " FROM receipt ORDER BY terminal, epoch, number"
    ):
        assert isinstance(first, int)
        assert isinstance(last, int)
        assert first == int(str(ends.get(tuple(origin), 0))) + 1
        assert events == parts == last - first + 1
        ends[tuple(origin)] = last


def test_the_audit_log_comes_along_and_the_branch_goes_on_knowing_its_end(
    world: World, terminal: TerminalHere
) -> None:
    def audited(at: TerminalHere) -> None:
        AuditLog(at.store, at.config, at.clock, at.config.terminal.code).record(
            AuditAction.SIGN_IN, "2001"
        )

    known = "SELECT audit_seq, audit_torn_at FROM terminal"
    audited(terminal)
    audited(terminal)
    terminal.sync()
    assert world.rows(known) == [(2, None)]
    here, _done = renewed(world, terminal)
    audited(here)
    here.sync()
    assert world.rows(known) == [(3, None)]
    with here.store.read() as connection:
        kept = list(entries(connection, "0001"))
    assert first_broken(kept, key(here.config, "audit")) is None
    here.store.close()
    world.branch.close()


def test_a_store_that_is_sound_goes_on_in_the_next_epoch(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit("A1001")
    terminal.sync(batch_size=3)
    terminal.visit("A1002")
    old = rows(terminal.path, EVENTS)
    plan = planned(terminal)
    assert (plan.events, plan.waiting, plan.lost) == (10, 5, ())
    terminal, done = renewed(world, terminal)
    assert (done.epoch, done.carried, done.lost) == (2, 5, ())
    assert done.kept is not None
    assert rows(done.kept, EVENTS) == old, "the old store is kept as it was"
    new = rows(terminal.path, EVENTS)
    ids = [event for *_, event in old]
    assert new == [*old[:5], *((2, seq, event) for seq, event in enumerate(ids[5:], 1))]
    assert rows(terminal.path, "SELECT * FROM carried_event") == [
        (2, n, 1, n + 5) for n in range(1, 6)
    ]
    terminal.visit("A1003")
    assert terminal.sync(batch_size=4).inserted == 10
    assert_one_place_for_each(world, terminal)
    assert kept_figures(world) == counted([terminal])


def test_until_the_code_is_used_the_old_store_goes_on(world: World, terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    terminal.sync()
    open_renewal(world.branch, "0001", "T1")
    terminal.visit("A1002")
    assert terminal.sync().inserted == 5
    assert refused(lambda: renewed(world, terminal, "WRONG")) == "sync_renewal_refused"
    terminal.visit("A1003")
    assert terminal.sync().inserted == 5
    terminal.store.close()
    left = {path.name for path in world.folder.glob("terminal-T1*")}
    assert left == {f"terminal-T1.db{lock}" for lock in ("", ".sync-lock", ".terminal-lock")}


def test_an_older_copy(world: World, terminal: TerminalHere, tmp_path: Path) -> None:
    terminal.visit("A1001")
    terminal.sync(batch_size=2)
    copy = terminal.copy(tmp_path / "restored")
    terminal.visit("A1002")
    terminal.sync()
    assert refused(copy.sync) == "sync_ahead"
    copy.visit("A1777")
    copy, done = renewed(world, copy)
    assert (done.epoch, done.carried) == (2, 5)
    assert copy.sync().inserted == 5
    assert_one_place_for_each(world, terminal, copy)
    assert refused(terminal.sync) == "sync_epoch_mismatch", "the original can't take its place back"


def test_a_clone_that_shares_events_which_came_by_the_other(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    terminal.visit("A1001")
    terminal.sync()
    terminal.visit("A1002")
    clone = terminal.copy(tmp_path / "clone")
    clone.visit("A1901")
    terminal.visit("A1003")
    terminal.sync()
    assert refused(clone.sync) == "sync_fork"
    clone, done = renewed(world, clone)
    assert (done.epoch, done.carried) == (2, 5), "the visit that both have came already"
    clone.sync()
    # and back: the original is chosen after all, with what it did meanwhile
    terminal.visit("A1004")
    terminal, done = renewed(world, terminal)
    assert (done.epoch, done.carried) == (3, 5)
    terminal.sync()
    assert_one_place_for_each(world, terminal, clone)


def test_a_store_that_was_lost_altogether(world: World, terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    terminal.sync()
    terminal.store.close()
    terminal.path.unlink()
    assert planned(terminal) == Plan(terminal.path, False, False, 0, 0, ())
    terminal, done = renewed(world, terminal)
    assert (done.epoch, done.carried, done.kept) == (2, 0, None)
    terminal.visit("A1501")
    terminal.sync()
    assert world.rows("SELECT count(*) FROM event") == [(10,)]


def test_a_branch_database_that_was_made_anew(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    terminal.visit("A1001")
    terminal.sync()
    terminal.visit("A1002")
    world.change("DELETE FROM event")
    world.change("DELETE FROM receipt")
    for table in ("visit", "ticket", "diversion", "hourly_figures"):
        world.change(f"DELETE FROM {table}")  # noqa: S608 (our own words)
    world.change("UPDATE branch_meta SET id = ?", "01a208efc10074c09a6b9981016d5a13")
    world.change("UPDATE terminal SET acked_seq = 0, batch_number = 0, chain = ''")
    assert refused(terminal.sync) == "sync_other_database"
    terminal, done = renewed(world, terminal)
    assert done.carried == 10
    terminal.sync()
    assert_one_place_for_each(world, terminal)
    assert kept_figures(world) == counted([terminal])


def test_a_branch_from_before_the_last_renewal(world: World, terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    terminal.sync()
    world.branch.close()
    go_back = world.here.back_up()
    terminal.visit("A1002")
    terminal.sync()
    terminal, _ = renewed(world, terminal)
    terminal.visit("A1501")
    terminal.sync()
    world.branch.close()
    go_back()
    assert refused(terminal.sync) == "sync_epoch_mismatch"
    terminal, done = renewed(world, terminal)
    assert (done.epoch, done.carried) == (3, 10), "above every epoch that either knows"
    terminal.sync()
    assert_one_place_for_each(world, terminal)
    assert kept_figures(world) == counted([terminal])


def test_events_that_the_branch_dropped_with_their_month_do_not_come_again(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit("A1001")
    terminal.sync()
    world.change("DELETE FROM event")
    world.change("UPDATE branch_meta SET events_from = '2026-12-01'")
    terminal.visit("A1002")
    terminal, done = renewed(world, terminal)
    assert done.carried == 5, "behind a receipt that the branch knows it lacks everything"


def test_what_stands_in_quarantine_is_not_sent_twice(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    terminal.visit("A1001")
    clone = terminal.copy(tmp_path / "clone")
    add_raw_event(terminal.path, kind="weather")
    terminal.store.close()
    terminal.sync()
    clone, done = renewed(world, terminal)
    assert done.carried == 0
    assert rows(clone.path, "SELECT epoch, seq FROM quarantine") == [(1, 6)]


def test_what_stands_in_quarantine_can_be_decided_in_the_new_store(
    world: World, terminal: TerminalHere
) -> None:
    other = world.terminal("T2", 2)
    other.visit("A1001")
    other.sync()
    terminal.visit("A1001")
    for _ in range(2):
        add_raw_event(terminal.path, kind="weather")
    assert terminal.sync().quarantined == 3
    terminal, done = renewed(world, terminal)
    assert done.carried == 0
    origin = terminal.journal.origin
    assert epochs_held(terminal.store, origin) == [1]
    decider = Decider(
        terminal.store,
        origin,
        lambda: terminal.connect(terminal.branch_url),
        terminal.clock,
        epoch=1,
    )
    decider.drop([6], "the weather")
    world.change("UPDATE ticket SET number = 'A2001' WHERE terminal = 'T2'")
    assert decider.retry() == 1
    held = held_events(terminal.store, decider.meant)
    assert [(each.seq, each.dropped_why) for each in held] == [(6, "the weather"), (7, None)]
    both = "SELECT epoch, seq, dropped_why FROM quarantine ORDER BY epoch, seq"
    assert (
        world.rows(both)
        == rows(terminal.path, both)
        == [
            (1, 6, "the weather"),
            (1, 7, None),
        ]
    )
    assert world.rows("SELECT sum(tickets) FROM hourly_figures") == [(2,)]


def test_an_older_copy_hears_of_what_the_branch_holds_in_quarantine(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    terminal.visit()
    copy = terminal.copy(tmp_path / "restored")
    add_raw_event(terminal.path, kind="weather")
    terminal.sync()
    held = "SELECT epoch, seq, event, reason, text, received_at, dropped_why FROM quarantine"
    ((epoch, seq, *_),) = world.rows(held)
    assert (epoch, seq) == (1, 5)
    copy, _ = renewed(world, copy)
    assert rows(copy.path, held) == world.rows(held)


def test_a_customer_whose_visit_broke_off_has_left(world: World, terminal: TerminalHere) -> None:
    visit = new_id()
    terminal.journal.record(
        Fact(VisitStarted(), visit=visit, language="en", arrived_at=terminal.clock.now())
    )
    terminal.sync()
    terminal, _ = renewed(world, terminal)
    build(terminal.config, terminal.clock).close()
    terminal.sync()
    assert world.rows("SELECT end_reason FROM visit") == [("interrupted",)]
    assert_one_place_for_each(world, terminal)


# --- ticket numbers -------------------------------------------------------------------------------


def test_ticket_numbers_of_the_day_go_on_above_all_that_anybody_knows(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    terminal.visit("A1001")
    copy = terminal.copy(tmp_path / "restored")
    terminal.visit("B1600")
    terminal.sync()
    copy, done = renewed(world, copy)
    assert done.numbers_above == 600 + (999 - 600) // 2
    assert done.numbers_above == 799
    queue = BranchQueue(copy.journal, sees_all_tickets=True)
    tickets = Tickets(copy.journal, default_rules(), 1, queue)
    requests = [TicketRequest(new_id(), new_id(), copy.clock.now(), None) for _ in range(2)]
    assert [tickets.issue(each).number for each in requests] == ["A1800", "A1801"]
    copy.clock.advance(days=1)
    following = TicketRequest(new_id(), new_id(), copy.clock.now(), None)
    assert tickets.issue(following).number == "A1001"
    copy.sync()
    assert rows(copy.path, "SELECT * FROM quarantine") == []
    # and once more on the same day: above what was given, or had to be kept free
    copy.clock.advance(days=-1)
    copy, done = renewed(world, copy)
    assert done.numbers_above == 801 + (999 - 801) // 2
    world.branch.close()


# --- interrupted ----------------------------------------------------------------------------------


def test_an_answer_that_was_lost_is_given_again(world: World, terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    code = open_renewal(world.branch, "0001", "T1")
    with pytest.raises(KioskError, match="unreachable"):
        renewed(world, terminal, code, lambda side: LosesGrants(side, []))
    terminal.visit("A1002")
    assert refused(terminal.sync) == "sync_epoch_mismatch"
    terminal, done = renewed(world, terminal, code)
    assert (done.epoch, done.carried) == (2, 10)
    terminal.sync()
    assert_one_place_for_each(world, terminal)
    terminal.store.close()
    with renewal(terminal.config, terminal.clock) as found:
        code_again = refused(
            lambda: found.carry_out(code, lambda: terminal.connect(terminal.branch_url))
        )
    assert code_again == "sync_renewal_refused"


class LosesGrants(LosesAnswers):
    def renew(self, caller: Caller, request: RenewalRequest) -> Answer:
        super().renew(caller, request)
        raise KioskError("database_unreachable", database=self.name)


def test_the_same_code_before_the_first_batch_changes_nothing(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit("A1001")
    code = open_renewal(world.branch, "0001", "T1")
    terminal, _ = renewed(world, terminal, code)
    terminal.store.close()
    before = terminal.path.read_bytes()
    with renewal(terminal.config, world.clock) as found:
        assert found.carry_out(code, lambda: terminal.connect(terminal.branch_url)) is None
    assert terminal.path.read_bytes() == before
