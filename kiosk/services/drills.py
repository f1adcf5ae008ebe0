"""Practice among staff: whether they could answer what customers say against an e-channel."""

from kiosk.models.payloads import DrillAnswered
from kiosk.services.journal import Fact, Journal


class Drills:
    """Records who practised what; how well, they say themselves."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def note(self, staff: str, objection: str, *, could_say: bool) -> None:
        """Record one answer.

        Args:
            staff: The number of the member of staff.
            objection: The code of what the customer says.
            could_say: Whether they could have said the answer.
        """
        payload = DrillAnswered(objection=objection, could_say=could_say)
        self._journal.record(Fact(payload, staff=staff))
