"""The synchronisation in figures for Prometheus, as node_exporter's textfile collector reads them.

By hand: importing prometheus_client took 120 ms and 4 MB, a web server among them, for ten lines.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.services.sync.status import SyncStatus, read_status

_READABLE_BY_ALL: Final = 0o644
"""node_exporter runs as a user of its own."""


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _success(status: SyncStatus) -> float | None:
    return None if status.last_attempt_at is None else float(status.last_error is None)


_Value = Callable[[SyncStatus], float | None]
"""What a metric is; None: not known yet, so it is left out."""
_METRICS: Final[tuple[tuple[str, str, str, _Value], ...]] = (
    (
        "waiting_events",
        "gauge",
        "Events that the branch has not acknowledged.",
        lambda status: status.waiting,
    ),
    (
        "oldest_waiting_timestamp_seconds",
        "gauge",
        "When the oldest waiting event happened; absent when none waits.",
        lambda status: _seconds(status.oldest_waiting),
    ),
    (
        "acknowledged_events_total",
        "counter",
        "Events that the branch has acknowledged.",
        lambda status: status.acknowledged,
    ),
    (
        "batches_total",
        "counter",
        "Batches that the branch has given a receipt for.",
        lambda status: status.last_batch or 0,
    ),
    (
        "quarantined_events",
        "gauge",
        "Events that the branch could not take and that wait for a decision.",
        lambda status: status.quarantined,
    ),
    (
        "refused_releases",
        "gauge",
        "What the branch published and this terminal can't follow.",
        lambda status: len(status.refused_releases),
    ),
    (
        "last_pull_timestamp_seconds",
        "gauge",
        "When the branch last said which releases hold; absent before the first time.",
        lambda status: _seconds(status.last_pull_at),
    ),
    (
        "last_receipt_timestamp_seconds",
        "gauge",
        "When the last receipt came; absent before the first.",
        lambda status: _seconds(status.last_receipt_at),
    ),
    (
        "last_attempt_timestamp_seconds",
        "gauge",
        "When the last attempt ended; absent before the first.",
        lambda status: _seconds(status.last_attempt_at),
    ),
    (
        "last_attempt_success",
        "gauge",
        "1 if the last attempt went well, else 0; absent before the first.",
        _success,
    ),
)


def publish(settings: Config) -> None:
    """Write the file that the configuration names; without one, do nothing.

    A store that can't be read leaves the last file as it is: the file's age tells.

    Raises:
        KioskError: `metrics_not_written`.
    """
    if settings.sync.textfile is None:
        return
    try:
        status = read_status(settings)
    except KioskError:
        return
    text = exposition(status, settings.branch.code, settings.terminal.code)
    _replace(settings.sync.textfile, text)


def exposition(status: SyncStatus, branch: str, terminal: str) -> str:
    """The figures in Prometheus' text format; what is not known yet is left out.

    Args:
        status: The figures.
        branch: The branch's code.
        terminal: The terminal's code.
    """
    labels = f'branch="{branch}",terminal="{terminal}"'
    return "".join(_lines(status, labels))


def _lines(status: SyncStatus, labels: str) -> Iterator[str]:
    for name, kind, told, value_of in _METRICS:
        if (value := value_of(status)) is not None:
            yield from _metric(name, kind, told, value, labels)
    if error := status.last_error:
        told = "What stopped the last attempt, in the label code; absent when it went well."
        yield from _metric("last_error_info", "gauge", told, 1, f'{labels},code="{error.code}"')


def _metric(name: str, kind: str, told: str, value: float, labels: str) -> Iterator[str]:
    yield f"# HELP kiosk_sync_{name} {told}\n"
    yield f"# TYPE kiosk_sync_{name} {kind}\n"
    yield f"kiosk_sync_{name}{{{labels}}} {value:.17g}\n"


def _replace(path: Path, text: str) -> None:
    """Put a new file in the place of the old at once: a reader sees one or the other."""
    # each process its own: several may write. It does not end with .prom, so nobody reads it.
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_text(text, encoding="utf-8")
        new.chmod(_READABLE_BY_ALL)
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise KioskError("metrics_not_written", path=path, reason=error.strerror) from error
