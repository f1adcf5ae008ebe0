"""Pictures of every screen that customers see, from the installed program: `make gallery`.

The way to each is walked by keys in a terminal of the tests, and by the same keys in xterm.
`python gallery.py NAME …` makes the pictures of some stations only.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

from lobby import KEY_NAMES, Lobby, lobby
from PIL import Image
from small_disk import SmallDisk
from stations import STATIONS, reach
from textual.screen import Screen
from xterm import RUN, Display, Xterm

from kiosk import i18n
from kiosk.bootstrap import build
from kiosk.clock import Clock
from kiosk.config import LANGUAGES, Config
from kiosk.i18n import NATIVE_NAMES
from kiosk.languages import Language
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.code import CodeScreen
from kiosk.screens.customer.idle_warning import IdleWarning
from kiosk.services.journal import new_id
from kiosk.services.tickets import TicketRequest

FOLDER = Path(__file__).parents[2] / "docs" / "gallery"
WAITING = 14
"""So many have come before."""
COLOURS = 16
OUTREACH = """
[terminal]
outreach = true

[branch.address]
zh_CN = "示例市城南区解放路 18 号"
en = "18 Jiefang Road, Chengnan"
zh_TW = "範例市城南區解放路 18 號"

[branch.hours]
zh_CN = "每天 9:00–17:00"
en = "9:00–17:00 every day"
zh_TW = "每天 9:00–17:00"
"""
IDLE = "still-there"
"""What comes by itself, when nobody touches the terminal."""
FAILURE = "failure"
"""What a disk that is full leads to."""
AWAY = "away"
"""On a terminal that was taken out to people, in the place of a ticket."""
KINDS: Mapping[str, type[Screen[Any]]] = {
    **{name: kind for name, (kind, _) in STATIONS.items()},
    IDLE: IdleWarning,
}
"""What is shown, and what kind of screen it is."""


@dataclass(frozen=True)
class Look:
    """In which language and how large."""

    language: Language
    is_large: bool

    def __str__(self) -> str:
        size = "large type" if self.is_large else "83 × 24"
        return f"{NATIVE_NAMES[self.language]}, {size}"

    def file(self, name: str) -> str:
        """Of what is shown."""
        return f"{name}.{self.language}{'.large' if self.is_large else ''}.png"


LOOKS = [Look(language, large) for large in (False, True) for language in LANGUAGES]


def looks_of(kind: type[Screen[Any]]) -> list[Look]:
    """How a kind of screen is seen at all."""
    if kind is AttractScreen:  # before anybody has chosen a language
        return [look for look in LOOKS if look.language == LANGUAGES[0]]
    if kind is CodeScreen:  # elsewhere the code has room beside what is to be done
        return [look for look in LOOKS if look.is_large]
    return LOOKS


# --- the way ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """What is struck, and what stands on the screen before each key and at the end."""

    keys: Sequence[tuple[str, str]]
    titles: Mapping[Language, str]


async def way_to(name: str, *, large: bool) -> Way:
    """Walk there once."""
    keys: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with lobby(Path(folder), size=cells(large=large)) as here:
            strike = here.strike

            def note(key: str) -> None:
                keys.append((KEY_NAMES.get(key, key), title(here)))
                strike(key)

            vars(here).update(strike=note)
            await reach(here, name)
            if large and isinstance(here.screen, CustomerScreen):
                await here.drive("*")
            vars(here).pop("strike")
            titles = {}
            for language in LANGUAGES if isinstance(here.screen, CustomerScreen) else ():
                titles[language] = title(here)
                await here.drive("#")
    return Way(keys, titles)


def title(here: Lobby) -> str:
    """What can be waited for."""
    return here.screen.title_text() if isinstance(here.screen, CustomerScreen) else ""


def cells(*, large: bool) -> tuple[int, int]:
    """The fewer, the larger the type."""
    return (60, 20) if large else (83, 24)


# --- the program ------------------------------------------------------------------------------


def some_zone() -> str:
    """One where it is between ten and eleven: a branch is open, and pictures look alike."""
    ahead = (10 - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def fill(data: Path, clock: Clock | None = None) -> None:
    """Have some customers come and take tickets."""
    services = build(Config(data_folder=data), clock)
    for _ in range(WAITING):
        visit = new_id()
        arrived = services.visits.start(visit, LANGUAGES[0])
        services.tickets.issue(TicketRequest(new_id(), visit, arrived, None))
    services.close()


@contextmanager
def started(
    display: Display,
    data: Path,
    *,
    large: bool = False,
    disk: Path | None = None,
    more: Mapping[str, str] | None = None,
    command: Sequence[str] = RUN,
    wait_for: str = "等候约",
) -> Iterator[Xterm]:
    """The program, with people waiting.

    Args:
        display: Where it is shown.
        data: What its data folder begins as.
        large: Whether on few large characters.
        disk: Where the data folder is put.
        more: Further settings.
        command: What runs.
        wait_for: What shows that it is ready.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = (disk or Path(folder)) / "data"
        begun = shutil.copytree(data, place, ignore=shutil.ignore_patterns("*.ballast"))
        settings = {"KIOSK_BRANCH_TIME_ZONE": some_zone(), **(more or {})}
        with Xterm(display, begun, command, settings, cells=cells(large=large)) as program:
            program.wait_for(wait_for)
            yield program


def walk(program: Xterm, keys: Iterable[tuple[str, str]]) -> None:
    """Strike one key after the other, each when the one before has been answered."""
    before = ""
    for key, seen in keys:
        program.wait_for(seen)
        if key == before:
            program.strike("x")  # one key twice in a row is a trembling hand
        program.press(key)
        before = key


def keep(picture: Image.Image, file: str) -> None:
    """Write it, as small as it stays legible."""
    drawn = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    drawn.save(FOLDER / file, optimize=True)


def take(display: Display, data: Path, name: str, *, large: bool) -> None:
    """All pictures of a station in one type."""
    way = asyncio.run(way_to(name, large=large))
    with started(display, data, large=large) as program:
        walk(program, way.keys)
        if not way.titles:
            keep(program.picture(), Look(LANGUAGES[0], large).file(name))
        for language, words in way.titles.items():
            program.wait_for(words)
            keep(program.picture(), Look(language, large).file(name))
            walk(program, [("number_sign", words)])


def take_idle(display: Display, data: Path, *, large: bool) -> None:
    """Nobody touches anything for a while."""
    quick = {"KIOSK_IDLE_WARN_AFTER": "30", "KIOSK_IDLE_WARN_AFTER_LARGE_TYPE": "30"}
    with started(display, data, large=large, more=quick) as program:
        walk(program, [("0", ""), ("9", "")])
        for language in LANGUAGES:
            program.wait_for(said("Are you still there?", language))
            keep(program.picture(), Look(language, large).file(IDLE))
            walk(program, [("x", ""), ("number_sign", "")])


def take_failure(display: Display, data: Path, *, large: bool) -> None:
    """The disk is full, and so is the room that was kept for that."""
    with SmallDisk() as disk, started(display, data, large=large, disk=disk.folder) as program:
        walk(program, [("enter", ""), *([("asterisk", "")] if large else [])])
        disk.fill()
        until(program, "89", "This terminal can't do that just now.")
        for language in LANGUAGES:
            program.wait_for(said("This terminal can't do that just now.", language))
            keep(program.picture(), Look(language, large).file(FAILURE))
            walk(program, [("number_sign", "")])


def take_away(display: Display, data: Path, *, large: bool) -> None:
    """Far from the branch."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(OUTREACH)
        file.flush()
        settings = {"KIOSK_CONFIG": file.name}
        with started(display, data, large=large, more=settings, wait_for="0到网点办") as program:
            walk(program, [("0", ""), *([("asterisk", "")] if large else [])])
            for language in LANGUAGES:
                program.wait_for(said("You are welcome at the branch", language))
                keep(program.picture(), Look(language, large).file(AWAY))
                walk(program, [("number_sign", "")])


def said(message: str, language: Language = LANGUAGES[0]) -> str:
    """In a language of the terminal."""
    i18n.use_language(language)
    return i18n._(message)


def until(program: Xterm, keys: str, message: str) -> None:
    """Press keys in turn until this is said: there may still be room in the log."""
    wished = "".join(said(message).split())
    for key in cycle(keys):
        program.press(key)
        if wished in "".join(program.text.split()):
            return


SPECIAL = {IDLE: take_idle, FAILURE: take_failure, AWAY: take_away}
"""What no key leads to."""


# --- the page ---------------------------------------------------------------------------------


def page() -> str:
    """A table of all pictures."""
    heads = "| | " + " | ".join(map(str, LOOKS)) + " |"
    lines = [
        "# What customers see",
        "",
        "The installed program in xterm, as on a machine in the lobby; `make gallery` takes the",
        "pictures anew. Large type is both: a terminal of 60 × 20 characters, and a visit in which",
        "large type was chosen.",
        "",
        heads,
        "|---" * (1 + len(LOOKS)) + "|",
    ]
    for name, kind in KINDS.items():
        seen = looks_of(kind)
        shown = (f"![{look}]({look.file(name)})" if look in seen else "" for look in LOOKS)
        lines.append(f"| {name} | " + " | ".join(shown) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Take the pictures that are asked for, or all."""
    FOLDER.mkdir(exist_ok=True)
    names = sys.argv[1:] or KINDS
    with tempfile.TemporaryDirectory() as folder, Display() as display:
        data = Path(folder) / "data"
        fill(data)
        for name in names:
            sys.stderr.write(f"{name}\n")
            for large in (False, True):
                if not any(look.is_large == large for look in looks_of(KINDS[name])):
                    continue
                if special := SPECIAL.get(name):
                    special(display, data, large=large)
                else:
                    take(display, data, name, large=large)
    (FOLDER / "README.md").write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
