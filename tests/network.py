"""A road to a server that breaks: a TCP proxy on this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 65536


class Road:
    """Carries bytes both ways, until so many have gone one of them.

    Args:
        port: The server's, on this machine.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.carried = {"there": 0, "back": 0}
        """Bytes, each way."""
        self._limits: dict[str, int] = {}
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []

    def break_after(self, way: str, count: int) -> None:
        """From now on, cut everything once so many bytes have gone this way."""
        self.carried = {"there": 0, "back": 0}
        self._limits = {way: count}

    def mend(self) -> None:
        """Whole again, for new connections."""
        self._limits = {}

    def run(self) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server))
            self._ends += [client, server]
            for way, source, target in (("there", client, server), ("back", server, client)):
                threading.Thread(
                    target=self._carry, args=(way, source, target), daemon=True
                ).start()

    def _carry(self, way: str, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                with self._lock:
                    limit = self._limits.get(way)
                    left = len(data) if limit is None else max(0, limit - self.carried[way])
                    self.carried[way] += min(left, len(data))
                target.sendall(data[:left])
                if left < len(data):
                    break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """No more road."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._ends:
            end.close()


@contextmanager
def road_to(port: int) -> Iterator[Road]:
    """A road that is open meanwhile."""
    road = Road(port)
    worker = threading.Thread(target=road.run, daemon=True)
    worker.start()
    try:
        yield road
    finally:
        road.close()
        worker.join()
