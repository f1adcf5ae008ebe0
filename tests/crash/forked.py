"""Runs the drivers of the crash tests in forks of one process that has imported the program.

To import it anew for each kill took longer than the kill.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["sync_driver", "recovery_driver"])
_PATIENCE_SECONDS = 100


def run_forked(driver: str, folder: Path, command: tuple[str, ...], **environment: str) -> str:
    """Run one driver's `main` in a process of its own; returns what it wrote."""
    output, errors = folder / "driver.out", folder / "driver.err"
    process = _SERVER.Process(
        target=_drive, args=(driver, folder, command, environment, output, errors)
    )
    with pytest.MonkeyPatch.context() as patch:
        # the server is not told where its modules are to be found, as a process is
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        process.start()
    process.join(_PATIENCE_SECONDS)
    assert process.exitcode == 0, (process.exitcode, errors.read_text())
    process.close()
    return output.read_text()


def _drive(
    driver: str,
    folder: Path,
    command: tuple[str, ...],
    environment: Mapping[str, str],
    output: Path,
    errors: Path,
) -> None:
    for number, path in ((1, output), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.update(environment)
    import_module(driver).main(folder, *command)
