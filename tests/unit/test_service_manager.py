"""What systemd hears, on a real socket."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.service_manager import ServiceManager


def listening(address: str) -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    channel.bind(address)
    channel.setblocking(False)
    return channel


@pytest.fixture(params=["a file", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    # a socket's path has room for 107 bytes
    return str(tmp_path / "n") if request.param == "a file" else f"@kiosk-test-{os.getpid()}"


@pytest.fixture
def ear(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    if not address.startswith("@"):
        monkeypatch.chdir(Path(address).parent)
        address = "n"
    with listening("\0" + address[1:] if address.startswith("@") else address) as channel:
        yield channel


def test_every_message_is_one_datagram(ear: socket.socket, address: str) -> None:
    told = address if address.startswith("@") else "n"
    manager = ServiceManager({"NOTIFY_SOCKET": told})
    manager.ready()
    manager.alive()
    manager.status("Everything\nis 好.")
    manager.stopping()
    heard = [ear.recv(4096).decode() for _ in range(4)]
    assert heard == ["READY=1", "WATCHDOG=1", "STATUS=Everything is 好.", "STOPPING=1"]


def test_nobody_listens(tmp_path: Path) -> None:
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "none")}, {"NOTIFY_SOCKET": "@none"}):
        manager = ServiceManager(environment)
        manager.ready()
        manager.stopping()


@pytest.mark.parametrize(
    ("limit", "every"), [("120000000", 60.0), ("", None), ("0", None), ("soon", None)]
)
def test_the_watchdog_s_pace(limit: str, every: float | None) -> None:
    assert ServiceManager({"WATCHDOG_USEC": limit}).beat_every == every
    assert ServiceManager({}).beat_every is None
