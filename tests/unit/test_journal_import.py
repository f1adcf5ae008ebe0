"""Journals come into a branch database: whole, once, and put right by what comes later."""

from datetime import timedelta
from random import Random

import pytest
from journal_offers import accept, journals, offers, take_in, write
from journal_world import Fate, Writer
from sync_world import TerminalHere, World, world_on

from kiosk.config import Reconcile
from kiosk.errors import KioskError
from kiosk.services.reconcile.kept_lines import kept_lines

world = world_on("sqlite", "postgresql")


def proven(world: World) -> list[int]:
    """Matches less those undone, by offer."""
    rows = world.rows("SELECT journal_matches FROM diversion ORDER BY accepted_at")
    return [int(str(count)) for (count,) in rows]


@pytest.fixture
def terminal(world: World) -> TerminalHere:
    return world.terminal()


def test_a_journal_proves_what_it_holds_and_the_same_one_does_nothing_again(
    world: World, terminal: TerminalHere
) -> None:
    for _ in range(4):
        accept(terminal)
    terminal.sync()
    writer = write(world, Fate.DONE, Fate.LOST, Fate.DUPLICATE, Fate.TAKEN_BACK)
    writer.world.lines.append("half a line")
    found = take_in(world, writer.world)
    assert proven(world) == [1, 0, 1, 0]
    assert found.settled.matched == 2
    assert found.settled.faults == {"duplicate": 1, "taken_back": 1}
    assert world.rows("SELECT number, reason FROM journal_damage") == [
        (len(writer.world.lines) + 1, "form")
    ]
    before = world.rows("SELECT count(*) FROM event")
    with pytest.raises(KioskError) as refused:
        take_in(world, writer.world, "again.txt")
    assert refused.value.code == "journal_known"
    assert world.rows("SELECT count(*) FROM event") == before
    assert journals(world).settle().matched == 0
    assert world.rows("SELECT count(*) FROM event") == before


def test_what_a_terminal_brings_late_is_matched_with_the_next_run(
    world: World, terminal: TerminalHere
) -> None:
    accept(terminal)
    terminal.sync()
    [known] = offers(world)
    reference = accept(terminal)  # the branch has not heard of this one
    writer = write(world, Fate.DONE)
    at = known.accepted_at + timedelta(minutes=10)
    writer.line(at, known.service, known.fen, reference)
    found = take_in(world, writer.world)
    assert found.settled.faults == {"unknown_reference": 1}
    terminal.sync()
    assert journals(world).settle().matched == 1
    assert proven(world) == [1, 1]
    assert world.rows("SELECT state, fault FROM journal_line") == [("matched", None)] * 2


def test_a_reversal_in_a_later_file_takes_a_match_back(
    world: World, terminal: TerminalHere
) -> None:
    accept(terminal)
    terminal.sync()
    writer = write(world, Fate.DONE)
    take_in(world, writer.world)
    assert proven(world) == [1]
    [offer] = offers(world)
    later = Writer(Random(2))
    later.world.lines = ["TX9|20261123120000|行内转账|张三|1.00||0001||N|"]
    at = offer.accepted_at + timedelta(hours=2)
    later.line(at, offer.service, offer.fen, "", kind="冲正", reverses=writer.id(2))
    found = take_in(world, later.world, "later.txt")
    assert found.settled.undone == 1
    assert proven(world) == [0]
    assert world.rows("SELECT stage, reason FROM event WHERE kind = 'reconciliation'"
                      " ORDER BY seq") == [("matched", None), ("undone", "reversal")]  # fmt: skip
    # the line of the match is not kept any more when another takes it back
    again = world.rows("SELECT state, fault FROM journal_line")
    assert again == [("none", "taken_back")]


def test_an_offer_lapses_only_where_a_journal_covers_its_days(
    world: World, terminal: TerminalHere
) -> None:
    accept(terminal)
    terminal.sync()
    [offer] = offers(world)
    assert journals(world).settle().lapsed == 0
    far = Writer(Random(0))
    far.line(offer.accepted_at + timedelta(days=700), offer.service, 1, "", branch="0002")
    assert take_in(world, far.world, "a-wrong-date.txt").settled.lapsed == 0
    for days, lapsed in ((6, 0), (8, 1), (9, 0)):
        world.clock.time = offer.accepted_at + timedelta(days=days)
        writer = Writer(Random(days))
        writer.line(offer.accepted_at + timedelta(days=days), offer.service, 1, "", branch="0002")
        assert take_in(world, writer.world, f"{days}.txt").settled.lapsed == lapsed
    late = write(world, Fate.LATE)
    assert take_in(world, late.world, "late.txt").settled.matched == 1
    assert proven(world) == [1]


def test_who_is_at_it_already_keeps_others_out(world: World, terminal: TerminalHere) -> None:
    with (
        kept_lines(world.config.journals_folder, world.config.branch.code),
        pytest.raises(KioskError) as refused,
    ):
        journals(world).settle()
    assert refused.value.code == "reconcile_busy"


def test_lines_are_cleared_away_when_nobody_can_need_them(
    world: World, terminal: TerminalHere
) -> None:
    accept(terminal)
    terminal.sync()
    take_in(world, write(world, Fate.DONE).world)
    folder = world.config.journals_folder / world.config.branch.code
    (folder / "of-a-run-that-was-cut-off.parquet").touch()
    [_, _] = folder.iterdir()
    journals(world).settle()
    assert len([*folder.iterdir()]) == 1
    world.clock.advance(days=Reconcile().days + 8)
    journals(world).settle()
    assert not [*folder.iterdir()]
    assert proven(world) == [1]
