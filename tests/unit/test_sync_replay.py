"""A branch database restored from an older backup gets back what it lost, once, and counts it."""

from pathlib import Path

import pytest
from sync_history import counted, kept_figures
from sync_world import (
    FORMS,
    LosesAnswers,
    TerminalHere,
    World,
    add_raw_event,
    assert_consistent,
    at_counter,
    change,
    rows,
    world_on,
)
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode
from kiosk.models.payloads import TicketCalled
from kiosk.sentences import sentence
from kiosk.services.branch import check, enrol
from kiosk.services.sync.push import Outcome
from kiosk.services.sync.quarantine import Decider
from kiosk.services.sync.replay import replay

world = world_on(*FORMS)


def replayed(terminal: TerminalHere) -> Outcome:
    return replay(
        terminal.store,
        terminal.journal.origin,
        lambda: terminal.connect(terminal.branch_url),
        terminal.clock,
        lambda done, total: None,
    )


def refused(terminal: TerminalHere) -> str:
    with pytest.raises(KioskError) as caught:
        replayed(terminal)
    assert "{" not in sentence(caught.value)
    return caught.value.code


def assert_whole(world: World, *terminals: TerminalHere) -> None:
    assert_consistent(world, *terminals)
    for database in (world.branch, *(terminal.store for terminal in terminals)):
        assert not check(database).differences
    assert kept_figures(world) == counted(list(terminals))
    world.branch.close()


def test_every_terminal_brings_what_was_lost(world: World) -> None:
    terminals = [world.terminal(f"T{digit}", digit) for digit in (1, 2, 3)]
    for terminal in terminals:
        terminal.visit(f"A{terminal.config.terminal.digit}001")
        terminal.sync(batch_size=2)
    world.branch.close()
    go_back = world.here.back_up()
    for terminal in terminals[:2]:
        terminal.visit(f"A{terminal.config.terminal.digit}002")
        terminal.sync(batch_size=3)
    terminals[0].visit("A1003")
    with pytest.raises(KioskError):  # one batch more is there, and the terminal does not know
        terminals[0].sync(lambda side: LosesAnswers(side, []), batch_size=2)
    lost = world.rows("SELECT terminal, seq, id FROM event ORDER BY terminal, seq")
    go_back()
    for terminal in terminals[:2]:
        with pytest.raises(KioskError, match="branch_lost_data"):
            terminal.sync()
    terminals[2].visit("A3002")
    assert terminals[2].sync().inserted == 5, "who lost nothing goes on"
    assert replayed(terminals[0]) == Outcome(4, 10, 10)
    assert replayed(terminals[1]) == Outcome(2, 5, 5)
    assert_whole(world, *terminals)
    found = world.rows("SELECT terminal, seq, id FROM event ORDER BY terminal, seq")
    assert set(lost) < set(found)
    for terminal in terminals:
        assert terminal.sync() == Outcome()


def test_what_counters_did_after_the_backup_is_gone_and_their_tickets_wait_again(
    world: World,
) -> None:
    terminal = world.terminal()
    for number in ("A1001", "A1002"):
        terminal.visit(number)
    terminal.sync()
    at_counter(world, "A1001", TicketCalled())
    world.branch.close()
    go_back = world.here.back_up()
    at_counter(world, "A1002", TicketCalled())
    terminal.visit("A1003")
    terminal.sync()
    at_counter(world, "A1003", TicketCalled())
    world.branch.close()
    go_back()
    replayed(terminal)
    assert world.rows("SELECT number, state FROM ticket ORDER BY number") == [
        ("A1001", "called"), ("A1002", "waiting"), ("A1003", "waiting"),
    ]  # fmt: skip
    at_counter(world, "A1002", TicketCalled())
    assert world.rows("SELECT seq FROM event WHERE terminal = '@3' ORDER BY seq") == [(1,), (2,)]
    assert_whole(world, terminal)


def test_a_branch_from_before_the_terminal_was_enrolled(world: World, tmp_path: Path) -> None:
    world.branch.close()
    go_back = world.here.back_up()
    terminal = world.terminal()
    terminal.visit("A1001")
    terminal.sync(batch_size=2)
    world.branch.close()
    go_back()
    assert refused(terminal) == "sync_not_enrolled"
    (tmp_path / "passfile").unlink(missing_ok=True)
    terminal.branch_url = world.here.url_for(enrol(world.branch, "0001", "T1", 1))
    assert replayed(terminal) == Outcome(3, 5, 5)
    assert_whole(world, terminal)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_broken_off_on_the_way_an_ordinary_sync_finishes(world: World, after: int) -> None:
    terminal = world.terminal()
    world.branch.close()
    go_back = world.here.back_up()
    terminal.visit("A1001")
    terminal.sync(batch_size=1)
    go_back()
    with pytest.raises(KioskError, match="unreachable"):
        replay(
            terminal.store,
            terminal.journal.origin,
            lambda: LosesAnswers(terminal.connect(terminal.branch_url), [], after),
            terminal.clock,
            lambda done, total: None,
        )
    assert terminal.sync(batch_size=4).events == 5 - after
    assert_whole(world, terminal)


def test_what_people_decided_about_the_quarantine_stays_decided(world: World) -> None:
    terminal = world.terminal()
    terminal.visit("A1001")
    world.branch.close()
    go_back = world.here.back_up()
    for _ in range(2):
        add_raw_event(terminal.path, kind="weather")
    assert terminal.sync().quarantined == 2
    decider = Decider(
        terminal.store,
        terminal.journal.origin,
        lambda: terminal.connect(terminal.branch_url),
        terminal.clock,
    )
    decider.drop([6], "a test of the weather")
    go_back()
    assert replayed(terminal).quarantined == 2
    assert_consistent(world, terminal)
    decided = "SELECT seq, dropped_why FROM quarantine ORDER BY seq"
    expected = [(6, "a test of the weather"), (7, None)]
    assert world.rows(decided) == rows(terminal.path, decided) == expected


def lost_two_of_three(world: World) -> TerminalHere:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    world.branch.close()
    go_back = world.here.back_up()
    for _ in range(2):
        terminal.visit()
        terminal.sync()
    go_back()
    return terminal


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM batch WHERE number = 1",
        "UPDATE batch SET digest = 'other' WHERE number = 1",
        "DELETE FROM event WHERE seq = 6",
    ],
)
def test_a_branch_where_this_store_never_was(world: World, harm: str) -> None:
    terminal = lost_two_of_three(world)
    change(terminal.path, harm)
    before = rows(terminal.path, "SELECT acked_seq, batch_number, chain FROM watermark")
    assert refused(terminal) == "sync_replay_impossible"
    assert rows(terminal.path, "SELECT acked_seq, batch_number, chain FROM watermark") == before
    assert world.rows("SELECT batch_number FROM terminal") == [(1,)]


def test_a_sound_branch_is_only_synchronised(world: World) -> None:
    terminal = world.terminal()
    terminal.visit("A1001")
    assert replayed(terminal) == Outcome(1, 5, 5)
    assert replayed(terminal) == Outcome()
    assert_whole(world, terminal)


def test_the_sentence_names_the_command_that_helps(tmp_path: Path) -> None:
    world = World(tmp_path)
    terminal = lost_two_of_three(world)
    terminal.store.close()

    def kiosk(*words: str) -> tuple[int, str]:
        settings = {"KIOSK_DATA_FOLDER": str(tmp_path), "LANG": "en", "LC_ALL": "en"}
        done = CliRunner().invoke(app, words, env=settings, prog_name="kiosk")
        return done.exit_code, done.output

    code, told = kiosk("sync")
    assert code == ExitCode.NEEDS_A_PERSON
    assert "kiosk sync --replay" in told
    assert "kiosk sync --replay" in kiosk("sync", "--status")[1]
    assert kiosk("sync", "--replay") == (
        ExitCode.DONE,
        "8 events brought to the branch; nothing is waiting.\n",
    )
    assert_whole(world, terminal)
