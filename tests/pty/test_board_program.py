"""The call board as a program in a terminal: it comes, it follows the branch, and it ends."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from clips import record
from sync_world import World
from terminal import HANGUP, INTERRUPT, SUSPEND, TERMINATE, Terminal

from kiosk.announcing import call_words
from kiosk.clock import SystemClock
from kiosk.models.payloads import CounterOpened, TicketCalled
from kiosk.services.counters import enrol_counter
from kiosk.services.desk_journal import DeskJournal
from kiosk.services.voice.clips import load_clips

BOARD = (sys.executable, "-m", "kiosk", "board")
ENGLISH = {"KIOSK_BOARD_LANGUAGES": "en", "LC_ALL": "en_US.UTF-8"}
EMPTY = "Nobody has been called yet today."


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.clock.time = SystemClock().now()
    yield made
    made.branch.close()


def start(world: World, *, is_told_of_its_end: bool = True, **variables: str) -> Terminal:
    environment = {**ENGLISH, **variables}
    return Terminal(world.folder, BOARD, environment, is_told_of_its_end=is_told_of_its_end)


def call_a_ticket(world: World) -> None:
    terminal = world.terminal()
    terminal.visit("A1001")
    terminal.sync()
    enrol_counter(world.branch, "0001", 7)
    [(ticket,)] = world.rows("SELECT id FROM ticket")
    journal = DeskJournal(world.branch, "0001", 7, world.clock, world.config.zone, "r")
    with journal.transaction() as transaction:
        transaction.say(CounterOpened(), "1001")
        locked = transaction.lock(UUID(str(ticket)))
        assert locked is not None
        transaction.step(locked, TicketCalled(), staff="1001")


def test_a_call_appears_by_itself(world: World) -> None:
    with start(world) as terminal:
        terminal.wait_for(EMPTY, "South Branch")
        call_a_ticket(world)
        terminal.wait_for("Ticket A1001, please go to counter 7", "Counter 7   calling A1001")


def test_no_key_leads_out_and_nothing_is_typed_onto_it(world: World) -> None:
    keys = b"\x11\x03\x10\x1a\x1c\x04\x13\x1bOP\x1b[<0;6;8M\x1b[<0;6;8mq0\r\x1b"
    with start(world) as terminal:
        terminal.wait_for(EMPTY)
        terminal.send(keys)
        terminal.until_silent(0.3)
        terminal.signal(SUSPEND)
        call_a_ticket(world)
        terminal.wait_for("Ticket A1001, please go to counter 7")
        assert not terminal.is_stopped
        assert "quit" not in terminal.text.lower()
        assert terminal.raw.count(b"\x1b[?1049l") == 0


@pytest.mark.parametrize("number", [TERMINATE, HANGUP, INTERRUPT], ids=lambda n: n.name)
def test_a_signal_ends_it_properly(number: int, world: World) -> None:
    with start(world) as terminal:
        terminal.wait_for(EMPTY)
        terminal.signal(number)
        assert terminal.exit_status() == 0
        terminal.assert_restored()


@pytest.mark.parametrize("is_told", [True, False], ids=["by a signal", "by silence"])
def test_it_ends_when_its_terminal_goes_away(is_told: bool, world: World) -> None:
    with start(world, is_told_of_its_end=is_told) as terminal:
        terminal.wait_for(EMPTY)
        assert terminal.hang_up() == 0


def test_a_start_that_can_not_succeed_says_why(tmp_path: Path) -> None:
    with Terminal(tmp_path, BOARD, ENGLISH) as terminal:
        assert terminal.exit_status() == 2
        terminal.assert_restored()
        after = terminal.raw.rpartition(b"\x1b[?1049l")[2]
        assert b"branch.db" in after
        assert b"Traceback" not in terminal.raw


def test_a_call_is_said_in_the_words_on_the_screen(world: World, tmp_path: Path) -> None:
    clips, heard = record(tmp_path / "clips", "en"), tmp_path / "heard"
    player = f"sh -c 'echo \"$@\" >> {heard}' player {{files}}"
    with start(world, KIOSK_VOICE_PLAYER=player, KIOSK_VOICE_CLIPS=str(clips)) as terminal:
        terminal.wait_for(EMPTY)
        call_a_ticket(world)
        terminal.wait_for("Ticket A1001, please go to counter 7")
        terminal.wait(heard.exists, "word")
        terminal.signal(TERMINATE)
        assert terminal.exit_status() == 0
    [call] = heard.read_text(encoding="utf-8").splitlines()
    words = [clip.word for clip in load_clips(clips).of("en", call_words("A1001", 7, "en"))]
    files = [clip.file for clip in load_clips(clips).of("en", call_words("A1001", 7, "en"))]
    assert words == ["Ticket", *"A1001", "please go to counter", "7"]
    assert call.split() == [str(file) for file in files]


def test_a_voice_that_can_not_be_used_leaves_a_board_that_can(world: World, tmp_path: Path) -> None:
    with start(world, KIOSK_VOICE_PLAYER="play {files}", KIOSK_VOICE_CLIPS="/none") as terminal:
        terminal.wait_for(EMPTY)
        call_a_ticket(world)
        terminal.wait_for("Ticket A1001, please go to counter 7")
    assert "clips_unreadable" in (tmp_path / "board.log").read_text(encoding="utf-8")


def test_without_a_player_nothing_of_the_voice_is_loaded() -> None:
    code = (
        "import sys, kiosk.board_app as board\n"
        "from kiosk.config import Config\n"
        "board.BoardApp.run = lambda app: None\n"
        "board.log_into = lambda path: None\n"
        "board.run(Config(), None)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "kiosk.board_app" in loaded
    assert not [name for name in loaded if name.startswith("kiosk.services.voice")]
