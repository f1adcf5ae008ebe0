"""Phone numbers that customers leave, for the tests: a terminal with its keys and its audit."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from uuid import UUID

from sync_world import TerminalHere

from kiosk.db import Database
from kiosk.models.payloads import FollowUpDone
from kiosk.models.states import FollowUpBy, FollowUpResult
from kiosk.services.journal import Fact
from kiosk.services.sign_in import SignedIn
from kiosk.services.staff.contacts import Contacts
from kiosk.services.staff_roster import Role

NUMBER = "13987654321"
MANAGER = SignedIn("s1", "王芳", (Role.LOBBY_MANAGER,))


class Views(list[tuple[str, UUID, str]]):
    """Who saw which number, or did not."""

    def phone_viewed(self, staff: str, contact: UUID, result: str) -> None:
        self.append((staff, contact, result))


def contacts_at(
    terminal: TerminalHere,
    views: Views | None = None,
    branch: Callable[[], Database | None] = lambda: None,
) -> Contacts:
    return Contacts(terminal.journal, terminal.config, Views() if views is None else views, branch)


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
