"""Where a journal tells of some days: without one nothing can be proven, and no rate says 0 %."""

import json
from collections import defaultdict
from datetime import date

from sqlalchemy import Connection, String, and_, cast, func, select
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import HourlyFigures, JournalFile
from kiosk.models.tables import table_of

_FIGURES = table_of(HourlyFigures)
_FILE = table_of(JournalFile)


def journal_channels(
    connection: Connection, branch: str | None, first: date, last: date
) -> dict[str, set[str]]:
    """By branch, the channels of which a journal tells of any of the days.

    Args:
        connection: Of a database that has journals: a branch's, or the head office's.
        branch: Its code; None: all of them.
        first: Business day.
        last: Of the same days.
    """
    file = _FILE.c
    # JSON has no equality on a server, so many files of the same channels would be many rows
    channels = cast(file.channels, String)
    query = select(file.branch, channels).where(
        _of(file.branch, branch), file.first_day <= last, file.last_day >= first
    )
    found: dict[str, set[str]] = defaultdict(set)
    for code, text in connection.execute(query.distinct()):
        found[code].update(json.loads(text))
    return found


def provable(connection: Connection, branch: str | None, first: date, last: date) -> set[str]:
    """The branches of which rates of what is proven can be told; arguments as `journal_channels`.

    That is where a journal tells of a channel that somebody accepted, or of any if nobody accepted
    one; or where something is proven already, by a journal of later days.
    """
    f = _FIGURES.c
    query = (
        select(f.branch, f.channel, func.sum(f.proven))
        .where(
            and_(_of(f.branch, branch), f.business_date.between(first, last)),
            f.accepted > 0,
        )
        .group_by(f.branch, f.channel)
    )
    journals = journal_channels(connection, branch, first, last)
    accepted: dict[str, bool] = {}
    for code, channel, proven in connection.execute(query):
        is_told = channel in journals.get(code, ()) or proven > 0
        accepted[code] = accepted.get(code, False) or is_told
    return {code for code in {*journals, *accepted} if accepted.get(code, True)}


def _of(column: ColumnElement[str], branch: str | None) -> ColumnElement[bool]:
    return column.is_not(None) if branch is None else column == branch
