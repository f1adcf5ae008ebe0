"""The lines of journals, kept as Parquet files beside the database until nobody can need them."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from kiosk import lock

_SUFFIX = ".parquet"


@dataclass(frozen=True)
class KeptLines:
    """The folder of one branch's lines; whoever holds it is alone with it."""

    folder: Path

    def path(self, file: UUID) -> Path:
        """Where the lines of a file are."""
        return self.folder / f"{file}{_SUFFIX}"

    def make_sure(self, file: UUID) -> None:
        """Have the lines on the disk before the database says that they are there."""
        for path in (self.path(file), self.folder):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def clean(self, known: Collection[UUID]) -> None:
        """Delete all but the lines of these files: others are old, or of a run that was cut off."""
        wanted = {self.path(each) for each in known}
        for path in self.folder.iterdir():
            if path.is_file() and path not in wanted:
                path.unlink()


@contextmanager
def kept_lines(folder: Path, branch: str) -> Iterator[KeptLines]:
    """Hold a branch's folder.

    Raises:
        KioskError: `reconcile_busy` when another process does.
    """
    own = folder / branch
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.held(folder / branch, "reconcile", "reconcile_busy"):
        yield KeptLines(own)
