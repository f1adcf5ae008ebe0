"""Practice in a real browser: touched, and for nobody else."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from browser import browser
from postgres_server import free_port
from terminal import DEADLINE, TERMINATE

from kiosk.config import Config
from kiosk.lock import held


@dataclass
class Served:
    """A server of practice, and what it said."""

    address: str
    port: int
    data: Path


@contextmanager
def served(data: Path) -> Iterator[Served]:
    port = free_port()
    own = {"KIOSK_DATA_FOLDER": str(data), "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "kiosk", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, env={**os.environ, **own}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield Served(process.stdout.readline().strip(), port, data)
        process.send_signal(TERMINATE)
        assert process.wait(DEADLINE) == 0


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def status(client: aiohttp.ClientSession, address: str, **headers: str) -> int:
    # the server says where it is before it listens
    for _ in range(200):
        try:
            async with client.get(address, headers=headers) as answer:
                return answer.status
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(0.1)
    raise AssertionError("it does not listen")


async def test_a_finger_presses_what_is_shown(
    tmp_path: Path, client: aiohttp.ClientSession
) -> None:
    with served(tmp_path / "data") as server:
        assert await status(client, server.address) == 200
        async with browser(tmp_path / "browser") as page:
            await page.open(server.address)
            await page.wait_for("登录后练习")
            await page.touch("# English")
            await page.wait_for("Sign in to practise")
            # nothing from anywhere but here, whose network may have no way out
            own = f"http://127.0.0.1:{server.port}/"
            assert page.asked_for
            assert all(each.startswith(own) for each in page.asked_for), page.asked_for
            # and again, with the cookie instead of the token
            await page.open(own)
            await page.wait_for("登录后练习")


async def test_who_comes_second_waits(tmp_path: Path, client: aiohttp.ClientSession) -> None:
    data = tmp_path / "data"
    store = Config(data_folder=data).store_path
    with served(data) as server, held(store, "terminal", "store_in_use"):
        assert await status(client, server.address) == 200
        async with browser(tmp_path / "browser") as page:
            await page.open(server.address)
            await page.wait_for_words("有人正在使用这台机器")


async def test_nobody_gets_in_by_another_name_or_from_another_page(
    tmp_path: Path, client: aiohttp.ClientSession
) -> None:
    with served(tmp_path) as server:
        assert await status(client, server.address) == 200
        assert await status(client, server.address, Host="evil.example") == 403
        socket = server.address.replace("/?", "/ws?")
        assert await status(client, socket, Origin="http://evil.example") == 403
        assert not (tmp_path / "practice.log").exists()  # it was not even started


async def test_nobody_gets_in_without_the_token(
    tmp_path: Path, client: aiohttp.ClientSession
) -> None:
    with served(tmp_path) as server:
        page, _, token = server.address.partition("?token=")
        assert len(token) >= 32
        assert await status(client, server.address) == 200
        for address in (page, page + "ws", page + "static/js/textual.js", page + "?token=x"):
            client.cookie_jar.clear()
            assert await status(client, address) == 403
