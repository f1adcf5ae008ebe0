"""A disk that does what it is told to do wrong, at the very write that it is told."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import disk
from disk import Operation, Platter, Write


class Mishap(Enum):
    """What may happen to a process at a write."""

    KILL = "kill"
    POWER_CUT = "power cut"
    FULL = "disk full"
    ERROR = "i/o error"


@dataclass
class Weather:
    """Listens to every write of every database in the simulation.

    A kill or a power cut is the same for all who run in this process: nothing reaches the disk any
    more until `revive` has made the files be what the next start would find.
    """

    chance: random.Random
    platter: Platter = field(default_factory=Platter)
    mishap: Mishap | None = None
    countdown: int = 0
    full: bool = False
    left: Mapping[Path, bytes] | None = None
    """What the files are after the kill or the power cut under way."""
    happened: set[Mishap] = field(default_factory=set)

    def plan(self, mishap: Mishap, countdown: int) -> None:
        """Let it happen at the so-many-th operation from now."""
        self.mishap, self.countdown = mishap, countdown

    def clear(self) -> None:
        """The plan is off, there is room again."""
        self.mishap, self.full = None, False
        self.happened.clear()

    @property
    def is_down(self) -> bool:
        """Whether every process has been killed."""
        return self.left is not None

    def revive(self) -> None:
        """Put the files as they were left; nobody may have them open."""
        if self.left is not None:
            disk.put(self.left)
            self.left = None
            self.platter.forget()

    def __call__(self, operation: Operation) -> int:
        """See `disk.Listener`."""
        if self.left is not None:
            return disk.IO_ERROR
        if self.mishap:
            self.countdown -= 1
            if self.countdown == 0:
                self._happen(self.mishap)
                self.mishap = None
                if self.left is not None or Mishap.ERROR in self.happened:
                    return disk.IO_ERROR
        if self.full and isinstance(operation, Write):
            return disk.FULL
        self.platter.record(operation)
        return disk.OK

    def _happen(self, mishap: Mishap) -> None:
        self.happened.add(mishap)
        match mishap:
            case Mishap.KILL:
                self.left = self.platter.after_kill()
            case Mishap.POWER_CUT:
                self.left = self.platter.after_power_cut(self.chance)
            case Mishap.FULL:
                self.full = True
            case Mishap.ERROR:
                pass
