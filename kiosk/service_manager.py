"""What a service tells systemd: that it is up, that it is alive, and how it stands.

The protocol of sd_notify(3): a datagram of assignments to the socket that `$NOTIFY_SOCKET` names.
Outside of a service nobody listens, and nothing is sent.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
"""What a service must keep from its own children, which would speak in its name."""
_MICROSECONDS = 1_000_000


class ServiceManager:
    """The service manager that started this process, or nobody.

    Args:
        environment: Where it has put its address. `WATCHDOG_PID` is not heeded: a terminal's main
            process is the compositor, and the program is its grandchild.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # a leading @ is an abstract socket, which has no file
        self._address = "\0" + address[1:] if address.startswith("@") else address
        limit = environment.get("WATCHDOG_USEC", "")
        seconds = int(limit) / _MICROSECONDS if limit.isdecimal() else 0
        self.beat_every = seconds / 2 or None
        """Seconds from one `alive` to the next that leave room for delays; None: nobody waits."""

    def ready(self) -> None:
        """The service is up."""
        self._tell("READY=1")

    def alive(self) -> None:
        """It makes progress. Silence for twice `beat_every` has it killed and started again."""
        self._tell("WATCHDOG=1")

    def status(self, line: str) -> None:
        """How it stands, in words, on one line."""
        self._tell("STATUS=" + " ".join(line.split()))

    def stopping(self) -> None:
        """It is about to end."""
        self._tell("STOPPING=1")

    def _tell(self, assignment: str) -> None:
        if not self._address:
            return
        # a manager that does not listen must not stop the service
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.connect(self._address)
            channel.send(assignment.encode())
