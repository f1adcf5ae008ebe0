"""The night's soak in its shortest form: a terminal, hands, and what must hold all along."""

import subprocess
import sys
from pathlib import Path

SOAK = Path(__file__).parents[2] / "benchmarks" / "soak.py"
SEED = 1
"""The branch is held and the program killed."""


def test_hands_break_nothing() -> None:
    command = [sys.executable, str(SOAK), "--raids", "1", "--seed", str(SEED)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "40 actions" in done.stdout
    assert "2 lives, 1 times the branch was held" in done.stdout
    assert "nothing broken" in done.stdout
