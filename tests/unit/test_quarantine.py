"""What a person decides about events in quarantine holds on both ends."""

import pytest
from sync_world import (
    FORMS,
    LosesDecisions,
    TerminalHere,
    World,
    add_raw_event,
    assert_consistent,
    change,
    rows,
    world_on,
)
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode
from kiosk.services.branch import check, terminals
from kiosk.services.sync.quarantine import Decider, held_events

world = world_on(*FORMS)


@pytest.fixture
def terminal(world: World) -> TerminalHere:
    """With a ticket number that another terminal had given, and an event of an unknown kind."""
    other, terminal = world.terminal("T2", 2), world.terminal()
    other.visit("A1001")
    other.sync()
    terminal.visit("A1001")
    add_raw_event(terminal.path, kind="weather")
    terminal.sync()
    assert [each.seq for each in held_events(terminal.store, terminal.journal.origin)] == [4, 6]
    return terminal


def decider(terminal: TerminalHere) -> Decider:
    return Decider(
        terminal.store,
        terminal.journal.origin,
        lambda: terminal.connect(terminal.branch_url),
        terminal.clock,
    )


def free_the_number(world: World) -> None:
    world.change("UPDATE ticket SET number = 'A2001' WHERE terminal = 'T2'")


def counted(world: World) -> object:
    return world.rows("SELECT sum(tickets) FROM hourly_figures")[0][0]


def test_an_event_that_can_be_taken_now_is_counted_once(
    world: World, terminal: TerminalHere
) -> None:
    assert counted(world) == 1
    assert decider(terminal).retry() == 0
    free_the_number(world)
    assert decider(terminal).retry() == 1
    assert counted(world) == 2
    assert [each.seq for each in held_events(terminal.store, terminal.journal.origin)] == [6]
    assert decider(terminal).retry() == 0
    assert counted(world) == 2
    assert_consistent(world, terminal)


def test_an_answer_that_was_lost_is_no_loss(world: World, terminal: TerminalHere) -> None:
    free_the_number(world)
    hasty = Decider(
        terminal.store,
        terminal.journal.origin,
        lambda: LosesDecisions(terminal.connect(terminal.branch_url), []),
        terminal.clock,
    )
    with pytest.raises(KioskError, match="database_unreachable"):
        hasty.retry([4])
    assert decider(terminal).retry([4]) == 1
    assert counted(world) == 2
    with pytest.raises(KioskError, match="database_unreachable"):
        hasty.drop([6], "a test")
    assert decider(terminal).drop([6], "a test") == 1
    assert_consistent(world, terminal)


def test_a_dropped_event_is_kept_and_no_longer_reported(
    world: World, terminal: TerminalHere
) -> None:
    assert decider(terminal).drop([4, 6], "number given twice") == 2
    query = "SELECT seq, dropped_why, dropped_at IS NOT NULL FROM quarantine ORDER BY seq"
    dropped = [(4, "number given twice", 1), (6, "number given twice", 1)]
    assert rows(terminal.path, query) == world.rows(query) == dropped
    assert [each.quarantined for each in terminals(world.branch)] == [0, 0]
    assert decider(terminal).retry() == 0
    assert counted(world) == 1
    terminal.visit()
    assert terminal.sync().quarantined == 0
    assert_consistent(world, terminal)


def test_a_decision_about_nothing_is_refused(terminal: TerminalHere) -> None:
    for decide in (decider(terminal).retry, lambda seqs: decider(terminal).drop(seqs, "why")):
        with pytest.raises(KioskError) as caught:
            decide([4, 5])
        assert (caught.value.code, caught.value.params) == ("quarantine_without", {"number": 5})


def test_what_this_end_takes_for_damaged_stays(world: World, terminal: TerminalHere) -> None:
    """The functions of a server know no payload."""
    add_raw_event(terminal.path, kind="intent", stage="stated", service="cash", payload='{"a":1}')
    terminal.sync()
    assert decider(terminal).retry([7]) == 0
    assert world.rows("SELECT reason FROM quarantine WHERE seq = 7") == [("payload: a",)]


def test_another_terminal_decides_nothing(world: World, terminal: TerminalHere) -> None:
    third = world.terminal("T3", 3)
    change(terminal.path, "UPDATE watermark SET chain = chain")
    held = rows(terminal.path, "SELECT * FROM quarantine")
    assert decider(third).retry() == 0
    with pytest.raises(KioskError, match="quarantine_without"):
        decider(third).drop([4], "none of mine")
    assert rows(terminal.path, "SELECT * FROM quarantine") == held
    assert not check(world.branch).differences


# --- the commands ---------------------------------------------------------------------------------


def kiosk(terminal: TerminalHere, *words: str) -> Result:
    settings = {
        "KIOSK_DATA_FOLDER": str(terminal.config.data_folder),
        "KIOSK_BRANCH_DATABASE": terminal.branch_url,
        "LC_ALL": "en_US.UTF-8",
    }
    return CliRunner().invoke(app, ["sync", *words], env=settings)


def test_the_commands_from_the_first_look_to_the_last_event(
    world: World, terminal: TerminalHere
) -> None:
    shown = kiosk(terminal, "quarantine", "list")
    assert shown.exit_code == ExitCode.DONE
    number, kind = shown.stdout.splitlines()
    assert number.startswith("4, since ")
    assert kind.endswith(": unknown kind or stage")
    assert '"ticket_number":"A1001"' in kiosk(terminal, "quarantine", "list", "--text").stdout
    assert kiosk(terminal, "--status").exit_code == ExitCode.IN_QUARANTINE
    free_the_number(world)
    tried = kiosk(terminal, "quarantine", "retry")
    assert tried.stdout.startswith("The branch has taken 1 event.\n1 event can't be counted")
    assert tried.exit_code == ExitCode.IN_QUARANTINE
    assert kiosk(terminal, "quarantine", "drop", "6").exit_code == ExitCode.WRONG_USE
    dropped = kiosk(terminal, "quarantine", "drop", "6", "--why", "a fault of version 0")
    assert dropped.stdout == "1 event is dropped; it is kept, and never counted.\n"
    assert "dropped" in kiosk(terminal, "quarantine", "list").stdout
    assert kiosk(terminal, "--status").exit_code == ExitCode.DONE
    assert kiosk(terminal, "quarantine", "retry").stdout.startswith("The branch has taken 0 events")
