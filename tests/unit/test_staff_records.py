"""What staff put down of assists, sign-ups and the day, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support import FakeClock, rows

from kiosk.errors import KioskError
from kiosk.services.journal import Journal, new_id
from kiosk.services.reference import read_reference
from kiosk.services.staff.assists import AssistOutcome, Assists, Talk
from kiosk.services.staff.day_book import MAX_NOTE, DayBook, DayBookCategory
from kiosk.services.staff.receipts import check_receipt
from kiosk.services.staff.sign_ups import FollowUpResult, Opened, Signing, SignUps

ASSIST = "SELECT outcome, seconds, service, channel, objection, segment, left_out FROM assist"
OFFER = (
    "SELECT offered_at IS NOT NULL, accepted_at IS NOT NULL, declined_at IS NOT NULL,"
    " completed_at IS NOT NULL, evidence, decline_reason, left_out FROM diversion"
)


# --- assists --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "stages"),
    [
        (AssistOutcome.DECLINED, (1, 0, 1, 0, None, "distrust", 0)),
        (AssistOutcome.ACCEPTED, (1, 1, 0, 0, None, None, 0)),
        (AssistOutcome.TAUGHT, (1, 1, 0, 0, None, None, 0)),
        (AssistOutcome.DONE, (1, 1, 0, 1, "staff_saw", None, 0)),
    ],
)
def test_an_offer_by_word_of_mouth_is_an_offer(
    journal: Journal, clock: FakeClock, path: Path, outcome: AssistOutcome, stages: tuple[object]
) -> None:
    assists, assist = Assists(journal, 1), new_id()
    assists.start(assist, "2001")
    assists.start(assist, "2001")
    clock.advance(95)
    talk = Talk(outcome, "transfer", "mobile", "distrust", "merchant")
    reference = assists.end(assist, talk, "2001")
    assert assists.end(assist, talk, "2001") is None
    assert rows(path, ASSIST) == [
        (outcome.value, 95, "transfer", "mobile", "distrust", "merchant", 0)
    ]
    assert rows(path, OFFER) == [stages]
    assert rows(path, "SELECT DISTINCT staff FROM event WHERE kind = 'diversion'") == [("2001",)]
    assert rows(path, "SELECT sum(offered) FROM hourly_figures") == [(1,)]
    # what is yet to be done has one, for the channel's journal
    assert (reference is not None) == (outcome in (AssistOutcome.ACCEPTED, AssistOutcome.TAUGHT))
    assert reference is None or read_reference(reference) == reference
    assert rows(path, "SELECT reference FROM diversion") == [(reference,)]


@pytest.mark.parametrize(
    "talk", [Talk(AssistOutcome.NOTHING_OFFERED, "transfer", "mobile"), Talk(AssistOutcome.DONE)]
)
def test_without_an_offer_nothing_is_counted_as_one(
    journal: Journal, path: Path, talk: Talk
) -> None:
    Assists(journal, 1).log(new_id(), talk, "2001")
    assert rows(path, OFFER) == []
    assert rows(path, "SELECT seconds, ended_at IS NOT NULL FROM assist") == [(None, 1)]


def test_who_is_60_or_older_is_left_out_with_the_offer(journal: Journal, path: Path) -> None:
    talk = Talk(AssistOutcome.DONE, "transfer", "mobile", left_out=True)
    Assists(journal, 1).log(new_id(), talk, "2001")
    assert rows(path, "SELECT left_out FROM assist") == [(1,)]
    assert rows(path, "SELECT left_out FROM diversion") == [(1,)]
    assert rows(path, "SELECT sum(offered), sum(visits) FROM hourly_figures") == [(None, None)]


# --- sign-ups -------------------------------------------------------------------------------------


def test_a_bundle_is_signed_taught_used_and_followed_up(journal: Journal, path: Path) -> None:
    sign_ups, card, net = SignUps(journal), new_id(), new_id()
    signing = Signing(
        new_id(), (Opened(card, "card", 1), Opened(net, "net", 2)), "new_personal",
        " br20261123-7 ", bundle="one_card",
    )  # fmt: skip
    sign_ups.sign(signing, "2001")
    sign_ups.sign(signing, "2001")
    sign_ups.taught(card, "1001")
    sign_ups.follow_up(net, "2001", FollowUpResult.NOT_REACHED)
    sign_ups.follow_up(net, "2001", FollowUpResult.ACTIVATED)
    told = "SELECT product, receipt, bundle, staff, taught_by, used_evidence, last_result"
    assert rows(path, f"{told}, follow_ups FROM sign_up ORDER BY product") == [
        ("card", "BR20261123-7", "one_card", "2001", "1001", None, None, 0),
        ("net", "BR20261123-7", "one_card", "2001", None, "customer_said", "activated", 2),
    ]
    assert [each.id for each in sign_ups.of_receipt("BR20261123-7")] == [card, net]
    today = journal.business_date()
    assert [each.product for each in sign_ups.signed_on(today, "2001")] == ["card", "net"]
    assert sign_ups.signed_on(today, "1001") == ()


def test_a_receipt_that_is_none_keeps_nothing(journal: Journal, path: Path) -> None:
    signing = Signing(new_id(), (Opened(new_id(), "card", 1),), "new_personal", "13812341234")
    with pytest.raises(KioskError, match="receipt_is_mobile"):
        SignUps(journal).sign(signing, "2001")
    assert rows(path, "SELECT * FROM event") == []


@given(st.from_regex(r"[A-Z]{1,4}[0-9A-Z-]{5,18}", fullmatch=True))
def test_a_receipt_with_a_letter_before_it_is_taken(text: str) -> None:
    assume(not text.endswith("X"))
    assert check_receipt(f" {text.lower()}") == text


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.integers(0, 10))
def test_a_mobile_number_is_no_receipt_however_it_is_cut_up(number: str, cut: int) -> None:
    for text in (number, f"{number[:cut]}-{number[cut:]}", f"86{number}"):
        with pytest.raises(KioskError, match="receipt_is_mobile"):
            check_receipt(text)


@given(st.from_regex(r"[0-9]{17}[0-9Xx]|[0-9]{15}", fullmatch=True))
def test_an_identity_number_is_no_receipt(number: str) -> None:
    with pytest.raises(KioskError, match="receipt_is_identity"):
        check_receipt(number)


@given(st.from_regex(r"[0-9]{12,18}", fullmatch=True))
def test_a_card_number_is_no_receipt_and_its_neighbours_are(digits: str) -> None:
    assume(len(digits) + 1 not in (15, 18))
    refused = []
    for last in "0123456789":
        try:
            check_receipt(digits + last)
        except KioskError as error:
            refused.append(error.code)
    assert refused == ["receipt_is_card"]


@given(st.text())
def test_what_is_taken_has_the_form_of_a_receipt(text: str) -> None:
    try:
        receipt = check_receipt(text)
    except KioskError:
        return
    assert 6 <= len(receipt) <= 24
    assert set(receipt) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")


# --- the day book ---------------------------------------------------------------------------------


def test_a_day_has_its_rounds_and_lines(journal: Journal, clock: FakeClock) -> None:
    book = DayBook(journal)
    book.check(1, {"atm": True, "printer": False}, "2001")
    clock.advance(60)
    book.check(1, {"atm": True, "printer": True}, "2001")
    book.write(DayBookCategory.COMPLAINT, "  等候  45 分钟\n", "1001")
    page = book.of_day()
    assert [(each.number, each.items) for each in page.rounds] == [
        (1, {"atm": True, "printer": True})
    ]
    [note] = page.notes
    assert (note.category, note.text, note.staff) == ("complaint", "等候 45 分钟", "1001")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" \n", "note_empty"),
        ("x" * (MAX_NOTE + 1), "note_too_long"),
        ("客户 13812341234 来电", "note_has_number"),
    ],
)
def test_what_must_not_stand_in_the_book_is_not_kept(
    journal: Journal, path: Path, text: str, code: str
) -> None:
    with pytest.raises(KioskError, match=code):
        DayBook(journal).write(DayBookCategory.NOTE, text, "1001")
    assert rows(path, "SELECT * FROM event") == []
