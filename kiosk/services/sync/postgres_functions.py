"""Installs the branch's end of the synchronisation on PostgreSQL, as functions."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    DateTime,
    String,
    Uuid,
    bindparam,
    distinct,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement
from sqlalchemy.sql.sqltypes import JSON
from sqlalchemy.types import TypeDecorator, TypeEngine

from kiosk import projections
from kiosk.config import MOST_KEEP_DAYS
from kiosk.languages import LANGUAGES
from kiosk.models import Event
from kiosk.models.payloads import FROM_COUNTERS, FROM_TERMINALS
from kiosk.models.tables import table_of
from kiosk.projections.entry import ENDED, is_ending
from kiosk.projections.statement import Statement, is_counted, is_counter_s, leaves_out
from kiosk.services import releases
from kiosk.services.desk_journal import TURN_COLUMNS, turn
from kiosk.services.staff import contact_purge
from kiosk.services.sync import contacts, wire
from kiosk.services.sync.fill_in import FIELD, VALUE
from kiosk.services.sync.soundness import means_something

FOR_TERMINALS = (
    "kiosk_greet(json)",
    "kiosk_push(json, text, text, json)",
    "kiosk_pull(json, json)",
    "kiosk_retry(json, json)",
    "kiosk_drop(json, json, text)",
    "kiosk_day(json, date, integer, bigint, bigint)",
    "kiosk_renew(json, json)",
    "kiosk_which_are_known(json, json)",
    "kiosk_fill_in(json, json)",
    "kiosk_keep_contacts(json, json, json)",
)
"""What a terminal may call; the others are parts of these, or a counter's."""
FOR_COUNTERS = (
    "kiosk_turn(text, integer)",
    "kiosk_record(text, integer, json)",
    "kiosk_own_branch()",
)

_EVENT = table_of(Event)
_NEWS = select(
    func.array_agg(distinct(_EVENT.c.kind)),
    *map(func.bool_or, (leaves_out(), is_counter_s(), is_counted(), is_ending())),
).select_from(_EVENT)
_NAMED: Dialect = dialect(paramstyle="named")  # type: ignore[no-untyped-call]
_PARAMETER = re.compile(r"(?<!:):(\w+)")
_TABLE = re.compile(r"\bFROM event\b")


def install(connection: Connection) -> None:
    """Make the functions, or replace an older program's.

    Args:
        connection: To the branch database as its owner, in a transaction.
    """
    source = files(__package__).joinpath("postgres_functions.sql").read_text(encoding="utf-8")
    for name, text in _parts().items():
        source = source.replace(f"{{{name}}}", text)
    connection.exec_driver_sql(source.replace("%", "%%"))


def _parts() -> dict[str, str]:
    """What the functions have from the program's own definitions."""
    columns = _EVENT.columns
    # the payload travels as the very text that the store holds
    is_text = {column.name: isinstance(column.type, JSON) for column in columns}
    return {
        "ended": ", ".join(f"'{state}'" for state in ENDED),
        "field": FIELD,
        "value": VALUE,
        "languages": ", ".join(f"'{language}'" for language in LANGUAGES),
        "purposes": ", ".join(f"'{purpose}'" for purpose in contacts.PURPOSES),
        "closed_bytes": str(contacts.CLOSED_BYTES),
        "key_id": contacts.KEY_ID,
        "blind_index": contacts.INDEX,
        "masked": contacts.MASKED,
        "withdrawal_code": contacts.CODE,
        "most_keep_days": str(MOST_KEEP_DAYS),
        "renewed": ", ".join(f"{name} = excluded.{name}" for name in contacts.RENEWED),
        "has_ended": _in_function(
            contact_purge.has_ended(bindparam("contact", type_=Uuid), bindparam("of", type_=Uuid))
        ),
        "delete_due": _in_function(
            contact_purge.due(bindparam("branch", type_=String), bindparam("today", type_=Date))
        ),
        "queue_format": str(releases.FORMAT),
        "wire_formats": ", ".join(map(str, wire.COLUMNS)),
        "stages": ", ".join(f"('{kind}', '{stage}')" for kind, stage in FROM_TERMINALS),
        "columns": ", ".join(is_text),
        "types": ", ".join(
            f"{column.name} {'text' if is_text[column.name] else _type(column.type)}"
            for column in columns
        ),
        "values": ", ".join(
            f"line.{name}::json" if text else f"line.{name}" for name, text in is_text.items()
        ),
        "news": _of_fresh(_NEWS),
        "projections": _projections(),
        "means_something": _in_function(means_something()),
        "counter_means_something": _in_function(means_something(FROM_COUNTERS)),
        "lines": "\n".join(map(_line, wire.COLUMNS)),
        "turn_columns": ", ".join(f"{each.name} {_type(each.type)}" for each in TURN_COLUMNS),
        "turn": _in_function(turn()),
    }


@cache
def _projections() -> str:
    """Every projection's statement: the same in one process, and a quarter of a second to write."""
    return "\n".join(map(_step, projections.definitions(_NAMED.name)))


def _line(wire_format: int) -> str:
    """What a CASE says of one wire format: PostgreSQL writes a row's JSON without spaces, too."""
    columns = ", ".join(f"{_written(name)} AS {name}" for name in wire.COLUMNS[wire_format])
    row = f"SELECT row_to_json(l)::text FROM (SELECT {columns}) AS l"  # noqa: S608 (our own words)
    return f"WHEN {wire_format} THEN ({row})"


def _written(name: str) -> str:
    """A column's value as the wire has it; what the wire can't say is written some other way."""
    column = _EVENT.columns[name]
    value = f"event.{name}"
    plain = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    match plain:
        case Uuid():
            return f"replace({value}::text, '-', '')"
        case DateTime():
            # PostgreSQL's own form leaves zeros out; the other one has no word for infinity
            return (
                f"CASE WHEN {value} BETWEEN '0001-01-01' AND '9999-12-31 23:59:59.999999'"
                f" THEN to_char({value}, 'YYYY-MM-DD HH24:MI:SS.US') ELSE {value}::text END"
            )
        case Date() | JSON():
            return f"{value}::text"
        case Boolean():
            return f"{value}::integer"
    return value


def _step(statement: Statement) -> str:
    """A projection's statement, passed over where none of the new events concerns it."""
    kinds = ", ".join(f"'{kind}'" for kind in sorted(statement.kinds))
    condition = "left_out" if statement.if_left_out else f"kinds && ARRAY[{kinds}]"
    if statement.if_counted:  # who is left out is left out with all that was counted before
        condition = f"(left_out OR {condition})"
    condition += " AND steps" if statement.if_steps else ""
    condition += " AND counted" if statement.if_counted else ""
    condition += " AND ended" if statement.if_ended else ""
    return f"IF {condition} THEN\n{_of_fresh(statement.clause)};\nEND IF;"


def _of_fresh(clause: ClauseElement) -> str:
    """As `_in_function`, of the events at hand instead of the table of all."""
    return _TABLE.sub("FROM unnest(fresh) AS event", _in_function(clause))


def _type(column_type: TypeEngine[Any]) -> str:
    return str(column_type.compile(dialect=_NAMED))


def _in_function(clause: ClauseElement) -> str:
    """A clause with its constants written out and each parameter `x` as the variable `p_x`."""
    compiled = clause.compile(dialect=_NAMED)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 (tells mypy what compile() made)
    texts = {
        name: f"p_{name}"
        if parameter.required
        else compiled.render_literal_value(parameter.effective_value, parameter.type)
        for parameter, name in compiled.bind_names.items()
    }
    return _PARAMETER.sub(lambda found: texts[found[1]], str(compiled))
