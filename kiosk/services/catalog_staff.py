"""What staff work by: kinds of customers, what is offered together, when to call, what is paid."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StrictInt, model_validator

from kiosk.services.catalog_parts import (
    Code,
    Fen,
    MenuName,
    Part,
    ServiceCode,
    ShortName,
    SourceCode,
    distinct,
    reference,
    refuse,
)
from kiosk.services.product import ProductCode

MAX_ON_DIGITS: Final = 6
"""Segments, bundles and their products stand on the digits 1 to 6 of one screen."""

ObjectionCode = Annotated[Code, reference("objections", "objection")]
Days = Annotated[StrictInt, Field(ge=1, le=366)]
Customer = Literal["personal", "company", "merchant"]
_Products = Annotated[
    tuple[ProductCode, ...],
    AfterValidator(distinct),
    Field(min_length=1, max_length=MAX_ON_DIGITS),
]


class Segment(Part):
    """A kind of customers: how they are known, what may help them, what they tend to say."""

    code: Code
    name: ShortName
    services: Annotated[tuple[ServiceCode, ...], AfterValidator(distinct)] = ()
    """Who comes for one of these is taken for one of them, until staff say otherwise."""
    products: _Products
    """What may be offered, the most useful first."""
    objections: Annotated[tuple[ObjectionCode, ...], AfterValidator(distinct)] = ()
    """What they tend to say; the answers are those of the objections."""


class Bundle(Part):
    """Products that are shown together to one kind of customer, who chooses among them."""

    code: Code
    name: MenuName
    customer: Customer
    products: _Products


class FollowUpRules(Part):
    """When customers are called or visited after a sign-up, in days."""

    personal_days: Days = 7
    """From the sign-up of a person to the first call."""
    company_days: Days = 15
    """From the sign-up of a company to the visit that each of them gets."""
    retry_days: Days = 3
    """From a follow-up that settled nothing to the next one."""
    dormant_days: Days = 90
    """Without any use, from the sign-up on: a dormant account."""

    @model_validator(mode="after")
    def _in_time(self) -> "FollowUpRules":
        first = max(self.personal_days, self.company_days)
        if self.dormant_days <= first:
            told = f"{self.dormant_days} is not above {first}, the days to the first follow-up"
            raise refuse((".dormant_days", told))
        return self


class PieceRates(Part):
    """What a piece of work is paid, in fen; what has no rate is not paid."""

    source: SourceCode
    signed: dict[ProductCode, Fen] = {}
    """By product, as the two below."""
    taught: dict[ProductCode, Fen] = {}
    used: dict[ProductCode, Fen] = {}
    """Used within the days that make a sign-up an active one."""
    completed: Fen = 0
    """For each diversion that was completed."""
    follow_ups: Fen = 0
    """For each follow-up."""
