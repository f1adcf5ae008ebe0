"""The unit for systemd: what can be read anywhere, and what systemd says where there is one."""

import shutil
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.config import CONFIG_VARIABLE
from kiosk.paths import resource
from kiosk.sync_watch import _HANG_SECONDS

UNIT = resource("deploy") / "kiosk-sync.service"
INSTALLED = "/opt/branch-kiosk/bin/kiosk"
KNOWN = {
    "Unit": {"Description", "Wants", "After", "StartLimitIntervalSec"},
    "Service": {
        # systemd.service(5)
        "Type", "ExecStart", "WatchdogSec", "Restart", "RestartSec", "TimeoutStopSec",
        # systemd.exec(5)
        "AmbientCapabilities", "CapabilityBoundingSet", "Environment", "LoadCredential",
        "LockPersonality", "MemoryDenyWriteExecute", "NoNewPrivileges", "PrivateDevices",
        "PrivateTmp", "ProtectClock", "ProtectControlGroups", "ProtectHome", "ProtectHostname",
        "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables", "ProtectProc",
        "ProtectSystem", "RemoveIPC", "RestrictAddressFamilies", "RestrictNamespaces",
        "RestrictRealtime", "RestrictSUIDSGID", "StateDirectory", "StateDirectoryMode",
        "SystemCallArchitectures", "SystemCallErrorNumber", "SystemCallFilter", "UMask", "User",
        # systemd.resource-control(5)
        "MemoryMax", "TasksMax",
    },
    "Install": {"WantedBy"},
}  # fmt: skip
"""Keys by section, as the manual of systemd 252 has them; one more needs a look there first."""


def settings() -> dict[str, list[tuple[str, str]]]:
    """Sections with their keys and values, in order; a key may come more than once."""
    found: dict[str, list[tuple[str, str]]] = {}
    section = ""
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
            found[section] = []
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, line
            found[section].append((key, value))
    return found


def value(key: str) -> str:
    [found] = [value for name, value in settings()["Service"] if name == key]
    return found


def test_every_key_is_one_of_systemd_s() -> None:
    found = settings()
    assert list(found) == list(KNOWN)
    for section, pairs in found.items():
        assert {key for key, _ in pairs} == KNOWN[section]


def test_systemd_has_no_complaint(tmp_path: Path) -> None:
    """Pip can't install systemd: where there is none, the test above must do."""
    if shutil.which("systemd-analyze") is None:
        return
    here = str(Path(sys.executable).with_name("kiosk"))
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace(INSTALLED, here), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_starts_what_there_is() -> None:
    program, *words = value("ExecStart").split()
    assert program == INSTALLED
    assert words == ["sync", "--watch"]
    result = CliRunner().invoke(app, ["sync", "--help"], prog_name="kiosk")
    assert "--watch" in result.stdout
    variables = {each.partition("=")[0] for key, each in settings()["Service"]
                 if key == "Environment"}  # fmt: skip
    # an unknown KIOSK_ variable would be refused
    assert {name for name in variables if name.startswith("KIOSK_")} == {CONFIG_VARIABLE}


def test_the_watchdog_and_the_program_agree() -> None:
    assert value("Type") == "notify"
    # systemd, which writes it into the journal, is the first to notice a round that hangs
    assert 60 <= int(value("WatchdogSec")) < _HANG_SECONDS
    assert value("Restart") == "always"
