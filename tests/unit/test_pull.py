"""What a branch says comes down as a whole, is checked, and holds until something better comes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from importlib.resources import files
from pathlib import Path

import pytest
from support import default_rules
from sync_world import FORMS, Recorder, TerminalHere, World, change, rows, world_on

from kiosk.config import branch_settings_beside, load
from kiosk.errors import KioskError
from kiosk.models.payloads import TicketCancelled
from kiosk.sentences import sentence
from kiosk.services import releases
from kiosk.services.branch_queue import LONGEST_AGE, LONGEST_KNOWN, BranchQueue
from kiosk.services.followed import Followed
from kiosk.services.journal import Fact, new_id
from kiosk.services.releases import Name, publish, published
from kiosk.services.sync.wire import Answer, Caller, Held, SentRelease
from kiosk.services.tickets import LastKnown, Tickets
from kiosk.services.visits import Visits

CATALOG = files("kiosk.catalog").joinpath("default.toml").read_text(encoding="utf-8")
SETTINGS = 'branch.counters = 5\n[idle]\nwarn_after = 90\n[appearance]\naccent = "#5a0010"\n'
STAFF = '[[staff]]\nnumber = "1001"\nname = "王芳"\nroles = ["lobby_manager"]\n'
TARGETS = '[[targets]]\nmetric = "signed"\nperiod = "2026-11"\nunit = "count"\nvalue = 12\n'
BODIES = {
    Name.CATALOG: CATALOG,
    Name.SETTINGS: SETTINGS,
    Name.STAFF: STAFF,
    Name.TARGETS: TARGETS,
}


world = world_on(*FORMS, is_now=True)


@pytest.fixture
def here(tmp_path: Path) -> World:
    """One on a file, for what does not depend on the engine."""
    return World(tmp_path)


def say(world: World, name: Name, body: str) -> None:
    publish(world.branch, None, name, body, world.clock.now())


def followed(terminal: TerminalHere) -> dict[str, tuple[int, str]]:
    with terminal.store.read() as connection:
        states = releases.current(connection, "0001")
        return {
            name: (state.version, releases.body_of(connection, "0001", Name(name)) or "")
            for name, state in states.items()
            if name != Name.QUEUE
        }


def test_all_that_the_branch_says_comes_down_with_a_synchronisation(world: World) -> None:
    terminal = world.terminal()
    for name, body in BODIES.items():
        say(world, name, body)
    assert terminal.sync().refused == ()
    assert followed(terminal) == {name: (1, body) for name, body in BODIES.items()}


def test_a_newer_version_takes_the_place_of_the_older(world: World) -> None:
    terminal = world.terminal()
    say(world, Name.STAFF, STAFF)
    terminal.sync()
    say(world, Name.STAFF, STAFF + STAFF.replace("1001", "1002"))
    terminal.sync()
    assert followed(terminal)[Name.STAFF] == (2, STAFF + STAFF.replace("1001", "1002"))
    assert len(rows(terminal.path, "SELECT version FROM release WHERE name = 'staff'")) == 1
    assert world.rows("SELECT version FROM release ORDER BY version") == [(1,), (2,)]


def test_the_same_again_makes_no_new_version(world: World) -> None:
    say(world, Name.STAFF, STAFF)
    say(world, Name.STAFF, STAFF)
    assert world.rows("SELECT version FROM release") == [(1,)]


def test_what_a_terminal_has_is_not_sent_again(world: World) -> None:
    terminal = world.terminal()
    say(world, Name.CATALOG, CATALOG)
    seen: list[SentRelease] = []
    for _ in range(2):
        terminal.sync(lambda side: Changes(side, [], seen))
    assert [each.name for each in seen] == [Name.CATALOG, Name.QUEUE, Name.QUEUE]


def test_a_terminal_gets_what_its_own_branch_says(here: World) -> None:
    config = replace(here.config, branch=replace(here.config.branch, code="0002"))
    from kiosk.services.branch import initialise

    initialise(here.branch, config)
    terminal = here.terminal()
    publish(here.branch, ["0002"], Name.STAFF, STAFF, here.clock.now())
    terminal.sync()
    assert followed(terminal) == {}


def test_the_branch_knows_which_terminals_are_behind(world: World) -> None:
    first, second = world.terminal("T1", 1), world.terminal("T2", 2)
    say(world, Name.STAFF, STAFF)
    for terminal in (first, second, second):
        terminal.sync()  # at the first, they tell that they have nothing yet
    assert [each.behind for each in published(world.branch)] == [("T1",)]
    first.sync()
    assert [each.behind for each in published(world.branch)] == [()]


@dataclass
class Changes(Recorder):
    """Shows what is sent, and lets a test change it on the way."""

    seen: list[SentRelease] = field(default_factory=list)
    change: Callable[[SentRelease], SentRelease] = lambda sent: sent

    def pull(self, caller: Caller, held: Mapping[str, Held]) -> Answer:
        answer = super().pull(caller, held)
        sent = tuple(map(self.change, answer.releases))
        self.seen += sent
        return replace(answer, releases=sent)


def damaged(sent: SentRelease) -> SentRelease:
    return replace(sent, body=sent.body[:-1])


def of_the_future(sent: SentRelease) -> SentRelease:
    return replace(sent, format=sent.format + 1)


def wrong(sent: SentRelease) -> SentRelease:
    body = '[[staff]]\nnumber = "1001"\n'
    return replace(sent, body=body, digest=releases.digest(body))


def unknown(sent: SentRelease) -> SentRelease:
    return replace(sent, name="weather")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (damaged, "release_damaged"),
        (of_the_future, "release_too_new"),
        (wrong, "release_invalid"),
        (unknown, "release_unknown"),
    ],
)
def test_what_can_t_be_used_is_refused_and_the_last_good_one_stays(
    here: World, spoil: Callable[[SentRelease], SentRelease], code: str
) -> None:
    terminal = here.terminal()
    say(here, Name.STAFF, STAFF)
    terminal.sync()
    say(here, Name.STAFF, STAFF + STAFF.replace("1001", "1002"))
    terminal.visit()

    def only_staff(sent: SentRelease) -> SentRelease:
        return spoil(sent) if sent.name == Name.STAFF else sent

    outcome = terminal.sync(lambda side: Changes(side, [], [], only_staff))
    assert [error.code for error in outcome.refused] == [code]
    assert all("{" not in sentence(error) for error in outcome.refused)
    assert followed(terminal)[Name.STAFF] == (1, STAFF)
    assert rows(terminal.path, "SELECT reason, version FROM refused_release") == [(code, 2)]
    assert outcome.events == 4  # the events have come all the same


def test_what_was_refused_for_what_it_says_is_not_sent_again_until_the_program_changes(
    here: World,
) -> None:
    terminal = here.terminal()
    say(here, Name.STAFF, STAFF)
    # published by a program that took it
    bad = '[[staff]]\nnumber = "1001"\n'
    here.change("UPDATE release SET body = ?, digest = ?", bad, releases.digest(bad))
    seen: list[SentRelease] = []
    for _ in range(2):
        terminal.sync(lambda side: Changes(side, [], seen))
    assert [each.name for each in seen].count(Name.STAFF) == 1
    change(terminal.path, "UPDATE refused_release SET app_version = '0.0.1'")
    terminal.sync(lambda side: Changes(side, [], seen))
    assert [each.name for each in seen].count(Name.STAFF) == 2


def test_what_came_damaged_is_asked_for_again(here: World) -> None:
    terminal = here.terminal()
    say(here, Name.STAFF, STAFF)
    terminal.sync(lambda side: Changes(side, [], [], damaged))
    assert followed(terminal) == {}
    assert terminal.sync().refused == ()
    assert followed(terminal)[Name.STAFF] == (1, STAFF)
    assert rows(terminal.path, "SELECT * FROM refused_release") == []


def test_an_older_copy_of_the_branch_wins(here: World) -> None:
    terminal = here.terminal()
    say(here, Name.STAFF, STAFF)
    here.branch.close()
    go_back = here.here.back_up()
    say(here, Name.STAFF, STAFF + STAFF.replace("1001", "1002"))
    terminal.sync()
    here.branch.close()
    go_back()
    terminal.sync()
    assert followed(terminal)[Name.STAFF] == (1, STAFF)


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        (Name.CATALOG, "[services]\n", "catalog_invalid"),
        (Name.SETTINGS, "branch.code = '0002'\n", "config_not_of_branch"),
        (Name.SETTINGS, "[idle]\nwarn_after = 5\n", "config_not_whole"),
        (Name.SETTINGS, "[idle\n", "config_not_toml"),
        (Name.STAFF, STAFF + STAFF, "release_invalid"),
        (Name.STAFF, STAFF + 'pin = "123456"\n', "release_invalid"),
        (Name.TARGETS, TARGETS + TARGETS, "release_invalid"),
        (Name.TARGETS, TARGETS.replace("count", "yuan"), "release_invalid"),
        (Name.TARGETS, "[[targets\n", "release_invalid"),
    ],
)
def test_what_is_wrong_is_not_even_published(here: World, name: Name, body: str, code: str) -> None:
    with pytest.raises(KioskError) as caught:
        say(here, name, body)
    assert caught.value.code == code
    assert "{" not in sentence(caught.value)
    assert here.rows("SELECT * FROM release") == []


def test_an_unknown_branch_is_refused(here: World) -> None:
    with pytest.raises(KioskError, match="branch_unknown"):
        publish(here.branch, ["0009"], Name.STAFF, STAFF, here.clock.now())


# --- settings ---------------------------------------------------------------------------------


def test_the_branch_s_settings_stand_below_the_terminal_s_own(here: World, tmp_path: Path) -> None:
    terminal = here.terminal()
    say(here, Name.SETTINGS, SETTINGS)
    terminal.sync()
    own = tmp_path / "kiosk.toml"
    own.write_text(f'data_folder = "{tmp_path}"\n[idle]\nwarn_after = 100\n')
    config = load(own, {"KIOSK_APPEARANCE_THEME": "high-contrast"})
    assert (config.branch.counters, config.appearance.accent) == (5, "#5a0010")
    assert (config.idle.warn_after, config.appearance.theme) == (100, "high-contrast")


def test_a_lost_or_changed_file_of_settings_is_made_anew(here: World) -> None:
    terminal = here.terminal()
    say(here, Name.SETTINGS, SETTINGS)
    terminal.sync()
    file = branch_settings_beside(terminal.path)
    for spoil in (file.unlink, lambda: file.write_text("[")):
        spoil()
        terminal.sync()
        assert file.read_text() == SETTINGS


def test_settings_that_can_t_be_used_don_t_keep_a_terminal_from_starting(tmp_path: Path) -> None:
    own = tmp_path / "kiosk.toml"
    own.write_text(f'data_folder = "{tmp_path}"\n')
    for bad in ("[", "[idle]\nwarn_after = 1", "terminal.code = 'T9'"):
        branch_settings_beside(tmp_path / "terminal-T1.db").write_text(bad)
        assert load(own, {}).terminal.code == "T1"


# --- catalog ----------------------------------------------------------------------------------


def test_a_running_terminal_notices_a_new_catalog(here: World) -> None:
    terminal = here.terminal()
    before = Followed(terminal.store, "0001")
    assert before.catalog() is None
    terminal.sync()
    assert not before.has_changed()  # the queue alone has come
    say(here, Name.CATALOG, CATALOG)
    terminal.sync()
    assert before.has_changed()
    after = Followed(terminal.store, "0001")
    assert not after.has_changed()
    catalog = after.catalog()
    assert catalog is not None
    assert len(catalog.services) == 32


# --- the queue --------------------------------------------------------------------------------


def waiting(terminal: TerminalHere) -> list[str | None] | None:
    """The services that are waited for, as a terminal beside others knows them."""
    queue = BranchQueue(terminal.journal, sees_all_tickets=False)
    with terminal.store.read() as connection:
        found = queue.snapshot(connection, terminal.clock.now())
    return None if found is None else [each.service for each in found.waiting]


def test_every_terminal_knows_the_whole_queue(world: World) -> None:
    first, second = world.terminal("T1", 1), world.terminal("T2", 2)
    assert waiting(first) is None
    first.visit("A1001")
    second.visit("A2001")
    for terminal in (first, second, first):
        terminal.sync()
    assert waiting(first) == waiting(second) == ["cash", "cash"]


def test_a_ticket_counts_from_the_moment_it_is_printed_until_it_is_given_back(
    here: World,
) -> None:
    first, second = here.terminal("T1", 1), here.terminal("T2", 2)
    second.visit("A2001")
    second.sync()
    first.sync()
    visit, ticket = new_id(), new_id()
    first.ticket(visit, "A1001", ticket)
    assert waiting(first) == ["cash", "cash"]
    first.sync()
    assert waiting(first) == ["cash", "cash"]
    first.journal.record(
        Fact(
            TicketCancelled(),
            visit=visit,
            ticket=ticket,
            ticket_number="A1001",
            queue="A",
            transferable=True,
            arrived_at=first.clock.now(),
        )
    )
    assert waiting(first) == ["cash"]


def test_an_old_queue_says_nothing(here: World) -> None:
    terminal = here.terminal()
    terminal.visit("A1001")
    terminal.sync()
    here.clock.advance(seconds=LONGEST_AGE.total_seconds())
    assert waiting(terminal) == ["cash"]
    here.clock.advance(seconds=1)
    assert waiting(terminal) is None
    terminal.sync()
    assert waiting(terminal) == ["cash"]
    here.clock.advance(hours=-1)
    assert waiting(terminal) is None


def test_yesterday_s_queue_says_nothing(here: World) -> None:
    here.clock.advance(hours=14, minutes=28)  # two minutes before midnight in Shanghai
    terminal = here.terminal()
    terminal.visit("A1001")
    terminal.sync()
    assert waiting(terminal) == ["cash"]
    here.clock.advance(minutes=3)
    assert waiting(terminal) is None


def last_known(terminal: TerminalHere) -> tuple[list[str | None], datetime] | None:
    """The services that were waited for, and when."""
    queue = BranchQueue(terminal.journal, sees_all_tickets=False)
    with terminal.store.read() as connection:
        found = queue.last_known(connection, terminal.clock.now())
    return None if found is None else ([each.service for each in found[0].waiting], found[1])


def test_an_old_queue_is_told_with_its_time_for_a_while(here: World) -> None:
    terminal = here.terminal()
    assert last_known(terminal) is None
    terminal.visit("A1001")
    terminal.sync()
    pulled_at = here.clock.now()
    here.clock.advance(seconds=LONGEST_AGE.total_seconds())
    assert last_known(terminal) is None  # still good enough for more
    here.clock.advance(seconds=1)
    assert last_known(terminal) == (["cash"], pulled_at)
    terminal.visit("A1002")
    assert last_known(terminal) == (["cash"], pulled_at)  # as it was then
    here.clock.advance(seconds=(LONGEST_KNOWN - LONGEST_AGE).total_seconds() - 1)
    assert last_known(terminal) == (["cash"], pulled_at)
    here.clock.advance(seconds=1)
    assert last_known(terminal) is None
    here.clock.advance(hours=-1)  # it would be of a time to come
    assert last_known(terminal) is None


def test_what_is_told_with_its_time_is_what_was_said_then(here: World) -> None:
    terminal = here.terminal()
    for number in ("A1001", "A1002", "A1003"):
        terminal.visit(number)
    terminal.sync()
    queue = BranchQueue(terminal.journal, sees_all_tickets=False)
    tickets = Tickets(terminal.journal, default_rules(1), 1, queue)
    before = tickets.wait()
    assert before is not None
    assert before.waiting == 2  # one is being served, it is assumed
    assert tickets.last_known() is None
    here.clock.advance(minutes=10)
    assert tickets.wait() is None
    assert tickets.last_known() == LastKnown(before, time(9, 30))


def test_yesterday_s_queue_is_not_told(here: World) -> None:
    here.clock.advance(hours=14, minutes=28)  # two minutes before midnight in Shanghai
    terminal = here.terminal()
    terminal.sync()
    here.clock.advance(minutes=10)
    assert waiting(terminal) is None
    assert last_known(terminal) is None


def test_a_queue_names_no_customer(world: World) -> None:
    terminal = world.terminal()
    Visits(terminal.journal).ask_help(new_id(), terminal.visit("A1001"), "offer", "balance")
    for _ in range(2):
        terminal.sync()
    [(body,)] = rows(terminal.path, "SELECT body FROM release WHERE name = 'queue'")
    queue = json.loads(str(body))
    assert queue.keys() == {
        "read_at", "epoch", "acked_seq", "waiting", "counters", "ended", "came", "calls",
        "outages",
    }  # fmt: skip
    assert queue["waiting"][0].keys() == {
        "ticket", "queue", "service", "priority", "counter", "arrived_at", "issued_at",
    }  # fmt: skip
    assert queue["calls"][0].keys() == {
        "id", "terminal", "screen", "service", "asked_at", "taken_at", "taken_by", "done_at",
    }  # fmt: skip
