"""How the synchronisation stands as one line of JSON; docs/monitoring.md lists the keys."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.sentences import sentence
from kiosk.services.sync.status import FollowedRelease, RefusedRelease, SyncStatus

if TYPE_CHECKING:
    from kiosk.services.sync.push import Outcome


def json_line(
    now: datetime,
    settings: Config | None,
    status: SyncStatus | None,
    *,
    run: dict[str, object] | None = None,
    error: KioskError | None = None,
) -> str:
    """Every key is always there; what is not known is null.

    Args:
        now: Ages are counted to it.
        settings: None if the configuration could not be read.
        status: None if the store could not be read.
        run: What `run_figures` made of this run; None if it was not one.
        error: What stopped this command.
    """
    told: dict[str, object] = {
        "branch": settings.branch.code if settings else None,
        "terminal": settings.terminal.code if settings else None,
        **_standing(status, now),
        "run": run,
        **_of_error("error", error),
    }
    return json.dumps(told)


def run_figures(outcome: "Outcome", seconds: float) -> dict[str, object]:
    """A run that went well, in figures.

    Args:
        outcome: What it has done.
        seconds: How long it took.
    """
    return {
        "batches": outcome.batches,
        "events": outcome.events,
        "inserted": outcome.inserted,
        "duplicates": outcome.duplicates,
        "quarantined": outcome.quarantined,
        "seconds": round(seconds, 3),
        "events_per_second": round(outcome.events / seconds, 1) if seconds else None,
    }


def _standing(status: SyncStatus | None, now: datetime) -> dict[str, object]:
    oldest = status.oldest_waiting if status else None
    receipt = status.last_receipt_at if status else None
    return {
        "waiting": status.waiting if status else None,
        "oldest_waiting_at": _moment(oldest),
        "oldest_waiting_seconds": _age(oldest, now),
        "acknowledged": status.acknowledged if status else None,
        "open_batch": status.open_batch if status else None,
        "last_batch": status.last_batch if status else None,
        "last_batch_events": status.last_batch_events if status else None,
        "last_receipt_at": _moment(receipt),
        "last_receipt_seconds": _age(receipt, now),
        "quarantined": status.quarantined if status else None,
        "last_attempt_at": _moment(status.last_attempt_at) if status else None,
        **_of_error("last_error", status.last_error if status else None),
        "last_pull_at": _moment(status.last_pull_at) if status else None,
        "releases": [_release(each) for each in status.releases] if status else None,
        "refused_releases": [_refusal(each) for each in status.refused_releases]
        if status
        else None,
    }


def _release(release: FollowedRelease) -> dict[str, object]:
    published_at = _moment(release.published_at)
    return {"name": release.name, "version": release.version, "published_at": published_at}


def _refusal(release: RefusedRelease) -> dict[str, object]:
    refused_at = _moment(release.refused_at)
    named = {"name": release.name, "version": release.version, "refused_at": refused_at}
    return named | _of_error("reason", release.reason)


def _of_error(name: str, error: KioskError | None) -> dict[str, object]:
    return {
        name: error.code if error else None,
        f"{name}_message": sentence(error) if error else None,
    }


def _moment(moment: datetime | None) -> str | None:
    """In UTC, to the second: the one form that every tool reads."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None


def _age(moment: datetime | None, now: datetime) -> int | None:
    """Seconds; a clock that went back gives zero."""
    return max(0, int((now - moment).total_seconds())) if moment else None
