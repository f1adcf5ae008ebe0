"""Phone numbers that customers leave, for the tests: a terminal with its keys and its audit."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID

from support import rows
from sync_world import TerminalHere

from kiosk.models.payloads import FollowUpDone
from kiosk.models.states import FollowUpBy, FollowUpResult
from kiosk.services.audit import AuditLog
from kiosk.services.journal import Fact
from kiosk.services.sign_in import SignedIn
from kiosk.services.staff.contacts import Contacts
from kiosk.services.staff.reading import FiguresSource
from kiosk.services.staff_roster import Role

NUMBER = "13987654321"
MANAGER = SignedIn("s1", "王芳", (Role.LOBBY_MANAGER,))


def contacts_at(terminal: TerminalHere, source: FiguresSource | None = None) -> Contacts:
    """As staff mode has them; with what other terminals gave, where the branch can be read."""
    code = terminal.config.terminal.code
    audit = AuditLog(terminal.store, terminal.config, terminal.clock, code)
    return Contacts(terminal.journal, terminal.config, audit, source)


def views(terminal: TerminalHere) -> list[tuple[object, ...]]:
    """Who saw which number, or did not."""
    entries = "SELECT staff, subject, result FROM audit_entry WHERE action = 'phone_viewed'"
    return rows(terminal.path, entries)


def follow_up(terminal: TerminalHere, sign_up: UUID, result: FollowUpResult) -> None:
    payload = FollowUpDone(by=FollowUpBy.CALL)
    terminal.journal.record(Fact(payload, subject=sign_up, staff="s1", reason=result.value))


def holding(folder: Path, *secrets: bytes) -> Mapping[str, list[bytes]]:
    """The files below a folder in which one of some texts stands, in clear."""
    return dict(_holding(folder, secrets))


def _holding(folder: Path, secrets: tuple[bytes, ...]) -> Iterator[tuple[str, list[bytes]]]:
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".ballast":
            content = path.read_bytes()
            if found := [secret for secret in secrets if secret in content]:
                yield path.name, found
