"""A real browser without a window, spoken to by the protocol of its developer tools."""

import asyncio
import base64
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pyte

PATIENCE = 60.0
"""Seconds until what never comes is a failure; machines may be busy."""
WIDTH, HEIGHT = 1280, 800


class Page:
    """One page. What its terminal gets over the web socket is read as a screen."""

    def __init__(self, tools: aiohttp.ClientWebSocketResponse) -> None:
        self._tools = tools
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.asked_for: list[str] = []
        """The address of all that was loaded."""
        self.size = 80, 24
        """Columns and rows of the terminal."""
        self._screen = pyte.Screen(300, 100)
        self._stream = pyte.ByteStream(self._screen)

    async def read(self) -> None:
        """Take in what the browser says, until it goes away."""
        async for message in self._tools:
            told = json.loads(message.data)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            elif told["method"] == "Network.requestWillBeSent":
                self.asked_for.append(told["params"]["request"]["url"])
            elif told["method"] == "Network.webSocketCreated":
                given = parse_qs(urlsplit(told["params"]["url"]).query)
                self.size = int(given["width"][0]), int(given["height"][0])
            elif told["method"] == "Network.webSocketFrameSent":
                self._note_resize(told["params"]["response"]["payloadData"])
            elif told["method"] == "Network.webSocketFrameReceived":
                frame = told["params"]["response"]
                if frame["opcode"] == 2:
                    self._stream.feed(base64.b64decode(frame["payloadData"]))

    def _note_resize(self, sent: str) -> None:
        kind, *about = json.loads(sent)
        if kind == "resize":
            self.size = about[0]["width"], about[0]["height"]

    async def do(self, method: str, **params: object) -> dict[str, Any]:
        """Have the browser do something."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._tools.send_json({"id": number, "method": method, "params": params})
        told = await asyncio.wait_for(answer, PATIENCE)
        assert "error" not in told, told
        result: dict[str, Any] = told["result"]
        return result

    async def value(self, expression: str) -> Any:
        """What a line of script gives."""
        told = await self.do("Runtime.evaluate", expression=expression, returnByValue=True)
        return told["result"].get("value")

    async def open(self, address: str) -> None:
        self._screen.reset()
        await self.do("Page.navigate", url=address)

    @property
    def text(self) -> str:
        """What stands in the terminal."""
        rows = (self._screen.buffer[row] for row in range(100))
        return "\n".join("".join(row[x].data for x in range(300)).rstrip() for row in rows)

    async def wait_for(self, text: str) -> None:
        await self._wait(lambda: text in self.text, text)

    async def wait_for_words(self, words: str) -> None:
        """Words of the page, outside of the terminal."""
        deadline = time.monotonic() + PATIENCE
        while words not in str(await self.value("document.body && document.body.innerText")):
            assert time.monotonic() < deadline, f"no {words}"
            await asyncio.sleep(0.1)

    async def _wait(self, condition: Callable[[], bool], wish: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"no {wish}\n{self.text}"
            await asyncio.sleep(0.05)

    async def touch(self, text: str) -> None:
        """Put a finger on a text in the terminal, and lift it."""
        rows = self.text.splitlines()
        [row] = [number for number, line in enumerate(rows) if text in line]
        left, top, width, height = await self.value(
            "(() => { const box = document.querySelector('.xterm-screen').getBoundingClientRect();"
            " return [box.left, box.top, box.width, box.height]; })()"
        )
        columns, lines = self.size
        x = left + width * (rows[row].index(text) + 0.5) / columns
        y = top + height * (row + 0.5) / lines
        await self.do("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        await self.do("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    async def picture(self) -> bytes:
        """As a PNG."""
        told = await self.do("Page.captureScreenshot", format="png")
        return base64.b64decode(told["data"])


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Page]:
    """A browser with a page and nothing of an earlier one."""
    process = _started(folder)
    try:
        port = await _port(folder / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as listed:
                [page] = [each for each in await listed.json() if each["type"] == "page"]
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as tools:
                shown = Page(tools)
                reading = asyncio.create_task(shown.read())
                for domain in ("Page", "Network", "Runtime"):
                    await shown.do(f"{domain}.enable")
                await shown.do("Emulation.setTouchEmulationEnabled", enabled=True)
                yield shown
                reading.cancel()
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _started(folder: Path) -> subprocess.Popen[bytes]:
    program = shutil.which("chromium")
    assert program is not None, "chromium is needed: on Debian, apt-get install chromium"
    return subprocess.Popen(
        [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--remote-debugging-port=0", f"--user-data-dir={folder}",
            f"--window-size={WIDTH},{HEIGHT}", "--touch-events=enabled", "about:blank",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


async def _port(path: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while not (said := _said(path)):
        assert time.monotonic() < deadline, "the browser does not start"
        await asyncio.sleep(0.05)
    return said[0]


def _said(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []
