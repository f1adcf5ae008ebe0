"""How a line of each form falls into the columns of its layout, in words of DuckDB."""

from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.services.reconcile.layout import COLUMNS, Layout, Place, span_of

_SAID = """CREATE VIEW said AS
WITH numbered AS (
    SELECT row_number() OVER () AS number, *
    FROM read_csv(
        getvariable('path'), columns = getvariable('texts'), delim = getvariable('separator'),
        auto_detect = false, header = false, quote = '', escape = '', new_line = '\\n',
        -- a line has as many fields as it has; one without anything is chr(1)
        null_padding = true, strict_mode = false, nullstr = chr(1), buffer_size = 2097152
    )
),
line AS (
    SELECT *, {fields} AS fields
    FROM numbered
    WHERE number > getvariable('skip')
        AND (trim(c1) <> '' OR c2 IS NOT NULL)
        AND NOT coalesce(starts_with({head}, getvariable('trailer')), false)
)
SELECT number, {is_whole} AS is_whole, {columns} FROM line"""


@dataclass(frozen=True)
class _Form:
    """What a line of a form is, where `c1` … are what the reader has found."""

    is_whole: str
    texts: Mapping[str, str]
    """Of each column that the layout has."""
    fields: str = "NULL"
    """The list that a line is taken apart into, if one must be made."""


def form_variables(layout: Layout) -> dict[str, object]:
    """What `said_view` and `forms.sql` must know of a layout."""
    found: dict[str, object] = {
        # a sign that no file has any more leaves a line whole
        "separator": layout.delimiter if _falls_apart(layout) else "\2",
        "texts": {f"c{number}": "VARCHAR" for number in range(1, _count(layout) + 2)},
        "delimiter": layout.delimiter,
        "paths": [_json_path(place) for place in _places(layout).values()],
    }
    if layout.quote is not None:
        sign, quote = rf"\x{{{ord(layout.delimiter):x}}}", rf"\x{{{ord(layout.quote):x}}}"
        quoted = f"{quote}(?:[^{quote}]|{quote}{quote})*{quote}"
        found |= {"quote": layout.quote, "field": f"{sign}(?:{quoted}|[^{sign}{quote}]*)"}
    return found


def said_view(layout: Layout) -> str:
    """The statement for the view `said`: the number of a line and what stands at its columns."""
    form, head = _form(layout), "c1"
    if layout.trailer is not None and _falls_apart(layout):
        count = min(layout.trailer.starts_with.count(layout.delimiter), _count(layout)) + 1
        parts = ", ".join(f"c{number}" for number in range(1, count + 1))
        head = f"concat_ws(getvariable('delimiter'), {parts})"
    columns = ", ".join(f"{form.texts.get(name, 'NULL::TEXT')} AS {name}" for name in COLUMNS)
    return _SAID.format(fields=form.fields, is_whole=form.is_whole, head=head, columns=columns)


def _form(layout: Layout) -> _Form:
    places = _places(layout)
    if layout.form == "fixed":
        spans = {name: span_of(str(place)) for name, place in places.items()}
        width = max(first + length - 1 for first, length in spans.values())
        texts = {name: f"substr(c1, {span[0]}, {span[1]})" for name, span in spans.items()}
        return _Form(f"length(c1) >= {width}", texts)
    if layout.form == "jsonl":
        texts = {name: f"fields[{number}]" for number, name in enumerate(places, 1)}
        return _Form("fields IS NOT NULL", texts, "fields_of_object(c1)")
    if not _falls_apart(layout):
        texts = {name: f"fields[{place}]" for name, place in places.items()}
        return _Form(f"len(fields) = {layout.fields}", texts, "fields_of_quoted(c1)")
    count = _count(layout)
    texts = {name: f"c{place}" for name, place in places.items()}
    return _Form(f"c{count} IS NOT NULL AND c{count + 1} IS NULL", texts)


def _falls_apart(layout: Layout) -> bool:
    """Whether the reader finds the fields; not within quotes, as a field ends with its line."""
    return layout.form == "csv" and layout.quote is None


def _count(layout: Layout) -> int:
    return (layout.fields or 1) if _falls_apart(layout) else 1


def _places(layout: Layout) -> dict[str, Place]:
    places = {name: layout.place(name) for name in COLUMNS}
    return {name: place for name, place in places.items() if place is not None}


def _json_path(place: Place) -> str:
    return "$" + "".join(f'."{name}"' for name in str(place).split("."))
