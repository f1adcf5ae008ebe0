"""The machines of a simulated branch: a terminal with its store, and the branch database."""

import dataclasses
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sync_history import Lobby
from sync_world import FakeClock, SqliteBranch, TerminalHere, World, open_terminal, rows

from kiosk.config import Config
from kiosk.db import Database

MOST_TERMINALS = 5


@cache
def _template() -> Path:
    """A branch database in which all terminals are enrolled, and their stores, to be copied."""
    folder = Path(tempfile.mkdtemp())
    world = World(folder)
    for digit in range(1, MOST_TERMINALS + 1):
        world.terminal(f"T{digit}", digit).store.close()
    world.branch.close()
    return folder


class CopiedBranch(SqliteBranch):
    """A branch database that is ready."""

    def make(self, config: Config) -> Database:
        shutil.copy(_template() / self.path.name, self.path)
        return Database(self.url)


@dataclass
class Kept:
    """All that a machine is at one moment."""

    store: bytes
    promised: list[object]
    lobby: dict[str, object]


def whole_file(path: Path) -> bytes:
    """A copy of a database; what stood beside it in its log is in it."""
    rows(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


class Machine:
    """A terminal, its customers, and what its store must hold."""

    def __init__(self, terminal: TerminalHere) -> None:
        self.terminal = terminal
        self.lobby = Lobby(terminal)
        self.promised: list[object] = []
        """The ids of the events that somebody was told are recorded, in their order."""
        self.is_poisoned = False

    @property
    def code(self) -> str:
        return self.terminal.config.terminal.code

    def settle(self) -> None:
        """Nothing that was promised may be missing; what is there besides counts from now on."""
        stored = [id_ for (id_,) in rows(self.terminal.path, "SELECT id FROM event ORDER BY seq")]
        assert stored[: len(self.promised)] == self.promised, f"{self.code} lost a promised event"
        self.promised = stored

    def close(self) -> None:
        self.terminal.store.close()

    def open(self) -> None:
        """As after a start of the machine; the customers have gone meanwhile."""
        opened = open_terminal(
            self.terminal.config, self.terminal.clock, self.terminal.branch_url,
            self.terminal.connect,
        )  # fmt: skip
        self.terminal.store, self.terminal.journal = opened.store, opened.journal
        self.send_customers_away()
        self.settle()

    def send_customers_away(self) -> None:
        """Whatever they had begun, it does not go on."""
        self.lobby.visit = self.lobby.offer = self.lobby.ticket = self.lobby.run = None

    def keep(self) -> Kept:
        """A copy, as a backup has it; the store is closed."""
        self.close()
        content = whole_file(self.terminal.path)
        lobby = {name: value for name, value in vars(self.lobby).items() if name != "terminal"}
        return Kept(content, [*self.promised], lobby)

    def put_back(self, kept: Kept) -> None:
        """Be what it was; the store is closed."""
        self.close()
        self.terminal.path.write_bytes(kept.store)
        self.promised = [*kept.promised]
        vars(self.lobby).update(kept.lobby)
        self.lobby.sent.clear()  # what is on its way belongs to what comes to nothing now

    def clone(self, folder: Path) -> "Machine":
        """The same terminal once more, on another machine."""
        kept = self.keep()
        folder.mkdir(exist_ok=True)
        config = dataclasses.replace(self.terminal.config, data_folder=folder)
        config.store_path.write_bytes(kept.store)
        self.open()
        twin = Machine(
            open_terminal(
                config, self.terminal.clock, self.terminal.branch_url, self.terminal.connect
            )
        )
        twin.promised = [*kept.promised]
        twin.lobby.tickets = self.lobby.tickets
        twin.is_poisoned = self.is_poisoned
        return twin


def machine(world: World, digit: int) -> Machine:
    """A new terminal of a branch."""
    config = dataclasses.replace(
        world.config,
        terminal=dataclasses.replace(world.config.terminal, code=f"T{digit}", digit=digit),
    )
    shutil.copy(_template() / config.store_path.name, config.store_path)
    clock: FakeClock = world.clock
    return Machine(
        open_terminal(
            config, clock, world.here.url_for(None), lambda url: world.here.connect(url, clock)
        )
    )
