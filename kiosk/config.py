"""The configuration: one TOML file, `KIOSK_*` environment variables over it, defaults that run.

It is read before the first picture is on the screen, so it is made of plain dataclasses: reading it
with pydantic took as long as importing half of Textual.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast
from unicodedata import east_asian_width

from kiosk.addresses import sqlite_url
from kiosk.contrast import contrast_ratio
from kiosk.errors import KioskError
from kiosk.languages import LANGUAGES, Language

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["LANGUAGES", "Config", "Language", "default_path", "keys", "load"]

log = logging.getLogger("kiosk")

ENVIRONMENT_PREFIX = "KIOSK_"
CONFIG_VARIABLE = "KIOSK_CONFIG"
OF_THE_BRANCH = (
    "bank.", "branch.name.", "branch.address.", "branch.hours.", "branch.counters",
    "branch.open_days", "branch.closed_on", "branch.machines",
    "appearance.", "idle.", "queue.", "board.", "privacy.",
)  # fmt: skip
"""How the keys begin that a branch may set for all its terminals; the others are each one's own."""
LEAST_CONTRAST = 7.0
"""White text on the accent colour, WCAG 2.2 level AAA."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_KEEP_DAYS = 90
"""A phone number that a customer left is kept no longer, wherever it comes from."""
LONGEST_LINE = 58
"""Cells; more does not fit on the smallest board, 60 wide."""
FILES = "{files}"
"""Where the player of clips takes the files."""

T = TypeVar("T")


# --- one value --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Given:
    """A value as it was given, and where."""

    value: object
    place: str
    """How messages name the place: `/etc/kiosk.toml: idle.countdown` or `KIOSK_IDLE_COUNTDOWN`."""
    folder: Path
    """What a relative path is relative to."""
    is_text_only: bool = False
    """From the environment, where a number can only be written as text."""

    def refused(self, code: str, **params: object) -> KioskError:
        shown = str(self.value).lower() if isinstance(self.value, bool) else self.value
        return KioskError(code, place=self.place, value=shown, **params)


_Reader = Callable[[_Given], T]


def _setting(default: T, read: _Reader[T]) -> T:
    """A field of the configuration: what it is when nobody says, and how it is read."""
    setting: T = field(default=default, metadata={"read": read})
    return setting


def _text(given: _Given) -> str:
    if not isinstance(given.value, str):
        raise given.refused("config_not_text")
    if not given.value.strip():
        raise given.refused("config_empty")
    return given.value


def _text_or_nothing(given: _Given) -> str:
    return "" if given.value == "" else _text(given)


def _code(given: _Given) -> str:
    text = _text(given)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", text):
        raise given.refused("config_not_code")
    return text


def _code_or_nothing(given: _Given) -> str:
    return "" if given.value == "" else _code(given)


def _whole(low: int, high: int) -> _Reader[int]:
    def read(given: _Given) -> int:
        value = given.value
        if given.is_text_only and re.fullmatch(r"-?[0-9]{1,9}", str(value)):
            value = int(str(value))
        # type(), not isinstance(): true is an int
        if type(value) is not int or not low <= value <= high:
            raise given.refused("config_not_whole", low=low, high=high)
        return value

    return read


def _switch(given: _Given) -> bool:
    if given.is_text_only and given.value in ("true", "false"):
        return given.value == "true"
    if not isinstance(given.value, bool):
        raise given.refused("config_not_switch")
    return given.value


def _one_of(*words: T) -> _Reader[T]:
    def read(given: _Given) -> T:
        for word in words:
            if given.value == word:
                return word
        raise given.refused("config_not_one_of", known=", ".join(map(str, words)))

    return read


def _dark_colour(given: _Given) -> str:
    text = _text(given)
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise given.refused("config_not_colour")
    contrast = contrast_ratio("#ffffff", text)
    if contrast < LEAST_CONTRAST:
        # rounded down, so that 6.99 does not read as enough
        raise given.refused("config_colour_too_light", contrast=f"{int(contrast * 10) / 10}")
    return text


def _zone(given: _Given) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    text = _text(given)
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise given.refused("config_unknown_zone", nearest=_nearest_zone(text)) from error
    return text


def _path(given: _Given) -> Path:
    try:
        return given.folder / Path(_text(given)).expanduser()
    except RuntimeError as error:  # `~somebody`, and there is no such user
        raise given.refused("config_unknown_home") from error


def _path_or_nothing(given: _Given) -> Path | None:
    return None if given.value == "" else _path(given)


def _metrics_file(given: _Given) -> Path | None:
    if (path := _path_or_nothing(given)) is not None and path.suffix != ".prom":
        raise given.refused("config_not_prom")
    return path


def _usb_id(given: _Given) -> str:
    text = _text_or_nothing(given)
    if not re.fullmatch(r"([0-9a-fA-F]{4})?", text):
        raise given.refused("config_not_usb_id")
    return text.lower()


def _paper(given: _Given) -> Literal[58, 80]:
    widths: tuple[Literal[58, 80], ...] = (58, 80)
    for width in widths:
        if given.value == (str(width) if given.is_text_only else width):
            return width
    raise given.refused("config_not_one_of", known="58, 80")


def _words(given: _Given) -> tuple[str, ...]:
    if given.is_text_only and isinstance(given.value, str):
        import shlex

        try:
            return tuple(shlex.split(given.value))
        except ValueError as error:  # a quote that is not closed
            raise given.refused("config_not_words", files=FILES) from error
    if not isinstance(given.value, list) or not all(isinstance(each, str) for each in given.value):
        raise given.refused("config_not_words", files=FILES)
    return tuple(given.value)


def _days_of_month(given: _Given) -> tuple[int, ...]:
    words = _words(given)
    if not all(re.fullmatch(r"[1-9]|[12][0-9]|3[01]", each) for each in words):
        raise given.refused("config_not_days")
    return tuple(sorted({int(each) for each in words}))


def _weekdays(given: _Given) -> tuple[str, ...]:
    words = _words(given)
    if not words or not set(words) <= set(WEEKDAYS):
        raise given.refused("config_not_weekdays", known=", ".join(WEEKDAYS))
    return tuple(day for day in WEEKDAYS if day in words)


def _dates(given: _Given) -> tuple[date, ...]:
    words = _words(given)
    try:
        return tuple(sorted({date.fromisoformat(each) for each in words}))
    except ValueError as error:
        raise given.refused("config_not_dates") from error


@dataclass(frozen=True)
class PlannedBreak:
    """When a counter is usually left for a while."""

    counter: int
    start: time
    """In the branch's zone."""
    end: time

    def __str__(self) -> str:
        return f"{self.counter}={self.start:%H:%M}-{self.end:%H:%M}"


def _breaks(given: _Given) -> tuple[PlannedBreak, ...]:
    clock = r"([01][0-9]|2[0-3]):[0-5][0-9]"
    found = []
    for word in _words(given):
        if not re.fullmatch(rf"[1-9][0-9]?={clock}-{clock}", word):
            raise given.refused("config_not_breaks")
        counter, _, span = word.partition("=")
        start, end = map(time.fromisoformat, span.split("-"))
        if start >= end:
            raise given.refused("config_not_breaks")
        found.append(PlannedBreak(int(counter), start, end))
    return tuple(found)


@dataclass(frozen=True)
class Machines:
    """How many machines of a channel stand in the lobby; they are numbered from 1."""

    channel: str
    count: int

    @property
    def numbers(self) -> range:
        """What they are called."""
        return range(1, self.count + 1)

    def __str__(self) -> str:
        return f"{self.channel}={self.count}"


def _machines(given: _Given) -> tuple[Machines, ...]:
    found: dict[str, Machines] = {}
    for word in _words(given):
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}=[1-9][0-9]?", word):
            raise given.refused("config_not_machines")
        channel, _, count = word.partition("=")
        found[channel] = Machines(channel, int(count))
    return tuple(found.values())


def _languages(given: _Given) -> tuple[Language, ...]:
    words = _words(given)
    chosen = tuple(language for word in words for language in LANGUAGES if language == word)
    if not words or chosen != words or len(set(words)) < len(words):
        raise given.refused("config_not_languages", known=", ".join(LANGUAGES))
    return chosen


def _one_line(given: _Given) -> str:
    text = _text_or_nothing(given)
    cells = sum(2 if east_asian_width(each) in "WF" else 1 for each in text)
    if cells > LONGEST_LINE or not text.isprintable():
        raise given.refused("config_not_one_line", cells=cells, most=LONGEST_LINE)
    return text


def _player(given: _Given) -> tuple[str, ...]:
    words = _words(given)
    if words and (FILES in words[:1] or words.count(FILES) != 1):
        raise given.refused("config_not_player", files=FILES)
    return words


def _nearest_zone(name: str) -> str:
    from zoneinfo import available_timezones

    return _nearest(name, sorted(available_timezones()))


def _nearest(word: str, known: list[str]) -> str:
    import difflib

    return difflib.get_close_matches(word, known, n=1, cutoff=0)[0]


# --- the sections -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Names:
    """One name in every language of the terminal; where it is given, all of them are."""

    zh_CN: str = field(metadata={"read": _text})  # noqa: N815 (the locale's own spelling)
    en: str = field(metadata={"read": _text})
    zh_TW: str = field(metadata={"read": _text})  # noqa: N815 (the locale's own spelling)

    def in_language(self, language: str) -> str:
        """The name in ``language``; a language the terminal lacks is an AttributeError."""
        name: str = getattr(self, language)
        return name


@dataclass(frozen=True, kw_only=True)
class Bank:
    """The bank, as customers know it."""

    name: Names = Names(zh_CN="示例银行", en="Example Bank", zh_TW="範例銀行")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line in each language; empty: in that language there is none."""

    zh_CN: str = _setting("", _one_line)  # noqa: N815 (the locale's own spelling)
    en: str = _setting("", _one_line)
    zh_TW: str = _setting("", _one_line)  # noqa: N815 (the locale's own spelling)

    def in_language(self, language: str) -> str:
        """The line in ``language``; a language the terminal lacks is an AttributeError."""
        line: str = getattr(self, language)
        return line


@dataclass(frozen=True, kw_only=True)
class Branch:
    """The branch that this terminal belongs to."""

    code: str = _setting("0001", _code)
    name: Names = Names(zh_CN="城南支行", en="South Branch", zh_TW="城南分行")
    address: Line = Line()
    """Where customers find it, for terminals that are elsewhere."""
    hours: Line = Line()
    """When it is open, in words."""
    time_zone: str = _setting("Asia/Shanghai", _zone)
    counters: int = _setting(3, _whole(1, 99))
    """How many counters are usually open: the wait is predicted with it."""
    open_days: tuple[str, ...] = _setting(WEEKDAYS, _weekdays)
    """Of `WEEKDAYS`. Targets are spread over the days on which the branch is open."""
    closed_on: tuple[date, ...] = _setting((), _dates)
    machines: tuple[Machines, ...] = _setting((), _machines)
    """Of the channels that are machines: one can be out of order while the others work."""


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """This terminal."""

    code: str = _setting("T1", _code)
    digit: int = _setting(1, _whole(0, 9))
    """The second character of this terminal's ticket numbers; no two in a branch share one."""
    outreach: bool = _setting(default=False, read=_switch)
    """Whether it is carried to people outside the branch: it tells the way there, not numbers."""


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """How the screens look."""

    accent: str = _setting("#0b3d7a", _dark_colour)
    """The bank's colour; white text on it must reach a contrast of 7:1."""
    theme: Literal["light", "high-contrast"] = _setting("light", _one_of("light", "high-contrast"))
    large_type: bool = _setting(default=False, read=_switch)
    """Start every visit in large type."""
    posters: str = _setting("default", _code_or_nothing)
    """The set of the catalog's posters that is shown while nobody is there; empty: none."""


@dataclass(frozen=True, kw_only=True)
class Idle:
    """When a session that nobody touches ends; seconds."""

    warn_after: int = _setting(60, _whole(30, 600))
    warn_after_large_type: int = _setting(180, _whole(30, 600))
    countdown: int = _setting(30, _whole(30, 120))


@dataclass(frozen=True, kw_only=True)
class Sync:
    """How `kiosk sync --watch` brings the events to the branch."""

    every: int = _setting(60, _whole(5, 3600))
    """Seconds from one round to the next, give or take half of them."""
    in_background: bool = _setting(default=True, read=_switch)
    """Whether the terminal itself keeps `kiosk sync --watch` running beside it."""
    textfile: Path | None = _setting(None, _metrics_file)  # noqa: RUF009 (it makes a field)
    """Where node_exporter finds the figures of the synchronisation; none: nowhere."""


@dataclass(frozen=True, kw_only=True)
class HeadStart:
    """Minutes by which a class of tickets counts as come earlier; the others count as they came.

    Nobody who can't stand for long, or was given an hour to come at, waits longer than 60+ do. Who
    tried an e-channel and came back keeps the time at which they came: they have lost no place.
    """

    senior: int = _setting(20, _whole(0, 120))
    disabled: int = _setting(20, _whole(0, 120))
    appointment: int = _setting(20, _whole(0, 120))
    returned: int = _setting(0, _whole(0, 120))


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Who is called next, at every counter of the branch."""

    head_start: HeadStart = HeadStart()
    call_limit: int = _setting(3, _whole(1, 9))
    """How often a ticket is called, recalls with it, before a no-show is due."""
    waiting_norm: int = _setting(20, _whole(1, 480))
    """Minutes; who waits longer stands out at the counter."""
    service_norm: int = _setting(15, _whole(1, 480))
    """Minutes; a service that takes longer stands out at the counter."""
    peak_days: tuple[int, ...] = _setting((), _days_of_month)
    """Days of the month unlike the others, as when pensions are paid: their waits are learned
    apart."""
    breaks: tuple[PlannedBreak, ...] = _setting((), _breaks)
    """When counters are usually left, as at noon: waits reckon with it before it begins."""


@dataclass(frozen=True, kw_only=True)
class Printer:
    """The printer for tickets and slips."""

    kind: Literal["none", "file", "network", "usb", "cups"] = _setting(
        "none", _one_of("none", "file", "network", "usb", "cups")
    )
    """How it is reached; the keys below are each for one kind."""
    device: Path = _setting(Path("/dev/usb/lp0"), _path)  # noqa: RUF009 (it makes a field)
    host: str = _setting("", _text_or_nothing)
    port: int = _setting(9100, _whole(1, 65535))
    vendor: str = _setting("", _usb_id)
    product: str = _setting("", _usb_id)
    queue: str = _setting("", _text_or_nothing)
    paper: Literal[58, 80] = _setting(80, _paper)
    """Millimetres."""

    def lacking(self) -> list[str]:
        """The keys that this kind of printer can't be reached without."""
        needed = {"network": ["host"], "usb": ["vendor", "product"], "cups": ["queue"]}
        return [name for name in needed.get(self.kind, []) if not getattr(self, name)]


@dataclass(frozen=True, kw_only=True)
class Devices:
    """What else stands in the lobby."""

    status_file: Path | None = _setting(None, _path_or_nothing)  # noqa: RUF009 (it makes a field)
    """Where the bank's monitoring says how the machines are; none: only staff do."""
    scanner: bool = _setting(default=False, read=_switch)
    """Whether a scanner that types like a keyboard stands at the terminal."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """The lobby's call board."""

    languages: tuple[Language, ...] = _setting(("zh_CN", "en"), _languages)
    """Shown one after the other, and spoken in this order."""
    line: Line = Line()
    """At its foot; empty in a language: another one of the board's."""


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Calls aloud, from recorded clips."""

    player: tuple[str, ...] = _setting((), _player)
    """A command that plays files and ends, with `{files}` for them; none: no voice."""
    clips: Path | None = _setting(None, _path_or_nothing)  # noqa: RUF009 (it makes a field)
    """The folder of the clips and their `clips.toml`."""
    terminal: bool = _setting(default=False, read=_switch)
    """Whether the customer terminal says its screens aloud, and not only the board its calls."""
    headphones: tuple[str, ...] = _setting((), _words)
    """A command that succeeds while headphones are plugged in; none: it speaks to the room."""

    def lacking(self) -> list[str]:
        """The keys without which it can't speak."""
        return ["clips"] if self.player and self.clips is None else []


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The key files of this machine."""

    folder: Path | None = _setting(None, _path_or_nothing)  # noqa: RUF009 (it makes a field)
    """Where they are kept; none: the folder `keys` in the data folder."""


@dataclass(frozen=True, kw_only=True)
class Privacy:
    """Phone numbers that customers leave: docs/privacy.md."""

    keep_days: int = _setting(30, _whole(7, MOST_KEEP_DAYS))
    """How long one is kept at most."""


@dataclass(frozen=True, kw_only=True)
class Reconcile:
    """Holding accepted offers against the journals of the e-channels: docs/reconciliation.md."""

    days: int = _setting(7, _whole(1, 90))
    """After so many without a line in the journal, an offer has lapsed."""
    folder: Path | None = _setting(None, _path_or_nothing)  # noqa: RUF009 (it makes a field)
    """Where journals arrive, in a folder for each layout; none: they are imported by hand."""
    layouts: Path | None = _setting(None, _path_or_nothing)  # noqa: RUF009 (it makes a field)
    """The bank's own layouts."""


def _user_folder(variable: str) -> Path:
    """The user's folder for this program that the variable `XDG_…_HOME` would name."""
    import platformdirs

    folders = platformdirs.PlatformDirs("branch-kiosk", appauthor=False)
    try:
        return folders.user_data_path if "DATA" in variable else folders.user_config_path
    except RuntimeError as error:  # a user that the system does not know, as in some containers
        raise KioskError("config_no_home", variable=variable) from error


def _default_data_folder() -> Path:
    return _user_folder("XDG_DATA_HOME")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that can be set, with a default for each."""

    bank: Bank = Bank()
    branch: Branch = Branch()
    terminal: Terminal = Terminal()
    appearance: Appearance = Appearance()
    idle: Idle = Idle()
    queue: Queue = Queue()
    sync: Sync = Sync()
    printer: Printer = Printer()
    devices: Devices = Devices()
    board: Board = Board()
    voice: Voice = Voice()
    keys: Keys = Keys()
    privacy: Privacy = Privacy()
    reconcile: Reconcile = Reconcile()
    data_folder: Path = field(default_factory=_default_data_folder, metadata={"read": _path})
    """Where the store, and the branch database unless it is elsewhere, are kept."""
    branch_database: str = _setting("", _text_or_nothing)
    """The branch database's URL; empty: an SQLite file in the data folder."""
    catalog: Path | None = _setting(None, _path_or_nothing)  # noqa: RUF009 (it makes a field)
    """A catalog of the bank's own; none: the packaged one."""

    @property
    def store_path(self) -> Path:
        """This terminal's SQLite file."""
        return self.data_folder / f"terminal-{self.terminal.code}.db"

    @property
    def branch_settings_path(self) -> Path:
        """What the branch has set for this terminal, a copy of the release in the store."""
        return branch_settings_beside(self.store_path)

    @property
    def log_path(self) -> Path:
        """Where the terminal says what went wrong; no customer's data in it."""
        return self.data_folder / f"terminal-{self.terminal.code}.log"

    @property
    def board_log_path(self) -> Path:
        """Where the lobby's board says what went wrong."""
        return self.data_folder / "board.log"

    @property
    def keys_folder(self) -> Path:
        """Where key files are kept: never in a database, nor sent anywhere."""
        return self.keys.folder or self.data_folder / "keys"

    @property
    def journals_folder(self) -> Path:
        """Lines of journals that concern nobody yet; no customer's data in them."""
        return self.data_folder / "journals"

    @property
    def printer_failure_path(self) -> Path:
        """Why the last slip was not printed; not there if it was."""
        return self.data_folder / f"terminal-{self.terminal.code}.printer.json"

    @property
    def last_error_path(self) -> Path:
        """The code of the terminal's last error."""
        return self.data_folder / f"terminal-{self.terminal.code}.error.json"

    @property
    def machines_path(self) -> Path:
        """What the machines' status file said last."""
        return self.data_folder / f"terminal-{self.terminal.code}.machines.json"

    @property
    def branch_database_url(self) -> str:
        """The branch database as an SQLAlchemy URL."""
        return self.branch_database or sqlite_url(self.data_folder / "branch.db")

    @property
    def zone(self) -> "ZoneInfo":
        """The branch's time zone; the business day follows it."""
        from zoneinfo import ZoneInfo

        return ZoneInfo(self.branch.time_zone)


# --- reading ----------------------------------------------------------------------------------


def default_path() -> Path:
    """Where the configuration is looked for when nobody names a file."""
    return _user_folder("XDG_CONFIG_HOME") / "kiosk.toml"


def source_path(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """The file that `load` reads, whether it exists or not."""
    named = path or (Path(environment[CONFIG_VARIABLE]) if CONFIG_VARIABLE in environment else None)
    return named or default_path()


def branch_settings_beside(store: Path) -> Path:
    """Where the branch's settings for the terminal with this store are kept."""
    return store.with_suffix(".settings.toml")


def load(
    path: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    of_branch: str | None = None,
) -> Config:
    """Read the configuration: what the branch has set, the file over it, the environment over both.

    What the branch has set can't keep a terminal from starting: what is wrong with it is logged.

    Args:
        path: The TOML file. None: the one that `KIOSK_CONFIG` names, else the default path, which
            may be missing.
        environment: `KIOSK_BRANCH_CODE` and its like stand over the file.
        of_branch: What the branch has set, for who reads it from the branch itself; None: the copy
            beside the store.

    Raises:
        KioskError: A `config_…` code with the place (file and key, or variable) and, for an
            unknown name, the nearest known one.
    """
    source = source_path(path, environment)
    is_named = path is not None or CONFIG_VARIABLE in environment
    tree = _parse(source, _content(source)) if is_named or _is_there(source) else {}
    given = _given(tree, source, environment)
    config = _build(Config, given, str(source))
    copy = config.branch_settings_path
    try:
        if of_branch is None:
            if not _is_there(copy):
                return config
            of_branch = _content(copy)
        below = check_branch_settings(of_branch, copy)
    except KioskError as error:
        log.warning("the branch's settings can't be used: %s", error)
        return config
    return _build(Config, {**below, **given}, str(source))


def check_branch_settings(content: str, source: Path) -> Mapping[str, _Given]:
    """Check what a branch wants to set for its terminals.

    Args:
        content: TOML, as in a configuration file, with keys of `OF_THE_BRANCH` only.
        source: Messages name it.

    Raises:
        KioskError: As `load`, or `config_not_of_branch` for a key that only a terminal itself
            can have.
    """
    given = dict(_flattened(_parse(source, content), Config, source))
    for key, value in given.items():
        if not key.startswith(OF_THE_BRANCH):
            raise value.refused("config_not_of_branch", key=key)
    # which needs a home folder, unless somebody names another
    anywhere = _Given("/", str(source), Path("/"))
    _build(Config, {**given, "data_folder": anywhere}, str(source))
    return given


def from_tree(
    tree: Mapping[str, object], source: Path, environment: Mapping[str, str] | None = None
) -> Config:
    """The configuration of a TOML file's content.

    Args:
        tree: The content.
        source: The file: messages name it, and relative paths start in its folder.
        environment: As for `load`; None: no variables.

    Raises:
        KioskError: As `load`.
    """
    return _build(Config, _given(tree, source, environment or {}), str(source))


def _given(
    tree: Mapping[str, object], source: Path, environment: Mapping[str, str]
) -> dict[str, _Given]:
    return dict(_flattened(tree, Config, source)) | dict(_of_environment(environment))


def keys() -> list[str]:
    """Every dotted key that a configuration file may hold."""
    return list(_settings(Config))


def _section(setting: "Field[Any]") -> type[Any] | None:
    """The dataclass behind a section; None for a plain value."""
    return setting.type if isinstance(setting.type, type) and is_dataclass(setting.type) else None


def _settings(section: type[Any], prefix: str = "") -> Iterator[str]:
    for setting in fields(section):
        if inner := _section(setting):
            yield from _settings(inner, f"{prefix}{setting.name}.")
        else:
            yield prefix + setting.name


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:  # `sudo` may keep the home folder of a user who lets nobody in
        raise KioskError("config_unreadable", path=path, reason=error.strerror) from error


def _content(path: Path) -> str:
    try:
        # an editor on Windows may begin the file with a byte order mark
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise KioskError("config_no_file", path=path) from error
    except OSError as error:
        raise KioskError("config_unreadable", path=path, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise KioskError("config_not_utf8", path=path) from error


def _parse(path: Path, content: str) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        line = int(found[1]) if found else len(content.splitlines())
        raise KioskError("config_not_toml", path=path, line=line) from error


def _flattened(
    table: Mapping[str, object], section: type[Any], path: Path, prefix: str = ""
) -> Iterator[tuple[str, _Given]]:
    known = {setting.name: setting for setting in fields(section)}
    for name, value in table.items():
        key = prefix + name
        given = _Given(value, f"{path}: {key}", path.absolute().parent)
        if name not in known:
            raise _unknown_key(path, key)
        if (inner := _section(known[name])) is None:
            yield key, given
        elif isinstance(value, dict):
            yield from _flattened(value, inner, path, f"{key}.")
        else:
            raise given.refused("config_not_section", key=key)


def _of_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, _Given]]:
    names = {ENVIRONMENT_PREFIX + key.replace(".", "_").upper(): key for key in keys()}
    for variable in sorted(environment):
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable == CONFIG_VARIABLE:
            continue
        if variable not in names:
            nearest = _nearest(variable, [*names, CONFIG_VARIABLE])
            raise KioskError("config_unknown_variable", variable=variable, nearest=nearest)
        yield (
            names[variable],
            _Given(environment[variable], variable, Path.cwd(), is_text_only=True),
        )


def _build(section: type[T], given: Mapping[str, _Given], source: str, prefix: str = "") -> T:
    """The section with what was given for it; the rest keeps its default."""
    values: dict[str, object] = {}
    for setting in fields(cast("Any", section)):
        key = prefix + setting.name
        if inner := _section(setting):
            if any(name.startswith(f"{key}.") for name in given):
                values[setting.name] = _build(inner, given, source, f"{key}.")
        elif key in given:
            values[setting.name] = setting.metadata["read"](given[key])
        elif setting.default is MISSING and setting.default_factory is MISSING:
            raise KioskError("config_missing", place=f"{source}: {key}")
    built = section(**values)
    if isinstance(built, Printer) and (lacking := built.lacking()):
        place = f"{source}: {prefix}{lacking[0]}"
        raise KioskError("config_printer_incomplete", place=place, kind=built.kind)
    if isinstance(built, Voice) and (lacking := built.lacking()):
        raise KioskError("config_voice_incomplete", place=f"{source}: {prefix}{lacking[0]}")
    return built


def _unknown_key(path: Path, key: str) -> KioskError:
    sections = {name.rpartition(".")[0] for name in keys()} - {""}
    nearest = _nearest(key, [*keys(), *sorted(sections)])
    return KioskError("config_unknown_key", path=path, key=key, nearest=nearest)
