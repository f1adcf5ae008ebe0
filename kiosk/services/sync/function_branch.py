"""The branch's end on PostgreSQL: each batch is one call of a function there.

The terminal's login may call the functions and do nothing else. A call that met another one's
transaction is repeated at once: the functions give the same answer to the same batch.
"""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kiosk.database_errors import CONFLICT
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.sync.wire import (
    Answer,
    Caller,
    DayPart,
    DayThere,
    EventThere,
    FilledIn,
    Grant,
    Held,
    Parcel,
    Position,
    Rejected,
    RenewalRequest,
    SentContact,
    SentRelease,
    Status,
    Undecided,
    event_id,
    fault,
)

_REFUSED = "KS001"
"""The SQLSTATE of a refusal; its message is the status, its detail what the sentence mentions."""
_NO_SUCH_FUNCTION = "42883"
_PUSH = "SELECT kiosk_push(%s, %s, %s, %s)"
_ATTEMPTS = 5


class FunctionBranch:
    """A branch database whose functions do the work.

    Args:
        url: Where it is and as whom to come.

    Raises:
        KioskError: `database_url_invalid`, `database_driver_missing` and the like.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        self.name = self._database.name

    def greet(self, caller: Caller) -> Answer:
        """See `wire.BranchSide`."""
        return _certain(self._call("SELECT kiosk_greet(%s)", _told(caller)))

    def receive(self, parcel: Parcel) -> Answer:
        """See `wire.BranchSide`."""
        batch = (_told(parcel.caller), "\n".join(parcel.lines), parcel.digest)
        answer = None if parcel.doubtful else self._call(_PUSH, *batch, None)
        return answer or _certain(self._call(_PUSH, *batch, json.dumps(_doubtful(parcel))))

    def pull(self, caller: Caller, held: Mapping[str, Held]) -> Answer:
        """See `wire.BranchSide`."""
        told = json.dumps({name: vars(each) for name, each in held.items()})
        return _certain(self._call("SELECT kiosk_pull(%s, %s)", _told(caller), told))

    def retry(self, caller: Caller, events: Mapping[int, str]) -> Answer:
        """See `wire.BranchSide`."""
        told = json.dumps([{"seq": seq, "reason": why} for seq, why in events.items()])
        return _certain(self._call("SELECT kiosk_retry(%s, %s)", _told(caller), told))

    def drop(self, caller: Caller, events: Collection[int], why: str) -> Answer:
        """See `wire.BranchSide`."""
        told = json.dumps(list(events))
        return _certain(self._call("SELECT kiosk_drop(%s, %s, %s)", _told(caller), told, why))

    def list_day(self, caller: Caller, part: DayPart) -> Answer:
        """See `wire.BranchSide`."""
        asked = (_told(caller), part.day, part.epoch, part.first, part.last)
        return _certain(self._call("SELECT kiosk_day(%s, %s, %s, %s, %s)", *asked))

    def renew(self, caller: Caller, request: RenewalRequest) -> Answer:
        """See `wire.BranchSide`."""
        told = json.dumps(
            {
                "code": request.code,
                "epoch": request.epoch,
                "business_date": request.business_date.isoformat(),
                "positions": [
                    {"epoch": epoch, **vars(position)}
                    for epoch, position in request.positions.items()
                ],
            }
        )
        return _certain(self._call("SELECT kiosk_renew(%s, %s)", _told(caller), told))

    def which_are_known(self, caller: Caller, events: Collection[tuple[date, UUID]]) -> Answer:
        """See `wire.BranchSide`."""
        told = json.dumps([{"day": day.isoformat(), "id": event.hex} for day, event in events])
        return _certain(self._call("SELECT kiosk_which_are_known(%s, %s)", _told(caller), told))

    def fill_in(self, caller: Caller, entries: Collection[FilledIn]) -> Answer:
        """See `wire.BranchSide`."""
        told = json.dumps([{**vars(each), "ticket": each.ticket.hex} for each in entries])
        return _certain(self._call("SELECT kiosk_fill_in(%s, %s)", _told(caller), told))

    def keep_contacts(
        self, caller: Caller, contacts: Collection[SentContact], held: Collection[UUID]
    ) -> Answer:
        """See `wire.BranchSide`."""
        told = json.dumps(list(map(_contact, contacts)))
        believed = json.dumps([each.hex for each in held])
        return _certain(
            self._call("SELECT kiosk_keep_contacts(%s, %s, %s)", _told(caller), told, believed)
        )

    def close(self) -> None:
        """See `wire.BranchSide`."""
        self._database.close()

    def _call(self, statement: str, *values: object) -> Answer | None:
        """The answer; None for a batch whose events must be looked at one by one."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return _answer(self._database.call(statement, values))
            except DBAPIError as error:
                return self._refusal(error)
            except KioskError as error:
                if error.code != CONFLICT or attempt == _ATTEMPTS:
                    raise
        raise AssertionError

    def _refusal(self, error: DBAPIError) -> Answer:
        """A refusal as an answer.

        Raises:
            KioskError: `schema_missing` where there are no such functions.
            DBAPIError: The very error, if it is a fault of ours.
        """
        told: Any = error.orig
        if told.sqlstate == _NO_SUCH_FUNCTION and told.diag.context is None:
            raise KioskError("schema_missing", database=self.name) from error
        if told.sqlstate != _REFUSED:
            raise error
        details: Mapping[str, object] = json.loads(told.diag.message_detail)
        return Answer(Status(told.diag.message_primary), details=details)


def _certain(answer: Answer | None) -> Answer:
    """Only a first look at a batch may stay without an answer."""
    assert answer is not None  # noqa: S101 (the functions have seen to it)
    return answer


def _told(caller: Caller) -> str:
    """A caller as the functions read it."""
    told: dict[str, object] = dict(vars(caller))
    told["position"] = vars(caller.position)
    told["sent_at"] = caller.sent_at.isoformat()
    oldest = caller.oldest_waiting_at
    told["oldest_waiting_at"] = oldest.isoformat() if oldest else None
    if caller.condition is not None:
        failed_at = caller.condition.last_error_at
        told["condition"] = {
            **vars(caller.condition),
            "last_error_at": failed_at.isoformat() if failed_at else None,
        }
    return json.dumps(told)


def _contact(contact: SentContact) -> dict[str, object]:
    return {
        **vars(contact),
        "id": contact.id.hex,
        "sign_up": contact.sign_up.hex if contact.sign_up else None,
        "number_encrypted": contact.number_encrypted.hex(),
        "given_at": contact.given_at.isoformat(),
        "keep_until": contact.keep_until.isoformat(),
    }


def _doubtful(parcel: Parcel) -> list[dict[str, object]]:
    """What this end, which has the models of all that it writes, takes for damaged, and why."""
    reasons = dict(parcel.doubtful)
    for seq, line in enumerate(parcel.lines, parcel.from_seq):
        if why := fault(line):
            reasons[seq] = why
    return [
        {"seq": seq, "event": event_id(parcel.lines[seq - parcel.from_seq]), "reason": why}
        for seq, why in reasons.items()
    ]


def _answer(found: Any) -> Answer | None:
    if found is None:
        return None
    received_at = found.get("received_at")
    return Answer(
        Status(found["status"]),
        found["database_id"],
        Position(**found["position"]),
        found.get("inserted", 0),
        found.get("duplicates", 0),
        tuple(Rejected(**each) for each in found.get("rejected", ())),
        _moment(received_at) if received_at else None,
        tuple(_release(**each) for each in found.get("releases", ())),
        _day(**found["day"]) if "day" in found else None,
        grant=_grant(found["grant"]) if "grant" in found else None,
        known=frozenset(map(UUID, found.get("known", ()))),
        settled=frozenset(map(UUID, found.get("settled", ()))),
        gone=frozenset(map(UUID, found.get("gone", ()))),
    )


def _grant(found: Any) -> Grant:
    events_from = found["events_from"]
    return Grant(
        found["epoch"],
        found["highest_number"],
        frozenset(found["confirmed"]),
        date.fromisoformat(events_from) if events_from else None,
        tuple(_undecided(**each) for each in found["undecided"]),
    )


def _undecided(received_at: str, **others: Any) -> Undecided:
    return Undecided(**others, received_at=_moment(received_at))


def _day(events: list[list[Any]], in_epochs: dict[str, int], kept_from: str | None) -> DayThere:
    return DayThere(
        tuple(EventThere(*event) for event in events),
        {int(epoch): count for epoch, count in in_epochs.items()},
        date.fromisoformat(kept_from) if kept_from else None,
    )


def _release(published_at: str, **others: Any) -> SentRelease:
    return SentRelease(**others, published_at=_moment(published_at))


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)
