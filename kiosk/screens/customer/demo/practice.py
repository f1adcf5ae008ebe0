"""The emulator, and beside it the coach: a demo that is shown, or done by the learner."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events, on
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.boxes import COACH_MARGINS
from kiosk.demo_words import WAYS
from kiosk.i18n import _
from kiosk.screens.customer.base import SIDE_MARGINS, TOUCH
from kiosk.screens.customer.demo.base import RunScreen
from kiosk.screens.customer.demo.coach import CoachWords, coach_lines
from kiosk.screens.customer.demo.lesson import Lesson
from kiosk.screens.customer.demo.view import (
    SHOWN_KEY,
    emulator_view,
    is_complete,
    item_label,
    item_value,
)
from kiosk.services.catalog_parts import LocalizedText
from kiosk.services.demo.practice import (
    DELETE,
    NEXT,
    RIGHT,
    WRONG,
    Outcome,
    Practice,
    Reaction,
    digit_code,
    option_code,
    progress,
)
from kiosk.services.demo.runs import Way
from kiosk.services.demo.script import ChooseScreen, ConfirmScreen
from kiosk.widgets.choice_grid import LEAST_HEIGHT, Choice, ChoiceGrid
from kiosk.widgets.emulator import Emulator, columns_of, emulator_for
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Panel
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

HINT, STOP = "hint", "stop"
_BAND_AND_FOOT = 4
"""Rows."""
_TYPING_KEYS = {
    "enter": NEXT,
    "backspace": DELETE,
    "full_stop": DELETE,
    "plus": "help",
    "minus": STOP,
}
"""Where digits are typed."""
_STRAY_KEYS = "2345"
_STRAY = "stray"
"""The press of a digit that means nothing in a demo that is shown."""


@dataclass(frozen=True)
class _Said:
    """What the coach says beside the task, until the next press."""

    hint: LocalizedText | None = None
    note: LocalizedText | None = None
    is_doubt: bool = False
    """Something right was called wrong: to stop is never a fault."""
    is_reminder: bool = False
    """In a demo that is shown, something else was pressed."""


class PracticeScreen(RunScreen):
    """One run: what is pressed goes to the practice, and what comes of it is shown.

    Args:
        flow: Knows which screen follows which.
        lesson: What is practised.
        practice: How far the learner is.
        way: `SHOW` or `TRY`.
    """

    AUTO_FOCUS = ""
    compact = True

    def __init__(self, flow: "Flow", lesson: Lesson, practice: Practice, way: Way) -> None:
        super().__init__(flow, lesson)
        self.practice = practice
        self._way = way
        self._said = _Said()

    @property
    def place(self) -> str:
        """The screen of the script that is in front."""
        return self.practice.standing.screen

    @property
    def wrong_keys(self) -> int:
        """On this screen of the script."""
        return self.practice.wrong_keys

    @property
    def _is_shown(self) -> bool:
        return self._way is Way.SHOW

    @property
    def is_typing(self) -> bool:
        """Whether digits are typed or dialled, and have no other meaning."""
        return not self._is_shown and (self._is_call or not is_complete(self.practice))

    @property
    def _is_call(self) -> bool:
        return self.lesson.demo.emulator == "call"

    # --- what stands on the screen --------------------------------------------------------------

    def title_text(self) -> str:
        """The transaction, and how it is gone through."""
        name = self.lesson.text(self.lesson.demo.name)
        way = _(WAYS[Way.SHOW if self._is_shown else Way.TRY])
        return f"{name}  ·  {way}"

    def body(self) -> Iterable[Widget]:
        """The emulator on the left, the coach on the right."""
        yield Words(id="title")
        yield Words(id="help")
        coach = Vertical(Panel(id="says"), ChoiceGrid(cards=True), id="coach")
        yield Horizontal(emulator_for(self.lesson.demo.emulator), coach, id="stage")

    def choices(self) -> list[Choice]:
        """The coach's two keys."""
        typing = self.is_typing
        return [
            Choice(HINT, _("Hint"), key="" if typing else "6"),
            Choice(STOP, _("Stop"), key="-" if typing else "7"),
        ]

    def foot_keys(self) -> list[FootKey]:
        """The usual ones, but for those that are digits just now."""
        if not self.is_typing:
            return super().foot_keys()
        return self.foot_keys_while_typing(has_typed=bool(self.practice.standing.typed))

    def write(self) -> None:
        """Write what the emulator shows and the coach says, too."""
        super().write()
        if self.has_class("-too-small"):
            return
        emulator = self.query_one(Emulator)
        emulator.styles.width = columns_of(self.lesson.demo.emulator, self.size.width)
        clock = self.flow.status().time
        emulator.show(emulator_view(self.lesson, self.practice, clock, is_shown=self._is_shown))
        self.query_one("#says", Panel).show(coach_lines(self._words(), *self._coach_size()))

    def _coach_size(self) -> tuple[int, int]:
        """Columns and rows for the coach's words; Textual knows them only when they are drawn."""
        width, height = self.size
        above = self.lines_of("#title", width=width - SIDE_MARGINS)
        above += 0 if self.has_class("-low") else 1
        beside = 0 if self.has_class("-narrow") else 1
        columns = width - beside - columns_of(self.lesson.demo.emulator, width) - COACH_MARGINS
        return columns, height - _BAND_AND_FOOT - above - LEAST_HEIGHT

    def _words(self) -> CoachWords:
        text, screen = self.lesson.text, self.practice.screen
        step, steps = progress(self.lesson.demo, self.practice.standing)
        hint = text(self._said.hint) if self._said.hint else ""
        if self._is_shown and not hint and not self._said.is_reminder:
            hint = _how_to_go_on()
        return CoachWords(
            progress=_("Step {number} of {count}").format(number=step, count=steps),
            story=text(self.lesson.demo.story),
            task=text(screen.task),
            question=self._question(),
            hint=hint,
            note=self._note(),
        )

    def _question(self) -> str:
        screen = self.practice.screen
        if not isinstance(screen, ConfirmScreen):
            return ""
        item = screen.items[self.practice.standing.item]
        return _("{item} {value}: is it right?").format(
            item=item_label(self.lesson, item), value=item_value(self.lesson, item)
        )

    def _note(self) -> str:
        if self._said.note:
            return self.lesson.text(self._said.note)
        if self._said.is_reminder:
            return _how_to_go_on()
        if self._said.is_doubt:
            return _("To stop when in doubt is never wrong. This one is as in the story.")
        return ""

    # --- what is pressed ------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Digits go to the emulator; where they are typed, other keys do what they did."""
        if self.has_class("-too-small"):
            return  # Textual calls the same method of the base class next
        code = self._typing_code(event.key) if self.is_typing else self._usual_code(event.key)
        if not code:
            return
        event.stop()
        event.prevent_default()  # and not for these
        self._press(code, by=event.key)

    def _typing_code(self, key: str) -> str:
        if len(key) == 1 and key in "0123456789":
            return digit_code(key)
        code = _TYPING_KEYS.get(key, "")
        return "back" if code == DELETE and not self.practice.standing.typed else code

    def _usual_code(self, key: str) -> str:
        if key in ("6", "7"):
            return HINT if key == "6" else STOP
        if self._is_shown:
            return self._showing_code(key)
        screen = self.practice.screen
        if isinstance(screen, ChooseScreen):
            return option_code(int(key) - 1) if key in "12345" else ""
        if isinstance(screen, ConfirmScreen):
            return {"1": RIGHT, "2": WRONG}.get(key, "")
        return NEXT if key in ("1", "enter") else ""

    def _showing_code(self, key: str) -> str:
        """1 plays the next step; on the dial pad of a call, what is pointed at does, too."""
        right = self.practice.right_press()
        if key in (SHOWN_KEY, "enter"):
            return right
        if key not in _STRAY_KEYS:
            return ""
        dialled = option_code(int(key) - 1)
        return right if self._is_call and dialled == right else _STRAY

    @on(Emulator.Pressed)
    def press_touched(self, event: Emulator.Pressed) -> None:
        """Something of the emulator was touched."""
        self._press(event.code, by=TOUCH)

    async def choose(self, code: str) -> None:
        """One of the coach's keys."""
        if code == STOP:
            await self.flow.demos.ask_stop(self.lesson)
        else:
            self._say(_Said(hint=self.practice.screen.hint))

    def _press(self, code: str, by: str) -> None:
        # the same digit comes often enough twice in a number
        if self._begins_or_ends(code) and self.flow.is_double_strike(by):
            return
        if code in ("help", "back"):
            self.perform(code)
        elif code in (HINT, STOP):
            self.run_once(lambda: self.choose(code))
        elif self._busy:
            return
        else:
            self.query_one(Emulator).flash(code)
            self._react(self._reaction(code), code)

    def _begins_or_ends(self, code: str) -> bool:
        return not code.startswith("digit:") or not self.practice.standing.typed

    def _reaction(self, code: str) -> Reaction | None:
        """What comes of a press; None: in a demo that is shown, it was not what leads on."""
        if not self._is_shown:
            return self.practice.press(code)
        is_typed = code.startswith("digit:") and not is_complete(self.practice)
        return self.practice.play() if is_typed or code == self.practice.right_press() else None

    def _react(self, reaction: Reaction | None, code: str) -> None:
        if reaction is None:
            self._say(_Said(is_reminder=True))
        elif reaction.outcome is Outcome.FINISHED:
            self.run_once(lambda: self.flow.demos.finish(self.lesson))
        elif reaction.standing.screen != self.practice.standing.screen:
            self.run_once(lambda: self._pass_on(reaction))
        else:
            self.practice.take(reaction, self.flow.demos.seconds)
            self._say(self._answer(reaction, code))

    def _answer(self, reaction: Reaction, code: str) -> _Said:
        if reaction.outcome is Outcome.WRONG:
            return _Said(note=reaction.words, is_doubt=reaction.words is None)
        if reaction.outcome is Outcome.STAYED and code == NEXT:
            return _Said(hint=self.practice.screen.hint)
        return _Said()

    async def _pass_on(self, reaction: Reaction) -> None:
        await self.flow.demos.pass_on(self.practice, reaction)
        self._say(_Said())

    async def go_back(self) -> None:
        """Undo the last step; before the first one is the choice of ways."""
        if self.practice.back(self.flow.demos.seconds):
            self._say(_Said())
        else:
            await self.flow.demos.go_back()

    def tick(self) -> None:
        """Give a hint to who has not pressed anything for a while."""
        if (
            not self._is_shown
            and self._said == _Said()
            and self.practice.hint_is_due(self.flow.demos.seconds)
        ):
            self._say(_Said(hint=self.practice.screen.hint))

    def _say(self, said: _Said) -> None:
        self._said = said
        self.write()


def _how_to_go_on() -> str:
    return _("1 shows the next step. So does a touch of what ► points at.")
