"""A person says that probable lines of a journal are their offers' transactions."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, update

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Diversion, JournalCandidate, JournalLine, LineState, MatchRule
from kiosk.models.payloads import ReconciliationMatched
from kiosk.models.tables import table_of
from kiosk.services.reconcile.facts import JournalFact, record_facts
from kiosk.services.reconcile.items import probable

_OFFER = table_of(Diversion)
_LINE = table_of(JournalLine)
_CANDIDATE = table_of(JournalCandidate)
_AT_ONCE = 500
_IS_MATCHED = (
    update(_LINE)
    .where(_LINE.c.id == bindparam("its_line"))
    .values(state=LineState.MATCHED.value, offer=bindparam("its_offer"))
)
_HAS_NO_OTHERS = delete(_CANDIDATE).where(_CANDIDATE.c.line == bindparam("its_line"))


def confirm(
    database: Database,
    config: Config,
    clock: Clock,
    lines: Collection[UUID] | None,
    staff: str,
    keep: Callable[[Connection], None],
) -> int:
    """Say that probable lines are their offers' transactions.

    Args:
        database: The branch database.
        config: The branch's.
        clock: Gives the moment.
        lines: Which; None: all that are probable.
        staff: The number of who says so.
        keep: Keeps for the audit that it is done, in the transaction and as the last thing in it:
            what is refused leaves no word, and what can't be kept is not done.

    Returns:
        How many.

    Raises:
        KioskError: `line_not_probable` for one that is not, or not any more; then none is.
    """
    with database.write() as connection:
        found = _to_confirm(connection, config.branch.code, lines)
        if lines is not None and len(found) < len(set(lines)):
            known = {row.line for row in found}
            raise KioskError(
                "line_not_probable", line=next(each for each in lines if each not in known)
            )
        if not found:
            return 0
        rule = ReconciliationMatched(rule=MatchRule.CHANNEL_SERVICE_AMOUNT_TIME)
        facts = [
            JournalFact(
                rule, row.visit, row.service, row.channel, row.offer, row.business_date,
                subject=row.line, staff=staff,
            )
            for row in found
        ]  # fmt: skip
        each = [{"its_line": row.line, "its_offer": row.offer} for row in found]
        connection.execute(_IS_MATCHED, each)
        connection.execute(_HAS_NO_OTHERS, each)
        count = record_facts(connection, database, config, clock, facts)
        keep(connection)
        return count


def _to_confirm(connection: Connection, branch: str, lines: Collection[UUID] | None) -> list[Any]:
    """Locked, so that nobody else says the same at the same moment."""
    offer = _OFFER.c
    query = probable(
        branch, None,
        _LINE.c.id.label("line"), offer.id.label("offer"), offer.visit, offer.service,
        offer.channel, offer.business_date,
    ).with_for_update(of=_LINE)  # fmt: skip
    if lines is None:
        return list(connection.execute(query))
    wanted = list(lines)
    return [
        row
        for first in range(0, len(wanted), _AT_ONCE)
        for row in connection.execute(query.where(_LINE.c.id.in_(wanted[first : first + _AT_ONCE])))
    ]
