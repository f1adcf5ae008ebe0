"""What events say beyond their columns."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kiosk.models import Event, Kind
from kiosk.models.payloads import MAX_ANSWERS, PAYLOADS, DiversionOffered, Payload, WaitShown
from kiosk.services.journal import Fact

small = st.integers(0, 10_000)
waits = st.none() | st.builds(WaitShown, ahead=small, low=small, high=small)
codes = st.text(st.sampled_from("abcxyz_0"), min_size=1, max_size=12)
FIELDS: dict[str, st.SearchStrategy[object]] = {
    "wait": waits,
    "answers": st.dictionaries(codes, codes, max_size=MAX_ANSWERS),
    "screen": st.text(max_size=20),
}


@st.composite
def payloads(draw: st.DrawFn) -> Payload:
    model = draw(st.sampled_from(list(PAYLOADS.values())))
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
    assert set(model.columns) <= set(Fact.__dataclass_fields__)
    assert set(model.columns) <= set(Event.model_fields)
    assert "visit" in model.columns
    assert len(set(model.columns)) == len(model.columns)
    # nothing is said twice
    assert not set(model.model_fields) & set(Event.model_fields)


def test_every_kind_has_a_payload_and_every_payload_a_kind() -> None:
    assert {kind for kind, _ in PAYLOADS} == {kind.value for kind in Kind}
    assert len(PAYLOADS) == len(Payload.__subclasses__())


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
    """Free text would invite it; the one that there is names a screen."""
    free = {
        (model.__name__, name)
        for model in PAYLOADS.values()
        for name, field in model.model_fields.items()
        if field.annotation is str or str in get_args(field.annotation)
    }
    assert free == {("HelpAsked", "screen"), ("DiversionOffered", "answers")}
