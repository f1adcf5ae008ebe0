"""The schema that migrations make is the one that the program knows."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from support import rows

from kiosk import migrations
from kiosk.db import Database
from kiosk.migrations import HEAD, REVISIONS
from kiosk.models import SQLModel

SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"


def test_the_migrated_schema_is_that_of_the_models(store: Database) -> None:
    with store.write() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_list_of_revisions_is_that_of_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    # newest first
    assert tuple(reversed([each.revision for each in scripts.walk_revisions()])) == REVISIONS
    assert scripts.get_heads() == [HEAD]


def test_migrating_twice_changes_nothing(store: Database, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    before = rows(path, SCHEMA)
    assert rows(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    store.migrate()
    Database(f"sqlite:///{path}").migrate()
    assert rows(path, SCHEMA) == before
    assert len(before) > 10


def test_a_migration_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.db"
    store = Database(f"sqlite:///{path}", create=True)
    monkeypatch.setattr(
        "alembic.op.execute", lambda *_: (_ for _ in ()).throw(RuntimeError("power cut"))
    )
    with pytest.raises(RuntimeError, match="power cut"):
        store.migrate()
    monkeypatch.undo()
    assert rows(path, SCHEMA) == []
    store.migrate()
    store.require_schema()
