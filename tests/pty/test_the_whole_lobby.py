"""A kiosk, two counters and the board on one machine, each in a terminal of its own."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from support import rows
from terminal import TERMINATE, Terminal
from typer.testing import CliRunner
from way import reach_attract, said

from kiosk.cli import app
from kiosk.config import Config
from kiosk.db import Database
from kiosk.services.pins import hash_pin
from kiosk.services.report import day_report

PINS = {"1001": "739164", "1002": "582937"}
NEXT, RECALL, START, FINISH, NO_SHOW, TRANSFER, REQUEUE = b"1", b"2", b"3", b"4", b"5", b"7", b"9"
TO_A_COUNTER = b"2"
WHAT_WAS_DONE = said("What was done?")
CAME_LATE = said("Who came after all? The ticket goes back to its old place.")
PASS_ON = said("Pass the ticket on: where to? It keeps its number and its time.")
TO_WHICH = said("To which counter?")
ENVIRONMENT = {"KIOSK_SYNC_IN_BACKGROUND": "true", "KIOSK_SYNC_EVERY": "3600"}


class Lobby:
    """All that runs in the branch's hall."""

    def __init__(self, data: Path, terminals: ExitStack) -> None:
        self.data = data
        self._terminals = terminals
        self.kiosk = self._start("run")
        reach_attract(self.kiosk)
        self.board = self._start("board")
        self.board.wait_for(said("Nobody has been called yet today."))
        self.counters = {number: self._counter(number) for number in (3, 4)}

    def _start(self, *words: str) -> Terminal:
        command = (sys.executable, "-m", "kiosk", *words)
        return self._terminals.enter_context(Terminal(self.data, command, ENVIRONMENT))

    def _counter(self, number: int) -> Terminal:
        terminal = self._start("counter", "--counter", str(number))
        terminal.wait_for(said("Sign in at this counter"))
        staff = f"100{number - 2}"
        terminal.send(f"{staff}\r".encode())
        terminal.send(f"{PINS[staff]}\r".encode())
        terminal.wait_for(said("Nobody is at this counter."))
        return terminal

    # what is known

    def tickets(self) -> list[tuple[object, ...]]:
        """Number, state, counter and number of steps, as the branch has them."""
        query = "SELECT number, state, counter, steps FROM ticket ORDER BY number"
        return rows(self.data / "branch.db", query)

    def until(self, terminal: Terminal, condition: Callable[[], bool], wish: str) -> None:
        """Wait, and draw meanwhile what all write: a full pipe would hold them up."""

        def holds() -> bool:
            for each in (self.kiosk, self.board, *self.counters.values()):
                each.read(0)
            return condition()

        terminal.wait(holds, wish)

    # what people do

    def take_ticket(self) -> str:
        """At the kiosk, straight to the counter."""
        before = len(self.tickets())
        reach_attract(self.kiosk)
        self.kiosk.send(b"0")
        self.until(self.kiosk, lambda: len(self.tickets()) > before, "ticket at the branch")
        self.kiosk.choose(said("Got it, finish"))
        reach_attract(self.kiosk)
        return str(self.tickets()[-1][0])

    def press(self, counter: int, key: bytes, *, then: tuple[object, ...]) -> None:
        """A teller's key, and how the ticket stands after it."""
        terminal = self.counters[counter]
        terminal.send(key)
        self.until(terminal, lambda: then in self.tickets(), f"{then}")

    def answer(self, counter: int, key: bytes, question: str, *, then: tuple[object, ...]) -> None:
        """A teller's key that asks something, and the first answer."""
        self.ask(counter, key, question)
        self.press(counter, b"\r", then=then)

    def ask(self, counter: int, key: bytes, question: str) -> None:
        """A teller's key that asks something."""
        terminal = self.counters[counter]
        terminal.send(key)
        self.until(terminal, lambda: question in terminal.text, question)

    def sees_waiting(self, counter: int, count: int) -> None:
        """A counter's screen follows the branch, a second later."""
        self.counters[counter].wait_for(said("Waiting: {count}").format(count=count))

    def is_called(self, number: str, counter: int) -> None:
        """The board says so."""
        call = said("Ticket {ticket}, please go to counter {counter}")
        self.board.wait_for(call.format(ticket=number, counter=counter))


@pytest.fixture
def lobby(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lobby]:
    monkeypatch.setenv("KIOSK_DATA_FOLDER", str(tmp_path))
    roster = tmp_path / "staff.toml"
    roster.write_text(
        "\n".join(
            f'[[staff]]\nnumber = "{number}"\nname = "王芳"\nroles = ["teller"]\n'
            f'pin_hash = "{hash_pin(SecretStr(pin), number)}"'
            for number, pin in PINS.items()
        ),
        encoding="utf-8",
    )
    for words in (
        ["branch", "init"],
        ["branch", "enrol-counter", "3"],
        ["branch", "enrol-counter", "4"],
        ["branch", "publish", "staff", str(roster)],
    ):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
    with ExitStack() as terminals:
        yield Lobby(tmp_path, terminals)


def test_tickets_lead_somewhere(lobby: Lobby) -> None:
    first, second = lobby.take_ticket(), lobby.take_ticket()
    for terminal in lobby.counters.values():
        terminal.wait_for(first, second)

    # served at the first counter that is free, while the other has the next
    lobby.press(3, NEXT, then=(first, "called", "3", 1))
    lobby.is_called(first, 3)
    lobby.press(3, START, then=(first, "serving", "3", 2))
    lobby.press(4, NEXT, then=(second, "called", "4", 1))
    lobby.is_called(second, 4)
    lobby.answer(3, FINISH, WHAT_WAS_DONE, then=(first, "served", "3", 3))

    # called again, not there, back late, passed on to the other counter, and served
    lobby.press(4, RECALL, then=(second, "called", "4", 2))
    lobby.press(4, NO_SHOW, then=(second, "no_show", "4", 3))
    lobby.answer(4, REQUEUE, CAME_LATE, then=(second, "waiting", None, 4))
    lobby.sees_waiting(4, 1)
    lobby.press(4, NEXT, then=(second, "called", "4", 5))
    lobby.ask(4, TRANSFER, PASS_ON)
    lobby.answer(4, TO_A_COUNTER, TO_WHICH, then=(second, "waiting", None, 6))
    lobby.sees_waiting(3, 1)
    lobby.press(3, NEXT, then=(second, "called", "3", 7))
    lobby.is_called(second, 3)
    lobby.press(3, START, then=(second, "serving", "3", 8))
    lobby.answer(3, FINISH, WHAT_WAS_DONE, then=(second, "served", "3", 9))

    for terminal in (lobby.kiosk, lobby.board):
        terminal.signal(TERMINATE)
        assert terminal.exit_status() == 0
    assert_figures_are_what_events_say(lobby.data)


def assert_figures_are_what_events_say(data: Path) -> None:
    branch = Database(Config(data_folder=data).branch_database_url)
    try:
        today = datetime.now(UTC).astimezone(Config().zone).date()
        report = day_report(branch, Config().branch.code, today)
    finally:
        branch.close()
    stages = [
        stage
        for (stage,) in rows(data / "branch.db", "SELECT stage FROM event WHERE kind = 'ticket'")
    ]
    assert stages.count("issued") == report.tickets == 2
    assert stages.count("finished") == report.served == 2
    assert stages.count("no_show") == 1
    assert report.no_show == 0  # who came back late was not lost
    shown = CliRunner().invoke(app, ["report", "today"])
    assert shown.exit_code == 0, shown.output
