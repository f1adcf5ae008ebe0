"""The branch's end of a pull: what it says and a terminal does not have."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from kiosk.models import Branch, Release, Terminal
from kiosk.models.tables import table_of
from kiosk.services import releases
from kiosk.services.queue_snapshot import read_lobby
from kiosk.services.staff.contact_purge import delete_due
from kiosk.services.sync.fill_in import wipe_old
from kiosk.services.sync.receive import Known, identify, keep_terminal, this_terminal
from kiosk.services.sync.wire import Answer, Caller, Held, SentRelease, Status

_BRANCH = table_of(Branch)
_RELEASE = table_of(Release)
_TERMINAL = table_of(Terminal)


def hand_out(
    connection: Connection, caller: Caller, held: Mapping[str, Held], now: datetime
) -> Answer:
    """Answer a pull; in a transaction of its own.

    Raises:
        RefusalError: The terminal does not belong here.
    """
    known = identify(connection, caller)
    sent = (*_newer(connection, caller, held), _queue(connection, caller, known, now))
    keep_terminal(connection, caller, now, {})
    # nothing that a customer filled in is kept for longer than the day
    wipe_old(connection, caller.branch, now)
    zone = _zone(connection, caller)
    delete_due(connection, caller.branch, now.astimezone(zone).date())
    connection.execute(
        update(_TERMINAL)
        .where(this_terminal(caller))
        .values(releases={name: each.version for name, each in held.items()})
    )
    return Answer(Status.OK, known.database_id, known.position, releases=sent)


def _newer(
    connection: Connection, caller: Caller, held: Mapping[str, Held]
) -> Iterator[SentRelease]:
    for name, state in releases.current(connection, caller.branch).items():
        if name in held and state.digest in held[name].digests:
            continue
        row = connection.execute(
            select(_RELEASE.c.format, _RELEASE.c.body).where(
                _RELEASE.c.branch == caller.branch,
                _RELEASE.c.name == name,
                _RELEASE.c.version == state.version,
            )
        ).one()
        yield SentRelease(
            name, state.version, state.digest, row.format, row.body, state.published_at
        )


def _queue(connection: Connection, caller: Caller, known: Known, now: datetime) -> SentRelease:
    zone = _zone(connection, caller)
    position = (caller.epoch, known.position.seq)
    body = read_lobby(connection, caller.branch, zone, now, position).model_dump_json()
    return SentRelease(
        releases.Name.QUEUE.value,
        int(now.timestamp() * 1000),
        releases.digest(body),
        releases.FORMAT,
        body,
        now,
    )


def _zone(connection: Connection, caller: Caller) -> ZoneInfo:
    of_branch = select(_BRANCH.c.time_zone).where(_BRANCH.c.code == caller.branch)
    return ZoneInfo(connection.execute(of_branch).scalar_one())
