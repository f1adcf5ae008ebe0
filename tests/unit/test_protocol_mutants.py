"""A protocol that is broken on purpose is caught by the tests of the right one, on both engines.

Each mistake is planted for the length of one of those tests, which must then fail. That they pass
without it is their own business: it is the control.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
import test_sync_protocol as suite
from mutants import Edit, SqlEdit, plant_sql, planted
from sync_world import (
    PostgresBranch,
    Recorder,
    TerminalHere,
    World,
    branch_of,
    until_somebody_waits,
)

from kiosk.errors import KioskError
from kiosk.services.sync import function_branch, push, receive
from kiosk.services.sync.wire import Answer, Parcel, Status

Check = Callable[[World, TerminalHere, Path], None]
_STORE_ONE = "kiosk_store_one(json, text, bigint, branch_meta)"
_STORE_WITH_CARE = "kiosk_store_with_care(json, text[], json, branch_meta)"
_PUSH = "kiosk_push(json, text, text, json)"


def two_at_once(world: World, terminal: TerminalHere, folder: Path) -> None:
    """The same batch comes twice at once; the second waits until the first is through."""
    terminal.visit("A1001")
    sent: list[Parcel] = []
    with pytest.raises(_StopError):
        terminal.sync(lambda side: _Stops(side, sent))
    (parcel,) = sent
    address = terminal.branch_url.replace("+psycopg", "")
    batch = (function_branch._told(parcel.caller), "\n".join(parcel.lines), parcel.digest)

    def bring(connection: psycopg.Connection) -> object:
        # the form that looks at each event: the other would be sent away and come again
        answer = connection.execute("SELECT kiosk_push(%s, %s, %s, '[]')", batch).fetchone()
        assert answer is not None
        return answer[0]["status"]

    with (
        psycopg.connect(address) as first,
        psycopg.connect(address) as second,
        ThreadPoolExecutor(1) as pool,
    ):
        assert bring(first) == Status.OK
        later = pool.submit(bring, second)
        until_somebody_waits(world)
        first.commit()
        assert later.result() == Status.ALREADY


class _StopError(Exception):
    """The batch is in the ledger and goes no further."""


class _Stops(Recorder):
    def receive(self, parcel: Parcel) -> Answer:
        self.parcels.append(parcel)
        raise _StopError


@dataclass(frozen=True)
class Mistake:
    """What is wrong, in each form of the protocol, and what catches it."""

    check: Check
    python: tuple[Edit, ...] = ()
    sql: tuple[SqlEdit, ...] = ()


def damaged(world: World, terminal: TerminalHere, folder: Path) -> None:
    def cut(parcel: Parcel) -> Parcel:
        return replace(parcel, lines=parcel.lines[:-1])

    suite.test_batch_that_is_not_what_it_says(world, terminal, cut, Status.BAD_DIGEST)


def poisoned(world: World, terminal: TerminalHere, folder: Path) -> None:
    reason = "unknown kind or stage"
    suite.test_poisoned_event_is_kept_aside_and_the_others_go_through(
        world, terminal, reason, suite.POISON[reason]
    )


MISTAKES: dict[str, Mistake] = {
    "any epoch will do": Mistake(
        lambda world, terminal, _: suite.test_epoch_mismatch(world, terminal),
        (Edit(receive, "identify", "terminal.epoch != caller.epoch", "False"),),
        (SqlEdit("kiosk_identify(json)", "known.epoch <> (caller ->> 'epoch')::integer", "false"),),
    ),
    "any digit will do": Mistake(
        lambda world, terminal, _: suite.test_digit_of_another_terminal(world, terminal),
        (Edit(receive, "identify", "terminal.digit != caller.digit", "False"),),
        (SqlEdit("kiosk_identify(json)", "known.digit <> (caller ->> 'digit')::integer", "false"),),
    ),
    "another history at the same place will do": Mistake(
        lambda world, terminal, _: suite.test_same_place_with_another_history_is_a_fork(
            world, terminal
        ),
        (Edit(receive, "_compare", "ours != theirs", "False"),),
        (
            SqlEdit(
                "kiosk_compare(terminal, json)",
                "known.acked_seq <> (theirs ->> 'seq')::bigint OR known.chain <> theirs ->> "
                "'chain'",
                "false",
            ),
        ),
    ),
    "a batch with a known number is the known one": Mistake(
        lambda world, terminal, folder: suite.test_restored_copy_that_went_on_is_a_fork(
            world, terminal, folder
        ),
        (Edit(receive, "_earlier_answer", "receipt.digest != parcel.digest", "False"),),
        (SqlEdit(_PUSH, "earlier.digest <> batch_digest", "false"),),
    ),
    "nobody looks at the digest": Mistake(
        damaged,
        (
            Edit(
                receive, "_receive",
                "wire.digest(known.position.chain, parcel.lines) != parcel.digest", "False",
            ),
        ),
        (
            SqlEdit(
                _PUSH,
                "batch_digest <> encode(sha256(convert_to((who.known).chain || batch, 'UTF8')), "
                "'hex')",
                "false",
            ),
        ),
    ),
    "nobody counts what is there": Mistake(
        lambda world, terminal, _: suite.test_id_of_another_terminals_event_stops_the_batch(
            world, terminal
        ),
        (Edit(receive, "_store_with_care", "if missing:", "if False:"),),
        (SqlEdit(_STORE_WITH_CARE, "missing > 0", "false"),),
    ),
    "a poisoned event is dropped": Mistake(
        poisoned,
        (Edit(receive, "_receive", "_quarantine(connection, parcel, answer.rejected, now)", "0"),),
        (
            SqlEdit(
                _STORE_WITH_CARE, "rejected := rejected || json_build_object(",
                "CONTINUE; rejected := rejected || json_build_object(",
            ),
        ),
    ),
    "duplicates are what is left over": Mistake(
        poisoned,
        (
            Edit(
                receive, "_store_with_care", "duplicates = sum(seq in before for seq in good)",
                "duplicates = len(parcel.lines) - len(new)",
            ),
        ),
        (
            SqlEdit(
                _STORE_WITH_CARE, "'duplicates', duplicates",
                "'duplicates', cardinality(lines) - inserted",
            ),
        ),
    ),
    "what was there is counted once more": Mistake(
        lambda world, terminal, _: suite.test_only_new_events_of_a_half_known_batch_are_applied(
            world, terminal
        ),
        # in statements it would be none: figures give up what they counted before they count anew
        sql=(SqlEdit(_STORE_ONE, "IF FOUND THEN", "IF true THEN"),),
    ),
    "no receipt is written": Mistake(
        lambda world, terminal, _: (
            suite.test_every_event_arrives_once_however_often_it_is_synchronised(world, terminal)
        ),
        (Edit(receive, "_receive", "_write_receipt(connection, parcel, answer, now)", "0"),),
    ),
    "figures don't follow": Mistake(
        lambda world, terminal, _: (
            suite.test_every_event_arrives_once_however_often_it_is_synchronised(world, terminal)
        ),
        (
            Edit(
                receive, "_store_at_once", "projections.apply(connection, bounds, list(Kind))", "0"
            ),
        ),
        (
            SqlEdit(
                "kiosk_store_at_once(json, text, integer, branch_meta)",
                "PERFORM kiosk_project(", "PERFORM ROW(",
            ),
        ),
    ),
    "another branch database will do": Mistake(
        lambda world, terminal, folder: suite.test_other_branch_database(terminal, folder),
        (
            Edit(
                receive, "identify", "caller.database_id not in (None, str(meta.id))", "False"
            ),
        ),
    ),
    "a branch that lost batches is taken for one that is behind": Mistake(
        lambda world, terminal, _: suite.test_branch_restored_from_an_older_copy(world, terminal),
        (Edit(receive, "_compare", "ours.number < theirs.number", "False"),),
        (
            SqlEdit(
                "kiosk_compare(terminal, json)", "known.batch_number < number", "false"
            ),
        ),
    ),
    "an open batch is cut anew": Mistake(
        lambda world, terminal, _: suite.test_lost_answer_is_asked_for_again_with_the_same_batch(
            world, terminal
        ),
        (
            Edit(push, "_open_batch", "_read_batch(run, position.number + 1)", "None"),
            Edit(
                push, "_write_batch", "insert(_BATCH)", 'insert(_BATCH).prefix_with("OR REPLACE")'
            ),
        ),
    ),
    "an old copy of a store passes": Mistake(
        lambda world, terminal, folder: (
            suite.test_restored_copy_with_nothing_to_send_is_told_that_it_is_old(
                world, terminal, folder
            )
        ),
        (
            Edit(
                push, "_push", "greeting.position.number > ledger.position.number", "False"
            ),
        ),
    ),
    "two at once don't wait for each other": Mistake(
        two_at_once,
        sql=(
            SqlEdit(
                _PUSH, "PERFORM FROM branch WHERE code = caller ->> 'branch' FOR NO KEY UPDATE;",
                "",
            ),
            SqlEdit("kiosk_identify(json)", "FOR NO KEY UPDATE;", ";"),
        ),
    ),
}  # fmt: skip


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, branch_of(request.param, request)(tmp_path))
    yield made
    made.branch.close()


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", [name for name, each in MISTAKES.items() if each.python])
def test_caught_on_sqlite(world: World, tmp_path: Path, name: str) -> None:
    mistake = MISTAKES[name]
    terminal = world.terminal()
    with planted(*mistake.python), _must_fail():
        mistake.check(world, terminal, tmp_path)


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", [name for name, each in MISTAKES.items() if each.sql])
def test_caught_on_postgresql(world: World, tmp_path: Path, name: str) -> None:
    mistake = MISTAKES[name]
    terminal = world.terminal()
    plant_sql(world.here, *mistake.sql)
    with _must_fail():
        mistake.check(world, terminal, tmp_path)


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_two_at_once(world: World, tmp_path: Path) -> None:
    """The control of the check that is made here."""
    assert isinstance(world.here, PostgresBranch)
    two_at_once(world, world.terminal(), tmp_path)


def _must_fail() -> "pytest.RaisesExc[BaseException]":
    """By the check's own assertion or the program's own words; a mistake that is no SQL is none."""
    words = (KioskError, psycopg.errors.UniqueViolation)
    return pytest.raises((AssertionError, ValueError, pytest.fail.Exception, *words))
