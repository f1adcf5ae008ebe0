"""Machines in the lobby as the bank's monitoring has them: a file says so, outages follow it.

Only a change is taken up, and once more each business day: who of the staff knows better stays
right until the file says something else.
"""

import json
import re
import tomllib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from kiosk.config import Config, Machines
from kiosk.errors import KioskError
from kiosk.models.payloads import OutageBegan, OutageEnded
from kiosk.services.journal import Fact, Journal, new_id
from kiosk.services.lobby_watch import LobbyWatch, OutageNow

_LONGEST: Final = timedelta(minutes=15)
"""What was said before may not hold any more."""
_LARGEST_BYTES: Final = 100_000
_NAME: Final = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,39}) ([1-9][0-9]?)")


class MachineState(StrEnum):
    """How a machine is."""

    UP = "up"
    DOWN = "down"
    OUT_OF_CASH = "out_of_cash"


def read_status_file(
    path: Path, machines: Collection[Machines], now: datetime
) -> Mapping[str, MachineState]:
    """Machine, as `atm 2`, → how it is.

    Args:
        path: The file, TOML or (by its name) JSON.
        machines: Those that stand in the lobby.
        now: To tell how old it is.

    Raises:
        KioskError: `machines_unreadable`, `machines_stale` or `machines_invalid`; then nothing is
            known of any of them.
    """
    try:
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        with path.open("rb") as file:
            text = file.read(_LARGEST_BYTES).decode("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise KioskError("machines_unreadable", path=path, reason=reason) from error
    if now - written_at > _LONGEST:
        raise KioskError("machines_stale", path=path)
    try:
        told = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        return _states(told["machines"], machines)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KioskError("machines_invalid", path=path, reason=str(error)) from error


def _states(told: Mapping[str, str], machines: Collection[Machines]) -> dict[str, MachineState]:
    counts = {each.channel: each.count for each in machines}
    found = {}
    for name, state in told.items():
        parts = _NAME.fullmatch(name)
        if parts is None or int(parts[2]) > counts.get(parts[1], 0):
            raise ValueError(f"{name}: branch.machines")
        found[name] = MachineState(state)
    return found


def follow_status_file(settings: Config, journal: Journal) -> None:
    """Begin and end outages as the file says.

    Args:
        settings: With the file.
        journal: The terminal's own.

    Raises:
        KioskError: As `read_status_file`, or what keeps the store from being written.
    """
    path, machines = settings.devices.status_file, settings.branch.machines
    assert path is not None  # noqa: S101 (who calls this has looked)
    now = journal.now()
    states = read_status_file(path, machines, now)
    today = journal.business_date(now).isoformat()
    said = {name: [state.value, today] for name, state in states.items()}
    before = _remembered(settings.machines_path)
    changed = [name for name, each in said.items() if before.get(name) != each]
    if not changed:
        return
    on = {_name(each): each for each in LobbyWatch(journal, machines).outages()}
    facts = [fact for name in changed if (fact := _fact(journal, name, states[name], on.get(name)))]
    journal.record(*facts)
    _remember(settings.machines_path, said)


def _fact(
    journal: Journal, name: str, state: MachineState, outage: OutageNow | None
) -> Fact | None:
    """What is to be put down of a machine; None: nothing, or staff said it first."""
    channel, _, number = name.partition(" ")
    if state is MachineState.UP:
        if outage is None or outage.began_by is not None:
            return None
        return Fact(OutageEnded(), subject=outage.id, channel=channel, reason=state.value)
    if outage is not None:
        return None
    until = journal.end_of_day(journal.now())
    began = OutageBegan(machine=int(number), until=until)
    return Fact(began, subject=new_id(), channel=channel, reason=state.value)


def _name(outage: OutageNow) -> str:
    return f"{outage.channel} {outage.machine}"


def _remembered(path: Path) -> Mapping[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # never written, or torn by a power cut: it is taken up anew
        return {}
    return found if isinstance(found, dict) else {}


def _remember(path: Path, said: Mapping[str, object]) -> None:
    try:
        path.write_text(json.dumps(said), encoding="utf-8")
    except OSError as error:
        raise KioskError("disk_failing", database=path, reason=error.strerror) from error
