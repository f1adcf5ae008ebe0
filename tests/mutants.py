"""Plants a mistake in the program, from outside and for a while: another text of a function.

A test that is meant to find such a mistake shows that way that it can.
"""

import inspect
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from sync_world import BranchHere, PostgresBranch


@dataclass(frozen=True)
class Edit:
    """Another text in a function of the program."""

    owner: Any
    """The module or the class."""
    function: str
    old: str
    new: str


@dataclass(frozen=True)
class SqlEdit:
    """Another text in a function of the branch database on PostgreSQL."""

    function: str
    """With its parameters' types."""
    old: str
    new: str


@contextmanager
def planted(*edits: Edit) -> Iterator[None]:
    """Have the program's functions be other ones meanwhile."""
    of_function: dict[tuple[Any, str], list[Edit]] = defaultdict(list)
    for edit in edits:
        of_function[edit.owner, edit.function].append(edit)
    with pytest.MonkeyPatch.context() as patch:
        for (owner, name), changes in of_function.items():
            right, changed = getattr(owner, name), _changed(owner, name, changes)
            patch.setattr(owner, name, changed)
            for module in _importers(name, right):
                patch.setattr(module, name, changed)
        yield


def _importers(name: str, right: object) -> list[ModuleType]:
    """The program's modules that have imported a function by its name, whichever ran before."""
    modules = [each for path, each in sys.modules.items() if path.startswith("kiosk.")]
    return [module for module in modules if vars(module).get(name) is right]


def _changed(owner: Any, name: str, edits: Sequence[Edit]) -> object:
    source = textwrap.dedent(inspect.getsource(getattr(owner, name)))
    for edit in edits:
        assert source.count(edit.old) == 1, f"{name} has changed: {edit.old}"
        source = source.replace(edit.old, edit.new)
    module = owner if isinstance(owner, ModuleType) else inspect.getmodule(owner)
    made: dict[str, object] = {}
    exec(compile(source, f"<{name}, changed>", "exec"), vars(module), made)  # noqa: S102
    return made[name]


def plant_sql(here: BranchHere, *edits: SqlEdit) -> None:
    """Have a branch database's functions be other ones from now on."""
    assert isinstance(here, PostgresBranch)
    for edit in edits:
        ((source,),) = here.rows("SELECT pg_get_functiondef(?::regprocedure)", edit.function)
        assert str(source).count(edit.old) == 1, f"{edit.function} has changed: {edit.old}"
        here.change(str(source).replace(edit.old, edit.new).replace("%", "%%"))
