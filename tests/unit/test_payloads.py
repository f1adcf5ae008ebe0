"""What events say beyond their columns."""

from datetime import UTC
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kiosk.models import Event, FollowUpBy, Kind, MatchRule, TicketState
from kiosk.models.payloads import (
    FROM_COUNTERS,
    FROM_TERMINALS,
    MAX_ANSWERS,
    MAX_NOTE,
    PAYLOADS,
    RECONCILIATIONS,
    DayBookWritten,
    DiversionOffered,
    Payload,
    TicketExpired,
    TicketTransferred,
    WaitShown,
)
from kiosk.services.journal import Fact

small = st.integers(0, 10_000)
waits = st.none() | st.builds(WaitShown, ahead=small, low=small, high=small)
codes = st.text(st.sampled_from("abcxyz_0"), min_size=1, max_size=12)
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,39}", fullmatch=True)
FIELDS: dict[str, st.SearchStrategy[object]] = {
    "wait": waits,
    "answers": st.dictionaries(codes, codes, max_size=MAX_ANSWERS),
    "was": st.none() | st.sampled_from(TicketState),
    "seconds": small,
    "calls": small,
    "wanted_counter": st.none() | codes,
    "wanted_staff": st.none() | codes,
    "services": st.lists(codes, max_size=3).map(tuple),
    "minutes": st.none() | small,
    "version": st.integers(1, 10_000),
    "amount_band": st.none() | names,
    "next_screen": names,
    "objection": names,
    "could_say": st.booleans(),
    "page": names,
    "bundle": st.none() | names,
    "company": st.booleans(),
    "disclosure_version": st.integers(1, 10_000),
    "by": st.sampled_from(FollowUpBy),
    "purpose": names,
    "rule": st.sampled_from(MatchRule),
    "machine": st.none() | st.integers(1, 99),
    "until": st.none() | st.datetimes(timezones=st.just(UTC)),
    "items": st.dictionaries(names, st.booleans(), max_size=5),
    "round": st.integers(1, 3),
    "text": st.text("轮椅 借 ok,A7", min_size=1, max_size=6),
    "digest": st.text("0123456789abcdef", min_size=64, max_size=64),
}


@st.composite
def payloads(draw: st.DrawFn) -> Payload:
    model = draw(st.sampled_from(list(PAYLOADS.values())))
    if model is TicketTransferred:
        to = draw(st.sampled_from(["to_queue", "to_counter", "to_staff"]))
        return TicketTransferred.model_validate({to: draw(codes)})
    return model(**{name: draw(FIELDS[name]) for name in model.model_fields})


@given(payloads())
def test_what_is_written_is_what_is_read(payload: Payload) -> None:
    model = PAYLOADS[payload.kind.value, payload.stage]
    assert model is type(payload)
    assert model.model_validate_json(payload.model_dump_json()) == payload
    assert model.model_validate(payload.model_dump(mode="json")) == payload


@given(payloads(), codes)
def test_what_no_model_knows_is_refused(payload: Payload, name: str) -> None:
    with pytest.raises(ValidationError):
        type(payload).model_validate(payload.model_dump() | {f"x{name}": 1})


@pytest.mark.parametrize("model", PAYLOADS.values(), ids=lambda model: model.__name__)
def test_every_model_names_columns_that_a_fact_and_an_event_have(model: type[Payload]) -> None:
    named = (*model.columns, *(model.either or ()))
    assert set(named) <= set(Fact.__dataclass_fields__)
    assert set(named) <= set(Event.model_fields)
    assert "visit" in named or "staff" in named or "subject" in named
    assert len(set(named)) == len(named)
    # nothing is said twice
    assert not set(model.model_fields) & set(Event.model_fields)


def test_every_kind_has_a_payload_and_every_payload_a_kind() -> None:
    assert {kind for kind, _ in PAYLOADS} == {kind.value for kind in Kind}
    of_branch: dict[tuple[str, str], type[Payload]] = {("ticket", "expired"): TicketExpired}
    of_branch |= {("reconciliation", model.stage): model for model in RECONCILIATIONS}
    assert FROM_TERMINALS | FROM_COUNTERS | of_branch == PAYLOADS
    assert not FROM_TERMINALS.keys() & FROM_COUNTERS.keys()


@pytest.mark.parametrize(
    "to", [{}, {"to_queue": "B", "to_staff": "1"}, {"to_queue": None, "to_counter": None}]
)
def test_a_transfer_has_one_destination(to: dict[str, str | None]) -> None:
    with pytest.raises(ValidationError):
        TicketTransferred.model_validate(to)


def test_payloads_cannot_be_changed_later() -> None:
    wait = WaitShown(ahead=1, low=0, high=0)
    with pytest.raises(ValidationError):
        wait.ahead = 2  # type: ignore[misc]  # that is the point


@pytest.mark.parametrize(
    "answers", [{str(n): "x" for n in range(MAX_ANSWERS + 1)}, {"amount": 3_000}, None]
)
def test_more_answers_than_questions_or_an_exact_amount_are_refused(answers: object) -> None:
    with pytest.raises(ValidationError):
        DiversionOffered.model_validate({"answers": answers, "wait": {"ahead": 0}})


def test_nobody_has_fewer_than_no_people_ahead() -> None:
    with pytest.raises(ValidationError):
        WaitShown(ahead=-1, low=0, high=0)


def test_no_payload_has_room_for_a_person_s_data() -> None:
    """Free text would invite it; all that there is are codes."""
    free = {
        (model.__name__, name)
        for model in PAYLOADS.values()
        for name, field in model.model_fields.items()
        if str in (field.annotation, *get_args(field.annotation))
        and not any(hasattr(limit, "pattern") for limit in field.metadata)
    }
    codes_of_a_step = {"wanted_counter", "wanted_staff", "to_queue", "to_counter", "to_staff"}
    assert {each for each in free if each[1] not in codes_of_a_step} == {
        ("DiversionOffered", "answers"), ("TicketFinished", "services"), ("DayBookWritten", "text"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "13812341234", "138 1234 1234", "138-1234-1234", "6222 0212 3456 7890", "尾号 6225881",
        "１３８１２３４", "x" * (MAX_NOTE + 1), "",
    ],
)  # fmt: skip
def test_a_line_of_the_day_book_is_short_and_holds_nobody_s_number(text: str) -> None:
    with pytest.raises(ValidationError):
        DayBookWritten(text=text)


@pytest.mark.parametrize(
    "text", ["2 号机吞卡，2026-11-23 10:05 报修", "轮椅 1 台", "A1001 等 45 分"]
)
def test_a_line_of_the_day_book_may_hold_other_numbers(text: str) -> None:
    assert DayBookWritten(text=text).text == text
