"""Journals that arrive in a folder: each is taken in when it is whole."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from kiosk.errors import KioskError
from kiosk.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kiosk.cli.reconcile_words import Here

_STILL_SECONDS = 5.0
"""How long a file must not have changed before it counts as whole; a `.done` beside it says so."""
_DONE = ".done"
_FOR_GOOD = frozenset(
    (
        "journal_known",
        "journal_incomplete",
        "journal_unreadable",
        "layout_unknown",
        "layout_invalid",
    )
)
"""Nothing comes of trying again until the file is another one; all else may pass by itself."""
_SETTLE_ROUNDS = 12
"""Every minute, what is kept is held against offers that terminals have brought since, if any."""


@dataclass(frozen=True)
class _State:
    """What a file looks like from outside while it is written."""

    size: int
    changed_ns: int


def watch_folder(here: Here, *, once: bool) -> None:
    """Take in what lies in the folder of the configuration, and what comes, until told to stop.

    Raises:
        KioskError: `reconcile_no_folder`.
    """
    folder = here.settings.reconcile.folder
    if folder is None or not folder.is_dir():
        raise KioskError("reconcile_no_folder", folder=folder or "–")
    watched, settling = Watched(here, folder), Settling(here)
    pause = threading.Event()
    for rounds in range(2 if once else 10**12):
        for line in watched.look():
            typer.echo(line)
        if rounds % _SETTLE_ROUNDS == 1 and (told := settling.settle()):
            typer.echo(told)
        if not once or rounds == 0:
            pause.wait(_STILL_SECONDS)


class Settling:
    """Holds what is kept against offers that have come since.

    Args:
        here: The branch.
    """

    def __init__(self, here: Here) -> None:
        self._here = here
        self._offers: int | None = None
        """How many there were when it was done."""

    def settle(self) -> str | None:
        """Do it, unless no offer has come; what keeps it from being done, in words, passes."""
        from kiosk.sentences import sentence

        try:
            offers = self._here.journals.count_offers()
            if offers != self._offers:
                self._here.journals.settle()
                self._offers = offers
        except KioskError as error:
            return sentence(error)
        return None


class Watched:
    """A folder in which journals arrive.

    Args:
        here: The branch.
        folder: It has a folder for each layout, named for it.
    """

    def __init__(self, here: Here, folder: Path) -> None:
        self._here = here
        self._folder = folder
        self._before: dict[Path, _State] = {}
        self._ended: dict[Path, _State] = {}
        """Files of which there is nothing more to say, as they were then."""

    def look(self) -> Iterator[str]:
        """Take in the files that are whole; what became of each, in words."""
        now = {path: state for path in self._files() if (state := _state(path)) is not None}
        before, self._before = self._before, now
        for path, state in now.items():
            is_whole = before.get(path) == state or path.with_name(path.name + _DONE).exists()
            if is_whole and self._ended.get(path) != state:
                yield from self._take_in(path, state)

    def _files(self) -> list[Path]:
        files = self._folder.glob("*/*")
        return sorted(each for each in files if each.is_file() and each.suffix != _DONE)

    def _take_in(self, path: Path, state: _State) -> Iterator[str]:
        from kiosk.cli.reconcile_words import imported_lines
        from kiosk.sentences import sentence
        from kiosk.services.reconcile.layout import load_layout

        try:
            layouts = self._here.settings.reconcile.layouts
            layout = load_layout(path.parent.name, layouts, self._here.catalog)
            yield from imported_lines(self._here.journals.take_in(path, layout))
            self._ended[path] = state
        except KioskError as error:
            if error.code in _FOR_GOOD:
                self._ended[path] = state
            if error.code == "journal_known":  # as after each start
                return
            yield _("{file}: {sentence}").format(file=path.name, sentence=sentence(error))


def _state(path: Path) -> _State | None:
    try:
        found = path.stat()
    except FileNotFoundError:  # it was moved away meanwhile
        return None
    return _State(found.st_size, found.st_mtime_ns)
