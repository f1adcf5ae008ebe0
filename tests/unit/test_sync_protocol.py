"""Every answer that a branch may give, and that nothing is ever counted twice or lost."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sync_world import (
    FORMS,
    LosesAnswers,
    Recorder,
    TerminalHere,
    World,
    add_raw_event,
    assert_consistent,
    change,
    rows,
    world_on,
)

from kiosk import projections
from kiosk.config import Terminal
from kiosk.errors import KioskError
from kiosk.models import Event
from kiosk.models.tables import table_of
from kiosk.sentences import known_codes, sentence
from kiosk.services.branch import check, initialise, prepare_store
from kiosk.services.journal import Origin
from kiosk.services.sync import wire
from kiosk.services.sync.push import Outcome, synchronise
from kiosk.services.sync.wire import Parcel, Position, Status

world = world_on(*FORMS)


def parcels_of(terminal: TerminalHere, batch_size: int = 300) -> list[Parcel]:
    """What a synchronisation sends."""
    sent: list[Parcel] = []
    terminal.sync(lambda side: Recorder(side, sent), batch_size)
    return sent


def refused(terminal: TerminalHere) -> str:
    """The code of the refusal that a synchronisation ends with; nothing may have changed."""
    before = rows(terminal.path, "SELECT * FROM event")
    with pytest.raises(KioskError) as caught:
        terminal.sync()
    assert rows(terminal.path, "SELECT * FROM event") == before
    noted = rows(terminal.path, "SELECT last_error FROM watermark")
    assert noted == [(caught.value.code,)]
    assert "{" not in sentence(caught.value)
    return caught.value.code


def test_every_event_arrives_once_however_often_it_is_synchronised(
    world: World, terminal: TerminalHere
) -> None:
    for number in range(3):
        terminal.visit(f"A100{number}")
    assert terminal.sync(batch_size=7) == Outcome(3, 15, 15, 0, 0)
    assert terminal.sync() == Outcome()
    terminal.visit()
    assert terminal.sync() == Outcome(1, 4, 4, 0, 0)
    assert_consistent(world, terminal)
    assert not check(world.branch).differences


def test_a_store_without_events_greets_and_is_seen(world: World, terminal: TerminalHere) -> None:
    assert terminal.sync() == Outcome()
    assert world.rows("SELECT last_seen IS NOT NULL FROM terminal") == [(1,)]


def test_progress_counts_up_to_all(terminal: TerminalHere) -> None:
    terminal.visit()
    terminal.visit()
    seen: list[tuple[int, int]] = []
    terminal.sync(batch_size=3, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(3, 8), (6, 8), (8, 8)]


def test_what_happens_during_the_last_batch_is_brought_by_the_same_run(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit()
    visits = iter(range(2))

    def another_customer(done: int, total: int) -> None:
        if next(visits, None) is not None:
            terminal.visit()

    assert terminal.sync(progress=another_customer) == Outcome(3, 12, 12, 0, 0)
    assert_consistent(world, terminal)


def test_an_audit_log_that_goes_back_is_noted_once_and_what_was_known_stays(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit()
    (parcel,) = parcels_of(terminal)
    caller = dataclasses.replace(
        parcel.caller, position=Position(parcel.number, parcel.to_seq, parcel.digest)
    )
    side = terminal.connect(terminal.branch_url)
    seen = []
    for seq, head in ((None, ""), (0, ""), (3, "c"), (3, "c"), (None, ""), (2, "b"), (3, "x")):
        told = dataclasses.replace(caller, audit_seq=seq, audit_head=head)
        assert side.greet(told).status is Status.OK
        [row] = world.rows("SELECT audit_seq, audit_head, audit_torn_at FROM terminal")
        seen.append((*row[:2], row[2] is not None))
    assert seen == [
        (0, "", False), (0, "", False), (3, "c", False), (3, "c", False), (3, "c", False),
        (3, "c", True), (3, "c", True),
    ]  # fmt: skip
    [(torn_at,)] = world.rows("SELECT audit_torn_at FROM terminal")
    longer = dataclasses.replace(caller, audit_seq=4, audit_head="d")
    side.greet(longer)
    side.close()
    assert world.rows("SELECT audit_seq, audit_head, audit_torn_at FROM terminal") == [
        (4, "d", torn_at)
    ]


def test_clock_skew_and_versions_are_noted(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    (parcel,) = parcels_of(terminal)
    late = dataclasses.replace(parcel.caller, sent_at=parcel.caller.sent_at.replace(year=1970))
    terminal.visit()
    side = terminal.connect(terminal.branch_url)
    position = Position(parcel.number, parcel.to_seq, parcel.digest)
    answer = side.greet(dataclasses.replace(late, position=position))
    side.close()
    assert answer.status is Status.OK
    ((skew, seen, schema),) = world.rows(
        "SELECT clock_skew_seconds, last_seen, schema_version FROM terminal"
    )
    last_seen = datetime.fromisoformat(str(seen)).replace(tzinfo=UTC)
    assert skew == round((late.sent_at - last_seen).total_seconds())
    assert schema == 1


# --- repeated and lost ----------------------------------------------------------------------------


def test_lost_answer_is_asked_for_again_with_the_same_batch(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit()
    sent: list[Parcel] = []
    with pytest.raises(KioskError, match="database_unreachable"):
        terminal.sync(lambda side: LosesAnswers(side, sent))
    terminal.visit()  # a batch cut anew would hold these too, and be another history
    again = parcels_of(terminal)
    assert again[0].lines == sent[0].lines
    assert again[0].digest == sent[0].digest
    assert [len(parcel.lines) for parcel in again] == [4, 4]
    assert_consistent(world, terminal)
    assert not check(world.branch).differences


def test_batch_that_was_taken_is_answered_with_its_receipt(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit()
    add_raw_event(terminal.path, kind="weather", visit=None)
    (parcel,) = parcels_of(terminal)
    answer = terminal.hand_over(parcel)
    assert answer.status is Status.ALREADY
    assert (answer.inserted, answer.duplicates) == (4, 0)
    assert [each.reason for each in answer.rejected] == ["unknown kind or stage"]
    assert_consistent(world, terminal)


def test_older_copy_that_went_no_further_catches_up(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    terminal.visit()
    copy = terminal.copy(tmp_path / "copy")
    terminal.sync()
    assert copy.sync() == Outcome(1, 4, 4, 0, 0)
    assert_consistent(world, terminal, copy)


def test_events_that_came_by_another_way_are_counted_as_duplicates(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit("A1001")
    first = parcels_of(terminal, 2)
    assert len(first) == 3
    # the branch's ledger is gone, its events are not
    world.change("DELETE FROM receipt")
    world.change("UPDATE terminal SET acked_seq = 0, batch_number = 0, chain = ''")
    change(terminal.path, "DELETE FROM watermark")
    change(terminal.path, "DELETE FROM batch")
    before = world.rows("SELECT * FROM hourly_figures")
    assert terminal.sync() == Outcome(1, 5, 0, 5, 0)
    assert world.rows("SELECT * FROM hourly_figures") == before
    assert_consistent(world, terminal)


def test_only_new_events_of_a_half_known_batch_are_applied(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit("A1001")
    parcels_of(terminal)
    world.change("DELETE FROM receipt")
    world.change("UPDATE terminal SET acked_seq = 0, batch_number = 0, chain = ''")
    change(terminal.path, "DELETE FROM watermark")
    change(terminal.path, "DELETE FROM batch")
    world.change("DELETE FROM event WHERE seq IN (2, 4)")
    with world.branch.write() as connection:
        projections.rebuild(connection)
    assert terminal.sync() == Outcome(1, 5, 2, 3, 0)
    assert not check(world.branch).differences
    assert_consistent(world, terminal)


# --- refusals -------------------------------------------------------------------------------------


def test_not_enrolled(world: World) -> None:
    terminal = world.terminal("T7", 7, enrolled=False)
    terminal.visit()
    assert refused(terminal) == "sync_not_enrolled"


def test_digit_of_another_terminal(world: World, terminal: TerminalHere) -> None:
    """Two terminals with one digit give the same ticket numbers: neither may go on unnoticed."""
    terminal.visit("A1001")
    prepare_store(terminal.store, replace(terminal.config, terminal=Terminal(code="T1", digit=2)))
    assert refused(terminal) == "sync_digit_differs"
    prepare_store(terminal.store, terminal.config)
    assert terminal.sync().inserted == 5
    assert_consistent(world, terminal)


def test_wrong_branch(world: World, tmp_path: Path) -> None:
    terminal = world.terminal()
    terminal.visit()
    with pytest.raises(KioskError, match="sync_wrong_branch"):
        synchronise(
            terminal.store,
            Origin("0002", "T1", 1),
            lambda: terminal.connect(terminal.branch_url),
            world.clock,
        )


def test_epoch_mismatch(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    world.change("UPDATE terminal SET epoch = 2")
    assert refused(terminal) == "sync_epoch_mismatch"


def test_other_branch_database(terminal: TerminalHere, tmp_path: Path) -> None:
    terminal.visit()
    terminal.sync()
    (tmp_path / "other").mkdir()
    other = World(tmp_path / "other")
    other.terminal()
    terminal.branch_url = other.config.branch_database_url
    assert refused(terminal) == "sync_other_database"
    terminal.visit()
    assert refused(terminal) == "sync_other_database"


def test_a_store_is_no_branch_database(terminal: TerminalHere) -> None:
    terminal.visit()
    terminal.branch_url = f"sqlite:///{terminal.path}"
    assert refused(terminal) == "sync_no_branch_database"


def test_branch_restored_from_an_older_copy(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    terminal.sync()
    world.branch.close()
    go_back = world.here.back_up()
    terminal.visit()
    terminal.sync()
    go_back()
    assert refused(terminal) == "sync_branch_lost_data"


@pytest.mark.parametrize(
    ("low", "high", "code"), [(1, 0, "sync_schema_too_new"), (2, 3, "sync_schema_too_old")]
)
def test_schema_out_of_range_is_kept_and_drains_later(
    world: World, terminal: TerminalHere, low: int, high: int, code: str
) -> None:
    terminal.visit()
    world.change("UPDATE branch_meta SET schema_min = ?, schema_max = ?", low, high)
    assert refused(terminal) == code
    world.change("UPDATE branch_meta SET schema_min = 1, schema_max = 1")
    terminal.sync()
    assert_consistent(world, terminal)


def test_event_of_a_newer_schema_holds_the_batch_back(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    add_raw_event(terminal.path, schema_version=2)
    assert refused(terminal) == "sync_schema_too_new"
    assert world.rows("SELECT count(*) FROM event") == [(0,)]


def test_restored_copy_that_went_on_is_a_fork(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    terminal.visit()
    terminal.sync()
    copy = terminal.copy(tmp_path / "copy")
    terminal.visit()
    terminal.sync()
    copy.visit()
    assert refused(copy) == "sync_fork"
    assert_consistent(world, terminal)


def test_restored_copy_with_nothing_to_send_is_told_that_it_is_old(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    terminal.visit()
    terminal.sync()
    copy = terminal.copy(tmp_path / "copy")
    terminal.visit()
    terminal.sync()
    assert refused(copy) == "sync_ahead"


def test_batch_below_the_branch_whose_receipt_is_gone(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    terminal.visit()
    copy = terminal.copy(tmp_path / "copy")
    parcels_of(terminal, 2)
    world.change("DELETE FROM receipt WHERE number = 1")
    assert refused(copy) == "sync_ahead"


def test_same_place_with_another_history_is_a_fork(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    terminal.sync()
    change(terminal.path, "UPDATE watermark SET chain = 'other'")
    assert refused(terminal) == "sync_fork"


Damage = Callable[[Parcel], Parcel]


def _swap(parcel: Parcel) -> Parcel:
    lines = parcel.lines[::-1]
    return dataclasses.replace(parcel, lines=lines, digest=wire.digest("", lines))


def _of_another(parcel: Parcel) -> Parcel:
    lines = tuple(line.replace('"terminal":"T1"', '"terminal":"T2"') for line in parcel.lines)
    return dataclasses.replace(parcel, lines=lines, digest=wire.digest("", lines))


@pytest.mark.parametrize(
    ("damage", "status"),
    [
        (lambda parcel: dataclasses.replace(parcel, lines=parcel.lines[:-1]), Status.BAD_DIGEST),
        (lambda parcel: dataclasses.replace(parcel, digest="0" * 64), Status.BAD_DIGEST),
        (_swap, Status.MALFORMED),
        (_of_another, Status.MALFORMED),
    ],
)
def test_batch_that_is_not_what_it_says(
    world: World, terminal: TerminalHere, damage: Damage, status: Status
) -> None:
    terminal.visit()
    sent: list[Parcel] = []

    class Damaging(Recorder):
        def receive(self, parcel: Parcel) -> wire.Answer:
            return super().receive(damage(parcel))

    with pytest.raises(KioskError, match=f"sync_{status}"):
        terminal.sync(lambda side: Damaging(side, sent))
    assert world.rows("SELECT count(*) FROM event") == [(0,)]
    terminal.sync()
    assert_consistent(world, terminal)


def test_gap_in_the_numbers_is_lost_data(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    (parcel,) = parcels_of(terminal)
    caller = dataclasses.replace(parcel.caller, position=Position(5, 4, parcel.digest))
    answer = terminal.hand_over(dataclasses.replace(parcel, caller=caller))
    assert answer.status is Status.BRANCH_LOST_DATA


def test_id_of_another_terminals_event_stops_the_batch(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit()
    (id_,) = rows(terminal.path, "SELECT id FROM event WHERE seq = 2")[0]
    second = world.terminal("T2", 2)
    second.visit()
    add_raw_event(second.path, id=id_)
    second.sync()
    assert refused(terminal) == "sync_rows_missing"
    assert world.rows("SELECT count(*) FROM event WHERE terminal = 'T1'") == [(0,)]
    world.change("DELETE FROM event WHERE terminal = 'T2'")
    world.change("DELETE FROM receipt")
    terminal.sync()
    assert_consistent(world, terminal)


def test_events_changed_after_they_were_offered(terminal: TerminalHere) -> None:
    terminal.visit()
    with pytest.raises(KioskError, match="database_unreachable"):
        terminal.sync(lambda side: LosesAnswers(side, []))
    change(terminal.path, "DROP TRIGGER event_is_never_changed")
    change(terminal.path, "UPDATE event SET language = 'zh_TW' WHERE seq = 1")
    assert refused(terminal) == "sync_events_changed"


def test_every_status_has_a_sentence() -> None:
    taken = {Status.OK, Status.ALREADY}
    assert {f"sync_{status}" for status in set(Status) - taken} <= known_codes()


def test_every_refusal_is_in_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "sync.md").read_text(encoding="utf-8")
    for code in known_codes():
        if code.startswith(("sync_", "store_", "digit_", "schema_", "disk_", "database_")):
            assert f"`{code}`" in manual, code


# --- two at once ----------------------------------------------------------------------------------


def test_second_synchronisation_of_one_store_says_so_and_leaves(terminal: TerminalHere) -> None:
    terminal.visit()

    class Meanwhile(Recorder):
        def receive(self, parcel: Parcel) -> wire.Answer:
            with pytest.raises(KioskError, match="sync_running"):
                terminal.sync()
            return super().receive(parcel)

    sent: list[Parcel] = []
    terminal.sync(lambda side: Meanwhile(side, sent))
    assert len(sent) == 1


def test_two_copies_with_one_open_batch_both_end_well(
    world: World, terminal: TerminalHere, tmp_path: Path
) -> None:
    terminal.visit()
    with pytest.raises(KioskError, match="database_unreachable"):
        terminal.sync(lambda side: LosesAnswers(side, []))
    copy = terminal.copy(tmp_path / "copy")
    terminal.sync()
    copy.sync()
    assert_consistent(world, terminal, copy)


def test_terminals_interleaved_into_one_branch(world: World) -> None:
    first, second = world.terminal("T1", 1), world.terminal("T2", 2)
    for number in range(1, 4):
        first.visit(f"A1{number:03}")
        second.visit(f"A2{number:03}")
        first.sync(batch_size=2)
        world.clock.advance(hours=1)
        second.visit()
        second.sync(batch_size=3)
    assert_consistent(world, first, second)
    assert not check(world.branch).differences


# --- poison ---------------------------------------------------------------------------------------


RUN: dict[str, object] = {
    "kind": "demo", "stage": "finished", "demo": "balance_sms", "demo_run": "d" * 32, "way": "try",
    "channel": "sms", "payload": '{"seconds":60}',
}  # fmt: skip
ASSIST: dict[str, object] = {
    "kind": "assist", "stage": "ended", "subject": "d" * 32, "staff": "1001", "outcome": "taught",
    "payload": '{"seconds":60}',
}  # fmt: skip
NOTE: dict[str, object] = {
    "kind": "day_book", "stage": "written", "staff": "1001", "reason": "note",
    "payload": '{"text":"13812341234"}',
}  # fmt: skip
POISON: dict[str, dict[str, object]] = {
    "unknown kind or stage": {"kind": "weather"},
    "payload: seconds": RUN | {"payload": "{}"},
    "value: payload": {"payload": "{broken"},
    "value: service": {"service": "nul\0byte"},
    "value: occurred_at": {"occurred_at": "not a time"},
    "value: id": {"id": "no-uuid"},
    "value: local_hour": {"local_hour": 77},
    "value: monotonic_ns": {"monotonic_ns": "soon"},
    "value: schema_version": {"schema_version": 1.5},
    "empty: visit": {"visit": None},
    "schema too old": {"schema_version": 0},
    "value: step": {"step": 1},
    "value: priority": {"priority": "of a newer program"},
    "value: way": RUN | {"way": "of a newer program"},
    "value: wrong_keys": RUN | {"wrong_keys": -1},
    "empty: channel": RUN | {"channel": None},
    "value: outcome": ASSIST | {"outcome": "of a newer program"},
    "empty: subject": ASSIST | {"subject": None},
    "payload: text": NOTE,
    "not one of: visit, staff": RUN | {"staff": "1001"},
}


@pytest.mark.parametrize(("reason", "changes"), POISON.items())
def test_poisoned_event_is_kept_aside_and_the_others_go_through(
    world: World, terminal: TerminalHere, reason: str, changes: dict[str, object]
) -> None:
    terminal.visit("A1001")
    poisoned = add_raw_event(terminal.path, **changes)
    terminal.visit("A1002")
    assert terminal.sync() == Outcome(1, 11, 10, 0, 1)
    ((seq, event, why, text),) = world.rows("SELECT seq, event, reason, text FROM quarantine")
    assert (seq, why) == (6, reason)
    assert event == poisoned
    assert '"seq":6' in str(text)
    assert rows(terminal.path, "SELECT seq, reason FROM quarantine") == [(6, reason)]
    assert_consistent(world, terminal)
    assert not check(world.branch).differences
    assert world.rows("SELECT sum(tickets), sum(accepted) FROM hourly_figures") == [(2, 2)]


def test_a_terminal_moves_no_ticket_past_its_own_word(world: World, terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    [(ticket,)] = rows(terminal.path, "SELECT id FROM ticket")
    of_counter: dict[str, object] = {
        "ticket": ticket, "ticket_number": "A1001", "queue": "A", "counter": "3", "staff": "s1",
        "step": 1,
    }  # fmt: skip
    for kind, stage in (("ticket", "called"), ("ticket", "expired"), ("counter", "opened")):
        add_raw_event(terminal.path, kind=kind, stage=stage, **of_counter)
    assert terminal.sync().quarantined == 3
    assert world.rows("SELECT DISTINCT reason FROM quarantine") == [("unknown kind or stage",)]
    assert world.rows("SELECT state, steps FROM ticket") == [("waiting", 0)]
    assert world.rows("SELECT * FROM counter_state") == []


def test_zero_byte_and_odd_constants_inside_a_payload(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    add_raw_event(terminal.path, payload='{"a":["\\u0000"]}')
    add_raw_event(terminal.path, payload='{"a":NaN}')
    add_raw_event(terminal.path, payload='{"a":"\\ud800"}')
    add_raw_event(terminal.path, payload="[" * 5000)
    assert terminal.sync() == Outcome(1, 8, 4, 0, 4)
    assert world.rows("SELECT DISTINCT reason FROM quarantine") == [("value: payload",)]
    assert_consistent(world, terminal)


def test_second_ticket_with_one_number_is_kept_aside(world: World) -> None:
    first, second = world.terminal("T1", 1), world.terminal("T2", 2)
    first.visit("A1001")
    first.sync()
    second.visit("A1001")
    second.visit("A2001")
    assert second.sync() == Outcome(1, 10, 9, 0, 1)
    ((terminal, reason),) = world.rows("SELECT terminal, reason FROM quarantine")
    assert terminal == "T2"
    assert str(reason).startswith("refused by the database: ")
    assert world.rows("SELECT sum(tickets), sum(visits) FROM hourly_figures") == [(2, 3)]
    assert_consistent(world, first, second)
    assert not check(world.branch).differences


def test_quarantine_is_told_again_when_the_answer_was_lost(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit()
    add_raw_event(terminal.path, kind="weather")
    with pytest.raises(KioskError, match="database_unreachable"):
        terminal.sync(lambda side: LosesAnswers(side, []))
    assert terminal.sync().quarantined == 1
    assert_consistent(world, terminal)


def test_clock_jumps_do_not_change_the_order(world: World, terminal: TerminalHere) -> None:
    for year in (2026, 1970, 2099, 2026):
        terminal.clock.time = terminal.clock.time.replace(year=year)
        terminal.visit()
    terminal.sync(batch_size=3)
    assert_consistent(world, terminal)
    assert not check(world.branch).differences


# --- the wire -------------------------------------------------------------------------------------


def test_a_line_is_exactly_the_events_columns() -> None:
    columns = table_of(Event).columns.keys()
    assert sorted(columns) == list(wire.COLUMNS[wire.WIRE_FORMAT])


def test_a_line_becomes_the_very_row(world: World, terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    terminal.sync()
    query = "SELECT * FROM event ORDER BY seq"
    *here, payload = zip(*rows(terminal.path, query), strict=True)
    *there, texts = zip(*world.rows(query), strict=True)
    sent = [json.loads(text) if isinstance(text, str) else text for text in texts]
    assert there == here
    assert sent == [json.loads(str(text)) for text in payload]


def test_lines_are_plain_json_in_the_store_s_own_form(terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    event_id = add_raw_event(terminal.path, service='转账 "\\\n\t\x01/')
    (parcel,) = parcels_of(terminal)
    for line in parcel.lines:
        assert "\n" not in line
        event = json.loads(line)
        assert line == json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    first, *_, last = map(json.loads, parcel.lines)
    assert first["occurred_at"] == "2026-11-23 01:30:00.000000"
    assert first["business_date"] == "2026-11-23"
    assert json.loads(first["payload"]) == {}
    assert (last["id"], last["service"]) == (event_id, '转账 "\\\n\t\x01/')


@pytest.mark.parametrize("bad", [b"\xff", b"abc\x80"])
def test_text_that_is_no_text_is_kept_aside(
    world: World, terminal: TerminalHere, bad: bytes
) -> None:
    terminal.visit()
    add_raw_event(terminal.path)
    change(terminal.path, "DROP TRIGGER event_is_never_changed")
    change(terminal.path, "UPDATE event SET service = CAST(? AS TEXT) WHERE seq = 5", bad)
    terminal.visit()
    assert terminal.sync() == Outcome(1, 9, 8, 0, 1)
    assert world.rows("SELECT seq, reason FROM quarantine") == [(5, "not JSON")]
    assert_consistent(world, terminal)


def test_a_batch_is_offered_again_in_the_form_it_was_opened_in(
    world: World, terminal: TerminalHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.visit()
    with pytest.raises(KioskError, match="database_unreachable"):
        terminal.sync(lambda side: LosesAnswers(side, []))
    monkeypatch.setitem(wire.COLUMNS, 2, wire.COLUMNS[1][:-1])
    monkeypatch.setattr(wire, "WIRE_FORMAT", 2)
    initialise(world.branch, world.config)
    terminal.visit()
    sent = parcels_of(terminal)
    assert [parcel.caller.wire_format for parcel in sent] == [1, 2]


def test_unknown_wire_format_is_a_newer_terminal(
    terminal: TerminalHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.visit()
    monkeypatch.setattr(wire, "WIRE_FORMAT", 9)
    assert refused(terminal) == "sync_schema_too_new"
