"""Looks at the machine: one finding for each thing that a terminal needs.

Nothing here changes anything, but for a small file in the data folder that is timed and removed.
"""

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import func, select, text

from kiosk import config as configuration
from kiosk import sqlite_driver
from kiosk.addresses import sqlite_url
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.disk_space import LEAST_FREE_MB, LOW_FREE_MB, free_mb
from kiosk.errors import KioskError
from kiosk.languages import Language
from kiosk.last_error import LATELY, read_last_error
from kiosk.models import Event
from kiosk.models.tables import table_of
from kiosk.services import branch
from kiosk.services.audit_check import read_chains
from kiosk.services.ballast import BALLAST_BYTES, has_ballast
from kiosk.services.catalog_file import load_catalog
from kiosk.services.followed import catalog_in_use
from kiosk.services.journal import Origin
from kiosk.services.machines import MachineState, read_status_file
from kiosk.services.printing.printing import Paper, ask_paper, read_failure
from kiosk.services.printing.sinks import name_of
from kiosk.services.staff.contact_state import contact_state, open_key_files
from kiosk.services.store import epoch_of, reading
from kiosk.services.sync.push import introduce, refused
from kiosk.services.sync.quarantine import held_events
from kiosk.services.sync.reach import reach
from kiosk.services.sync.status import read_status
from kiosk.services.sync.wire import Status

LEAST_COLUMNS: Final = 60
LEAST_ROWS: Final = 20
SUSPECT_FLUSH_MS: Final = 0.05
"""No disk flushes faster: one that claims to may lose what it confirmed in a power cut."""
SLOW_FLUSH_MS: Final = 50
"""Slower, and customers wait for it at every step."""
LONGEST_WAIT: Final = timedelta(hours=2)
"""What an event may wait for the branch before somebody should look."""
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
BLOCK_FONT: Final = "DejaVu Sans Mono"
_SAMPLE_ENDS: Final = frozenset({"example", "invalid", "test"})
_SAMPLE_DOMAINS: Final = frozenset({"example.com", "example.net", "example.org"})
_FIRST_YEAR: Final = 2025
_LAST_YEAR: Final = 2100
_COMMAND_SECONDS: Final = 10
_FLUSHES: Final = 21
_TOLD_CLIPS: Final = 5
"""Missing ones that are named; more would hide what to do."""
_EVENT: Final = table_of(Event)


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It runs, but somebody should know."""
    FAULT = "fault"
    """Customers or their events suffer."""


@dataclass(frozen=True)
class Finding:
    """What was found, as a code; `kiosk.cli.doctor` has the words."""

    subject: str
    state: State
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Screen:
    """The terminal that doctor itself runs in."""

    is_terminal: bool
    columns: int
    rows: int


Run = Callable[[list[str]], str | None]
"""Runs a command; gives its output, or None if there is no such command or it fails."""


def examine(
    path: Path | None,
    environment: Mapping[str, str],
    screen: Screen,
    clock: Clock,
    spoken: Mapping[Language, Sequence[str]],
) -> Iterator[Finding]:
    """Every check, one after the other; those that need the configuration only if it is right.

    Args:
        path: The configuration; None: where it is looked for.
        environment: Stands over it.
        screen: The terminal that doctor runs in.
        clock: The machine's.
        spoken: Language → the words of a call that must be recorded.
    """
    found, settings = check_configuration(path, environment)
    yield found
    if settings is not None:
        yield check_store(settings.store_path)
        yield check_free_space(settings.data_folder)
        if settings.store_path.exists():
            yield check_ballast(settings.store_path)
        yield check_flush(settings.data_folder)
        yield check_catalog(settings.catalog)
        if told := check_posters(settings):
            yield told
        yield check_branch_database(settings, clock)
        yield check_printer(settings)
        if told := check_machines(settings, clock.now()):
            yield told
        if settings.voice.player:
            yield check_voice(settings, spoken)
        if told := check_sync(settings, clock.now()):
            yield told
        if told := check_contacts(settings, clock.now()):
            yield told
        yield check_keys(settings)
        if told := check_audit(settings):
            yield told
        if told := check_last_error(settings, clock.now()):
            yield told
    yield check_sqlite(sqlite_driver.version(), is_safe=sqlite_driver.is_safe())
    yield check_size(screen)
    yield check_colours(environment)
    yield check_encoding(environment)
    yield check_fonts(run_command)
    # without a configuration nobody knows where the branch is
    zone = settings.zone if settings is not None else UTC
    yield check_clock(clock.now(), _last_event(settings), zone)
    yield check_time_service(run_command)


# --- what the terminal keeps ------------------------------------------------------------------


def check_configuration(
    path: Path | None, environment: Mapping[str, str]
) -> tuple[Finding, Config | None]:
    """Whether the configuration can be used; gives it if so."""
    try:
        settings = configuration.load(path, environment)
    except KioskError as error:
        return _of_error("configuration", error), None
    source = configuration.source_path(path, environment)
    code = "configuration_read" if source.exists() else "configuration_defaults"
    return Finding("configuration", State.OK, code, {"path": source}), settings


def check_store(path: Path) -> Finding:
    """Whether the store is there, whole, of this program's form, and writable."""
    if not path.exists():
        return Finding("store", State.WARNING, "store_none", {"database": path})
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return _of_error("store", KioskError("database_read_only", database=path))
    try:
        with closing(Database(sqlite_url(path))) as database:
            database.require_schema()
            with database.read() as connection:
                problem = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
                events = connection.execute(select(func.count()).select_from(_EVENT)).scalar_one()
    except KioskError as error:
        if error.code in {"schema_older", "schema_missing"}:
            return Finding("store", State.WARNING, "store_outdated", {"database": path})
        return _of_error("store", error)
    if problem != "ok":
        return _of_error("store", KioskError("database_damaged", database=path))
    return Finding("store", State.OK, "store_good", {"database": path, "count": events})


def check_free_space(folder: Path) -> Finding:
    """Whether the disk has room for the days to come."""
    free = free_mb(folder)
    params = {"folder": folder, "free": free}
    if free < LEAST_FREE_MB:
        return Finding("disk", State.FAULT, "disk_nearly_full", params)
    if free < LOW_FREE_MB:
        return Finding("disk", State.WARNING, "disk_low", params)
    return Finding("disk", State.OK, "disk_free", params)


def check_ballast(path: Path) -> Finding:
    """Whether there is room to give up when the disk is full."""
    params = {"database": path, "size": BALLAST_BYTES >> 20}
    if has_ballast(path):
        return Finding("ballast", State.OK, "ballast_kept", params)
    return Finding("ballast", State.WARNING, "ballast_gone", params)


def check_flush(folder: Path) -> Finding:
    """Whether the disk takes the time that writing for good takes."""
    try:
        return judge_flush(_flush_ms(_existing(folder)), folder)
    except OSError as error:
        params = {"folder": folder, "reason": error.strerror}
        return Finding("flush", State.FAULT, "folder_not_writable", params)


def judge_flush(milliseconds: float, folder: Path) -> Finding:
    """What the time of a flush says."""
    params = {"folder": folder, "milliseconds": f"{milliseconds:.2f}"}
    if milliseconds < SUSPECT_FLUSH_MS:
        return Finding("flush", State.WARNING, "flush_suspect", params)
    if milliseconds > SLOW_FLUSH_MS:
        return Finding("flush", State.WARNING, "flush_slow", params)
    return Finding("flush", State.OK, "flush_good", params)


def check_catalog(path: Path | None) -> Finding:
    """Whether the catalog can be used, and its links lead somewhere."""
    try:
        catalog = load_catalog(path)
    except KioskError as error:
        return _of_error("catalog", error)
    links = [route.link for route in catalog.routes if route.link and _is_reserved(route.link)]
    if links:
        samples = {"count": len(links), "link": links[0]}
        return Finding("catalog", State.WARNING, "catalog_sample_links", samples)
    params = {"version": catalog.version, "services": len(catalog.services)}
    return Finding("catalog", State.OK, "catalog_good", params)


def check_posters(settings: Config) -> Finding | None:
    """Whether the chosen posters exist; None if so, and of a catalog that has its own finding."""
    try:
        catalog_in_use(settings).posters_of(settings.appearance.posters)
    except KioskError as error:
        if error.code == "posters_unknown":
            return Finding("posters", State.WARNING, error.code, error.params)
    return None


def _is_reserved(link: str) -> bool:
    """Whether the domain is one that nobody can have, made for samples (RFC 2606)."""
    parts = (urlsplit(link).hostname or "").rstrip(".").split(".")
    return parts[-1] in _SAMPLE_ENDS or ".".join(parts[-2:]) in _SAMPLE_DOMAINS


def check_sqlite(version: str, *, is_safe: bool) -> Finding:
    """Whether the SQLite library lets two processes share a file without harm."""
    if is_safe:
        return Finding("sqlite", State.OK, "sqlite_safe", {"version": version})
    return Finding("sqlite", State.WARNING, "sqlite_unsafe", {"version": version})


# --- the branch -------------------------------------------------------------------------------


def check_sync(settings: Config, now: datetime) -> Finding | None:
    """Whether events reach the branch; None for a store that the check of the store has told of."""
    try:
        status = read_status(settings)
    except KioskError:
        return None
    oldest, zone = status.oldest_waiting, settings.zone
    params: dict[str, object] = {"count": status.waiting}
    if oldest is not None and now - oldest > LONGEST_WAIT:
        late = {"oldest": oldest, "zone": zone}
        return Finding("sync", State.WARNING, "sync_late", params | late)
    if settings.sync.in_background:
        params |= {"seconds": settings.sync.every}
        return Finding("sync", State.OK, "sync_in_background", params)
    return Finding("sync", State.OK, "sync_elsewhere", params)


def check_contacts(settings: Config, now: datetime) -> Finding | None:
    """Whether phone numbers go when they must; None for a store that another check has told of."""
    try:
        state = contact_state(settings, now)
    except KioskError as error:
        return _of_error("contacts", error) if error.code.startswith("key_") else None
    if state.due:
        return Finding("contacts", State.FAULT, "contacts_due", {"count": state.due})
    if state.closed:
        return Finding("contacts", State.WARNING, "contacts_closed", {"count": state.closed})
    return Finding("contacts", State.OK, "contacts_good", {"count": state.kept})


def check_audit(settings: Config) -> Finding | None:
    """Whether the audit logs of this machine are as they were written; None: there are none."""
    try:
        own = [each for each in read_chains(settings, settings.branch_database_url) if each.has_key]
    except KioskError as error:
        return None if error.code == "audit_nowhere" else _of_error("audit", error)
    for each in own:
        if each.broken is not None:
            params = {"log": each.name, "entry": each.broken.seq}
            return Finding("audit", State.FAULT, "audit_broken", params)
    count = sum(len(each.kept) for each in own)
    return Finding("audit", State.OK, "audit_whole", {"count": count}) if count else None


def check_last_error(settings: Config, now: datetime) -> Finding | None:
    """Whether the terminal has noted an error lately; None: it has not."""
    error = read_last_error(settings.last_error_path)
    if error is None or now - error.at > LATELY:
        return None
    params = {
        "error": error.code, "at": error.at, "zone": settings.zone, "log": settings.log_path,
    }  # fmt: skip
    return Finding("error", State.WARNING, "error_lately", params)


def check_keys(settings: Config) -> Finding:
    """Whether the keys of this machine are its user's own."""
    folder = settings.keys_folder
    try:
        if exposed := open_key_files(settings):
            return Finding("keys", State.FAULT, "keys_exposed", {"path": exposed[0]})
    except OSError as error:
        params = {"path": folder, "reason": error.strerror}
        return Finding("keys", State.FAULT, "key_unreadable", params)
    return Finding("keys", State.OK, "keys_good", {"folder": folder})


def check_branch_database(settings: Config, clock: Clock) -> Finding:
    """Whether the branch database can be reached and knows this terminal."""
    if settings.branch_database_url.startswith("postgresql"):
        return _check_server(settings, clock)
    try:
        with closing(Database(settings.branch_database_url)) as database:
            params: dict[str, object] = {
                "database": database.name,
                "terminal": settings.terminal.code,
            }
            enrolled = branch.terminals(database)
    except KioskError as error:
        if error.code == "database_missing" and not settings.branch_database:
            return Finding("branch", State.WARNING, "branch_none", error.params)
        return _of_error("branch", error)
    mine = settings.branch.code, settings.terminal.code
    state = next((each for each in enrolled if (each.branch, each.code) == mine), None)
    if state is None:
        return Finding("branch", State.FAULT, "branch_not_enrolled", params)
    if state.digit != settings.terminal.digit:
        digits = {"here": settings.terminal.digit, "there": state.digit}
        return Finding("branch", State.FAULT, "branch_other_digit", params | digits)
    if state.quarantined:
        waiting = {"count": state.quarantined}
        return Finding("branch", State.WARNING, "branch_quarantine", params | waiting)
    return Finding("branch", State.OK, "branch_good", params)


def _check_server(settings: Config, clock: Clock) -> Finding:
    """A terminal's login may read nothing on a server: it greets, as a synchronisation does."""
    try:
        with reading(settings) as connection:
            origin = Origin(
                settings.branch.code, settings.terminal.code, epoch_of(connection, settings)
            )
        with (
            closing(branch.open_store(settings)) as store,
            closing(reach(settings.branch_database_url, clock)) as side,
        ):
            answer = side.greet(introduce(store, origin, clock))
            held = [each for each in held_events(store, origin) if each.dropped_at is None]
    except KioskError as error:
        if error.code in {"store_not_ready", "store_older"}:
            return Finding("branch", State.WARNING, "branch_not_asked", error.params)
        return _of_error("branch", error)
    if answer.status not in (Status.OK, Status.AHEAD):
        return _of_error("branch", refused(answer, side, origin))
    params: dict[str, object] = {"database": side.name, "terminal": origin.terminal}
    if held:
        return Finding("branch", State.WARNING, "branch_quarantine", params | {"count": len(held)})
    return Finding("branch", State.OK, "branch_good", params)


# --- the printer ------------------------------------------------------------------------------


def check_printer(settings: Config) -> Finding:
    """Whether the printer can print, and slips have come out."""
    if settings.printer.kind == "none":
        return Finding("printer", State.OK, "printer_none_set")
    try:
        paper = ask_paper(settings.printer)
    except KioskError as error:
        return _of_error("printer", error)
    params: dict[str, object] = {"printer": name_of(settings.printer), "zone": settings.zone}
    if (failure := read_failure(settings.printer_failure_path)) is not None:
        params |= {"count": failure.count, "at": failure.at, "reason": failure.error}
        return Finding("printer", State.WARNING, "printer_failed", params)
    if paper is Paper.LOW:
        return Finding("printer", State.WARNING, "printer_low", params)
    code = "printer_good" if paper is Paper.ENOUGH else "printer_silent"
    return Finding("printer", State.OK, code, params)


# --- the machines in the lobby ----------------------------------------------------------------


def check_machines(settings: Config, now: datetime) -> Finding | None:
    """Whether the machines' status file can be followed; None where there is to be none."""
    if (path := settings.devices.status_file) is None:
        return None
    try:
        states = read_status_file(path, settings.branch.machines, now)
    except KioskError as error:
        return Finding("machines", State.WARNING, error.code, error.params)
    params: dict[str, object] = {"path": path, "count": len(states)}
    down = [name for name, state in states.items() if state is not MachineState.UP]
    if down:
        return Finding("machines", State.OK, "machines_down", params | {"down": ", ".join(down)})
    return Finding("machines", State.OK, "machines_up", params)


# --- the voice --------------------------------------------------------------------------------


def check_voice(settings: Config, spoken: Mapping[Language, Sequence[str]]) -> Finding:
    """Whether every call can be said aloud.

    Args:
        settings: With a player.
        spoken: Language → the words of a call that must be recorded.
    """
    from kiosk.services.voice.clips import CHARACTERS, load_clips

    player, folder = settings.voice.player[0], settings.voice.clips
    assert folder is not None  # noqa: S101 (the configuration refuses a player without one)
    if shutil.which(player) is None:
        return Finding("voice", State.WARNING, "voice_no_player", {"player": player})
    try:
        clips = load_clips(folder)
    except KioskError as error:
        return _of_error("voice", error)
    languages = [each for each in settings.board.languages if each in clips.languages]
    params: dict[str, object] = {"folder": folder, "languages": ", ".join(languages)}
    if not languages:
        wanted = {"wanted": ", ".join(settings.board.languages)}
        return Finding("voice", State.WARNING, "voice_no_language", params | wanted)
    missing = [
        f"{clip.word} ({language})"
        for language in languages
        for clip in clips.of(language, [*spoken.get(language, ()), *CHARACTERS])
        if not clip.is_there
    ]
    if missing:
        told = {"count": len(missing), "words": ", ".join(missing[:_TOLD_CLIPS])}
        return Finding("voice", State.WARNING, "voice_clips_missing", params | told)
    return Finding("voice", State.OK, "voice_good", params)


# --- the screen -------------------------------------------------------------------------------


def check_size(screen: Screen) -> Finding:
    """Whether every screen fits."""
    params = {
        "columns": screen.columns,
        "rows": screen.rows,
        "least_columns": LEAST_COLUMNS,
        "least_rows": LEAST_ROWS,
    }
    if not screen.is_terminal:
        return Finding("size", State.WARNING, "size_unknown", params)
    if screen.columns < LEAST_COLUMNS or screen.rows < LEAST_ROWS:
        return Finding("size", State.FAULT, "terminal_too_small", params)
    return Finding("size", State.OK, "size_good", params)


def check_colours(environment: Mapping[str, str]) -> Finding:
    """Whether the terminal says that it shows every colour."""
    if environment.get("NO_COLOR"):
        return Finding("colours", State.WARNING, "colours_off")
    if environment.get("COLORTERM") in {"truecolor", "24bit"}:
        return Finding("colours", State.OK, "colours_good")
    return Finding("colours", State.WARNING, "colours_few")


def check_encoding(environment: Mapping[str, str]) -> Finding:
    """Whether the locale is one of UTF-8, so that Chinese is drawn as Chinese.

    LC_CTYPE does not count: where the locale is not UTF-8, Python itself sets it.
    """
    named = environment.get("LC_ALL") or environment.get("LANG") or ""
    if named.lower().replace("-", "").endswith("utf8"):
        return Finding("encoding", State.OK, "encoding_good", {"locale": named})
    return Finding("encoding", State.FAULT, "encoding_other", {"locale": named or "C"})


def check_fonts(run: Run) -> Finding:
    """Whether a font with Chinese is installed, and the one whose block characters join."""
    chinese = run(["fc-list", ":lang=zh-cn", "family"])
    if chinese is None:
        return Finding("fonts", State.WARNING, "fonts_unknown")
    if not chinese.strip():
        return Finding("fonts", State.FAULT, "fonts_no_chinese")
    if not (run(["fc-list", BLOCK_FONT, "family"]) or "").strip():
        return Finding("fonts", State.WARNING, "fonts_no_blocks", {"font": BLOCK_FONT})
    first = chinese.splitlines()[0].partition(",")[0]
    return Finding("fonts", State.OK, "fonts_good", {"chinese": first, "font": BLOCK_FONT})


# --- time -------------------------------------------------------------------------------------


def check_clock(now: datetime, last_event: datetime | None, zone: tzinfo) -> Finding:
    """Whether the clock can be right: the year, and nothing has happened in the future.

    Args:
        now: What the clock says.
        last_event: When the store's last event happened.
        zone: In which the times are to be told.
    """
    params: dict[str, object] = {"now": now, "zone": zone}
    if not _FIRST_YEAR <= now.year < _LAST_YEAR:
        return Finding("clock", State.FAULT, "clock_wrong_year", params)
    if last_event is not None and last_event > now + CLOCK_TOLERANCE:
        return Finding("clock", State.FAULT, "clock_went_back", params | {"last": last_event})
    return Finding("clock", State.OK, "clock_good", params)


def check_time_service(run: Run) -> Finding:
    """Whether something keeps the clock right."""
    match (run(["timedatectl", "show", "--property=NTPSynchronized", "--value"]) or "").strip():
        case "yes":
            return Finding("time", State.OK, "time_kept")
        case "no":
            return Finding("time", State.WARNING, "time_not_kept")
        case _:
            return Finding("time", State.WARNING, "time_unknown")


# --- helpers ----------------------------------------------------------------------------------


def run_command(command: list[str]) -> str | None:
    """The output of a command; None if there is none, it fails or takes too long."""
    if (program := shutil.which(command[0])) is None:
        return None
    try:
        done = subprocess.run(
            [program, *command[1:]], capture_output=True, text=True, timeout=_COMMAND_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _of_error(subject: str, error: KioskError) -> Finding:
    return Finding(subject, State.FAULT, error.code, error.params)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there already."""
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def _flush_ms(folder: Path) -> float:
    """The median time to write 4 KiB for good."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(_FLUSHES):
            file.write(os.urandom(4096))
            file.flush()
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _last_event(settings: Config | None) -> datetime | None:
    """When the store's last event happened; None if there is none that can be read."""
    if settings is None or not settings.store_path.exists():
        return None
    newest = (
        select(_EVENT.c.occurred_at)
        .where(_EVENT.c.branch == settings.branch.code, _EVENT.c.terminal == settings.terminal.code)
        .order_by(_EVENT.c.epoch.desc(), _EVENT.c.seq.desc())
        .limit(1)
    )
    try:
        with closing(Database(sqlite_url(settings.store_path))) as database:
            database.require_schema()
            with database.read() as connection:
                found: datetime | None = connection.execute(newest).scalar()
    except KioskError:
        return None  # check_store has told what is wrong
    return found
