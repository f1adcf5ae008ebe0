"""The machines' status file: what it says becomes outages, and staff may know better."""

import dataclasses
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support import rows
from sync_world import TerminalHere, World, branch_of

from kiosk.clock import SystemClock
from kiosk.config import Config, Devices, Machines
from kiosk.errors import KioskError
from kiosk.models.payloads import OutageBegan
from kiosk.services.audit import AuditLog
from kiosk.services.branch import check
from kiosk.services.doctor import State, check_machines
from kiosk.services.journal import Fact, new_id
from kiosk.services.lobby_watch import LobbyWatch
from kiosk.services.machines import MachineState, follow_status_file, read_status_file
from kiosk.services.staff.outages import Outages
from kiosk.services.sync.round import bring

ATMS = (Machines("atm", 2), Machines("crs", 1))
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


def written(path: Path, text: str, at: datetime) -> Path:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


# --- the file -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("status.toml", '[machines]\n"atm 1" = "up"\n"crs 1" = "out_of_cash"\n'),
        ("status.json", '{"machines": {"atm 1": "up", "crs 1": "out_of_cash"}}'),
    ],
)
def test_both_forms_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    path = written(tmp_path / name, text, NOW)
    assert read_status_file(path, ATMS, NOW) == {
        "atm 1": MachineState.UP, "crs 1": MachineState.OUT_OF_CASH,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "machines_invalid"),
        ("[machines", "machines_invalid"),
        ("machines = 3", "machines_invalid"),
        ('[machines]\n"atm 3" = "up"', "machines_invalid"),
        ('[machines]\n"vtm 1" = "up"', "machines_invalid"),
        ('[machines]\n"atm" = "up"', "machines_invalid"),
        ('[machines]\n"atm 1" = "broken"', "machines_invalid"),
        ('[machines]\n"atm 1" = ["up"]', "machines_invalid"),
        (None, "machines_unreadable"),
    ],
)
def test_a_file_that_says_nothing_is_refused_whole(
    tmp_path: Path, text: str | None, code: str
) -> None:
    path = tmp_path / "status.toml"
    if text is not None:
        written(path, text, NOW)
    with pytest.raises(KioskError, match=code):
        read_status_file(path, ATMS, NOW)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "status.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(KioskError, match="machines_unreadable"):
        read_status_file(tmp_path / "status.toml", ATMS, datetime.now(UTC))


def test_an_old_file_says_nothing_any_more(tmp_path: Path) -> None:
    path = written(tmp_path / "s.toml", "[machines]", NOW)
    for minutes in (-60, 15):
        assert read_status_file(path, ATMS, NOW + timedelta(minutes=minutes)) == {}
    with pytest.raises(KioskError, match="machines_stale"):
        read_status_file(path, ATMS, NOW + timedelta(minutes=16))


# --- outages --------------------------------------------------------------------------------------


@dataclass
class Lobby:
    """A terminal, and the file that its monitoring writes."""

    terminal: TerminalHere
    settings: Config

    def says(self, **states: str) -> None:
        lines = [f'"{name.replace("_", " ", 1)}" = "{state}"' for name, state in states.items()]
        path = self.settings.devices.status_file
        assert path is not None
        written(path, "\n".join(["[machines]", *lines]), self.terminal.clock.now())

    def follow(self, **states: str) -> None:
        self.says(**states)
        follow_status_file(self.settings, self.terminal.journal)

    def watch(self) -> LobbyWatch:
        return LobbyWatch(self.terminal.journal, ATMS)

    def staff(self) -> Outages:
        config, clock = self.terminal.config, self.terminal.clock
        audit = AuditLog(self.terminal.store, config, clock, config.terminal.code)
        return Outages(self.terminal.journal, self.watch(), audit)

    def down(self) -> list[tuple[str, str | None]]:
        """Machine, and the number of the member of staff who says so."""
        return [
            (f"{each.channel} {each.machine}", each.began_by) for each in self.watch().outages()
        ]

    def events(self) -> int:
        [(count,)] = rows(self.terminal.path, "SELECT count(*) FROM event")
        return int(str(count))


@pytest.fixture
def lobby(tmp_path: Path) -> Iterator[Lobby]:
    world = World(tmp_path)
    terminal = world.terminal()
    config = terminal.config
    settings = dataclasses.replace(
        config,
        branch=dataclasses.replace(config.branch, machines=ATMS),
        devices=Devices(status_file=tmp_path / "status.toml"),
    )
    yield Lobby(terminal, settings)
    assert not check(terminal.store).differences
    world.branch.close()


def test_machines_go_out_of_use_and_come_back(lobby: Lobby) -> None:
    for _ in range(2):  # said again, it is put down once
        lobby.follow(atm_1="up", atm_2="down", crs_1="out_of_cash")
        assert lobby.down() == [("atm 2", None), ("crs 1", None)]
        assert lobby.events() == 2
    assert lobby.watch().offered().channels_down == frozenset({"crs"})
    lobby.follow(atm_1="up", atm_2="up", crs_1="down")
    assert lobby.down() == [("crs 1", None)]
    said = "SELECT channel, stage, staff, reason FROM event ORDER BY seq"
    assert rows(lobby.terminal.path, said) == [
        ("atm", "began", None, "down"), ("crs", "began", None, "out_of_cash"),
        ("atm", "ended", None, "up"),
    ]  # fmt: skip


def test_what_staff_have_switched_the_file_does_not_switch_back(lobby: Lobby) -> None:
    lobby.staff().begin("atm", 1, None, "1001")
    lobby.follow(atm_1="down", atm_2="up")
    lobby.follow(atm_1="up", atm_2="up")
    assert lobby.down() == [("atm 1", "1001")]


def test_who_knows_better_stays_right_until_the_file_says_something_else(lobby: Lobby) -> None:
    lobby.follow(atm_1="down")
    [outage] = lobby.staff().now()
    lobby.staff().end(outage, "1001")
    lobby.follow(atm_1="down")
    assert lobby.down() == []
    lobby.follow(atm_1="up")
    lobby.follow(atm_1="down")
    assert lobby.down() == [("atm 1", None)]


def test_what_is_still_down_is_down_on_the_next_day_too(lobby: Lobby) -> None:
    lobby.follow(atm_1="down")
    lobby.terminal.clock.advance(days=1)
    assert lobby.down() == [], "it ended with its day, whatever became of the file"
    lobby.follow(atm_1="down")
    assert lobby.down() == [("atm 1", None)]


def test_a_note_that_a_power_cut_tore_makes_nothing_twice(lobby: Lobby) -> None:
    lobby.follow(atm_1="down")
    for torn in ("", "[]", "{"):
        lobby.settings.machines_path.write_text(torn)
        lobby.follow(atm_1="down")
    assert lobby.events() == 1


def test_a_file_that_is_gone_changes_nothing_and_is_no_end_of_a_round(lobby: Lobby) -> None:
    lobby.terminal.clock.time = datetime.now(UTC)
    lobby.says(atm_1="down")
    bring(lobby.settings, lobby.terminal.branch_url, SystemClock(), lambda done, total: None)
    path = lobby.settings.devices.status_file
    assert path is not None
    path.unlink()
    bring(lobby.settings, lobby.terminal.branch_url, SystemClock(), lambda done, total: None)
    assert lobby.down() == [("atm 1", None)]
    branch = lobby.settings.data_folder / "branch.db"
    assert rows(branch, "SELECT channel, machine, began_by FROM outage") == [("atm", 1, None)]
    assert rows(branch, "SELECT last_error FROM terminal") == [("machines_unreadable",)]


def test_the_branch_takes_outages_of_a_file_and_none_that_nobody_says(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    world = World(tmp_path, branch_of("postgresql", request)(tmp_path))
    terminal = world.terminal()
    began = OutageBegan(machine=1, until=None)
    fact = Fact(began, subject=new_id(), channel="atm", reason="down")
    terminal.journal.record(fact)
    with pytest.raises(ValueError, match="one of staff, reason"):
        terminal.journal.record(dataclasses.replace(fact, staff="1001"))
    assert terminal.sync().quarantined == 0
    assert world.rows("SELECT channel, machine, began_by FROM outage") == [("atm", 1, None)]
    world.branch.close()


# --- doctor ---------------------------------------------------------------------------------------


def test_doctor_tells_of_the_file(lobby: Lobby) -> None:
    now = lobby.terminal.clock.now()
    assert check_machines(lobby.terminal.config, now) is None
    seen = []
    for states in ({"atm_1": "up"}, {"atm_1": "down"}, {"atm_1": "?"}):
        lobby.says(**states)
        found = check_machines(lobby.settings, now)
        assert found is not None
        seen.append((found.state, found.code))
    lobby.says(atm_1="up")
    old = check_machines(lobby.settings, now + timedelta(hours=1))
    assert old is not None
    seen.append((old.state, old.code))
    assert seen == [
        (State.OK, "machines_up"), (State.OK, "machines_down"),
        (State.WARNING, "machines_invalid"), (State.WARNING, "machines_stale"),
    ]  # fmt: skip
