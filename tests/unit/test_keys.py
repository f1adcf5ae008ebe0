"""Key files: made once, read by nobody else, and refused rather than replaced."""

import dataclasses
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from kiosk.config import Config, Keys
from kiosk.errors import KioskError
from kiosk.services.keys import KEY_BYTES, existing_key, key, key_path


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return Config(data_folder=tmp_path / "data")


def test_a_key_is_made_once_for_its_owner_alone(settings: Config) -> None:
    assert existing_key(settings, "audit") is None
    made = key(settings, "audit")
    path = settings.data_folder / "keys" / "audit.key"
    assert len(made) == KEY_BYTES
    assert key(settings, "audit") == existing_key(settings, "audit") == made
    assert key(settings, "contact") != made
    assert path.stat().st_mode & 0o777 == 0o400
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert sorted(each.name for each in path.parent.iterdir()) == ["audit.key", "contact.key"]


def test_two_processes_that_need_it_at_once_have_the_same(settings: Config) -> None:
    with ProcessPoolExecutor(2) as processes:
        asked = [processes.submit(key, settings, "audit") for _ in range(4)]
        made = {each.result() for each in asked}
    assert len(made) == 1


def test_the_folder_can_be_elsewhere(settings: Config, tmp_path: Path) -> None:
    elsewhere = dataclasses.replace(settings, keys=Keys(folder=tmp_path / "safe"))
    key(elsewhere, "audit")
    assert key_path(elsewhere, "audit") == tmp_path / "safe" / "audit.key"
    assert not (settings.data_folder / "keys").exists()


def test_what_the_service_manager_gives_goes_first(
    settings: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = key(settings, "audit")
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert key(settings, "audit") == own
    (credentials / "audit.key").write_text("ab" * KEY_BYTES)
    assert key(settings, "audit") == bytes([0xAB]) * KEY_BYTES
    assert key_path(settings, "audit") == credentials / "audit.key"


@pytest.mark.parametrize("content", [b"", b"ab", b"xy" * KEY_BYTES, b"\xff" * KEY_BYTES])
def test_a_damaged_key_is_refused_and_stays(settings: Config, content: bytes) -> None:
    path = settings.keys_folder / "audit.key"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(KioskError, match="key_invalid"):
        key(settings, "audit")
    assert path.read_bytes() == content


def test_a_key_that_cannot_be_made_or_read_is_told(settings: Config, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    nowhere = dataclasses.replace(settings, keys=Keys(folder=tmp_path / "file" / "keys"))
    with pytest.raises(KioskError, match="key_unreadable"):
        key(nowhere, "audit")
    (settings.keys_folder / "audit.key").mkdir(parents=True)
    with pytest.raises(KioskError, match="key_unreadable"):
        key(settings, "audit")
