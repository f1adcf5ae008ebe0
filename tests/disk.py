"""The disk under SQLite: what is written to it is seen, and may go wrong.

A VFS of our own stands between the program's SQLite library and the system, put there from outside
with ctypes. The program runs as it is. Each write, sync, truncation and deletion is told before it
happens, and whoever listens may let it fail.
"""

import ctypes
import random
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kiosk.sqlite_driver import driver

OK, IO_ERROR, FULL, CANNOT_OPEN = 0, 10, 13, 14
_SECTOR = 512
_SIDE = re.compile(r"-(wal|journal)$")

_Pointer = ctypes.c_void_p
# names as addresses: SQLite keeps the very one that it gives, ctypes would pass a copy of the text
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, _Pointer, _Pointer, _Pointer, ctypes.c_int, _Pointer)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, _Pointer, _Pointer, ctypes.c_int)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, _Pointer, _Pointer, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, _Pointer, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _Pointer, ctypes.c_int)


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`."""

    _fields_ = [
        ("version", ctypes.c_int),
        ("size_of_file", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", _Pointer),
        ("name", ctypes.c_char_p),
        ("data", _Pointer),
        ("open", _OPEN),
        ("delete", _DELETE),
        ("others", _Pointer * 13),
    ]


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`."""

    _fields_ = [
        ("version", ctypes.c_int),
        ("close", _Pointer),
        ("read", _Pointer),
        ("write", _WRITE),
        ("truncate", _TRUNCATE),
        ("sync", _SYNC),
        ("others", _Pointer * 13),
    ]


class _File(ctypes.Structure):
    """`sqlite3_file`."""

    _fields_ = [("methods", ctypes.POINTER(_Methods))]


@dataclass(frozen=True)
class Write:
    """Bytes that are put into a file."""

    path: Path
    offset: int
    data: bytes

    def apply(self, content: bytearray) -> None:
        content.extend(bytes(max(0, self.offset - len(content))))
        content[self.offset : self.offset + len(self.data)] = self.data


@dataclass(frozen=True)
class Truncate:
    """A file that is cut off or drawn out."""

    path: Path
    size: int

    def apply(self, content: bytearray) -> None:
        del content[self.size :]
        content.extend(bytes(self.size - len(content)))


@dataclass(frozen=True)
class Sync:
    """What was done to a file before is on the disk after it."""

    path: Path


@dataclass(frozen=True)
class Delete:
    """A file that goes."""

    path: Path


Operation = Write | Truncate | Sync | Delete
Listener = Callable[[Operation], int]
"""Told of an operation before it happens; `OK` lets it happen, another code is its failure."""


class _Shim:
    """The VFS; there is one in a process, and it never goes: SQLite keeps pointers to it."""

    def __init__(self) -> None:
        self.listener: Listener | None = None
        self._library = ctypes.CDLL(sys.modules[driver.connect.__module__].__file__)
        self._library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        self._real = self._library.sqlite3_vfs_find(None)
        self._paths: dict[int, Path] = {}
        self._methods: dict[int, tuple[_Methods, _Methods]] = {}
        """By the address of the system's own methods: these, and ours."""
        self._of_file: dict[int, _Methods] = {}
        self._calls = (
            _WRITE(self._write), _TRUNCATE(self._truncate), _SYNC(self._sync),
        )  # fmt: skip
        self._vfs = _Vfs.from_buffer_copy(self._real.contents)
        self._vfs.name = b"watched"
        self._vfs.open = _OPEN(self._open)
        self._vfs.delete = _DELETE(self._delete)

    def make_default(self, *, default: bool) -> None:
        vfs = ctypes.byref(self._vfs) if default else self._real
        self._library.sqlite3_vfs_register(vfs, 1)

    def _tell(self, operation: Operation) -> int:
        return self.listener(operation) if self.listener else OK

    def _open(self, _: int, name: int | None, file: int, flags: int, out: int) -> int:
        done: int = self._real.contents.open(
            ctypes.addressof(self._real.contents), name, file, flags, out
        )
        if done == OK and name is not None:
            opened = _File.from_address(file)
            address = ctypes.addressof(opened.methods.contents)
            if address not in self._methods:
                real = opened.methods.contents
                ours = _Methods.from_buffer_copy(real)
                ours.write, ours.truncate, ours.sync = self._calls
                self._methods[address] = (real, ours)
            self._of_file[file], ours = self._methods[address]
            self._paths[file] = _path(name)
            opened.methods = ctypes.pointer(ours)
        return done

    def _delete(self, _: int, name: int, sync_folder: int) -> int:
        if failure := self._tell(Delete(_path(name))):
            return failure
        done: int = self._real.contents.delete(
            ctypes.addressof(self._real.contents), name, sync_folder
        )
        return done

    def _write(self, file: int, data: int, size: int, offset: int) -> int:
        told = Write(self._paths[file], offset, ctypes.string_at(data, size))
        if failure := self._tell(told):
            return failure
        done: int = self._of_file[file].write(file, data, size, offset)
        return done

    def _truncate(self, file: int, size: int) -> int:
        if failure := self._tell(Truncate(self._paths[file], size)):
            return failure
        done: int = self._of_file[file].truncate(file, size)
        return done

    def _sync(self, file: int, flags: int) -> int:
        if failure := self._tell(Sync(self._paths[file])):
            return failure
        done: int = self._of_file[file].sync(file, flags)
        return done


def _path(name: int) -> Path:
    return Path(ctypes.string_at(name).decode())


_shim = cache(_Shim)


@contextmanager
def watched(listener: Listener) -> Iterator[None]:
    """Tell a listener of all that happens to files that are opened meanwhile."""
    shim = _shim()
    shim.listener = listener
    shim.make_default(default=True)
    try:
        yield
    finally:
        shim.make_default(default=False)
        shim.listener = None


class Platter:
    """What of a process's writes is on the disk for sure, and what only may be.

    A file's writes are there for sure once it was synchronised. Until then a power cut keeps any of
    them and not others, and may tear one at a sector. Deletions hold at once, as in a journalling
    file system.
    """

    def __init__(self) -> None:
        self._sure: dict[Path, bytearray] = {}
        self._pending: dict[Path, list[Write | Truncate]] = {}

    def record(self, operation: Operation) -> None:
        """Take note of an operation that is about to happen."""
        path = operation.path
        if path not in self._sure:
            self._sure[path] = bytearray(path.read_bytes() if path.exists() else b"")
        match operation:
            case Write() | Truncate():
                self._pending.setdefault(path, []).append(operation)
            case Sync():
                for each in self._pending.pop(path, []):
                    each.apply(self._sure[path])
            case Delete():
                self._pending.pop(path, None)
                del self._sure[path]

    def forget(self) -> None:
        """Start anew: the files were changed by other hands."""
        self._sure.clear()
        self._pending.clear()

    def after_kill(self) -> dict[Path, bytes]:
        """The files when the process ends here: the system still has all that was written."""
        return {path: self._with(path, self._pending.get(path, [])) for path in self._sure}

    def after_power_cut(self, chance: random.Random) -> dict[Path, bytes]:
        """The files when the power goes here."""
        return {path: self._with(path, self._survivors(path, chance)) for path in self._sure}

    def after_loss(self) -> dict[Path, bytes]:
        """The files when the power goes here and nothing is kept that need not be."""
        return {path: bytes(content) for path, content in self._sure.items()}

    def _with(self, path: Path, done: Iterable[Write | Truncate]) -> bytes:
        content = bytearray(self._sure[path])
        for each in done:
            each.apply(content)
        return bytes(content)

    def _survivors(self, path: Path, chance: random.Random) -> list[Write | Truncate]:
        pending: Sequence[Write | Truncate] = self._pending.get(path, [])
        if chance.random() < 0.25:  # the end is torn off
            pending = pending[: chance.randint(0, len(pending))]
        else:
            pending = [each for each in pending if chance.random() < 0.5]
        return [_torn(each, chance) for each in pending]


def _torn(operation: Write | Truncate, chance: random.Random) -> Write | Truncate:
    if isinstance(operation, Truncate) or len(operation.data) <= _SECTOR or chance.random() < 0.7:
        return operation
    sectors = chance.randint(1, len(operation.data) // _SECTOR)
    return Write(operation.path, operation.offset, operation.data[: sectors * _SECTOR])


def put(files: Mapping[Path, bytes]) -> None:
    """Make SQLite files be what they would be, without what belonged to processes that are gone.

    Nobody may have them open.
    """
    for path in {path.with_name(_SIDE.sub("", path.name)) for path in files}:
        for ending in ("-wal", "-journal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
    for path, content in files.items():
        path.write_bytes(content)
