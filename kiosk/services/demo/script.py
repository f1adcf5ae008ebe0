"""What a demo script holds: the screens of a simulated channel, and what is right on each.

A script is data of the catalog. Amounts are whole fen. Any text may hold `{amount}`, `{capitals}`,
`{fee}` and `{limit}`: they are filled in from the catalog and the amount at hand, never typed in.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictStr, model_validator

from kiosk.boxes import EmulatorKind
from kiosk.services.catalog_parts import (
    ChannelCode,
    Code,
    Count,
    Fee,
    Fen,
    Hint,
    MenuName,
    Minutes,
    Part,
    Sentence,
    ServiceCode,
    ServiceName,
    ShortName,
    Step,
    reference,
    refuse,
)

MAX_DEMO_GROUPS = 7
MAX_DEMOS_OF_A_GROUP = 7
"""What stands on the digits of one screen."""
MAX_OPTIONS_OF_A_SCREEN = 5
"""Options stand on the digits 1 to 5; 6 repeats the hint and 7 stops the demo."""


def written_as(pattern: str, words: str) -> AfterValidator:
    """Refuse a value of another form, in words."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise refuse(("", f'"{value}" must be {words}'))
        return value

    return AfterValidator(check)


MachinePart = Literal["card_slot", "cash_slot"]
Digits = Annotated[StrictStr, written_as(r"[0-9]{1,10}", "1 to 10 digits: shorter than real ones")]
GroupCode = Annotated[Code, reference("demo_groups", "group of demos")]
Address = Annotated[StrictStr, written_as(r"[!-~]( ?[!-~]){0,41}", "at most 42 plain characters")]


class DemoGroup(Part):
    """What demos are found by in the experience zone."""

    code: Code
    name: MenuName
    hint: Hint


class Option(Part):
    """Something that can be touched on a simulated screen: it leads on, or it is wrong."""

    label: ShortName
    next: Code | None = None
    """The screen that follows."""
    wrong: Sentence | None = None
    """What the coach says; the screen stays."""
    part: MachinePart | None = None
    """Of a machine: it is touched there and not on the screen."""

    @model_validator(mode="after")
    def _leads_or_is_wrong(self) -> "Option":
        if (self.next is None) == (self.wrong is None):
            raise refuse(("", "an option has either next or wrong"))
        return self


class _Screen(Part):
    title: ShortName
    """At the top of the simulated screen; of a conversation, who it is with."""
    lines: tuple[Sentence, ...] = ()
    """What the screen says; of a conversation or a call, what the bank says."""
    task: Step
    """What the coach asks for."""
    hint: Sentence


class ChooseScreen(_Screen):
    """Something is touched; of a conversation, one of the messages is sent; of a call, dialled."""

    kind: Literal["choose"]
    options: Annotated[tuple[Option, ...], Field(min_length=1, max_length=MAX_OPTIONS_OF_A_SCREEN)]


class EnterScreen(_Screen):
    """Digits are typed: those that the task says, or any where they are secret.

    A digit that does not continue what is expected is not shown: so nobody can type a real number.
    """

    kind: Literal["enter"]
    label: ShortName
    expects: Literal["amount", "digits", "secret"]
    """`amount`: the demo's, in whole yuan. `secret`: so many digits, whichever; none is kept."""
    value: Digits | None = None
    """Of `digits`."""
    length: Annotated[int, Field(ge=4, le=8)] | None = None
    """Of `secret`."""
    next: Code
    wrong: Sentence
    """What the coach says to another digit."""

    @model_validator(mode="after")
    def _can_be_typed(self) -> "EnterScreen":
        if found := list(self._faults()):
            raise refuse(*found)
        return self

    def _faults(self) -> Iterator[tuple[str, str]]:
        for name, given, wanted in (
            ("value", self.value is not None, self.expects == "digits"),
            ("length", self.length is not None, self.expects == "secret"),
        ):
            if wanted and not given:
                yield f".{name}", f'missing: expects is "{self.expects}"'
            elif given and not wanted:
                yield f".{name}", f'leave it out: expects is "{self.expects}"'


class ConfirmItem(Part):
    """One thing that is confirmed for itself."""

    what: Literal["payee", "account", "amount", "capitals", "fee", "other"]
    """`amount`, `capitals` and `fee` are worked out; the others say their value."""
    label: ShortName | None = None
    """Of `other`, and where the usual word (payee, account ending …) does not fit."""
    value: ShortName | None = None

    @model_validator(mode="after")
    def _says_what_it_must(self) -> "ConfirmItem":
        is_worked_out = self.what in ("amount", "capitals", "fee")
        if is_worked_out and self.value is not None:
            raise refuse((".value", f'leave it out: "{self.what}" is worked out'))
        if not is_worked_out and self.value is None:
            raise refuse((".value", f'missing: only the script can say the value of "{self.what}"'))
        if self.what == "other" and self.label is None:
            raise refuse((".label", 'missing: "other" has no usual word'))
        return self


class Trap(Part):
    """An item that is wrong on purpose: the learner shall stop."""

    what: Literal["payee", "account"]
    wrong: Sentence
    """What the coach says to who confirms it."""
    next: Code
    """The screen after stopping."""


class ConfirmScreen(_Screen):
    """Each item is confirmed for itself before anything is done."""

    kind: Literal["confirm"]
    items: Annotated[tuple[ConfirmItem, ...], Field(min_length=2, max_length=6)]
    next: Code
    """Of a screen with a trap it is where going on would have led; nobody comes there."""
    trap: Trap | None = None

    @model_validator(mode="after")
    def _trap_is_shown(self) -> "ConfirmScreen":
        items = [item.what for item in self.items]
        if self.trap is not None and self.trap.what not in items:
            raise refuse((".trap.what", f'no item is "{self.trap.what}"'))
        return self


class ResultScreen(_Screen):
    """The end: what came of it. The coach's task says what was learned."""

    kind: Literal["result"]


Screen = Annotated[
    ChooseScreen | EnterScreen | ConfirmScreen | ResultScreen, Field(discriminator="kind")
]


def leads_to(screen: Screen) -> list[tuple[str, str]]:
    """The screens that may follow, each with the key that names it."""
    match screen:
        case ChooseScreen():
            options = enumerate(screen.options)
            return [(f".options[{at}].next", each.next) for at, each in options if each.next]
        case EnterScreen() | ConfirmScreen(trap=None):
            return [(".next", screen.next)]
        case ConfirmScreen(trap=trap) if trap is not None:
            return [(".trap.next", trap.next)]  # who confirms what is wrong stays where they are
    return []


class Answer(Part):
    """One of the answers to a question at the end."""

    label: Step
    right: StrictBool = False


class CheckQuestion(Part):
    """A question at the end."""

    question: Step
    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=4)]
    because: Sentence
    """Why the right answer is right; said after every answer."""

    @model_validator(mode="after")
    def _has_one_right_answer(self) -> "CheckQuestion":
        if (count := sum(answer.right for answer in self.answers)) != 1:
            raise refuse((".answers", f"{count} are right; exactly one has right = true"))
        return self


class Demo(Part):
    """One transaction by one channel, to be practised."""

    code: Code
    number: Count
    """Its place among the demos; no two share one."""
    version: Count
    """Raised with every change of its steps; events carry it."""
    group: GroupCode
    channel: ChannelCode
    service: ServiceCode | None = None
    """None: nothing that a customer takes a ticket for here."""
    emulator: EmulatorKind
    name: ServiceName
    learn: Sentence
    """What the learner will be able to do."""
    story: Sentence
    """What is to be done, with invented names; stays on the screen."""
    benefits: Annotated[tuple[Step, ...], Field(min_length=1, max_length=3)]
    risks: Annotated[tuple[Step, ...], Field(min_length=1, max_length=3)]
    safety: Sentence
    """The line against fraud."""
    address: Address
    """Where the real thing is found: a web address, a number."""
    amount: Fen | None = None
    """Whole yuan; what is moved where no amount band is known."""
    amounts: dict[Code, Fen] = {}
    """By the service's amount bands."""
    fee: Fee | None = None
    """Of a demo without a service; elsewhere the route says it."""
    minutes: Minutes | None = None
    """Of a demo without a service."""
    first: Code
    screens: Annotated[dict[Code, Screen], Field(min_length=2)]
    check: Annotated[tuple[CheckQuestion, ...], Field(min_length=2, max_length=3)]
