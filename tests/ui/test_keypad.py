"""Every screen takes the same step from a key of the keypad, whatever the terminal calls it.

What a terminal of either kind sends goes through Textual's own parser.
"""

from collections.abc import Iterable
from pathlib import Path

import pytest
from counter_world import counter
from lobby import KEY_NAMES, lobby
from staff_here import sign_in, staff_machine
from stations import LARGE_CASH, STATIONS, go, reach
from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.widgets import Input

from kiosk import i18n
from kiosk.screens.counter.work import WorkScreen
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.filling import NumberFieldScreen
from kiosk.screens.customer.home import HomeScreen
from kiosk.screens.customer.menu import MenuScreen
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.services.visits import EndReason
from kiosk.widgets.block_digits import BlockDigits

NUM_LOCK = "\x1b[57360u"
SIGNS = {
    ".": "\x1b[57409;129u",
    "/": "\x1b[57410;129u",
    "*": "\x1b[57411;129u",
    "-": "\x1b[57412;129u",
    "+": "\x1b[57413;129u",
}
"""A sign as xterm sends it, and what kitty's protocol makes of the keypad's key."""
WITHOUT_NUM_LOCK = {
    "0": ("\x1b[2~", "\x1b[57425u"),
    "1": ("\x1b[F", "\x1b[57424u"),
    "2": ("\x1b[B", "\x1b[57420u"),
    "3": ("\x1b[6~", "\x1b[57422u"),
    "4": ("\x1b[D", "\x1b[57417u"),
    "5": ("\x1b[E", "\x1b[57427u"),
    "6": ("\x1b[C", "\x1b[57418u"),
    "7": ("\x1b[H", "\x1b[57423u"),
    "8": ("\x1b[A", "\x1b[57419u"),
    "9": ("\x1b[5~", "\x1b[57421u"),
    ".": ("\x1b[3~", "\x1b[57426u"),
}
DIGITS = {digit: f"\x1b[{57399 + int(digit)};129u" for digit in "0123456789"}


def ways_to_take_a_key() -> dict[object, str]:
    """What takes keys on a customer's screen, and a station where it does."""
    typed = ("number-typed", "demo-typing")  # there, some keys mean something else
    return {
        (kind.on_key, name in typed): name
        for name, (kind, _) in reversed(list(STATIONS.items()))
        if issubclass(kind, CustomerScreen)  # where nobody is, any key begins a visit
    }


def keys(sent: str) -> list[events.Key]:
    """What Textual makes of it."""
    parser = XTermParser()
    found = [*parser.feed(sent), *parser.feed("")]
    return [each for each in found if isinstance(each, events.Key)]


def send(app: App[None], *sent: str) -> None:
    """What a terminal says, as the driver tells it."""
    for each in sent:
        for key in keys(each):
            app.post_message(key)


async def test_screens_of_customers(tmp_path: Path) -> None:
    """The same steps, each station's keys one after the other by either name."""
    faults, led = [], set()
    async with lobby(tmp_path) as here:
        steps: list[str] = []

        async def do(signs: Iterable[str]) -> tuple[list[str], bool]:
            """The steps that they would begin, and whether anything was typed or taken back."""
            steps.clear()
            before = here.picture().text
            here.clock.advance(1)
            send(here.app, *signs)
            await here.settle()
            led.update(steps)
            return list(steps), here.picture().text != before

        for name in ways_to_take_a_key().values():
            screen = await reach(here, name)
            assert isinstance(screen, CustomerScreen)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(screen, "run_once", lambda call: steps.append(call.__qualname__))
                if (usual := await do(SIGNS)) != (found := await do(SIGNS.values())):
                    faults.append(f"{name}: {usual}, by their other names {found}")
            await here.app.end_visit(EndReason.FINISHED)
            await here.settle()
            here.expect(AttractScreen)
    assert not faults, "\n".join(faults)
    assert {step.rpartition(".")[2] for step in led} >= {
        "go_back", "ask_help", "switch_large_type", "switch_language",
    }  # fmt: skip


async def test_screens_of_staff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pressed: list[str] = []

    async def do(sent: str) -> tuple[list[str], str, str]:
        pressed.clear()
        i18n.use_language("en")
        send(here.app, NUM_LOCK, sent)
        await here.settle()
        fields = [field.value for field in here.screen.query(Input)]
        return list(pressed), i18n.language(), "".join(fields)[-1:]

    async with staff_machine(tmp_path) as here:
        here.expect(SignInScreen)
        assert await do("-") == await do(SIGNS["-"]) == ([], "en", "-")
        assert await do("/") == await do(SIGNS["/"]) == ([], "zh_TW", "-")
        await here.drive(*["backspace"] * 2)
        await sign_in(here)
        monkeypatch.setattr(PlaceScreen, "press", lambda screen, key: pressed.append(key))
        for sign, other in SIGNS.items():
            assert await do(sign) == await do(other), sign
        assert await do(SIGNS["."]) == (["full_stop"], "en", "")


async def test_counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    performed: list[str] = []
    async with counter(tmp_path) as here:
        monkeypatch.setattr(WorkScreen, "_perform", lambda screen, what: performed.append(what))

        async def do(sent: str) -> tuple[list[str], str]:
            performed.clear()
            i18n.use_language("en")
            send(here.app, NUM_LOCK, sent)
            await here.settle()
            return list(performed), i18n.language()

        for sign, other in SIGNS.items():
            assert await do(sign) == await do(other), sign
        assert await do(SIGNS["-"]) == (["sign_off"], "en")


async def test_num_lock_is_no_key(tmp_path: Path) -> None:
    """It begins nothing, and comes between no two strikes of a hand that trembles."""
    async with lobby(tmp_path) as here:
        send(here.app, NUM_LOCK)
        await here.settle()
        here.expect(AttractScreen)
        send(here.app, DIGITS["1"])
        await here.settle()
        here.clock.advance(1)
        send(here.app, NUM_LOCK, DIGITS["1"], NUM_LOCK, DIGITS["1"], NUM_LOCK)
        await here.settle()
        here.expect(MenuScreen)


async def test_a_key_that_is_held_is_one_strike(tmp_path: Path) -> None:
    """However long: what comes fast enough to be a repetition begins no step."""
    async with lobby(tmp_path) as here:
        await here.drive("enter")
        here.clock.advance(1)
        for _ in range(20):
            send(here.app, DIGITS["1"])
            await here.settle()
            here.clock.advance(0.05)
        here.expect(MenuScreen)
        assert here.stages() == ["visit.started"]


@pytest.mark.parametrize("kind", [0, 1], ids=["xterm", "kitty"])
async def test_without_num_lock_a_keypad_has_its_digits_all_the_same(
    kind: int, tmp_path: Path
) -> None:
    """But for its arrows, where they move among the choices."""

    async def strike(*digits: str) -> None:
        for digit in digits:
            here.clock.advance(1)
            send(here.app, WITHOUT_NUM_LOCK[digit][kind])
            await here.settle()

    async with lobby(tmp_path) as here:
        await strike("8")
        here.expect(HomeScreen)
        await strike("2", "6", "4", "8")
        here.expect(HomeScreen)
        await strike("1")
        here.expect(MenuScreen)
        await strike("9")
        here.expect(HomeScreen)
        await strike("0")
        here.expect(TicketScreen)
        await here.app.end_visit(EndReason.FINISHED)
        await here.settle()
        await go(here, *LARGE_CASH, "fill-in")
        here.expect(NumberFieldScreen)
        for typed in ("97531", "86420"):
            await strike(*typed)
            assert here.expect(NumberFieldScreen).query_one(BlockDigits).number == typed
            await strike(*"....")
            await strike(".")


def test_what_a_terminal_sends_has_two_names() -> None:
    """Else the tests above would compare a key with itself."""
    for sign, other in SIGNS.items():
        (usual,), (found,) = keys(sign), keys(other)
        assert usual.key == KEY_NAMES.get(sign, "slash")
        assert found.key != usual.key
