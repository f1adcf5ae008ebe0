"""What the terminal emulator runs on a machine in the lobby, for tests."""

import re
from pathlib import Path

from kiosk.paths import resource


def session(folder: Path, program: str) -> Path:
    """The session as installed, but for the program that it runs and for how long it waits."""
    ours, script = folder / "program", folder / "session"
    ours.write_text(f"#!/bin/sh\n{program}\n", "utf-8")
    ours.chmod(0o755)
    text = (resource("deploy") / "foot" / "session").read_text("utf-8")
    for key, value in (("program", ours), ("pause", 1)):
        text, found = re.subn(rf"(?m)^{key}=.*$", f"{key}={value}", text)
        assert found == 1
    script.write_text(text, "utf-8")
    script.chmod(0o755)
    return script
