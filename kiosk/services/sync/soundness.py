"""Whether stored events are what their table and their kind say: one condition over a whole batch.

PostgreSQL's columns hold only what fits them, so there the condition is about meaning. SQLite's
columns take anything: there it looks at types and forms as well. `wire.from_line` says the same of
a single line, with the reason.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Integer,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    literal_column,
    or_,
    true,
)
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.sqltypes import JSON
from sqlalchemy.types import TypeDecorator, TypeEngine

from kiosk.models import Event
from kiosk.models.payloads import COUNTS, FROM_TERMINALS, WORDS, Payload
from kiosk.models.tables import table_of

_EVENT = table_of(Event)
_HEX = "*[^0-9a-f]*"
_DIGITS = "[0-9]"
_DAY = "-".join((_DIGITS * 4, _DIGITS * 2, _DIGITS * 2))
_TIME = ":".join([_DIGITS * 2] * 3) + "." + _DIGITS * 6


def means_something(
    payloads: Mapping[tuple[str, str], type[Payload]] = FROM_TERMINALS,
) -> ColumnElement[bool]:
    """A known kind and stage, the columns that these need, an hour of the day, a known schema.

    Parameters of the condition: `lowest_schema` and `highest_schema`, the event schemas that the
    branch takes.

    Args:
        payloads: The kinds and stages; only what counters record may have a step.
    """
    columns = _EVENT.c
    filled = case(
        *(
            (
                (columns.kind == kind) & (columns.stage == stage),
                and_(
                    *(columns[name].is_not(None) for name in model.columns),
                    true() if "step" in model.columns else columns.step.is_(None),
                    _fills_one(model),
                ),
            )
            for (kind, stage), model in payloads.items()
        ),
        else_=literal_column("1 = 0"),
    )
    return and_(
        columns.local_hour.between(0, 23),
        *(
            or_(columns[name].is_(None), *(columns[name] == each.value for each in words))
            for name, words in WORDS.items()
        ),
        *(or_(columns[name].is_(None), columns[name] >= 0) for name in COUNTS),
        columns.schema_version.between(bindparam("lowest_schema"), bindparam("highest_schema")),
        filled,
    )


def _fills_one(model: type[Payload]) -> ColumnElement[bool]:
    if model.either is None:
        return true()
    one, other = (_EVENT.c[name].is_(None) for name in model.either)
    return one != other


def is_sound() -> ColumnElement[bool]:
    """For SQLite: every column holds what it should, and the event means something."""
    forms = [_form(column.name, column.type, bool(column.nullable)) for column in _EVENT.columns]
    return and_(*forms, means_something())


def _form(name: str, kind: TypeEngine[Any], nullable: bool) -> ColumnElement[bool]:
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    condition = next(form for each, form in _FORMS if isinstance(plain, each)).format(name=name)
    if nullable:
        condition = f"({name} IS NULL OR {condition})"
    return literal_column(condition)


_FORMS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (
        JSON,
        # json_type() fails on what is no JSON, and AND does not keep SQLite from asking it
        "CASE WHEN typeof({name}) = 'text' AND instr({name}, '\\u0000') = 0"
        " AND json_valid({name}) THEN json_type({name}) = 'object' ELSE 0 END",
    ),
    (Uuid, f"(typeof({{name}}) = 'text' AND length({{name}}) = 32 AND {{name}} NOT GLOB '{_HEX}')"),
    (DateTime, f"({{name}} GLOB '{_DAY} {_TIME}' AND datetime({{name}}) IS NOT NULL)"),
    (Date, f"({{name}} GLOB '{_DAY}' AND date({{name}}) = {{name}})"),
    (Boolean, "(typeof({name}) = 'integer' AND {name} IN (0, 1))"),
    (BigInteger, "(typeof({name}) = 'integer')"),
    (Integer, "(typeof({name}) = 'integer' AND {name} BETWEEN -2147483648 AND 2147483647)"),
    (String, "(typeof({name}) = 'text' AND instr({name}, char(0)) = 0)"),
)
"""From column type to what SQLite must find there; the first that fits holds."""
