"""Alembic's entry: uses the connection that `kiosk.migrations.run` hands over."""

from alembic import context

from kiosk.models import SQLModel

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=False,  # the caller's transaction holds it all
)
context.run_migrations()
