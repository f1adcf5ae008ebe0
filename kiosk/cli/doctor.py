"""`kiosk doctor`: what is right and wrong with this machine, and what to do."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import typer

from kiosk.i18n import N_, _, format_moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kiosk.languages import Language
    from kiosk.services.doctor import Finding, Screen

app = typer.Typer()

_STATES = {"ok": N_("ok"), "warning": N_("warning"), "fault": N_("fault")}
_SUBJECTS = {
    "configuration": N_("Configuration"),
    "store": N_("Store"),
    "disk": N_("Disk space"),
    "ballast": N_("Reserve"),
    "flush": N_("Disk writes"),
    "catalog": N_("Catalog"),
    "posters": N_("Posters"),
    "branch": N_("Branch"),
    "sync": N_("Synchronisation"),
    "contacts": N_("Phone numbers"),
    "keys": N_("Keys"),
    "audit": N_("Audit log"),
    "error": N_("Last error"),
    "printer": N_("Printer"),
    "machines": N_("Machines"),
    "voice": N_("Voice"),
    "sqlite": N_("SQLite"),
    "size": N_("Terminal size"),
    "colours": N_("Colours"),
    "encoding": N_("Characters"),
    "fonts": N_("Fonts"),
    "clock": N_("Clock"),
    "time": N_("Time service"),
}
_SENTENCES = {
    "configuration_read": N_("Read from {path}."),
    "configuration_defaults": N_("There is no {path}: the defaults are in use."),
    "store_good": N_("{database} is whole; {count} events."),
    "store_none": N_("There is no {database} yet. The first start makes it: kiosk run"),
    "store_outdated": N_("{database} has an older form. The next start brings it up to date."),
    "disk_free": N_("{free} MB are free for {folder}."),
    "ballast_kept": N_("{size} MB beside {database}, for the moment when the disk is full."),
    "ballast_gone": N_(
        "The {size} MB beside {database} are gone: the disk was or is full. Make room; the next "
        "start or kiosk sync sets them aside again."
    ),
    "disk_low": N_("Only {free} MB are free for {folder}. Make room soon."),
    "disk_nearly_full": N_(
        "Only {free} MB are free for {folder}. Make room now: events can't be stored on a full "
        "disk."
    ),
    "flush_good": N_("Writing for good to {folder} takes {milliseconds} ms."),
    "flush_suspect": N_(
        "{folder} confirms a write after {milliseconds} ms, sooner than a disk can. It may lose "
        "events in a power cut: switch off its write cache, and sync often."
    ),
    "flush_slow": N_(
        "Writing for good to {folder} takes {milliseconds} ms. Customers wait for it at every "
        "step: use a faster disk."
    ),
    "folder_not_writable": N_(
        "{folder} can't be written: {reason}. Give this program's user the right to write there."
    ),
    "catalog_good": N_("Version {version}, {services} services."),
    "catalog_sample_links": N_(
        "{count} links lead nowhere, such as {link}: customers who scan them find nothing. Put the "
        "bank's own into a copy of the catalog and name it in the configuration (catalog)."
    ),
    "branch_good": N_("{database} knows this terminal, {terminal}."),
    "branch_none": N_("There is no {database} yet. The first start makes a sample: kiosk run"),
    "branch_not_asked": N_(
        "The branch is asked once this terminal has a store: start it with kiosk run."
    ),
    "branch_not_enrolled": N_(
        "{database} does not know this terminal, {terminal}. Let it in with: kiosk branch enrol"
    ),
    "branch_other_digit": N_(
        "{database} knows {terminal} by the digit {there}, but the configuration says {here}. "
        "Correct terminal.digit, or two terminals may give the same ticket numbers."
    ),
    "branch_quarantine": N_(
        "{database} keeps {count} events of {terminal} in quarantine: they can't be counted. Call "
        "support."
    ),
    "sync_in_background": N_(
        "The terminal brings its events to the branch by itself, about every {seconds} s; waiting: "
        "{count}."
    ),
    "sync_elsewhere": N_(
        "sync.in_background is off: a service or a timer must run kiosk sync; waiting: {count}."
    ),
    "sync_late": N_(
        "Waiting for the branch: {count}, the oldest since {oldest}. Is the terminal running? See "
        "what stops it with: kiosk sync --status"
    ),
    "contacts_good": N_("{count} are kept, and none for too long."),
    "contacts_due": N_(
        "{count} should be gone already. Delete them with: kiosk privacy purge. The terminal does "
        "so at its start, and kiosk sync every time."
    ),
    "contacts_closed": N_(
        "{count} can't be read: their key is not on this machine. Bring it back, or they go "
        "unread when their days are over."
    ),
    "keys_good": N_("Nobody but this program's user can read what is in {folder}."),
    "keys_exposed": N_(
        "Others can read or change {path}. Take their rights away: chmod go= {path}"
    ),
    "audit_whole": N_("{count} entries, all as they were written."),
    "audit_broken": N_(
        "Entry {entry} of the audit log {log} is not as it was written. Find out who could change "
        "it: kiosk audit verify, kiosk audit list"
    ),
    "error_lately": N_("{error} at {at}. What happened stands in {log}."),
    "machines_up": N_("{path} says of {count} that all work."),
    "machines_down": N_("{path} says of {count} that these don't work: {down}."),
    "printer_none_set": N_("None is configured: customers remember their number."),
    "printer_good": N_("{printer} has paper."),
    "printer_silent": N_("{printer} does not say whether it has paper."),
    "printer_low": N_("The paper of {printer} is nearly used up. Put in a new roll."),
    "printer_failed": N_(
        "{printer} can be reached, but the last slips were not printed ({count}; the last at "
        "{at}): {reason}"
    ),
    "voice_good": N_("Calls are said in: {languages}; every clip is in {folder}."),
    "voice_no_player": N_(
        "There is no program {player}: nothing is said. Install it, or correct voice.player."
    ),
    "voice_no_language": N_(
        "{folder} has clips in none of the board's languages ({wanted}): no call is said."
    ),
    "voice_clips_missing": N_(
        "{count} clips are missing in {folder}, such as {words}: what needs one is not said."
    ),
    "sqlite_safe": N_("{version}; safe for several programs on one file."),
    "sqlite_unsafe": N_(
        "{version}; before 3.51.3, two programs that write one file can damage it. Install the "
        "package pysqlite3."
    ),
    "size_good": N_("{columns}×{rows} characters."),
    "size_unknown": N_("Doctor does not run in a terminal. Run it on the customer's screen."),
    "colours_good": N_("All."),
    "colours_off": N_("NO_COLOR is set. Remove it: the bank's colour would be missing."),
    "colours_few": N_(
        "The terminal does not say that it shows all colours. If it does, set COLORTERM=truecolor."
    ),
    "encoding_good": N_("UTF-8 ({locale})."),
    "encoding_other": N_("The locale {locale} is not UTF-8. Set LANG=C.UTF-8."),
    "fonts_good": N_("{chinese} for Chinese, {font} for QR codes."),
    "fonts_unknown": N_(
        "fc-list is not here, so fonts can't be checked. Look whether Chinese and QR codes are "
        "drawn well."
    ),
    "fonts_no_chinese": N_(
        "No font has Chinese. Install one, such as fonts-noto-cjk or fonts-wqy-zenhei."
    ),
    "fonts_no_blocks": N_(
        "{font} is missing; with other fonts QR codes may have gaps. Install fonts-dejavu-core."
    ),
    "clock_good": N_("{now} ({zone})."),
    "clock_wrong_year": N_("It says {now} ({zone}). Set the clock and the time service."),
    "clock_went_back": N_(
        "It says {now} ({zone}), but the last event was at {last}. Set the clock before customers "
        "come."
    ),
    "time_kept": N_("The clock is kept right."),
    "time_not_kept": N_("Nothing keeps the clock right. Switch on the bank's time service (NTP)."),
    "time_unknown": N_("timedatectl can't tell. Make sure that the bank's time service is on."),
}


@app.command()
def doctor() -> None:
    """Check this machine and say what to do."""
    from kiosk.clock import SystemClock
    from kiosk.services.doctor import State, examine

    faults = 0
    for finding in examine(None, os.environ, _screen(), SystemClock(), _spoken()):
        typer.echo(_line(finding))
        faults += finding.state is State.FAULT
    raise typer.Exit(1 if faults else 0)


def _spoken() -> Mapping[Language, Sequence[str]]:
    """What must be recorded here, as far as that can be known."""
    from kiosk.announcing import recorded_words
    from kiosk.config import load
    from kiosk.errors import KioskError

    try:
        settings = load()
        if not settings.voice.terminal:
            return recorded_words()
        from kiosk.recording import words_to_record
        from kiosk.services.catalog_file import load_catalog

        away_from = settings.branch if settings.terminal.outreach else None
        return words_to_record(load_catalog(settings.catalog), away_from)
    except KioskError:  # that finding has a line of its own
        return recorded_words()


def _screen() -> Screen:
    from kiosk.services.doctor import Screen

    columns, rows = shutil.get_terminal_size()
    return Screen(sys.stdout.isatty(), columns, rows)


def _line(finding: Finding) -> str:
    state = _padded(_STATES, finding.state)
    return f"{state}  {_padded(_SUBJECTS, finding.subject)}  {_sentence(finding)}"


def _sentence(finding: Finding) -> str:
    from kiosk.errors import KioskError
    from kiosk.sentences import sentence

    if words := _SENTENCES.get(finding.code):
        return _(words).format(**_shown(finding.params))
    return sentence(KioskError(finding.code, **finding.params))


def _shown(params: Mapping[str, object]) -> Mapping[str, object]:
    """The params, with times in the zone that stands beside them, and reasons in words."""
    from kiosk.errors import KioskError
    from kiosk.sentences import sentence

    zone = params.get("zone")
    shown = dict(params)
    for name, value in params.items():
        if isinstance(value, datetime) and isinstance(zone, tzinfo):
            shown[name] = format_moment(value, zone)
        elif isinstance(value, KioskError):
            shown[name] = sentence(value)
    return shown


def _padded(words: dict[str, str], key: str) -> str:
    """The word, as wide on the screen as the widest of them; a Chinese character takes two."""
    widest = max(_cells(_(word)) for word in words.values())
    word = _(words[key])
    return word + " " * (widest - _cells(word))


def _cells(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)
