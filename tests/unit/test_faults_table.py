"""The table of faults names tests that there are."""

from test_accessibility import NAMED, ROOT, functions_in

TABLE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")


def test_each_fault_has_a_test_and_each_test_exists() -> None:
    rows = [line for line in TABLE.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 15
    assert not [row for row in rows if not NAMED.search(row)]
    named = NAMED.findall(TABLE)
    assert TABLE.count("::") == len(named)
    assert not [(file, name) for file, name in named if name not in functions_in(file)]
