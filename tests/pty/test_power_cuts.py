"""The power is cut in the middle of a customer's way: at most the step under way is lost."""

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import rows
from terminal import Terminal
from way import (
    ASSENT,
    BAND,
    MENU,
    MOBILE,
    QUESTION,
    SERVICE,
    has_schema,
    reach_attract,
    said,
    stages,
    store,
)

from kiosk.db import Database
from kiosk.projections.check import differences


@dataclass(frozen=True)
class Step:
    """What the customer types, what they see then, and what must be on disk by that time."""

    label: str
    """Whose digit is typed; empty: Enter."""
    seen: str
    stage: str | None


WAY = (
    Step("", f"1  {MENU}", "visit.started"),
    Step(MENU, SERVICE.name.zh_CN, None),
    Step(SERVICE.name.zh_CN, BAND, "intent.stated"),
    Step(BAND, QUESTION, None),
    Step(ASSENT, f"1  {MOBILE}", "diversion.offered"),
    Step(MOBILE, said("Did not work"), "diversion.accepted"),
    Step(said("Done"), said("That is all"), "diversion.completed"),
    Step(said("That is all"), "繁體中文", "visit.ended"),
)
RECORDED = [step.stage for step in WAY if step.stage]
CUTS = range(len(WAY))


def take(terminal: Terminal, step: Step) -> None:
    if step.label:
        terminal.choose(step.label)
    else:
        terminal.send(b"\r")


@pytest.mark.parametrize("cut", CUTS)
def test_at_most_the_step_under_way_is_lost(cut: int, tmp_path: Path) -> None:
    """Cut while one step is under way: after nothing, a little or all of its milliseconds."""
    chance = random.Random(cut)
    with Terminal(tmp_path) as terminal:
        reach_attract(terminal)
        for step in WAY[:cut]:
            take(terminal, step)
            terminal.wait_for(step.seen)
        take(terminal, WAY[cut])
        terminal.read(chance.choice((0.0, 0.002, 0.005, 0.01, 0.02, 0.04)))
        terminal.kill()
        was_seen = WAY[cut].seen in terminal.text
    seen = [step.stage for step in WAY[: cut + was_seen] if step.stage]
    kept = stages(tmp_path)
    assert kept[: len(seen)] == seen
    assert kept == RECORDED[: len(kept)]
    assert len(kept) <= len([step for step in WAY[: cut + 1] if step.stage])
    assert_intact(tmp_path)


def test_the_terminal_comes_back_every_time(tmp_path: Path) -> None:
    """One store, cut again and again; the numbers of tickets and events have no gap."""
    chance = random.Random(1)
    tickets = 0
    for _ in range(4):
        with Terminal(tmp_path) as terminal:
            reach_attract(terminal)
            terminal.send(b"0")
            terminal.wait_for(said("Your counter ticket"))
            tickets += 1
            terminal.send(b"9")
            terminal.read(chance.uniform(0, 0.05))
            terminal.kill()
    numbers = [
        number for (number,) in rows(store(tmp_path), "SELECT number FROM ticket ORDER BY 1")
    ]
    assert numbers == [f"A1{number:03d}" for number in range(1, tickets + 1)]
    seqs = [seq for (seq,) in rows(store(tmp_path), "SELECT seq FROM event ORDER BY seq")]
    assert seqs == list(range(1, len(seqs) + 1))
    assert_intact(tmp_path)


def assert_intact(data: Path) -> None:
    """The file is whole, and what is kept is what the events say; looked at in a copy."""
    copy = data / "copy"
    copy.mkdir()
    for path in data.glob(f"{store(data).name}*"):
        shutil.copy(path, copy)
    path = copy / store(data).name
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    if not has_schema(path):
        return
    database = Database(f"sqlite:///{path}")
    try:
        with database.write() as connection:
            assert differences(connection) == {}
            connection.rollback()
    finally:
        database.close()
