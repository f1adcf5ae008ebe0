"""What the branch's days have taught, as a terminal and the branch itself read it."""

from sqlalchemy import Connection, bindparam, func, select

from kiosk.models import Release
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.releases import Name
from kiosk.services.waiting.learned import Learned, load

_RELEASE = table_of(Release)
_IS_LEARNED = (_RELEASE.c.branch == bindparam("branch")) & (_RELEASE.c.name == Name.LEARNED.value)
_NEWEST = Prepared(select(func.max(_RELEASE.c.version)).where(_IS_LEARNED))
_BODY = Prepared(
    select(_RELEASE.c.body).where(_IS_LEARNED, _RELEASE.c.version == bindparam("version"))
)


class LearnedRelease:
    """What was learned through the last day, as far as this database has it; read once.

    Args:
        branch: The branch's code.
    """

    def __init__(self, branch: str) -> None:
        self._branch = branch
        self._read: tuple[int | None, Learned] = (None, Learned())

    def newest(self, connection: Connection) -> Learned:
        """What holds; where nothing was learned yet, an empty one."""
        [(version,)] = _NEWEST.rows(connection, {"branch": self._branch})
        if version != self._read[0]:
            which = {"branch": self._branch, "version": version}
            [(body,)] = _BODY.rows(connection, which)
            self._read = version, load(body)
        return self._read[1]
