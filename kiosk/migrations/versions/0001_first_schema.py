"""The first schema: events, projections and the ledgers of the synchronisation."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0001"
down_revision = None

_NEVER_CHANGED = {
    "sqlite": """
        CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'events are never changed'); END
    """,
    "postgresql": """
        CREATE FUNCTION event_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE integrity_constraint_violation USING MESSAGE = 'events are never changed'; END
        $$;
        CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
        FOR EACH ROW EXECUTE FUNCTION event_is_never_changed()
    """,
}


_NEVER_TOUCHED = {
    "sqlite": (
        """
        CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END
        """,
        """
        CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END
        """,
    ),
    "postgresql": (
        """
        CREATE FUNCTION audit_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE integrity_constraint_violation USING MESSAGE = 'the audit log is never changed';
        END $$;
        CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE ON audit_entry
        FOR EACH ROW EXECUTE FUNCTION audit_is_never_changed()
        """,
    ),
}


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    # a partitioned table holds unique only what holds its month; there the branch's receipts do it
    unique_origin = (
        () if on_postgresql else (sa.UniqueConstraint("branch", "terminal", "epoch", "seq"),)
    )
    op.create_table(
        "assist",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.Integer(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("objection", sa.String(), nullable=True),
        sa.Column("segment", sa.String(), nullable=True),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("assist_day", "assist", ["branch", "business_date"], unique=False)
    op.create_index(op.f("ix_assist_visit"), "assist", ["visit"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("branch", "terminal", "seq"),
    )
    op.create_table(
        "batch",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("wire_format", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("inserted", sa.Integer(), nullable=True),
        sa.Column("duplicates", sa.Integer(), nullable=True),
        sa.Column("quarantined", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("target", "epoch", "number"),
    )
    op.create_table(
        "branch",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("board_login", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("board_login"),
    )
    op.create_table(
        "branch_meta",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schema_min", sa.Integer(), nullable=False),
        sa.Column("schema_max", sa.Integer(), nullable=False),
        sa.Column("events_from", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "carried_event",
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_epoch", sa.Integer(), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "seq"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("given_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("purged_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("consent_day", "consent", ["branch", "business_date"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("sign_up", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("number_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("blind_index", sa.String(), nullable=False),
        sa.Column("number_masked", sa.String(), nullable=False),
        sa.Column("consent_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("withdrawal_code", sa.String(), nullable=False),
        sa.Column("is_brought", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("contact_days", "contact", ["branch", "keep_until"], unique=False)
    op.create_index("contact_sign_up", "contact", ["sign_up"], unique=False)
    op.create_table(
        "counter",
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=True),
        sa.Column("login", sa.String(), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_event", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["branch"],
            ["branch.code"],
        ),
        sa.PrimaryKeyConstraint("branch", "number"),
        sa.UniqueConstraint("login"),
    )
    op.create_table(
        "counter_state",
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("staff", sa.String(), nullable=True),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("back_at", UTCDateTime(), nullable=True),
        sa.Column("ticket", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("branch", "number"),
    )
    op.create_table(
        "demo_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=True),
        sa.Column("staff", sa.String(), nullable=True),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.Integer(), nullable=False),
        sa.Column("demo", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("offer", sa.Uuid(), nullable=True),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("wrong_keys", sa.Integer(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("right_answers", sa.Integer(), nullable=True),
        sa.Column("questions", sa.Integer(), nullable=True),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.Column("left_screen", sa.String(), nullable=True),
        sa.Column("left_because", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("demo_run_day", "demo_run", ["branch", "business_date"], unique=False)
    op.create_index(op.f("ix_demo_run_visit"), "demo_run", ["visit"], unique=False)
    op.create_table(
        "diversion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("offered_at", UTCDateTime(), nullable=True),
        sa.Column("accepted_at", UTCDateTime(), nullable=True),
        sa.Column("declined_at", UTCDateTime(), nullable=True),
        sa.Column("completed_at", UTCDateTime(), nullable=True),
        sa.Column("fell_back_at", UTCDateTime(), nullable=True),
        sa.Column("decline_reason", sa.String(), nullable=True),
        sa.Column("failure_reason", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("amount_band", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("journal_matches", sa.Integer(), nullable=False),
        sa.Column("lapsed_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("diversion_day", "diversion", ["branch", "business_date"], unique=False)
    op.create_index(
        "diversion_reference",
        "diversion",
        ["branch", "reference"],
        unique=False,
        sqlite_where=sa.text("reference IS NOT NULL"),
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    op.create_index(op.f("ix_diversion_visit"), "diversion", ["visit"], unique=False)
    op.create_table(
        "event",
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("local_hour", sa.Integer(), nullable=False),
        sa.Column("monotonic_ns", sa.BigInteger(), nullable=False),
        sa.Column("boot_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("offer", sa.Uuid(), nullable=True),
        sa.Column("ticket", sa.Uuid(), nullable=True),
        sa.Column("ticket_number", sa.String(), nullable=True),
        sa.Column("queue", sa.String(), nullable=True),
        sa.Column("counter", sa.String(), nullable=True),
        sa.Column("staff", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("transferable", sa.Boolean(), nullable=True),
        sa.Column("arrived_at", UTCDateTime(), nullable=True),
        sa.Column("priority", sa.String(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("demo", sa.String(), nullable=True),
        sa.Column("demo_run", sa.Uuid(), nullable=True),
        sa.Column("way", sa.String(), nullable=True),
        sa.Column("screen", sa.String(), nullable=True),
        sa.Column("wrong_keys", sa.Integer(), nullable=True),
        sa.Column("right_answers", sa.Integer(), nullable=True),
        sa.Column("questions", sa.Integer(), nullable=True),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("product", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("segment", sa.String(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("app_version", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("branch", "business_date", "id"),
        *unique_origin,
        postgresql_partition_by="RANGE (business_date)",
    )
    if on_postgresql:
        op.create_index("event_origin", "event", ["branch", "terminal", "epoch", "seq"])
        # events of a clock that is off by years must find a place as well
        op.execute("CREATE TABLE event_default PARTITION OF event DEFAULT")
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sign_up", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("staff", sa.String(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("follow_up_day", "follow_up", ["branch", "business_date"], unique=False)
    op.create_index(op.f("ix_follow_up_sign_up"), "follow_up", ["sign_up"], unique=False)
    op.create_table(
        "help_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=True),
        sa.Column("screen", sa.String(), nullable=True),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("taken_at", UTCDateTime(), nullable=True),
        sa.Column("taken_by", sa.String(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("help_call_day", "help_call", ["branch", "business_date"], unique=False)
    op.create_table(
        "hourly_figures",
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("visits_left_out", sa.Integer(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("tickets_left_out", sa.Integer(), nullable=False),
        sa.Column("tickets_transferable", sa.Integer(), nullable=False),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.Column("no_show", sa.Integer(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.Column("waited", sa.Integer(), nullable=False),
        sa.Column("waiting_seconds", sa.BigInteger(), nullable=False),
        sa.Column("service_seconds", sa.BigInteger(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("declined", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("proven", sa.Integer(), nullable=False),
        sa.Column("fell_back", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("branch", "business_date", "local_hour", "service", "channel"),
    )
    op.create_table(
        "journal_candidate",
        sa.Column("line", sa.Uuid(), nullable=False),
        sa.Column("offer", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("line", "offer"),
    )
    op.create_index(
        op.f("ix_journal_candidate_offer"), "journal_candidate", ["offer"], unique=False
    )
    op.create_table(
        "journal_damage",
        sa.Column("file", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("file", "number"),
    )
    op.create_table(
        "journal_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("has_terminals", sa.Boolean(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("damaged", sa.Integer(), nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=True),
        sa.Column("last_at", UTCDateTime(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("imported_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("branch", "digest"),
    )
    op.create_table(
        "journal_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("file", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("amount_band", sa.String(), nullable=True),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("offer", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_journal_line_file"), "journal_line", ["file"], unique=False)
    op.create_index(op.f("ix_journal_line_offer"), "journal_line", ["offer"], unique=False)
    op.create_index("journal_line_state", "journal_line", ["branch", "state"], unique=False)
    op.create_table(
        "outage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("machine", sa.Integer(), nullable=True),
        sa.Column("began_at", UTCDateTime(), nullable=True),
        sa.Column("began_by", sa.String(), nullable=True),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outage_day", "outage", ["branch", "business_date"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("dropped_at", UTCDateTime(), nullable=True),
        sa.Column("dropped_why", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("branch", "terminal", "epoch", "seq"),
    )
    op.create_table(
        "receipt",
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("inserted", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("branch", "terminal", "epoch", "number"),
    )
    op.create_table(
        "refused_release",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("app_version", sa.String(), nullable=False),
        sa.Column("refused_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "release",
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("branch", "name", "version"),
    )
    op.create_table(
        "sign_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=True),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("staff", sa.String(), nullable=True),
        sa.Column("product", sa.String(), nullable=True),
        sa.Column("segment", sa.String(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("bundle", sa.String(), nullable=True),
        sa.Column("is_company", sa.Boolean(), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=True),
        sa.Column("taught_at", UTCDateTime(), nullable=True),
        sa.Column("taught_by", sa.String(), nullable=True),
        sa.Column("taught_evidence", sa.String(), nullable=True),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.Column("used_evidence", sa.String(), nullable=True),
        sa.Column("dormant_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("follow_ups", sa.Integer(), nullable=False),
        sa.Column("last_follow_up_at", UTCDateTime(), nullable=True),
        sa.Column("last_result", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "sign_up_company",
        "sign_up",
        ["branch", "visit"],
        unique=False,
        sqlite_where=sa.text("is_company = 1"),
        postgresql_where=sa.text("is_company"),
    )
    op.create_index("sign_up_day", "sign_up", ["branch", "business_date"], unique=False)
    op.create_index(
        "sign_up_said_dormant",
        "sign_up",
        ["branch", "dormant_at"],
        unique=False,
        sqlite_where=sa.text("dormant_at IS NOT NULL"),
        postgresql_where=sa.text("dormant_at IS NOT NULL"),
    )
    op.create_index("sign_up_taught", "sign_up", ["branch", "taught_at"], unique=False)
    op.create_index(
        "sign_up_unused",
        "sign_up",
        ["branch", "signed_at"],
        unique=False,
        sqlite_where=sa.text("used_at IS NULL AND closed_at IS NULL"),
        postgresql_where=sa.text("used_at IS NULL AND closed_at IS NULL"),
    )
    op.create_index("sign_up_used", "sign_up", ["branch", "used_at"], unique=False)
    op.create_index(op.f("ix_sign_up_visit"), "sign_up", ["visit"], unique=False)
    op.create_table(
        "ticket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("transferable", sa.Boolean(), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_since", UTCDateTime(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("counter", sa.String(), nullable=True),
        sa.Column("staff", sa.String(), nullable=True),
        sa.Column("wanted_counter", sa.String(), nullable=True),
        sa.Column("wanted_staff", sa.String(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("arrived_at", UTCDateTime(), nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("first_called_at", UTCDateTime(), nullable=True),
        sa.Column("called_at", UTCDateTime(), nullable=True),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.Column("waiting_seconds", sa.Integer(), nullable=False),
        sa.Column("service_seconds", sa.Integer(), nullable=False),
        sa.Column("hold_seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("branch", "business_date", "number"),
    )
    op.create_index("ticket_queue", "ticket", ["branch", "business_date", "state", "left_out"])
    op.create_index(
        "ticket_counter",
        "ticket",
        ["branch", "counter", "state"],
        sqlite_where=sa.text("counter IS NOT NULL"),
        postgresql_where=sa.text("counter IS NOT NULL"),
    )
    op.create_table(
        "ticket_entry",
        sa.Column("ticket", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("ticket", "field"),
    )
    op.create_table(
        "ticket_floor",
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("business_date"),
    )
    op.create_index(op.f("ix_ticket_visit"), "ticket", ["visit"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("terminal", sa.String(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("local_hour", sa.Integer(), nullable=False),
        sa.Column("arrived_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("visit_day", "visit", ["branch", "business_date"], unique=False)
    op.create_table(
        "watermark",
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("acked_seq", sa.BigInteger(), nullable=False),
        sa.Column("batch_number", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("branch_database_id", sa.String(), nullable=True),
        sa.Column("last_receipt_at", UTCDateTime(), nullable=True),
        sa.Column("last_pull_at", UTCDateTime(), nullable=True),
        sa.Column("last_attempt_at", UTCDateTime(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("last_error_params", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("target", "epoch"),
    )
    op.create_table(
        "terminal",
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("digit", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("acked_seq", sa.BigInteger(), nullable=False),
        sa.Column("batch_number", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=True),
        sa.Column("app_version", sa.String(), nullable=True),
        sa.Column("last_seen", UTCDateTime(), nullable=True),
        sa.Column("login", sa.String(), nullable=True),
        sa.Column("releases", sa.JSON(), nullable=True),
        sa.Column("clock_skew_seconds", sa.Integer(), nullable=True),
        sa.Column("waiting", sa.BigInteger(), nullable=True),
        sa.Column("oldest_waiting_at", UTCDateTime(), nullable=True),
        sa.Column("up_seconds", sa.BigInteger(), nullable=True),
        sa.Column("printer", sa.String(), nullable=True),
        sa.Column("free_mb", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("last_error_at", UTCDateTime(), nullable=True),
        sa.Column("goes_out", sa.Boolean(), nullable=True),
        sa.Column("audit_seq", sa.BigInteger(), nullable=True),
        sa.Column("audit_head", sa.String(), nullable=True),
        sa.Column("audit_torn_at", UTCDateTime(), nullable=True),
        sa.Column("renewal_code", sa.String(), nullable=True),
        sa.Column("renewal_epoch", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["branch"],
            ["branch.code"],
        ),
        sa.PrimaryKeyConstraint("branch", "code"),
        sa.UniqueConstraint("branch", "digit"),
    )
    op.execute(_NEVER_CHANGED[op.get_bind().dialect.name])
    for statement in _NEVER_TOUCHED[op.get_bind().dialect.name]:
        op.execute(statement)
