"""The terminal as customers and branch IT meet it: start, keys, memory, idle, short commands.

Ours is started through the installed command, on a store that an earlier start has made. The
floors are bare Textual and Typer programs (`floors/`) in the same run, in turns.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from outcome import Outcome, compared, percentile, report
from pseudo_terminal import Terminal

from kiosk import i18n

FLOORS = Path(__file__).parent / "floors"
KIOSK = str(Path(sys.executable).with_name("kiosk"))
ATTRACT, MENU = "English", "which one?"
HOME_MESSAGE = "What would you like to do?"
_SAME_KEY_PAUSE = 0.5
"""Seconds: the terminal takes an earlier strike of the same key for a trembling hand."""
_ROUND_SECONDS, _EVERY = 5, 60
"""Seconds from one round of the synchronisation to the next: while it is measured, and usually."""
_GAP = 0.15
"""Seconds of rest before a measured key."""


def surroundings(folder: Path) -> dict[str, str]:
    """An environment of its own, in which Python keeps compiled modules as an installation does."""
    settings = ("KIOSK_", "TEXTUAL", "PYTHON", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    own = {
        "KIOSK_DATA_FOLDER": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
    }
    return kept | own


def floor(name: str, *more: str) -> list[str]:
    """The command of a floor."""
    return [sys.executable, str(FLOORS / f"{name}.py"), *more]


def make_store(environment: Mapping[str, str]) -> None:
    """Start once, as far as the first visit: then everything that is missing has been made."""
    with Terminal([KIOSK, "run"], environment) as ours:
        ours.wait_for(ATTRACT)
        ours.press("2")
        ours.wait_for(HOME_MESSAGE)
        ours.settle(quiet=0.5)


# --- start ------------------------------------------------------------------------------------


def start(environment: Mapping[str, str], rounds: int) -> Iterator[Outcome]:
    """From the start to the first picture."""

    def first_paint(command: Sequence[str], text: str) -> float:
        with Terminal(command, environment) as program:
            return (program.wait_for(text) - program.started) * 1000

    ours, bare = in_turns(
        rounds,
        lambda: first_paint([KIOSK, "run"], ATTRACT),
        lambda: first_paint(floor("hello"), "Hello"),
    )
    yield compared("start → first paint", ours, bare, "ms", 1.4)


def commands(environment: Mapping[str, str], rounds: int) -> Iterator[Outcome]:
    """Commands that print and end; the status as on a terminal that has a configuration file."""
    folder = environment["KIOSK_DATA_FOLDER"]
    config = Path(folder).with_name("kiosk.toml")
    config.write_text(f'data_folder = "{folder}"\n', encoding="utf-8")
    configured = {**environment, "KIOSK_CONFIG": str(config)}

    def run(command: Sequence[str]) -> float:
        begun = time.perf_counter()
        subprocess.run(command, env=configured, check=True, capture_output=True)
        return (time.perf_counter() - begun) * 1000

    status = ["sync", "--status"]
    typer, bare = floor("command", "--help"), floor("status")
    for words, beside_it, named in (
        (["--help"], typer, ""), (status, typer, " ÷ Typer --help"), (status, bare, " ÷ bare"),
    ):  # fmt: skip
        ours, floors = in_turns(
            rounds,
            lambda words=words: run([KIOSK, *words]),  # type: ignore[misc]
            lambda command=beside_it: run(command),  # type: ignore[misc]
        )
        yield compared(f"kiosk {' '.join(words)}{named}", ours, floors, "ms", 1.3)


def in_turns(
    rounds: int, ours: Callable[[], float], bare: Callable[[], float], warmup: int = 2
) -> tuple[list[float], list[float]]:
    """Measure both in alternating order, after some uncounted rounds."""
    results: tuple[list[float], list[float]] = ([], [])
    for index in range(-warmup, rounds):
        for side in (0, 1)[:: -1 if index % 2 else 1]:
            taken = (ours, bare)[side]()
            if index >= 0:
                results[side].append(taken)
    return results


# --- keys -------------------------------------------------------------------------------------


class Strokes:
    """What came of the strikes of one key: milliseconds to the first and to the last byte."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.shown: list[float] = []
        self.last: list[float] = []

    def forget(self) -> None:
        """Begin anew."""
        for values in (self.first, self.shown, self.last):
            values.clear()

    def strike(self, program: Terminal, key: str, text: str, pause: float = _GAP) -> None:
        """Strike a key after a pause and wait until its paint has ended."""
        program.settle(pause)
        struck = program.press(key)
        shown = program.wait_for(text)
        last = program.settle()
        assert program.first_output is not None
        self.first.append((program.first_output - struck) * 1000)
        self.shown.append((shown - struck) * 1000)
        self.last.append((last - struck) * 1000)

    def outcomes(
        self, name: str, bare: "Strokes", first: float, last: float, p95: float | None
    ) -> Iterator[Outcome]:
        """The medians and the 95th percentile beside those of the floor; goals are absolute."""
        yield beside(f"{name}: first change", self.first, bare.first, first)
        yield beside(f"{name}: last byte", self.last, bare.last, last)
        if p95 is not None:
            ours, floors = percentile(self.last, 0.95), percentile(bare.last, 0.95)
            yield Outcome(f"{name}: last byte, p95", ours, "ms", p95, floors, ours / floors)


def beside(name: str, ours: Sequence[float], bare: Sequence[float], goal: float) -> Outcome:
    """A median with an absolute goal; the floor says how fast the machine was."""
    mine, floors = statistics.median(ours), statistics.median(bare)
    return Outcome(name, mine, "ms", goal, floors, mine / floors)


def keys(environment: Mapping[str, str], rounds: int) -> Iterator[Outcome]:
    """From a key to the paint, each session from the attract screen to a menu and back."""
    titles = []
    for language in ("zh_TW", "zh_CN", "en"):
        i18n.use_language(language)
        titles.append(i18n._(HOME_MESSAGE))
    home, menu, back, end, switch = (Strokes() for _ in range(5))
    bare_push, bare_pop, bare_text = (Strokes() for _ in range(3))
    with (
        Terminal([KIOSK, "run"], environment) as ours,
        Terminal(floor("screens"), environment) as bare,
    ):
        ours.wait_for(ATTRACT)
        ours.settle(quiet=1.0)  # the services load behind the first picture
        bare.wait_for("First screen")
        for index in range(rounds + 1):
            if index == 1:  # the first visit finds nothing in any cache
                for each in (home, menu, back, end, switch, bare_push, bare_pop, bare_text):
                    each.forget()
            home.strike(ours, "2", HOME_MESSAGE)
            menu.strike(ours, "1", MENU)
            bare_push.strike(bare, "1", "Second screen")
            back.strike(ours, "9", HOME_MESSAGE)
            bare_pop.strike(bare, "9", "First screen")
            for number, (key, title) in enumerate(zip("#/#", titles, strict=True), index * 3 + 1):
                switch.strike(ours, key, title)
                bare_text.strike(bare, "#", f"change {number}.")
            end.strike(ours, "9", ATTRACT, pause=_SAME_KEY_PAUSE)
    yield from home.outcomes("touch → home", bare_push, 12, 40, 60)
    yield from menu.outcomes("digit → menu", bare_push, 12, 40, 60)
    yield from back.outcomes("back → home", bare_pop, 12, 40, 60)
    yield from end.outcomes("back → attract", bare_pop, 12, 40, 60)
    yield from switch.outcomes("language", bare_text, 15, 45, None)


# --- rest -------------------------------------------------------------------------------------


def rest(environment: Mapping[str, str], seconds: float) -> Iterator[Outcome]:
    """What the attract screen and the synchronisation beside it use while nobody is there."""
    often = {**environment, "KIOSK_SYNC_EVERY": str(_ROUND_SECONDS)}
    with Terminal([KIOSK, "run"], often) as ours:
        ours.wait_for(ATTRACT)
        ours.settle(quiet=2.0, limit=10.0)
        sync = ours.beside()
        ours.settle(quiet=_ROUND_SECONDS, limit=_ROUND_SECONDS)  # its first round imports most
        memory = ours.resident_kilobytes() / 1024
        spent, begun = (ours.cpu_seconds(), ours.cpu_seconds(sync)), time.perf_counter()
        ours.settle(quiet=seconds, limit=seconds)
        span = time.perf_counter() - begun
        used = (ours.cpu_seconds() - spent[0]) / span * 100
        # as often as it comes with the default
        sync_used = (ours.cpu_seconds(sync) - spent[1]) / span * 100 * _ROUND_SECONDS / _EVERY
        sync_memory = ours.resident_kilobytes(sync) / 1024
    yield Outcome("memory after the start", memory, "MB", 80)
    yield Outcome("attract screen, of a core", used, "%", 0.3)
    yield Outcome("sync beside it: memory", sync_memory, "MB", 80)
    yield Outcome("sync beside it, of a core", sync_used, "%", 0.1)


def growth(environment: Mapping[str, str], sessions: int, seconds: float) -> Iterator[Outcome]:
    """Memory that a session leaves behind: the slope over the second half of many sessions."""
    samples: list[tuple[int, int]] = []
    with Terminal([KIOSK, "run"], environment) as ours:
        ours.wait_for(ATTRACT)
        ours.settle(quiet=1.0)
        for session in range(sessions):
            # back with both its keys: the same one so soon is a trembling hand
            for key, text in (
                ("2", HOME_MESSAGE),
                ("1", MENU),
                ("9", HOME_MESSAGE),
                (".", ATTRACT),
            ):
                ours.press(key)
                ours.wait_for(text)
                ours.settle(quiet=0.02)
            if session >= sessions // 2:
                samples.append((session, ours.resident_kilobytes()))
            if session % 500 == 0:
                print(f"{session} sessions: {ours.resident_kilobytes() / 1024:.1f} MB", flush=True)
        memory = ours.resident_kilobytes() / 1024
        ours.settle(quiet=2.0, limit=10.0)
        used = used_while(ours, seconds)
    slope = statistics.linear_regression(*zip(*samples, strict=True)).slope
    yield Outcome(f"growth a session, {sessions} sessions", slope, "KB", 1)
    yield Outcome("memory after them", memory, "MB", 80)
    yield Outcome("attract screen after them, of a core", used, "%", 0.3)


def used_while(ours: Terminal, seconds: float) -> float:
    """Processor time while nobody is there, in percent of a core."""
    spent, begun = ours.cpu_seconds(), time.perf_counter()
    ours.settle(quiet=seconds, limit=seconds)
    return (ours.cpu_seconds() - spent) / (time.perf_counter() - begun) * 100


PARTS = ("start", "keys", "rest", "growth", "commands")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which (all)")
    options.add_argument("-n", "--rounds", type=int, default=21, help="starts, commands (21)")
    options.add_argument("--visits", type=int, default=40, help="visits for the keys (40)")
    options.add_argument("--sessions", type=int, default=200, help="for the growth; long: 10000")
    options.add_argument("--seconds", type=float, default=30, help="of idleness (30)")
    given = options.parse_args()
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="start-and-keys-") as folder:
        environment = surroundings(Path(folder))
        make_store(environment)
        measures: dict[str, Callable[[], Iterator[Outcome]]] = {
            "start": lambda: start(environment, given.rounds),
            "keys": lambda: keys(environment, given.visits),
            "rest": lambda: rest(environment, given.seconds),
            "growth": lambda: growth(environment, given.sessions, given.seconds),
            "commands": lambda: commands(environment, given.rounds),
        }
        for part in given.parts or PARTS:
            outcomes += measures[part]()
    report(outcomes)


if __name__ == "__main__":
    main()
