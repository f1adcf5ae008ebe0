"""Going through a demo, press by press. Pure: it draws nothing and is told the time.

Nothing can be broken: a press that is not right leaves everything as it is. Digits of something
secret are counted and forgotten.
"""

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum

from kiosk.services.catalog_parts import LocalizedText
from kiosk.services.demo.money import Money
from kiosk.services.demo.script import (
    ChooseScreen,
    ConfirmScreen,
    Demo,
    EnterScreen,
    ResultScreen,
    Screen,
    Trap,
    leads_to,
)

DELETE, NEXT, RIGHT, WRONG = "delete", "next", "right", "wrong"
"""Presses; the others are `option:0` … and `digit:0` … `digit:9`."""
HINT_AFTER_SECONDS = 8.0
_DOT = "●"
_MOST_REMEMBERED = 50
"""A card that lies on a key must not fill the memory."""


class Outcome(StrEnum):
    """What came of a press."""

    MOVED = "moved"
    """Something is other than before: a digit more, the next item, the next screen."""
    STAYED = "stayed"
    """Nothing happened, and nothing was wrong."""
    WRONG = "wrong"
    """Nothing happened, and the coach says why."""
    FINISHED = "finished"


@dataclass(frozen=True)
class Passed:
    """A screen that was left, and by which press."""

    screen: str
    press: str


@dataclass(frozen=True)
class Standing:
    """Where the learner is."""

    screen: str
    typed: str = ""
    """Of something secret: one dot for each digit."""
    item: int = 0
    """Which item of a confirmation is asked about; those before it are confirmed."""
    sent: tuple[Passed, ...] = ()
    """The way so far, as a conversation shows it."""


@dataclass(frozen=True)
class Reaction:
    """What came of a press."""

    standing: Standing
    outcome: Outcome
    words: LocalizedText | None = None
    """What the coach says to it; None: nothing of its own."""


def option_code(number: int) -> str:
    """The press of an option."""
    return f"option:{number}"


def digit_code(digit: str) -> str:
    """The press of a digit."""
    return f"digit:{digit}"


# --- what a press does ------------------------------------------------------------------------


def press(demo: Demo, money: Money, standing: Standing, code: str) -> Reaction:
    """What comes of a press; one that means nothing here changes nothing."""
    screen = demo.screens[standing.screen]
    code = _dialled(demo, screen, code)
    if isinstance(screen, ChooseScreen):
        return _choose(screen, standing, code)
    if isinstance(screen, EnterScreen):
        return _enter(screen, money, standing, code)
    if isinstance(screen, ConfirmScreen):
        return _confirm(screen, standing, code)
    outcome = Outcome.FINISHED if code == NEXT else Outcome.STAYED
    return Reaction(standing, outcome)


def _dialled(demo: Demo, screen: Screen, code: str) -> str:
    """In a call, digits are dialled whatever is asked; elsewhere they are typed."""
    digit = _digit_of(code)
    if demo.emulator != "call" or not digit:
        return code
    if isinstance(screen, ChooseScreen):
        return option_code(int(digit) - 1)
    if isinstance(screen, ConfirmScreen):
        return {"1": RIGHT, "2": WRONG}.get(digit, code)
    if isinstance(screen, ResultScreen) and digit == "1":
        return NEXT
    return code


def _digit_of(code: str) -> str:
    """The digit that was pressed; empty: something else was."""
    kind, _, digit = code.partition(":")
    return digit if kind == "digit" and len(digit) == 1 and digit in "0123456789" else ""


def _choose(screen: ChooseScreen, standing: Standing, code: str) -> Reaction:
    kind, _, number = code.partition(":")
    if kind != "option":
        return Reaction(standing, Outcome.STAYED)
    for at, option in enumerate(screen.options):
        if str(at) == number and option.next:
            return _move_on(standing, option.next, code)
        if str(at) == number:
            return Reaction(standing, Outcome.WRONG, option.wrong)
    return Reaction(standing, Outcome.WRONG, screen.hint)  # dialled, and nobody asked for it


def _enter(screen: EnterScreen, money: Money, standing: Standing, code: str) -> Reaction:
    digit = _digit_of(code)
    is_complete = len(standing.typed) >= length_of(screen, money)
    if code == DELETE and standing.typed:
        return Reaction(replace(standing, typed=standing.typed[:-1]), Outcome.MOVED)
    if code == NEXT and is_complete:
        return _move_on(standing, screen.next, code)
    if code == NEXT:
        return Reaction(standing, Outcome.STAYED, screen.hint)
    if not digit or is_complete:
        return Reaction(standing, Outcome.STAYED)
    typed = standing.typed + digit
    if screen.expects == "secret":
        return Reaction(replace(standing, typed=_DOT * len(typed)), Outcome.MOVED)
    if not whole_entry(screen, money).startswith(typed):
        return Reaction(standing, Outcome.WRONG, screen.wrong)
    return Reaction(replace(standing, typed=typed), Outcome.MOVED)


def _confirm(screen: ConfirmScreen, standing: Standing, code: str) -> Reaction:
    if code not in (RIGHT, WRONG):
        return Reaction(standing, Outcome.STAYED)
    trap = _trap_here(screen, standing)
    if code == WRONG:
        if trap:
            return _move_on(standing, trap.next, code)
        return Reaction(standing, Outcome.WRONG)
    if trap:
        return Reaction(standing, Outcome.WRONG, trap.wrong)
    if standing.item + 1 < len(screen.items):
        return Reaction(replace(standing, item=standing.item + 1), Outcome.MOVED)
    return _move_on(standing, screen.next, code)


def _trap_here(screen: ConfirmScreen, standing: Standing) -> Trap | None:
    asked = screen.items[standing.item].what
    return screen.trap if screen.trap and screen.trap.what == asked else None


def _move_on(standing: Standing, to: str, code: str) -> Reaction:
    sent = (*standing.sent, Passed(standing.screen, code))[-_MOST_REMEMBERED:]
    return Reaction(Standing(to, sent=sent), Outcome.MOVED)


def whole_entry(screen: EnterScreen, money: Money) -> str:
    """What stands there when everything is typed."""
    if screen.expects == "secret":
        return _DOT * (screen.length or 0)
    return money.typed() if screen.expects == "amount" else screen.value or ""


def length_of(screen: EnterScreen, money: Money) -> int:
    """How many digits are expected."""
    return len(whole_entry(screen, money))


# --- what is right ----------------------------------------------------------------------------


def right_press(demo: Demo, money: Money, standing: Standing) -> str:
    """The press that leads on, by the shortest way to the end."""
    screen = demo.screens[standing.screen]
    if isinstance(screen, ChooseScreen):
        leading = [at for at, option in enumerate(screen.options) if option.next]
        return option_code(
            min(leading, key=lambda at: _steps_left(demo, screen.options[at].next or ""), default=0)
        )
    if isinstance(screen, ConfirmScreen):
        return WRONG if _trap_here(screen, standing) else RIGHT
    if isinstance(screen, EnterScreen) and len(standing.typed) < length_of(screen, money):
        expected = whole_entry(screen, money)[len(standing.typed)]
        return digit_code("0" if expected == _DOT else expected)
    return NEXT


def play(demo: Demo, money: Money, standing: Standing) -> Reaction:
    """Do what is right; a number is typed as a whole."""
    screen = demo.screens[standing.screen]
    if isinstance(screen, EnterScreen) and len(standing.typed) < length_of(screen, money):
        whole = replace(standing, typed=whole_entry(screen, money))
        return Reaction(whole, Outcome.MOVED)
    return press(demo, money, standing, right_press(demo, money, standing))


def progress(demo: Demo, standing: Standing) -> tuple[int, int]:
    """Which step this is, and of how many; who takes another way is as far as what is left says."""
    steps = _steps_left(demo, demo.first) + 1
    return max(1, steps - _steps_left(demo, standing.screen)), steps


def _steps_left(demo: Demo, screen: str) -> int:
    """In how many steps an end can be reached; as many as there are screens where none can."""
    seen, edge = {screen}, {screen}
    for steps in range(len(demo.screens)):
        if any(isinstance(demo.screens[code], ResultScreen) for code in edge):
            return steps
        edge = {code for each in edge for _, code in leads_to(demo.screens[each])} - seen
        seen |= edge
    return len(demo.screens)


# --- one going through ------------------------------------------------------------------------


class Practice:
    """One learner's way through one demo.

    Args:
        demo: What is practised.
        money: What is moved in it.
        now: Seconds on a monotonic clock, as in all its methods.
    """

    def __init__(self, demo: Demo, money: Money, now: float) -> None:
        self.demo = demo
        self.money = money
        self.standing = Standing(demo.first)
        self.wrong_keys = 0
        """Since the learner came to this screen."""
        self._before: deque[Standing] = deque(maxlen=_MOST_REMEMBERED)
        self._arrived = self._last_press = now

    @property
    def screen(self) -> Screen:
        """The one in front."""
        return self.demo.screens[self.standing.screen]

    def seconds(self, now: float) -> int:
        """How long this screen has been in front."""
        return max(0, round(now - self._arrived))

    def hint_is_due(self, now: float) -> bool:
        """Whether nothing was pressed for a while."""
        return now - self._last_press >= HINT_AFTER_SECONDS

    def press(self, code: str) -> Reaction:
        """What would come of a press."""
        return press(self.demo, self.money, self.standing, code)

    def play(self) -> Reaction:
        """What would come of the right press."""
        return play(self.demo, self.money, self.standing)

    def right_press(self) -> str:
        """What leads on."""
        return right_press(self.demo, self.money, self.standing)

    def take(self, reaction: Reaction, now: float) -> None:
        """Let a press count."""
        self._last_press = now
        self.wrong_keys += reaction.outcome is Outcome.WRONG
        if reaction.standing != self.standing:
            self._remember(reaction.standing)
            self._stand(reaction.standing, now)

    def back(self, now: float) -> bool:
        """Undo the last step; a number that was typed is one. Returns whether there was one."""
        self._last_press = now
        if not self._before:
            return False
        self._stand(self._before.pop(), now)
        return True

    def _remember(self, following: Standing) -> None:
        is_typing = bool(self.standing.typed) and following.screen == self.standing.screen
        if not is_typing:
            self._before.append(self.standing)
        elif not following.typed and self._before:
            self._before.pop()  # all digits were deleted

    def _stand(self, standing: Standing, now: float) -> None:
        if standing.screen != self.standing.screen:
            self._arrived, self.wrong_keys = now, 0
        self.standing = standing
