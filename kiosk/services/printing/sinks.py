"""Ways to a printer. Each one keeps to a deadline, as nobody may wait for a printer."""

import errno
import os
import select
import shutil
import socket
import stat
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from kiosk.config import Printer
from kiosk.errors import KioskError
from kiosk.services.printing.commands import library

ANSWER_SECONDS = 1.0
"""What a printer may take to say how it is; one that says nothing never will."""
_CONNECT_SECONDS = 1.5
_LINGER_SECONDS = 0.3


class Sink(Protocol):
    """An open way to a printer; whatever goes wrong on it is an OSError."""

    def send(self, data: bytes) -> None:
        """Hand over bytes to print."""

    def ask(self, command: bytes) -> bytes | None:
        """The printer's answer; none if it has no way to answer, or does not use it."""

    def close(self) -> None:
        """Give the printer back."""


def name_of(settings: Printer) -> str:
    """How messages call the printer."""
    match settings.kind:
        case "network":
            return f"{settings.host}:{settings.port}"
        case "usb":
            return f"USB {settings.vendor}:{settings.product}"
        case "cups":
            return settings.queue
        case _:
            return str(settings.device)


def reach(settings: Printer, deadline: float) -> Sink:
    """Open the way to the printer.

    Args:
        settings: Where it is.
        deadline: When to give up, in seconds of `time.monotonic`.

    Raises:
        KioskError: `printer_unreachable` or `printer_driver_missing`.
    """
    try:
        match settings.kind:
            case "network":
                return _Network(settings.host, settings.port, deadline)
            case "usb":
                return _Usb(settings.vendor, settings.product, deadline)
            case "cups":
                return _Cups(settings.queue, deadline)
            case _:
                return _Device(settings.device, deadline)
    except OSError as error:
        raise KioskError(
            "printer_unreachable", printer=name_of(settings), reason=reason_of(error)
        ) from error


def reason_of(error: OSError) -> str:
    """What the system says of it."""
    return error.strerror or str(error) or type(error).__name__


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    return left


class _Device:
    """A device file, such as /dev/usb/lp0. It is never made: the printer would seem to be there."""

    def __init__(self, device: Path, deadline: float) -> None:
        self._deadline = deadline
        self._answers = stat.S_ISCHR(device.stat().st_mode)
        way = os.O_RDWR if self._answers else os.O_WRONLY | os.O_APPEND
        # blocking, a pipe that nobody reads would hold the thread for ever
        self._file = os.open(device, way | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)

    def send(self, data: bytes) -> None:
        while data:
            self._wait(select.POLLOUT, _left(self._deadline))
            with suppress(BlockingIOError):
                data = data[os.write(self._file, data) :]

    def ask(self, command: bytes) -> bytes | None:
        if not self._answers:
            return None
        self.send(command)
        if not self._wait(select.POLLIN, min(ANSWER_SECONDS, _left(self._deadline))):
            return None
        try:
            return os.read(self._file, 16) or None
        except BlockingIOError:
            return None

    def _wait(self, event: int, seconds: float) -> bool:
        waiting = select.poll()
        waiting.register(self._file, event)
        return bool(waiting.poll(seconds * 1000))

    def close(self) -> None:
        os.close(self._file)


class _Network:
    """A printer on the network. Not the library's: that one leaves its sockets open."""

    def __init__(self, host: str, port: int, deadline: float) -> None:
        self._deadline = deadline
        seconds = min(_CONNECT_SECONDS, _left(deadline))
        self._socket = socket.create_connection((host, port), timeout=seconds)

    def send(self, data: bytes) -> None:
        self._socket.settimeout(_left(self._deadline))
        self._socket.sendall(data)

    def ask(self, command: bytes) -> bytes | None:
        self.send(command)
        self._socket.settimeout(min(ANSWER_SECONDS, _left(self._deadline)))
        try:
            answer = self._socket.recv(16)
        except TimeoutError:
            return None
        if not answer:
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        return answer

    def close(self) -> None:
        with suppress(OSError):
            # closed with an answer unread, the connection would take back what was sent
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(_LINGER_SECONDS)
            while self._socket.recv(16):
                pass
        self._socket.close()


class _Usb:
    """A printer on USB that no kernel driver serves."""

    _PRINTER_CLASS, _INWARD = 7, 0x80

    def __init__(self, vendor: str, product: str, deadline: float) -> None:
        self._deadline = deadline
        escpos = library()
        milliseconds = int(_left(deadline) * 1000)
        self._printer = escpos.printer.Usb(int(vendor, 16), int(product, 16), timeout=milliseconds)
        try:
            self._printer.open()
        except (escpos.exceptions.Error, ValueError) as error:  # no device; no libusb
            raise OSError(errno.ENODEV, str(error).replace("\n", " ")) from error
        ends = [
            end.bEndpointAddress
            for interface in self._printer.device.get_active_configuration()
            if interface.bInterfaceClass == self._PRINTER_CLASS
            for end in interface
        ]
        outward = [end for end in ends if not end & self._INWARD]
        if not outward:  # something else than a printer
            self._printer.close()
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        inward = [end for end in ends if end & self._INWARD]
        # the library takes those of one maker's printers for all
        self._printer.out_ep, self._printer.in_ep = outward[0], next(iter(inward), 0)
        self._answers = bool(inward)

    def send(self, data: bytes) -> None:
        self._printer.timeout = int(_left(self._deadline) * 1000)
        self._printer._raw(data)

    def ask(self, command: bytes) -> bytes | None:
        if not self._answers:
            return None
        self.send(command)
        try:
            return bytes(self._printer._read()) or None
        except TimeoutError:
            return None
        except OSError as error:
            if error.errno == errno.ETIMEDOUT:
                return None
            raise

    def close(self) -> None:
        self._printer.close()


class _Cups:
    """A queue of CUPS, through `lp`: the library's way does not notice when that fails."""

    def __init__(self, queue: str, deadline: float) -> None:
        self._queue = queue
        self._deadline = deadline
        self._run("lpstat", "-p", queue)

    def send(self, data: bytes) -> None:
        self._run("lp", "-d", self._queue, "-o", "raw", data=data)

    def ask(self, command: bytes) -> bytes | None:
        return None

    def _run(self, program: str, *arguments: str, data: bytes = b"") -> None:
        if (path := shutil.which(program)) is None:
            raise FileNotFoundError(errno.ENOENT, f"{os.strerror(errno.ENOENT)}: {program}")
        try:
            subprocess.run(
                [path, *arguments],
                input=data, capture_output=True, check=True, timeout=_left(self._deadline),
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)) from error
        except subprocess.CalledProcessError as error:
            told = error.stderr.decode(errors="replace").strip()
            raise OSError(errno.EIO, told or f"{program}: {error.returncode}") from error

    def close(self) -> None:
        """Nothing is held."""
