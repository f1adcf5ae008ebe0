"""A simulation in a process of its own, so that no key waits for it.

Whoever no longer wants it cancels; the child is killed. However this process ends, the child's next
line finds nobody who reads it, and it ends, too.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from kiosk.errors import KioskError
from kiosk.service_manager import VARIABLES
from kiosk.services.simulation.scenario import Scenario
from kiosk.services.simulation.scenario_file import written
from kiosk.services.simulation.told import Progress, Told, read_line

# -P: a folder named kiosk where the terminal was started must not be taken for the program
COMMAND = (sys.executable, "-P", "-m", "kiosk", "simulate", "compare", "-", "--json")
_NICENESS = 10
"""Keys and pictures come first."""
_LONGEST_LINE = 1 << 22


async def simulate(
    scenario: Scenario,
    days: int,
    seed: int,
    on_day: Callable[[int, int], None],
    command: Sequence[str] = COMMAND,
) -> Told:
    """Compare a scenario with its variants.

    Args:
        scenario: With its variants.
        days: How many.
        seed: Of the customers.
        on_day: Hears how far it is.
        command: Reads the scenario and tells of it in lines; see `told`.

    Raises:
        KioskError: What `kiosk simulate` refuses, or `simulation_ended`.
    """
    text = written(scenario).encode()
    child = await asyncio.create_subprocess_exec(
        *(*command, "--days", str(days), "--seed", str(seed)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
        env={name: value for name, value in os.environ.items() if name not in VARIABLES},
        start_new_session=True,
    )
    try:
        with suppress(ProcessLookupError):  # it has ended already; what it said is read below
            os.setpriority(os.PRIO_PROCESS, child.pid, _NICENESS)
        return await _heard(child, text, on_day)
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _heard(
    child: asyncio.subprocess.Process, text: bytes, on_day: Callable[[int, int], None]
) -> Told:
    # tells mypy that they are pipes
    assert child.stdin and child.stdout and child.stderr  # noqa: S101, PT018
    # all at once: a child that complains must not wait for who waits for it
    complaints = asyncio.ensure_future(child.stderr.read())
    try:
        child.stdin.write(text)
        child.stdin.close()
        async for line in child.stdout:
            try:
                told = read_line(line)
            except ValueError:
                break  # it is not what was meant to be started
            if isinstance(told, Told):
                return told
            if not isinstance(told, Progress):
                raise told.error()
            on_day(told.done, told.of)
        with suppress(ProcessLookupError):
            child.kill()
        said = (await complaints).decode("utf-8", "replace").strip().splitlines()
        raise KioskError("simulation_ended", reason=said[-1] if said else "–")
    finally:
        complaints.cancel()
