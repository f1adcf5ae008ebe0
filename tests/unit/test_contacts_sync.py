"""Phone numbers on both sides: closed on the way, the same at the branch, gone from both."""

from collections.abc import Collection
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from contacts_here import MANAGER, NUMBER, contacts_at, follow_up, holding
from support import change, rows
from sync_world import FORMS, Recorder, TerminalHere, World, world_on

from kiosk.errors import KioskError
from kiosk.models import FollowUpResult, Purpose
from kiosk.models.payloads import ConsentGiven
from kiosk.services.audit import AuditLog
from kiosk.services.branch import check
from kiosk.services.desk_journal import DeskJournal
from kiosk.services.journal import Fact, new_id
from kiosk.services.staff.contacts import Contact, withdraw_at_branch
from kiosk.services.staff.reading import FiguresSource
from kiosk.services.sync.push import introduce
from kiosk.services.sync.wire import Answer, Caller, Parcel, SentContact

CONTACTS = "SELECT id, number_encrypted FROM contact ORDER BY id"
CONSENTS = "SELECT given_at, withdrawn_at, purged_at FROM consent"


world = world_on(*FORMS[:2], is_now=True)


def keep(terminal: TerminalHere, sign_up: UUID | None = None, number: str = NUMBER) -> Contact:
    return contacts_at(terminal).keep(number, Purpose.ACTIVATION, sign_up, "zh_CN")


def here(terminal: TerminalHere) -> list[tuple[object, ...]]:
    return rows(terminal.path, CONTACTS)


class LosesContacts(Recorder):
    """The branch keeps the numbers, and its answer is lost on the way."""

    def keep_contacts(
        self, caller: Caller, contacts: Collection[SentContact], held: Collection[UUID]
    ) -> Answer:
        super().keep_contacts(caller, contacts, held)
        raise KioskError("database_unreachable", database=self.name)


class CountsContacts(Recorder):
    """How many numbers travel."""

    sent = 0

    def keep_contacts(
        self, caller: Caller, contacts: Collection[SentContact], held: Collection[UUID]
    ) -> Answer:
        self.sent += len(contacts)
        return super().keep_contacts(caller, contacts, held)


def counted(terminal: TerminalHere) -> int:
    sides: list[CountsContacts] = []

    def around(side: object) -> CountsContacts:
        sides.append(CountsContacts(side, []))  # type: ignore[arg-type]
        return sides[-1]

    terminal.sync(around)
    return sides[0].sent


def test_both_sides_have_it_and_it_travels_once(world: World, terminal: TerminalHere) -> None:
    keep(terminal, new_id())
    assert counted(terminal) == 1
    assert world.rows(CONTACTS) == here(terminal)
    columns = "SELECT * FROM contact"
    [there], [stored] = world.rows(columns), rows(terminal.path, columns)
    assert there[:-1] == stored[:-1]
    assert counted(terminal) == 0
    assert not check(world.branch).differences
    assert not check(terminal.store).differences


def test_a_lost_answer_does_no_harm(world: World, terminal: TerminalHere) -> None:
    kept = keep(terminal)
    with pytest.raises(KioskError, match="database_unreachable"):
        terminal.sync(lambda side: LosesContacts(side, []))
    assert world.rows(CONTACTS) == here(terminal)
    contacts_at(terminal).withdraw(kept.withdrawal_code, "s1")
    terminal.sync()
    assert (world.rows(CONTACTS), here(terminal)) == ([], [])


def test_what_was_taken_back_before_it_travelled_never_does(
    world: World, terminal: TerminalHere
) -> None:
    contacts_at(terminal).withdraw(keep(terminal).withdrawal_code, "s1")
    assert counted(terminal) == 0
    assert world.rows(CONTACTS) == []
    [(given, withdrawn, purged)] = world.rows(CONSENTS)
    assert given
    assert withdrawn
    assert purged is None


def test_withdrawal_takes_it_from_both(world: World, terminal: TerminalHere) -> None:
    other = keep(terminal, number="13812345678")
    kept = keep(terminal)
    terminal.sync()
    contacts_at(terminal).withdraw(kept.withdrawal_code, "s1")
    terminal.sync()
    assert [row[0] for row in world.rows(CONTACTS)] == [other.id.hex]
    assert world.rows(CONTACTS) == here(terminal)


def test_a_follow_up_at_another_terminal_takes_it_from_both(
    world: World, terminal: TerminalHere
) -> None:
    sign_up = new_id()
    keep(terminal, sign_up)
    terminal.sync()
    other = world.terminal("T2", 2)
    follow_up(other, sign_up, FollowUpResult.ACTIVATED)
    other.sync()
    assert world.rows(CONTACTS) == []
    for _ in range(3):
        terminal.sync()
    assert (world.rows(CONTACTS), here(terminal)) == ([], [])
    [(_, withdrawn, purged)] = world.rows(CONSENTS)
    assert (withdrawn, bool(purged)) == (None, True)


def test_a_follow_up_that_comes_first_keeps_it_out(world: World, terminal: TerminalHere) -> None:
    sign_up = new_id()
    other = world.terminal("T2", 2)
    follow_up(other, sign_up, FollowUpResult.DOES_NOT_WANT)
    other.sync()
    keep(terminal, sign_up)
    terminal.sync()
    assert (world.rows(CONTACTS), here(terminal)) == ([], [])


def test_days_that_are_over_take_it_from_both(world: World, terminal: TerminalHere) -> None:
    keep(terminal)
    terminal.sync()
    yesterday = (world.clock.now() - timedelta(days=2)).date().isoformat()
    world.change("UPDATE contact SET keep_until = ?", yesterday)
    world.terminal("T2", 2).sync()  # any terminal of the branch
    assert world.rows(CONTACTS) == []
    change(terminal.path, "UPDATE contact SET keep_until = ?", yesterday)
    terminal.sync()
    assert here(terminal) == []
    [(_, withdrawn, purged)] = world.rows(CONSENTS)
    assert (withdrawn, bool(purged)) == (None, True)


def test_a_store_lets_go_of_it_even_alone(tmp_path: Path) -> None:
    terminal = World(tmp_path).terminal()
    keep(terminal)
    terminal.clock.advance(days=31)

    def away(side: object) -> Recorder:
        raise KioskError("database_unreachable", database="branch")

    with pytest.raises(KioskError, match="database_unreachable"):
        terminal.sync(away)
    assert here(terminal) == []


def test_another_branch_s_stays(world: World, terminal: TerminalHere) -> None:
    keep(terminal)
    terminal.sync()
    world.change("UPDATE contact SET keep_until = '2020-01-01', branch = '0099'")
    world.terminal("T2", 2).sync()
    assert len(world.rows(CONTACTS)) == 1


def test_another_terminal_of_the_branch_may_call_with_the_same_key(
    world: World, terminal: TerminalHere
) -> None:
    kept = keep(terminal)
    terminal.sync()
    other = world.terminal("T2", 2)  # the same folder of keys
    with closing(FiguresSource(other.store, world.here.url, other.clock)) as source:
        contacts = contacts_at(other, source)
        assert contacts.all() == (kept,)
        assert contacts.reveal(kept.id, MANAGER) == NUMBER
        assert contacts.withdraw(kept.withdrawal_code, "s1") == kept
        assert contacts.all() == ()  # though the branch has not heard of it
    for each in (other, terminal):
        each.sync()
    assert (world.rows(CONTACTS), here(terminal)) == ([], [])
    [(where, withdrawn)] = world.rows("SELECT terminal, withdrawn_at FROM consent")
    assert where == "T1"
    assert withdrawn


def test_a_withdrawal_at_the_branch_reaches_the_terminal(
    world: World, terminal: TerminalHere
) -> None:
    kept = keep(terminal)
    terminal.sync()
    journal = DeskJournal(world.branch, "0001", None, world.clock, world.config.zone, "release-1")
    audit = AuditLog(world.branch, world.config, world.clock, "@here")
    assert withdraw_at_branch(journal, audit, kept.withdrawal_code, "os:it") == kept
    assert world.rows(CONTACTS) == []
    terminal.sync()
    assert here(terminal) == []
    assert not check(world.branch).differences


def test_a_new_key_comes_to_the_branch(world: World, terminal: TerminalHere) -> None:
    keep(terminal)
    terminal.sync()
    before = world.rows(CONTACTS)
    assert contacts_at(terminal).rotate() == 1
    terminal.sync()
    assert world.rows(CONTACTS) == here(terminal) != before


def test_what_a_restored_branch_lost_is_brought_again(world: World, terminal: TerminalHere) -> None:
    kept = keep(terminal)
    gone = keep(terminal, number="13812345678")
    terminal.sync()
    contacts_at(terminal).withdraw(gone.withdrawal_code, "s1")
    terminal.sync()
    world.change("DELETE FROM contact")
    for _ in range(2):
        terminal.sync()
    assert [row[0] for row in world.rows(CONTACTS)] == [kept.id.hex]
    assert world.rows(CONTACTS) == here(terminal)


def said(terminal: TerminalHere, **changes: object) -> Answer:
    """What the branch answers to a number that is as no terminal would send it."""
    made = replace(stored(terminal), **changes)  # type: ignore[arg-type]
    side = terminal.connect(terminal.branch_url)
    try:
        caller = introduce(terminal.store, terminal.journal.origin, terminal.clock)
        return side.keep_contacts(caller, [made], [])
    finally:
        side.close()


def stored(terminal: TerminalHere) -> SentContact:
    from sqlalchemy import select

    from kiosk.models import StoredContact
    from kiosk.models.tables import table_of

    columns = [table_of(StoredContact).c[name] for name in SentContact.__dataclass_fields__]
    with terminal.store.read() as connection:
        return SentContact(*connection.execute(select(*columns)).one())


def test_the_branch_takes_nothing_that_could_be_read(world: World, terminal: TerminalHere) -> None:
    terminal.journal.record(consent_of(keep(terminal).id))
    kept = stored(terminal)
    bring_events(terminal)
    far: date = kept.keep_until + timedelta(days=200)
    for changes in (
        {"number_encrypted": NUMBER.encode()}, {"number_encrypted": b""},
        {"number_encrypted": kept.number_encrypted + b"x"}, {"number_masked": NUMBER},
        {"number_masked": f"138****1234 {NUMBER}"}, {"key_id": "no"}, {"blind_index": NUMBER},
        {"withdrawal_code": "12"}, {"purpose": "marketing"}, {"language": "xx"},
        {"keep_until": far}, {"id": new_id()},
    ):  # fmt: skip
        answer = said(terminal, **changes)
        assert (answer.settled, answer.gone) == (frozenset(), frozenset()), changes
        assert world.rows(CONTACTS) == []
    assert said(terminal).settled == {kept.id}


def consent_of(contact: UUID) -> Fact:
    given = ConsentGiven(purpose="activation", version=1, digest="0" * 64)
    return Fact(given, subject=contact, language="zh_CN")


def bring_events(terminal: TerminalHere) -> None:
    """The events alone, as when the line is cut behind them."""

    class CutBehind(Recorder):
        def keep_contacts(
            self, caller: Caller, contacts: Collection[SentContact], held: Collection[UUID]
        ) -> Answer:
            raise KioskError("database_unreachable", database=self.name)

    with pytest.raises(KioskError, match="database_unreachable"):
        terminal.sync(lambda side: CutBehind(side, []))


def test_nobody_brings_or_changes_another_terminal_s(world: World, terminal: TerminalHere) -> None:
    kept = keep(terminal)
    sent = stored(terminal)
    terminal.sync()
    other = world.terminal("T2", 2)
    side = other.connect(other.branch_url)
    caller = introduce(other.store, other.journal.origin, other.clock)
    forged = replace(sent, number_encrypted=b"\0" * 39)
    answer = side.keep_contacts(caller, [forged], [kept.id])
    side.close()
    assert answer.settled == frozenset()
    assert world.rows(CONTACTS) == here(terminal)


def test_what_the_branch_knows_no_consent_for_waits(world: World, terminal: TerminalHere) -> None:
    kept = keep(terminal)
    assert said(terminal).settled == frozenset()
    assert world.rows(CONTACTS) == []
    terminal.sync()
    assert [row[0] for row in world.rows(CONTACTS)] == [kept.id.hex]


# --- nobody reads it on its way or where it lies --------------------------------------------------


class Listens(Recorder):
    """All that travels, as text."""

    def __init__(self, side: object, heard: list[str]) -> None:
        super().__init__(side, [])  # type: ignore[arg-type]
        self.heard = heard

    def receive(self, parcel: Parcel) -> Answer:
        self.heard.append(repr(parcel))
        return super().receive(parcel)

    def keep_contacts(
        self, caller: Caller, contacts: Collection[SentContact], held: Collection[UUID]
    ) -> Answer:
        self.heard.append(repr(contacts))
        return super().keep_contacts(caller, contacts, held)


def test_the_number_is_nowhere_in_clear(
    world: World, terminal: TerminalHere, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in a file, a table, a batch, a log or an error, while all programs are at work."""
    caplog.set_level(0)
    kept = keep(terminal, new_id())
    heard: list[str] = []
    terminal.sync(lambda side: Listens(side, heard))
    contacts_at(terminal).reveal(kept.id, MANAGER)
    with pytest.raises(KioskError) as caught:
        contacts_at(terminal).keep(NUMBER + "0", Purpose.CALL_BACK, None, "zh_CN")
    assert kept.id.hex in str(world.rows(CONTACTS))
    tables = (
        "SELECT name FROM sqlite_schema WHERE type = 'table'"
        if world.branch.is_sqlite
        else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    dumped = [repr(world.rows(f"SELECT * FROM {name}")) for (name,) in world.rows(tables)]  # noqa: S608
    assert len(dumped) > 20
    for text in (*dumped, *heard, caplog.text, repr(caught.value.params)):
        assert NUMBER not in text
    assert holding(tmp_path, NUMBER.encode(), NUMBER.encode("utf-16-le")) == {}
    assert holding(tmp_path, kept.number_masked.encode())  # the search itself finds things


def test_both_files_forget_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    terminal = world.terminal()
    kept = keep(terminal)
    terminal.sync()
    [(_, closed)] = here(terminal)
    assert isinstance(closed, bytes)
    assert any("branch" in name for name in holding(tmp_path, closed))
    contacts_at(terminal).withdraw(kept.withdrawal_code, "s1")
    terminal.sync()
    assert holding(tmp_path, closed, kept.withdrawal_code.encode()) == {}
    world.branch.close()
