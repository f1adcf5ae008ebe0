"""Schema migrations, the same for SQLite and PostgreSQL.

The revisions are named here as well, so that a start need not import Alembic to see that nothing
is to be done; a test holds the list and the scripts together.
"""

REVISIONS = ("0001",)
HEAD = REVISIONS[-1]
