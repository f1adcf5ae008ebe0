"""The staff of a branch, as a release brings it to the terminals, which may have no network."""

import tomllib
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

PIN_LASTS = timedelta(days=90)
StaffNumber = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,16}$")]
PinHash = Annotated[str, StringConstraints(pattern=r"^\$argon2id\$")]


class Role(StrEnum):
    """What somebody may do."""

    LOBBY_MANAGER = "lobby_manager"
    TELLER = "teller"
    BRANCH_MANAGER = "branch_manager"
    AUDITOR = "auditor"
    IT = "it"


def _printable(name: str) -> str:
    """A name stands on screens and in terminals: it must not move their cursors."""
    if not name.isprintable():
        raise ValueError("only characters that can be printed")
    return name


class StaffMember(BaseModel):
    """Somebody who works in the branch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: StaffNumber
    name: Annotated[str, AfterValidator(_printable)] = Field(min_length=1, max_length=32)
    roles: tuple[Role, ...] = Field(min_length=1)
    pin_hash: PinHash | None = None
    """argon2id; never the PIN itself. None: cannot sign in yet."""
    pin_set_on: date | None = None
    """None: nobody knows, and it holds for ever."""
    must_change: bool = False
    """The PIN was made by somebody else: it is good for signing in once."""
    is_disabled: bool = False
    """Cannot sign in."""

    def must_choose(self, today: date) -> bool:
        """Whether they have to choose a new PIN before anything else."""
        is_old = self.pin_set_on is not None and today - self.pin_set_on >= PIN_LASTS
        return self.must_change or is_old


class StaffRoster(BaseModel):
    """Everybody: who is no longer in it can't sign in any more, and past events keep the number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    staff: tuple[StaffMember, ...] = ()

    @model_validator(mode="after")
    def _each_number_once(self) -> "StaffRoster":
        numbers = [member.number for member in self.staff]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise ValueError(f"number {twice[0]} stands more than once")
        return self


def roster_names(body: str) -> dict[str, str]:
    """Number → name, from the roster as it was published; empty where a newer program wrote it."""
    try:
        roster = StaffRoster.model_validate(tomllib.loads(body))
    except ValueError:
        return {}
    return {member.number: member.name for member in roster.staff}
