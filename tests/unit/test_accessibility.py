"""The table of conformance names tests that there are."""

import ast
import re
from functools import cache
from pathlib import Path

import kiosk.services

ROOT = Path(next(iter(kiosk.services.__path__))).parent.parent
NAMED = re.compile(r"`(tests/\S+?\.py)::(\w+)`")


@cache
def functions_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_each_test_that_is_named_exists() -> None:
    text = (ROOT / "docs" / "accessibility.md").read_text(encoding="utf-8")
    named = NAMED.findall(text)
    assert len(named) > 30
    assert text.count("::") == len(named)
    missing = [(file, name) for file, name in named if name not in functions_in(file)]
    assert not missing


def test_each_line_names_a_test_or_says_that_there_is_none() -> None:
    text = (ROOT / "docs" / "accessibility.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    cells = [row.strip("|").split("|") for row in rows]
    assert {len(row) for row in cells} == {3}
    shown = [row[-1].strip() for row in cells if row[-1].strip() not in ("shown by", "---")]
    assert len(shown) > 20
    assert not [cell for cell in shown if cell != "–" and not NAMED.search(cell)]
