"""What is compiled once for a whole run of tests: SQL statements and style sheets.

Each engine and each app keeps what it compiled, and each test has engines and an app of its own:
compiling took longer than what many tests are about.
"""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import create_engine
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from kiosk import db


class _OneForAll(dict[Any, Any]):
    """Compiled statements by their engine's kind, where SQLAlchemy asks with the engine's own."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_kind(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_of_kind(key), compiled)


def _of_kind(key: Any) -> Any:
    dialect, *rest = key
    return (dialect.name, *rest)


class _ReadBefore(Stylesheet):
    """A style sheet that knows what any other has parsed with the same variables."""

    _known: dict[Any, list[RuleSet]] = {}

    def _parse_rules(self, *words: Any, **named: Any) -> list[RuleSet]:
        key = (tuple(self._variables.items()), words, tuple(named.items()))
        if (rules := self._known.get(key)) is None:
            rules = self._known[key] = super()._parse_rules(*words, **named)
        return rules


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Let engines and apps that are made from now on share what they compile."""
    options = {"compiled_cache": _OneForAll()}
    patch.setattr(db, "create_engine", partial(create_engine, execution_options=options))
    patch.setattr("textual.app.Stylesheet", _ReadBefore)
    patch.setattr("textual.css.stylesheet.Stylesheet", _ReadBefore)
