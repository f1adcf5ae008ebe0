"""What an emulator shows: plain texts and what each press means."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class OptionView:
    """Something that can be touched."""

    code: str
    """What is told when it is touched."""
    label: str
    key: str
    """What is struck for it on a keyboard, if that is one sign; of an option of a call, what is
    dialled for it is its place instead."""
    part: str = ""
    """`card_slot` or `cash_slot`: it is touched there and not on the screen."""
    pointed: bool = False
    """Whether it is shown as the one to touch."""


@dataclass(frozen=True)
class ItemView:
    """One thing that is confirmed for itself."""

    label: str
    value: str
    state: Literal["open", "asked", "confirmed"]


@dataclass(frozen=True)
class EntryView:
    """A field with its digits."""

    label: str
    typed: str
    """As it shall be seen: of a secret, dots."""
    delete: OptionView
    next: OptionView
    """It stands out, in the place of the digits, as soon as the entry is complete."""
    length: int = 0
    """How many places are shown from the start, as of a PIN; 0: none."""
    complete: bool = False
    pointed: bool = False
    """Whether the field is shown as the thing to touch."""
    code: str = ""
    """What is told when the field is touched; empty: it can't be."""


@dataclass(frozen=True)
class Bubble:
    """A message of the conversation so far."""

    text: str
    sent: bool
    """Whether the learner sent it."""


@dataclass(frozen=True)
class EmulatorView:
    """One simulated screen. An emulator uses what it has a place for."""

    title: str
    clock: str
    simulated: str
    """That this is not the real thing; always to be seen."""
    lines: tuple[str, ...] = ()
    options: tuple[OptionView, ...] = ()
    items: tuple[ItemView, ...] = ()
    entry: EntryView | None = None
    bubbles: tuple[Bubble, ...] = ()
    """What was said before `lines`; the oldest ones give way."""
    is_result: bool = False
    address: str = ""
    """Of a browser."""
    card_slot: str = ""
    cash_slot: str = ""
    """What is written on the two slots of a machine."""
