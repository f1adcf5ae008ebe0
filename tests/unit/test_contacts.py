"""A phone number at the terminal where it was left: closed, shown masked, gone when it is done."""

import dataclasses
import hashlib
from pathlib import Path

import pytest
from contacts_here import MANAGER, NUMBER, contacts_at, follow_up, holding, views
from hypothesis import given
from hypothesis import strategies as st
from support import change, rows
from sync_world import TerminalHere, World

from kiosk.config import Config, Privacy
from kiosk.errors import KioskError
from kiosk.languages import LANGUAGES
from kiosk.models import FollowUpResult, Purpose
from kiosk.sentences import sentence
from kiosk.services.journal import new_id
from kiosk.services.keys import key, key_path, older_keys
from kiosk.services.sign_in import SignedIn
from kiosk.services.staff.consent import CONSENT_VERSION, consent_text
from kiosk.services.staff.contact_keys import ContactKeys
from kiosk.services.staff.contact_purge import purge
from kiosk.services.staff.contacts import Contacts, masked, plain_number
from kiosk.services.staff.sign_ups import SignUps
from kiosk.services.staff_roster import Role

CONTACTS = "SELECT id FROM contact"
CONSENTS = "SELECT stage FROM event WHERE kind = 'consent' ORDER BY seq"


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TerminalHere:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return World(tmp_path).terminal()


@pytest.fixture
def contacts(terminal: TerminalHere) -> Contacts:
    return contacts_at(terminal)


def stages(terminal: TerminalHere) -> list[object]:
    return [stage for (stage,) in rows(terminal.path, CONSENTS)]


def left(terminal: TerminalHere) -> int:
    return len(rows(terminal.path, CONTACTS))


# --- keeping --------------------------------------------------------------------------------------


def test_what_everybody_sees_is_masked(contacts: Contacts, terminal: TerminalHere) -> None:
    sign_up = new_id()
    kept = contacts.keep("139 8765-4321", Purpose.ACTIVATION, sign_up, "zh_CN")
    assert kept.number_masked == "139****4321"
    assert NUMBER not in repr(kept)
    assert contacts.all() == (kept,)
    assert contacts.of_sign_ups({sign_up, new_id()}) == {sign_up: kept}
    assert contacts.of_sign_ups({new_id()}) == {}
    today = terminal.journal.business_date()
    assert (kept.keep_until - today).days == 30


def test_the_consent_is_an_event_and_the_number_is_in_none(
    contacts: Contacts, terminal: TerminalHere
) -> None:
    kept = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "en")
    [row] = rows(terminal.path, "SELECT subject, language, payload FROM event")
    text = consent_text(terminal.config, Purpose.CALL_BACK, "en")
    assert row[:2] == (kept.id.hex, "en")
    assert text.digest in str(row[2])
    [consent] = rows(terminal.path, "SELECT id, purpose, version, digest, language FROM consent")
    assert consent == (kept.id.hex, "call_back", CONSENT_VERSION, text.digest, "en")
    assert NUMBER[3:] not in str(rows(terminal.path, "SELECT * FROM event"))


def test_the_same_number_said_again_is_the_same_contact(
    contacts: Contacts, terminal: TerminalHere
) -> None:
    sign_up = new_id()
    first = contacts.keep(NUMBER, Purpose.ACTIVATION, sign_up, "zh_CN")
    assert contacts.keep(NUMBER, Purpose.ACTIVATION, sign_up, "zh_CN") == first
    assert stages(terminal) == ["given"]
    for other in (
        contacts.keep(NUMBER, Purpose.CALL_BACK, sign_up, "zh_CN"),
        contacts.keep(NUMBER, Purpose.ACTIVATION, None, "zh_CN"),
        contacts.keep("13987654322", Purpose.ACTIVATION, sign_up, "zh_CN"),
    ):
        assert other.id != first.id
    assert len({each.withdrawal_code for each in contacts.all()}) == 4


@pytest.mark.parametrize(
    "number",
    ["", "1398765432", "139876543210", "12987654321", "23987654321", "１３９８７６５４３２１",
     "139876543a1", "+8613987654321", "110101199001011234", "6222020200112233445"],
)  # fmt: skip
def test_nothing_but_a_mobile_number_is_kept(
    contacts: Contacts, terminal: TerminalHere, number: str
) -> None:
    with pytest.raises(KioskError, match="contact_number_invalid") as caught:
        contacts.keep(number, Purpose.CALL_BACK, None, "zh_CN")
    assert caught.value.params == {}
    assert left(terminal) == 0
    assert stages(terminal) == []


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_masking_leaves_seven_digits(number: str) -> None:
    assert plain_number(f" {number[:3]}-{number[3:]} ") == number
    assert masked(number) == f"{number[:3]}****{number[7:]}"


def test_how_long_is_a_setting_within_bounds(terminal: TerminalHere) -> None:
    short = dataclasses.replace(terminal.config, privacy=Privacy(keep_days=7))
    contacts = contacts_at(dataclasses.replace(terminal, config=short))
    kept = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "en")
    assert (kept.keep_until - terminal.journal.business_date()).days == 7
    assert "7 days" in " ".join(consent_text(short, Purpose.CALL_BACK, "en").lines)


# --- the words ------------------------------------------------------------------------------------


def test_every_language_says_all_of_it() -> None:
    settings = Config(data_folder=Path("/none"))
    for purpose in Purpose:
        texts = {language: consent_text(settings, purpose, language) for language in LANGUAGES}
        assert len({len(text.lines) for text in texts.values()}) == 1
        assert len({text.digest for text in texts.values()}) == len(LANGUAGES)
        for language, text in texts.items():
            assert settings.bank.name.in_language(language) in text.lines[0]
            assert "14" in text.lines[-1]
            assert any("30" in line for line in text.lines)
            assert not any("{" in line for line in text.lines)


def test_words_are_never_changed_under_one_version() -> None:
    """Who changes a word raises the version, and puts the new digest here."""
    settings = Config(data_folder=Path("/none"))
    whole = "\n".join(
        line
        for purpose in Purpose
        for language in LANGUAGES
        for line in consent_text(settings, purpose, language).lines
    )
    digest = hashlib.sha256(whole.encode()).hexdigest()[:16]
    assert (CONSENT_VERSION, digest) == (1, "3ad7f5f60e49db29")


# --- seeing a number ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_two_roles_may_see_a_number_and_every_view_is_put_down(
    terminal: TerminalHere, role: Role
) -> None:
    contacts = contacts_at(terminal)
    kept = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    who = SignedIn("s7", "李雷", (role,))
    if role in {Role.LOBBY_MANAGER, Role.BRANCH_MANAGER}:
        assert contacts.reveal(kept.id, who) == NUMBER
        assert views(terminal) == [("s7", str(kept.id), "shown")]
    else:
        with pytest.raises(KioskError, match="contact_forbidden"):
            contacts.reveal(kept.id, who)
        assert views(terminal) == [("s7", str(kept.id), "refused")]


def test_nobody_sees_what_can_not_be_put_down(contacts: Contacts, terminal: TerminalHere) -> None:
    kept = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    key_path(terminal.config, "audit").write_text("not a key")
    with pytest.raises(KioskError, match="key_invalid"):
        contacts.reveal(kept.id, MANAGER)


def test_what_is_gone_or_due_is_not_shown(contacts: Contacts, terminal: TerminalHere) -> None:
    kept = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    with pytest.raises(KioskError, match="contact_gone"):
        contacts.reveal(new_id(), MANAGER)
    terminal.clock.advance(days=31)  # and nobody has purged
    with pytest.raises(KioskError, match="contact_gone"):
        contacts.reveal(kept.id, MANAGER)


@pytest.mark.parametrize("role", Role)
def test_all_numbers_are_for_two_people_who_may_and_both_are_put_down(
    terminal: TerminalHere, role: Role
) -> None:
    contacts = contacts_at(terminal)
    kept = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    other = SignedIn("s7", "李雷", (role,))
    for first, second in ((MANAGER, other), (other, MANAGER)):
        if role in {Role.LOBBY_MANAGER, Role.BRANCH_MANAGER}:
            found = contacts.reveal_all(first, second)
            assert [(each.contact, each.number) for each in found.opened] == [(kept, NUMBER)]
            assert NUMBER not in repr(found)
            ends, count, seen = "file", 1, [str(kept.id)]
        else:
            with pytest.raises(KioskError, match="contact_export_forbidden"):
                contacts.reveal_all(first, second)
            ends, count, seen = "refused", 0, []
        pairs = ((first.number, second.number), (second.number, first.number))
        told = [
            (who, about, f"{ends}, with {with_whom}")
            for who, with_whom in pairs
            for about in (*seen, f"phone-numbers {count}")
        ]
        assert taken_out(terminal)[-len(told) :] == told


def taken_out(terminal: TerminalHere) -> list[tuple[object, ...]]:
    entries = "SELECT staff, subject, result FROM audit_entry ORDER BY seq"
    return rows(terminal.path, entries)


def test_nobody_is_two_people(contacts: Contacts, terminal: TerminalHere) -> None:
    contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    again = dataclasses.replace(MANAGER, name="李雷", roles=(Role.BRANCH_MANAGER,))
    with pytest.raises(KioskError, match="contact_export_alone"):
        contacts.reveal_all(MANAGER, again)
    assert taken_out(terminal) == [("s1", "phone-numbers 0", "refused, with s1")]


def test_two_people_get_what_can_be_read_and_is_not_over(
    contacts: Contacts, terminal: TerminalHere
) -> None:
    contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    terminal.clock.advance(days=10)
    kept = contacts.keep("13987654322", Purpose.CALL_BACK, None, "zh_CN")
    damaged = contacts.keep("13987654323", Purpose.CALL_BACK, None, "zh_CN")
    closed = contacts.keep("13987654324", Purpose.CALL_BACK, None, "zh_CN")
    for column, value, which in (("purpose", "activation", damaged), ("key_id", "other", closed)):
        changed = f"UPDATE contact SET {column} = ? WHERE id = ?"  # noqa: S608
        change(terminal.path, changed, value, which.id.hex)
    terminal.clock.advance(days=21)  # and nobody has purged
    found = contacts.reveal_all(MANAGER, dataclasses.replace(MANAGER, number="s2"))
    assert [each.contact for each in found.opened] == [kept]
    assert found.closed == 2
    key_path(terminal.config, "audit").write_text("not a key")
    with pytest.raises(KioskError, match="key_invalid"):
        contacts.reveal_all(MANAGER, dataclasses.replace(MANAGER, number="s2"))


# --- its end --------------------------------------------------------------------------------------


def test_the_code_takes_it_back(contacts: Contacts, terminal: TerminalHere) -> None:
    other = contacts.keep("13987654322", Purpose.CALL_BACK, None, "zh_CN")
    kept = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    code = kept.withdrawal_code
    assert contacts.withdraw(f" {code[:4]} {code[4:]}", "s1") == kept
    assert contacts.all() == (other,)
    assert stages(terminal) == ["given", "given", "withdrawn"]
    with pytest.raises(KioskError, match="contact_code_unknown"):
        contacts.withdraw(code, "s1")
    [audited] = rows(terminal.path, "SELECT action, staff, subject, result FROM audit_entry")
    assert audited == ("contact_purged", "s1", str(kept.id), "withdrawn")
    [ended] = rows(terminal.path, "SELECT purged_at FROM consent WHERE withdrawn_at IS NOT NULL")
    assert ended == (None,)
    assert purge(terminal.journal) == 0
    assert stages(terminal) == ["given", "given", "withdrawn"]


@pytest.mark.parametrize(
    "code", ["", "%", "_" * 8, "' OR 1=1 --", "[bold]", "１２３４５６７８", "\0"]
)
def test_what_is_no_code_deletes_nothing(
    contacts: Contacts, terminal: TerminalHere, code: str
) -> None:
    contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    with pytest.raises(KioskError, match="contact_code_unknown"):
        contacts.withdraw(code, "s1")
    assert left(terminal) == 1


def test_the_number_itself_takes_all_of_its_back(
    contacts: Contacts, terminal: TerminalHere
) -> None:
    other = contacts.keep("13987654322", Purpose.CALL_BACK, None, "zh_CN")
    for purpose in Purpose:
        contacts.keep(NUMBER, purpose, None, "zh_CN")
    assert contacts.withdraw_number("139 8765 4321", "s1") == 2
    assert contacts.all() == (other,)
    assert stages(terminal).count("withdrawn") == 2
    with pytest.raises(KioskError, match="contact_number_unknown"):
        contacts.withdraw_number(NUMBER, "s1")


def test_it_goes_when_its_days_are_over(contacts: Contacts, terminal: TerminalHere) -> None:
    contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    terminal.clock.advance(days=30)
    assert purge(terminal.journal) == 0
    terminal.clock.advance(days=1)
    assert purge(terminal.journal) == 1
    assert (left(terminal), stages(terminal)) == (0, ["given", "purged"])
    assert purge(terminal.journal) == 0
    assert stages(terminal) == ["given", "purged"]


@pytest.mark.parametrize("result", FollowUpResult)
def test_it_goes_when_nobody_needs_to_call_any_more(
    contacts: Contacts, terminal: TerminalHere, result: FollowUpResult
) -> None:
    sign_up = new_id()
    contacts.keep(NUMBER, Purpose.ACTIVATION, sign_up, "zh_CN")
    contacts.keep(NUMBER, Purpose.ACTIVATION, new_id(), "zh_CN")
    follow_up(terminal, sign_up, result)
    over = result in {FollowUpResult.ACTIVATED, FollowUpResult.DOES_NOT_WANT}
    assert purge(terminal.journal) == over
    assert left(terminal) == 2 - over
    assert stages(terminal).count("purged") == over


def test_a_follow_up_takes_it_along_at_once(contacts: Contacts, terminal: TerminalHere) -> None:
    sign_up = new_id()
    contacts.keep(NUMBER, Purpose.ACTIVATION, sign_up, "zh_CN")
    sign_ups = SignUps(terminal.journal)
    sign_ups.follow_up(sign_up, "s1", FollowUpResult.NOT_REACHED)
    assert left(terminal) == 1
    sign_ups.follow_up(sign_up, "s1", FollowUpResult.ACTIVATED)
    assert left(terminal) == 0
    assert stages(terminal) == ["given", "purged"]


def test_a_number_that_got_lost_is_put_down_as_gone(
    contacts: Contacts, terminal: TerminalHere
) -> None:
    contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    change(terminal.path, "DELETE FROM contact")
    assert purge(terminal.journal) == 0
    assert stages(terminal) == ["given", "purged"]


# --- keys -----------------------------------------------------------------------------------------


def test_a_new_key_opens_the_old_numbers_and_the_old_key_is_gone(
    contacts: Contacts, terminal: TerminalHere
) -> None:
    kept = [contacts.keep(f"139876543{n}", Purpose.CALL_BACK, None, "zh_CN") for n in (21, 22)]
    before = rows(terminal.path, "SELECT key_id, number_encrypted, blind_index FROM contact")
    old = key(terminal.config, "contact")
    assert contacts.rotate() == 2
    after = rows(terminal.path, "SELECT key_id, number_encrypted, blind_index FROM contact")
    assert not {value for row in before for value in row} & {
        value for row in after for value in row
    }
    assert key(terminal.config, "contact") != old
    assert older_keys(terminal.config, "contact") == ()
    assert old.hex().encode() not in b"".join(
        path.read_bytes() for path in terminal.config.keys_folder.iterdir()
    )
    assert [contacts.reveal(each.id, MANAGER)[-2:] for each in kept] == ["21", "22"]
    contacts.withdraw_number(NUMBER, "s1")
    assert key_path(terminal.config, "contact").stat().st_mode & 0o777 == 0o400


def test_a_rotation_that_was_killed_is_finished(contacts: Contacts, terminal: TerminalHere) -> None:
    kept = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    ContactKeys(terminal.config).renew()  # and then the power went
    assert contacts.reveal(kept.id, MANAGER) == NUMBER
    new = key(terminal.config, "contact")
    assert contacts.rotate() == 1
    assert key(terminal.config, "contact") == new
    assert older_keys(terminal.config, "contact") == ()
    assert contacts.reveal(kept.id, MANAGER) == NUMBER


def test_a_lost_key_is_not_replaced_while_numbers_need_it(
    contacts: Contacts, terminal: TerminalHere
) -> None:
    contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    lost = key_path(terminal.config, "contact").rename(terminal.config.data_folder / "lost")
    with pytest.raises(KioskError, match="contact_key_missing"):
        contacts.rotate()
    assert not key_path(terminal.config, "contact").exists()
    lost.rename(key_path(terminal.config, "contact"))
    assert contacts.rotate() == 1


def test_a_key_of_the_service_manager_is_not_replaced_here(
    contacts: Contacts, terminal: TerminalHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "contact.key").write_text("ab" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    contacts.keep("13987654322", Purpose.CALL_BACK, None, "zh_CN")
    with pytest.raises(KioskError, match="contact_key_missing"):
        contacts.rotate()  # the first one was closed with the folder's
    change(terminal.path, "DELETE FROM contact WHERE number_masked = '139****4321'")
    with pytest.raises(KioskError, match="key_given"):
        contacts.rotate()
    assert contacts.reveal(contacts.all()[0].id, MANAGER) == "13987654322"


# --- attacks --------------------------------------------------------------------------------------


def test_a_number_does_not_open_in_another_row_or_for_another_purpose(
    contacts: Contacts, terminal: TerminalHere
) -> None:
    mine = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    other = contacts.keep("13812345678", Purpose.CALL_BACK, None, "zh_CN")
    change(
        terminal.path,
        "UPDATE contact SET number_encrypted = (SELECT number_encrypted FROM contact WHERE id = ?)"
        " WHERE id = ?",
        other.id.hex,
        mine.id.hex,
    )
    with pytest.raises(KioskError, match="contact_damaged"):
        contacts.reveal(mine.id, MANAGER)
    change(terminal.path, "UPDATE contact SET purpose = 'activation' WHERE id = ?", other.id.hex)
    with pytest.raises(KioskError, match="contact_damaged"):
        contacts.reveal(other.id, MANAGER)


@pytest.mark.parametrize("place", [0, 11, 12, 20, -1])
def test_a_changed_bit_is_found(contacts: Contacts, terminal: TerminalHere, place: int) -> None:
    kept = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    [(stored,)] = rows(terminal.path, "SELECT number_encrypted FROM contact")
    assert isinstance(stored, bytes)
    changed = bytearray(stored)
    changed[place] ^= 1
    change(terminal.path, "UPDATE contact SET number_encrypted = ?", bytes(changed))
    with pytest.raises(KioskError, match="contact_damaged"):
        contacts.reveal(kept.id, MANAGER)
    change(terminal.path, "UPDATE contact SET number_encrypted = ?", stored[:5])
    with pytest.raises(KioskError, match="contact_damaged"):
        contacts.reveal(kept.id, MANAGER)


def test_without_its_key_a_number_is_one_clear_sentence(
    contacts: Contacts, terminal: TerminalHere
) -> None:
    kept = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    key_path(terminal.config, "contact").unlink()
    with pytest.raises(KioskError, match="contact_key_missing") as caught:
        contacts.reveal(kept.id, MANAGER)
    assert sentence(caught.value).count(".") == 1
    assert views(terminal) == [("s1", str(kept.id), "contact_key_missing")]


def test_another_key_under_the_same_name_opens_nothing(terminal: TerminalHere) -> None:
    keys, contact = ContactKeys(terminal.config), new_id()
    closed = keys.close(NUMBER, contact, "call_back")
    keys.renew()
    with pytest.raises(KioskError, match="contact_damaged"):
        keys.open(closed.number_encrypted, keys.current_id() or "", contact, "call_back")


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "x" * 16, "0" * 15 + "/"])
def test_a_database_names_no_file(terminal: TerminalHere, name: str) -> None:
    with pytest.raises(KioskError, match="contact_key_missing"):
        ContactKeys(terminal.config).open(b"x" * 39, name, new_id(), "call_back")


def test_the_same_number_is_never_closed_the_same(terminal: TerminalHere) -> None:
    keys, contact = ContactKeys(terminal.config), new_id()
    closed = {keys.close(NUMBER, contact, "call_back").number_encrypted for _ in range(100)}
    assert len({each[:12] for each in closed}) == 100


def test_after_it_went_not_even_its_closed_form_is_in_the_files(
    contacts: Contacts, terminal: TerminalHere, tmp_path: Path
) -> None:
    """While the terminal is at work: nobody closes the store in between."""
    kept = contacts.keep(NUMBER, Purpose.CALL_BACK, None, "zh_CN")
    [(closed, index)] = rows(terminal.path, "SELECT number_encrypted, blind_index FROM contact")
    assert isinstance(closed, bytes)
    traces = (closed, str(index).encode())
    assert set(holding(tmp_path, *traces)) <= {"terminal-T1.db", "terminal-T1.db-wal"}
    assert holding(tmp_path, *traces)
    contacts.withdraw(kept.withdrawal_code, "s1")
    assert holding(tmp_path, *traces) == {}
