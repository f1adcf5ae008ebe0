"""Key files of this machine: outside every database, so that a copy of one opens nothing.

A key comes from the service manager (`$CREDENTIALS_DIRECTORY/NAME.key`) or from the folder of keys,
where it is made when it is first needed. The file holds 64 hexadecimal digits.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from kiosk.config import Config
from kiosk.errors import KioskError

KEY_BYTES = 32
_CREDENTIALS = "CREDENTIALS_DIRECTORY"


def key(settings: Config, name: str) -> bytes:
    """The key of this name; the first time on this machine, a new one.

    Args:
        settings: Says where keys are kept.
        name: What it is for: `audit`, `contact`.

    Raises:
        KioskError: `key_unreadable`, `key_invalid`, `key_not_made`.
    """
    found = existing_key(settings, name)
    return found if found is not None else _make(_in_folder(settings, name))


def existing_key(settings: Config, name: str) -> bytes | None:
    """The key of this name; None: there has never been one.

    Raises:
        KioskError: `key_unreadable`, `key_invalid`.
    """
    given = _from_service_manager(name)
    found = _read(given) if given is not None else None
    return found if found is not None else _read(_in_folder(settings, name))


def key_path(settings: Config, name: str) -> Path:
    """The file that holds the key of this name, or would."""
    given = _from_service_manager(name)
    return given if given is not None and given.exists() else _in_folder(settings, name)


def _from_service_manager(name: str) -> Path | None:
    folder = os.environ.get(_CREDENTIALS)
    return Path(folder) / f"{name}.key" if folder else None


def _in_folder(settings: Config, name: str) -> Path:
    return settings.keys_folder / f"{name}.key"


def _read(path: Path) -> bytes | None:
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KioskError("key_unreadable", path=path, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise KioskError("key_invalid", path=path) from error
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise KioskError("key_invalid", path=path)
    return found


def _make(path: Path) -> bytes:
    """Make it on disk before it is used: what a lost key has closed stays closed."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(new)
        with suppress(FileExistsError):  # another process was first: its key counts
            path.hardlink_to(new)
        new.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        raise KioskError("key_not_made", path=path, reason=error.strerror) from error
    made = _read(path)
    assert made is not None  # noqa: S101 (it was made just now)
    return made


def _write_new(path: Path) -> None:
    with suppress(FileNotFoundError):  # left by a crash, of a process with the same number
        path.unlink()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w") as file:
        file.write(f"{secrets.token_hex(KEY_BYTES)}\n")
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_key(settings: Config, name: str, old_name: str) -> bytes:
    """Make a new key of this name; the one so far stays under another. Returns the new one.

    May be killed at any moment: then the old key is still in use, or both are there.

    Args:
        settings: Says where keys are kept.
        name: The key to replace; it must be there.
        old_name: Its name from now on.

    Raises:
        KioskError: `key_given`: the service manager gives this key; `key_not_made`.
    """
    path = _in_folder(settings, name)
    if key_path(settings, name) != path:
        raise KioskError("key_given", path=key_path(settings, name))
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with suppress(FileExistsError):  # of a run that was interrupted
            _in_folder(settings, old_name).hardlink_to(path)
        _write_new(new)
        new.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise KioskError("key_not_made", path=path, reason=error.strerror) from error
    return key(settings, name)


def older_keys(settings: Config, name: str) -> tuple[str, ...]:
    """The names of the keys in the folder that `replace_key` left for this one."""
    found = settings.keys_folder.glob(f"{name}-*.key")
    return tuple(sorted(path.name.removesuffix(".key") for path in found))


def forget_key(settings: Config, name: str) -> None:
    """Destroy a key: what it has closed stays closed, in every copy.

    Raises:
        KioskError: `key_not_made`: its folder can't be written.
    """
    path = _in_folder(settings, name)
    try:
        path.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise KioskError("key_not_made", path=path, reason=error.strerror) from error
