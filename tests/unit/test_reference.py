"""The reference of an acceptance: no two are alike, and a slip of the pen never meets another."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.services.reference import ALPHABET, LENGTH, read_reference, reference_of, shown

PLACES = st.tuples(st.integers(0, 9), st.integers(1, 31), st.integers(1, (1 << 26) - 1))
REFERENCES = PLACES.map(lambda place: reference_of("0001", *place))


@given(one=PLACES, other=PLACES)
def test_two_acceptances_never_have_one_reference(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    same = reference_of("0001", *one) == reference_of("0001", *other)
    assert same == (one == other)


def test_a_day_of_all_terminals_has_no_reference_twice() -> None:
    made = [reference_of("0001", digit, 1, seq) for digit in range(10) for seq in range(1, 3_000)]
    assert len({*made}) == len(made)


def test_branches_have_hardly_a_reference_in_common() -> None:
    """Where one had thousands in common with another, a bank's whole journal would prove both."""
    of_branches = [
        {reference_of(f"{branch:04}", digit, 1, seq) for digit in (1, 2) for seq in range(1, 2_000)}
        for branch in range(1, 31)
    ]
    together = set.union(*of_branches)
    assert sum(map(len, of_branches)) - len(together) <= 3


@given(REFERENCES)
def test_a_reference_is_read_back(reference: str) -> None:
    assert len(reference) == LENGTH
    assert read_reference(reference) == reference
    assert read_reference(f" {shown(reference).lower()} ") == reference
    assert read_reference(" ".join(reference)) == reference


@given(REFERENCES)
def test_what_looks_alike_is_read_alike(reference: str) -> None:
    for sign, also in (("0", "Oo"), ("1", "IiLl")):
        for each in also:
            assert read_reference(reference.replace(sign, each)) == reference


@given(REFERENCES)
def test_every_single_wrong_character_is_noticed(reference: str) -> None:
    for place in range(LENGTH):
        for wrong in ALPHABET.replace(reference[place], ""):
            assert read_reference(reference[:place] + wrong + reference[place + 1 :]) is None


@given(REFERENCES)
def test_every_two_characters_that_changed_places_are_noticed(reference: str) -> None:
    for one, other in combinations(range(LENGTH), 2):
        swapped = [*reference]
        swapped[one], swapped[other] = swapped[other], swapped[one]
        if swapped != [*reference]:
            assert read_reference("".join(swapped)) is None


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_reference_or_none(text: str) -> None:
    read = read_reference(text)
    assert read is None or (len(read) == LENGTH and read_reference(read) == read)


@pytest.mark.parametrize("wrong", ["", "0", "7K3M-9QZ", "7K3M9QZTT", "7K3M9QZU", "七K3M9QZT"])
def test_what_is_too_short_too_long_or_of_other_characters_is_none(wrong: str) -> None:
    assert read_reference(wrong) is None


def test_numbers_that_follow_each_other_look_unlike_each_other() -> None:
    following = [reference_of("0001", 1, 1, seq) for seq in range(1, 200)]
    alike = [sum(map(str.__eq__, one, other)) for one, other in pairwise(following)]
    assert max(alike) <= LENGTH // 2
