"""Outages: what is not to be offered for a while, and when it can be again."""

from datetime import datetime

from kiosk.errors import KioskError
from kiosk.models.payloads import OutageBegan, OutageEnded, Payload
from kiosk.services.audit import AuditAction, AuditLog
from kiosk.services.journal import Fact, Journal, new_id
from kiosk.services.lobby_watch import LobbyWatch, OutageNow

__all__ = ["OutageNow", "Outages"]


class Outages:
    """Begins and ends outages; this terminal obeys at once, others with the next synchronisation.

    Args:
        journal: Of the machine that staff work at.
        watch: Knows what is out of order already.
        audit: Keeps who switched what, with it or not at all.
    """

    def __init__(self, journal: Journal, watch: LobbyWatch, audit: AuditLog) -> None:
        self._journal = journal
        self._watch = watch
        self._audit = audit

    def now(self) -> tuple[OutageNow, ...]:
        """What is not to be offered just now, the oldest first."""
        return self._watch.outages()

    def begin(
        self, channel: str, machine: int | None, until: datetime | None, staff: str
    ) -> OutageNow:
        """Stop offering a channel or a machine; what is out of order already stays as it is.

        Args:
            channel: Its code.
            machine: Its number; None: the whole channel.
            until: When it ends by itself, aware; None: with the business day.
            staff: Who says so.

        Raises:
            KioskError: `outage_is_over`: the end has passed.
        """
        for each in self.now():
            if (each.channel, each.machine) == (channel, machine):
                return each
        now = self._journal.now()
        end = (until or self._journal.end_of_day(now)).replace(microsecond=0)
        if end <= now:
            raise KioskError("outage_is_over")
        outage = OutageNow(
            id=new_id(), channel=channel, machine=machine, began_at=now, began_by=staff, until=end,
            ended_at=None,
        )  # fmt: skip
        self._record(OutageBegan(machine=machine, until=end), outage, staff)
        return outage

    def end(self, outage: OutageNow, staff: str) -> None:
        """Offer it again, wherever its beginning was put down."""
        self._record(OutageEnded(), outage, staff)

    def _record(self, payload: Payload, outage: OutageNow, staff: str) -> None:
        what = " ".join(str(each) for each in (outage.channel, outage.machine) if each is not None)
        with self._journal.transaction() as transaction:
            transaction.record(
                Fact(payload, subject=outage.id, staff=staff, channel=outage.channel)
            )
            self._audit.record_in(
                transaction.connection, AuditAction.OUTAGE_CHANGED, staff, what, payload.stage
            )
