"""`kiosk targets`: a spreadsheet comes to hold in the branch, or its faults are told."""

from pathlib import Path

from sync_world import World
from test_releases_cli import kiosk
from test_target_sheet import GOOD, xlsx


def test_imported_targets_hold(world: World, tmp_path: Path) -> None:
    _ = world.branch
    rows = [row for row in GOOD if row[2] is None]
    done = kiosk(world, "targets", "import", str(xlsx(tmp_path, *rows)))
    assert (done.exit_code, done.output.splitlines()) == (
        0,
        [
            "Targets: version 1 holds in branch 0001.",
            "Targets: 3; actuals that somebody said: 0.",
        ],
    )
    actual = xlsx(tmp_path, ("交易额", "net", None, 2026, "十亿元", "7.818"))
    done = kiosk(world, "targets", "import", str(actual), "--actuals")
    assert done.output.splitlines()[1] == "Targets: 3; actuals that somebody said: 1."
    assert "Targets: version 2" in kiosk(world, "branch", "releases").output
    kept = world.rows("SELECT action, subject, result FROM audit_entry ORDER BY seq")
    assert kept == [
        ("target_changed", "targets", "version 1"),
        ("target_changed", "actuals", "version 2"),
    ]


def test_every_fault_is_a_line_and_nothing_changes(world: World, tmp_path: Path) -> None:
    _ = world.branch
    refused = kiosk(
        world, "targets", "import", str(xlsx(tmp_path, ("签约", "x", None, 1, "户", 0)))
    )
    assert refused.exit_code != 0
    assert [line.split(": ")[0] for line in refused.output.splitlines()] == [
        "targets.xlsx 2026, row 2, column B 产品",
        "targets.xlsx 2026, row 2, column D 期间",
        "targets.xlsx was not taken",
    ]
    assert "Nothing is published" in kiosk(world, "branch", "releases").output
    assert world.rows("SELECT * FROM audit_entry") == []
