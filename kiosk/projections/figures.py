"""The `hourly_figures` table: what long reports sum up.

When events touch a visit, the figures first give up what they counted for it and, after the other
projections have changed, count it anew. So an event that changes an earlier count (a customer who
turns to large type after an offer) is exact, and two terminals can add to one cell at once.
"""

from typing import Any

from sqlalchemy import case, func, literal, literal_column, or_, select, union_all
from sqlalchemy.sql.expression import ColumnElement, Select

from kiosk.models import Diversion, HourlyFigures, Kind, Ticket, TicketState, Visit
from kiosk.models.tables import table_of
from kiosk.projections.diversion import is_completed, is_proven
from kiosk.projections.statement import ENDS, Statement, insert_into, kinds, touched_visits

_FIGURES = table_of(HourlyFigures)
TABLES = (_FIGURES,)
_KEYS = ("branch", "business_date", "local_hour", "service", "channel")
COUNTS = tuple(column.name for column in _FIGURES.columns if column.name not in _KEYS)


def subtract(dialect: str, changed: frozenset[str]) -> list[Statement]:
    """Take back what was counted, of the kinds that change, for the visits that are touched."""
    return _change(dialect, changed, -1)


def add(dialect: str, changed: frozenset[str]) -> list[Statement]:
    """Count the same anew."""
    return _change(dialect, changed, 1)


def _change(dialect: str, changed: frozenset[str], sign: int) -> list[Statement]:
    parts = {Kind.VISIT: _visits, Kind.TICKET: _tickets, Kind.DIVERSION: _diversions}
    causes = {kind: {kind} for kind in parts}
    causes[Kind.DIVERSION].add(Kind.RECONCILIATION)  # which changes what an offer counts as
    counted = [kind for kind in parts if causes[kind] & changed]
    if not counted:
        return []
    each = union_all(*(parts[kind]() for kind in counted)).subquery()
    keys = [each.c[name] for name in _KEYS]
    counts = [(func.sum(each.c[name]) * literal_column(str(sign))).label(name) for name in COUNTS]
    # in one order, so that two who change the same cells do not wait for each other for ever
    source = select(*keys, *counts).group_by(*keys).order_by(*keys)
    insert = insert_into(_FIGURES, dialect).from_select([*_KEYS, *COUNTS], source)
    clause = insert.on_conflict_do_update(
        index_elements=[_FIGURES.c[name] for name in _KEYS],
        set_={name: _FIGURES.c[name] + insert.excluded[name] for name in COUNTS},
    )
    following = kinds(*(cause for kind in counted for cause in causes[kind]))
    return [Statement(clause, following, if_counted=True)]


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, literal_column("1")), else_=literal_column("0"))


def _row(keys: list[ColumnElement[Any]], **counts: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    none: ColumnElement[int] = literal_column("0")
    return select(*keys, *(counts.get(name, none).label(name) for name in COUNTS))


def _visits() -> Select[*tuple[Any, ...]]:
    visit = table_of(Visit).c
    return _row(
        [
            visit.branch,
            visit.business_date,
            visit.local_hour,
            literal("").label("service"),
            literal("").label("channel"),
        ],
        visits=literal_column("1"),
        visits_left_out=_one_if(visit.left_out),
        # without a language nobody was at a terminal: staff left out a customer in the lobby
    ).where(visit.id.in_(touched_visits()), visit.language.is_not(None))


def _tickets() -> Select[*tuple[Any, ...]]:
    ticket = table_of(Ticket).c
    standing = ticket.state != TicketState.CANCELLED.value
    has_ended = or_(*(ticket.state == state.value for state in ENDS))
    is_served = ticket.state == TicketState.SERVED.value
    was_called = has_ended & ticket.first_called_at.is_not(None)
    nothing: ColumnElement[int] = literal_column("0")
    return _row(
        [
            ticket.branch,
            ticket.business_date,
            ticket.local_hour,
            func.coalesce(ticket.service, "").label("service"),
            literal("").label("channel"),
        ],
        tickets=_one_if(standing),
        tickets_left_out=_one_if(standing & ticket.left_out),
        tickets_transferable=_one_if(standing & ticket.transferable & ~ticket.left_out),
        served=_one_if(is_served),
        no_show=_one_if(ticket.state == TicketState.NO_SHOW.value),
        expired=_one_if(ticket.state == TicketState.EXPIRED.value),
        waited=_one_if(was_called),
        waiting_seconds=case((was_called, ticket.waiting_seconds), else_=nothing),
        service_seconds=case((is_served, ticket.service_seconds), else_=nothing),
    ).where(ticket.visit.in_(touched_visits()), ticket.priority.is_not(None))


def _diversions() -> Select[*tuple[Any, ...]]:
    diversion = table_of(Diversion).c
    fell_back = diversion.fell_back_at.is_not(None)
    done_in_the_end = is_completed(diversion)
    return _row(
        [
            diversion.branch,
            diversion.business_date,
            diversion.local_hour,
            diversion.service,
            diversion.channel,
        ],
        offered=_one_if(diversion.offered_at.is_not(None)),
        accepted=_one_if(diversion.accepted_at.is_not(None)),
        declined=_one_if(diversion.declined_at.is_not(None) & diversion.accepted_at.is_(None)),
        completed=_one_if(done_in_the_end),
        proven=_one_if(is_proven(diversion)),
        fell_back=_one_if(fell_back & ~done_in_the_end),
    ).where(diversion.visit.in_(touched_visits()), ~diversion.left_out)
