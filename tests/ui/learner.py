"""Somebody who practises a demo, by keys alone or by touches alone, and reads what stands there."""

from collections.abc import Iterator, Sequence

from lobby import Lobby, foot_position
from picture import Picture
from test_fits import cut
from textual.geometry import Region

from kiosk import i18n
from kiosk.screens.customer.demo.practice import HINT, STOP, PracticeScreen
from kiosk.screens.customer.demo.view import item_label, item_value
from kiosk.services.demo.practice import Outcome, digit_code, length_of, whole_entry
from kiosk.services.demo.script import ChooseScreen, ConfirmScreen, EnterScreen
from kiosk.widgets.choice_grid import MORE_KEY, Choice
from kiosk.widgets.emulator import Emulator, OptionView
from kiosk.widgets.emulator.canvas import Target
from kiosk.widgets.foot import FootKey

_LINES = str.maketrans(dict.fromkeys("╭─╮│╰╯┏━┓┃┗┛┌┐└┘├┤┬┴┼╞╡═║╔╗╚╝›►✓_□▂▄▆█▐▌▀▲▼◄[]•"))
"""What is drawn around and between words."""
KEY_NAMES = {"+": "plus", "-": "minus", ".": "full_stop", "Enter": "enter"}


def plain(text: str) -> str:
    """A text without its blanks and without lines."""
    return "".join(text.split()).translate(_LINES)


class Learner:
    """A hand on a demo.

    Args:
        lobby: The terminal.
        hand: `keys` or `touches`.
    """

    def __init__(self, lobby: Lobby, hand: str) -> None:
        self.lobby = lobby
        self.by_keys = hand == "keys"
        self._picture: Picture | None = None

    @property
    def screen(self) -> PracticeScreen:
        """The run's screen, which must be in front."""
        return self.lobby.expect(PracticeScreen)

    @property
    def emulator(self) -> Emulator:
        """Where it stands."""
        return self.screen.query_one(Emulator)

    # --- what is to be seen ---------------------------------------------------------------------

    def look(self) -> Picture:
        """What stands there since the last press."""
        if self._picture is None:
            self._picture = self.lobby.picture()
        return self._picture

    def reads(self, text: str) -> bool:
        """Whether a text stands there, wherever it is folded."""
        return plain(text) in plain(self.look().text)

    def faults(self) -> list[str]:
        """What does not stand there whole."""
        faults = cut(self.lobby, self.look())
        buttons = plain(self.look().crop(self.lobby.grid().region))
        on_page = self.lobby.grid().codes_on_page
        labels = [choice.label for code, choice in self.lobby.choices().items() if code in on_page]
        faults += [f"{label!r} is on no button" for label in labels if plain(label) not in buttons]
        if isinstance(self.lobby.screen, PracticeScreen):
            faults += [*self._missing_of_emulator(), *self._missing_of_coach()]
        return faults

    def sees_all(self) -> None:
        """Nothing is cut, nothing is missing."""
        faults = self.faults()
        assert not faults, f"{faults}\n{self.look().text}"

    def _missing_of_emulator(self) -> Iterator[str]:
        lesson, practice = self.screen.lesson, self.screen.practice
        shown = plain(self.look().crop(self.emulator.region))
        texts = [lesson.text(text) for text in (practice.screen.title, *practice.screen.lines)]
        if isinstance(practice.screen, ConfirmScreen):
            texts += [item_label(lesson, item) for item in practice.screen.items]
            texts += [item_value(lesson, item) for item in practice.screen.items]
        for text in texts:
            if plain(text) not in shown:
                yield f"{text!r} is not on the emulator"
        if isinstance(practice.screen, ChooseScreen):
            for at, option in enumerate(practice.screen.options):
                if not self._stands_on(f"option:{at}", lesson.text(option.label)):
                    yield f"option {at} is not whole"
        if plain(i18n._("Simulation · not real")) not in shown:
            yield "nothing says that it is a simulation"

    def _missing_of_coach(self) -> Iterator[str]:
        says, words = self.coach_says(), self.screen._words()
        wanted = [words.progress, words.question or words.task, words.hint, words.note]
        if not words.hint and not words.note:
            wanted.append(words.story)
        for text in wanted:
            if plain(text) not in says:
                yield f"the coach does not say {text!r}"

    def coach_says(self) -> str:
        """What stands beside the emulator."""
        return plain(self.look().crop(self.screen.query_one("#says").region))

    def _targets(self, code: str) -> list[Target]:
        """Where something can be touched: of a call, the key and what it means."""
        found = [each for each in self.emulator.drawing.targets if each.code == code]
        assert found, f"{code!r} can't be touched\n{self.look().text}"
        return found

    def _area(self, target: Target) -> Region:
        corner, area = self.emulator.region.offset, target.area
        return Region(corner.x + area.x, corner.y + area.y, area.width, area.height)

    def _written_on(self, code: str) -> str:
        return " ".join(plain(self.look().crop(self._area(each))) for each in self._targets(code))

    def _stands_on(self, code: str, label: str) -> bool:
        """Whether a label is whole; on a machine its key may stand behind the first line."""
        written, wanted = self._written_on(code), plain(label)
        [key] = {option.key for option in self._options() if option.code == code}
        without_key = [
            written[:at] + written[at + len(key) :]
            for at in range(len(written))
            if key and written.startswith(key, at)
        ]
        return any(wanted in each for each in (written, *without_key))

    def _options(self) -> Sequence[OptionView]:
        view = self.emulator._view
        assert view is not None
        return [*view.options, *([view.entry.next, view.entry.delete] if view.entry else [])]

    # --- what is done ---------------------------------------------------------------------------

    async def choose(self, code: str) -> None:
        """Choose a button, by what stands on it."""
        grid = self.lobby.grid()
        while code not in grid.codes_on_page:
            await self._touch_or_strike(MORE_KEY, self._box(len(grid.codes_on_page)))
        box = self._box(grid.codes_on_page.index(code))
        choice = self.lobby.choices()[code]
        written = plain(self.look().crop(box))
        assert plain(choice.label) in written, f"{choice.label!r} is not on {written!r}"
        await self._touch_or_strike(written[0], box)

    def _box(self, number: int) -> Region:
        grid = self.lobby.grid()
        return grid._areas(grid._layout(), grid._boxes())[number].translate(grid.region.offset)

    async def _touch_or_strike(self, key: str, area: Region) -> None:
        if self.by_keys:
            await self.lobby.drive(key)
        else:
            await self.lobby.touch(*map(int, area.center))
        self._picture = None

    async def press(self, code: str) -> None:
        """Press something of the emulator."""
        self._do(code)
        await self.settle()

    def _do(self, code: str) -> None:
        target = self._targets(code)[0]
        self.lobby.clock.advance(1)
        if self.by_keys:
            self.lobby.strike(self._key_of(code))
        else:
            x, y = self._area(target).center
            self.lobby.tap(int(x), int(y))

    async def settle(self) -> None:
        """Let what was pressed have its effect."""
        await self.lobby.settle()
        self._picture = None

    def _key_of(self, code: str) -> str:
        """The key that is written where it can be touched; a digit is its own."""
        kind, _, digit = code.partition(":")
        if kind == "digit":
            return digit
        written = self._written_on(code)
        [key] = [option.key for option in self._options() if option.code == code]
        assert key == "Enter" or key in written, f"{key!r} is not beside {written!r}"
        return KEY_NAMES.get(key, key)

    async def right(self) -> None:
        """Press what leads on; a number is typed as fast as fingers can."""
        practice = self.screen.practice
        screen, typed = practice.screen, practice.standing.typed
        missing = (
            length_of(screen, practice.money) - len(typed) if isinstance(screen, EnterScreen) else 0
        )
        if not isinstance(screen, EnterScreen) or not typed or not missing:
            await self.press(practice.right_press())
            return
        rest = whole_entry(screen, practice.money)[len(typed) :].replace("●", "7")
        for digit in rest:
            self._do(digit_code(digit))
        await self.settle()

    async def show(self) -> None:
        """Let the next step be shown."""
        code = self.screen.practice.right_press()
        if self.by_keys:
            self.lobby.clock.advance(1)
            self.lobby.strike("1")
            await self.settle()
        else:
            await self.press(code)

    def wrong_press(self) -> str:
        """Something that is not right here; empty: everything is."""
        practice = self.screen.practice
        codes = [each.code for each in self.emulator.drawing.targets]
        wrong = [code for code in codes if practice.press(code).outcome is Outcome.WRONG]
        return wrong[0] if wrong else ""

    async def coach(self, code: str) -> None:
        """Choose one of the coach's keys."""
        [choice] = [each for each in self.screen.choices() if each.code == code]
        if self.by_keys:
            await self.lobby.drive(self._key_of_coach(choice))
        else:
            await self.choose(code)
        self._picture = None

    def _key_of_coach(self, choice: Choice) -> str:
        if choice.code == HINT and not choice.key:
            return "enter"  # while something is typed
        assert choice.key is not None
        assert choice.code in (HINT, STOP)
        return KEY_NAMES.get(choice.key, choice.key)

    async def foot(self, action: str) -> None:
        """Choose something of the foot: by the key that stands there now, or by a touch."""
        [key] = [each for each in self.lobby.customer_screen.foot_keys() if each.action == action]
        if self.by_keys and key.key:
            await self.lobby.drive(KEY_NAMES.get(key.key, key.key))
        else:
            await self.lobby.touch(*self._foot_position(key))
        self._picture = None

    def _foot_position(self, key: FootKey) -> tuple[int, int]:
        if key.key:
            return foot_position(self.lobby, key.key)
        texts = [text for text in (key.label, key.short) if text]
        return [spot for text in texts for spot in self.look().find(text)][-1]

    def fast_forward(self, steps: int) -> None:
        """Be some presses further on, without a picture of each."""
        practice = self.screen.practice
        for _ in range(steps):
            practice.take(practice.play(), self.lobby.app.seconds)
        self.screen.write()
        self._picture = None
