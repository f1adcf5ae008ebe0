"""Journals of any form and encoding, read back as they were written."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import default_catalog

from kiosk.errors import KioskError
from kiosk.services.reconcile.layout import Layout, load_layout, read_layout
from kiosk.services.reconcile.reading import Read, read_journal
from kiosk.services.reconcile.workbench import workbench

HERE = "0001"
SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
WIDTHS = (12, 20, 14, 3, 30, 12, 12, 4, 4, 6, 12)
SAID = ("id", "name", "time", "channel", "service", "amount", "reference", "branch", "terminal",
        "kind", "reverses")  # fmt: skip
SERVICES = {"转账": "same_bank_transfer", "跨行": "cross_bank_transfer", "余额": "balance"}
CHANNELS = {"WEB": "net", "APP": "mobile"}


@dataclass(frozen=True)
class Line:
    """One transaction, as the bank knows it."""

    id: str
    name: str
    at: datetime
    channel: str
    service: str
    fen: int | None
    reference: str
    branch: str
    terminal: str
    is_reversal: bool
    reverses: str

    def said(self) -> dict[str, str]:
        """The columns of a journal in yuan and the time of Shanghai."""
        return {
            "id": self.id,
            "name": self.name,
            "time": self.at.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S"),
            "channel": self.channel,
            "service": self.service,
            "amount": "" if self.fen is None else f"{self.fen // 100}.{self.fen % 100:02}",
            "reference": self.reference,
            "branch": self.branch,
            "terminal": self.terminal,
            "kind": "冲正" if self.is_reversal else "N",
            "reverses": self.reverses,
        }

    def may_concern(self) -> bool:
        """Whether it has a sign of an offer of the branch, or may be one without a sign."""
        is_here = self.branch in ("", HERE) and self.terminal and self.service in SERVICES
        return bool(self.reference or self.reverses or is_here)

    def ours(self) -> tuple[object, ...]:
        """What of it shall come out."""
        service = SERVICES.get(self.service)
        return (
            named(self.id),
            self.at.replace(tzinfo=None),
            CHANNELS.get(self.channel),
            service,
            band_of(service, self.fen),
            self.reference or None,
            self.branch or None,
            self.terminal or None,
            self.is_reversal,
            named(self.reverses) if self.reverses else None,
        )


def named(journals_own: str, layout: str = "test") -> UUID:
    """What a transaction is called here."""
    text = f"{layout}/{journals_own}".encode()
    return UUID(hashlib.md5(text, usedforsecurity=False).hexdigest())


def band_of(service: str | None, fen: int | None) -> str | None:
    """By the catalog itself."""
    if service is None or not fen:
        return None
    bands = default_catalog().service(service).amount_bands
    fitting = (each.code for each in bands if each.up_to is None or fen <= each.up_to)
    return next(fitting, None)


def layout(form: str, encoding: str, delimiter: str = "|", quote: str | None = None) -> Layout:
    """Of all columns."""
    places: Mapping[str, Any] = {name: place for place, name in enumerate(SAID, 1)}
    if form == "fixed":
        starts = [sum(WIDTHS[:each]) for each in range(len(WIDTHS))]
        places = {
            name: f"{start + 1}-{start + width}"
            for name, start, width in zip(SAID, starts, WIDTHS, strict=True)
        }
    if form == "jsonl":
        places = {name: f"of.{name}" for name in SAID}
    return Layout.model_validate(
        {
            "name": "test", "form": form, "encoding": encoding, "delimiter": delimiter,
            "quote": quote, "fields": len(SAID) if form == "csv" else None, "skip": 1,
            "columns": {name: place for name, place in places.items() if name != "name"},
            "time": {"format": "%Y%m%d%H%M%S", "zone": "Asia/Shanghai"},
            "amount": {"unit": "yuan"}, "channels": CHANNELS, "services": SERVICES,
            "reversals": ["R", "冲正"],
        }
    )  # fmt: skip


def written(lines: Sequence[Line], of: Layout) -> bytes:
    """A file of the layout, with a line of headings."""
    texts = [_line(each.said(), of) for each in lines]
    if of.form == "fixed":
        return b"\r\n".join([b"headings", *texts, b""])
    return "\r\n".join(["headings", *(text.decode() for text in texts)]).encode(of.encoding)


def _line(said: dict[str, str], of: Layout) -> bytes:
    if of.form == "fixed":
        parts = (said[name].encode(of.encoding) for name in SAID)
        return b"".join(
            part[:width].ljust(width) for part, width in zip(parts, WIDTHS, strict=True)
        )
    if of.form == "jsonl":
        return json.dumps({"of": said}, ensure_ascii=False).encode()
    quote = of.quote
    fields = [
        f"{quote}{text.replace(quote, quote * 2)}{quote}"
        if quote and (of.delimiter in text or quote in text)
        else text
        for text in said.values()
    ]
    return of.delimiter.join(fields).encode()


def read(
    folder: Path, content: bytes, of: Layout, columns: str = "* EXCLUDE damage"
) -> tuple[Read, list[tuple[object, ...]]]:
    """What comes out, in the order of the lines."""
    journal, lines = folder / "journal", folder / "lines.parquet"
    journal.write_bytes(content)
    with workbench(folder) as connection:
        found = read_journal(connection, journal, of, default_catalog(), lines, HERE)
        rows = connection.execute(
            f"SELECT {columns} FROM read_parquet(?) WHERE damage IS NULL ORDER BY number",  # noqa: S608
            [str(lines)],
        ).fetchall()
    assert {*folder.iterdir()} == {journal, lines}
    return found, rows


def concerning(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Without the lines of which only the time and the channel are left."""
    for row in rows:
        assert row[0] or set(row[1:2] + row[4:]) == {None}
    return [row for row in rows if row[0]]


def names(signs: str) -> st.SearchStrategy[str]:
    """Of customers; not a sign that the form would take for its own."""
    return st.text(st.sampled_from("张三李四欧阳abcZ '" + signs), max_size=8).map(str.strip)


@st.composite
def transactions(draw: st.DrawFn, signs: str) -> list[Line]:
    """Some, with numbers of their own."""
    return [
        Line(
            id=f"TX{number:06}",
            name=draw(names(signs)),
            at=AT + timedelta(seconds=draw(st.integers(-(10**6), 10**6))),
            channel=draw(st.sampled_from([*CHANNELS, "POS"])),
            service=draw(st.sampled_from([*SERVICES, "其他"])),
            fen=draw(st.none() | st.integers(1, 10**9)),
            reference=draw(st.sampled_from(["", "7K3M9QZT", "0000000X"])),
            branch=draw(st.sampled_from(["", "0001", "0002"])),
            terminal=draw(st.sampled_from(["", "T1"])),
            is_reversal=draw(st.booleans()),
            reverses=draw(st.sampled_from(["", "TX000001"])),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


FORMS: Mapping[str, tuple[Layout, str]] = {
    "csv in UTF-8": (layout("csv", "utf-8"), ',𠮷"'),
    "csv in GB18030": (layout("csv", "gb18030"), ",𠮷㐂"),
    "csv with quotes": (layout("csv", "gb18030", ",", '"'), ',"|'),
    "csv with tabs": (layout("csv", "utf-16", "\t"), '|"'),
    "fixed in GBK": (layout("fixed", "gbk"), "|"),
    "objects": (layout("jsonl", "utf-8"), '",\\{'),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_line_comes_out_as_it_was_written(
    form: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    of, signs = FORMS[form]
    folder = tmp_path_factory.mktemp("journal")

    @settings(max_examples=4)
    @given(transactions(signs))
    def check(lines: list[Line]) -> None:
        found, rows = read(folder, written(lines, of), of)
        assert concerning(rows) == [
            (number, *each.ours()) for number, each in enumerate(lines, 2) if each.may_concern()
        ]
        when = Counter((each.at.replace(tzinfo=None), CHANNELS.get(each.channel)) for each in lines)
        assert Counter(row[2:4] for row in rows) == when
        assert found.lines == len(lines)
        assert found.damaged == ()

    check()


GOOD = Line("TX000001", "张三", AT, "APP", "转账", 100_00, "7K3M9QZT", "0001", "T1", False, "")


def damaged_lines() -> Iterator[tuple[str, bytes, str]]:
    """Of GB18030 with quotes."""
    good = _line(GOOD.said(), FORMS["csv with quotes"][0]).decode()
    yield "a field too few", good.rpartition(",")[0].encode(), "form"
    yield "a field too many", f"{good},x".encode(), "form"
    yield "a quote that is not closed", good.replace("张三", '"张三').encode(), "form"
    yield "half a line", good[:30].encode(), "form"
    yield "no number", good.replace("TX000001", "").encode(), "id"
    yield "no such day", good.replace("20261123", "20261131").encode(), "time"
    yield "no time", good.replace("20261123093000", "").encode(), "time"
    yield "an amount in words", good.replace("100.00", "一百").encode(), "amount"
    yield "two points", good.replace("100.00", "1.00.00").encode(), "amount"


def test_damaged_lines_are_told_and_the_others_go_in(tmp_path: Path) -> None:
    of = FORMS["csv with quotes"][0]
    headings, good = written([GOOD], of).split(b"\r\n")
    lines = [headings, good, b""]
    told = {}
    for what, line, reason in damaged_lines():
        lines += [line.decode().encode("gb18030"), good]
        told[len(lines) - 1] = (what, reason)
    found, rows = read(tmp_path, b"\n".join(lines), of)
    reasons = {each.number: each.reason for each in found.damaged}
    assert {number: (told[number][0], reason) for number, reason in reasons.items()} == told
    assert [row[0] for row in rows] == [2, *(number + 1 for number in told)]
    assert found.lines == 1 + 2 * len(told)
    assert found.first_at == found.last_at == AT.replace(tzinfo=None)


def test_a_name_that_was_cut_in_the_middle_of_a_sign_spoils_no_fixed_line(tmp_path: Path) -> None:
    of = FORMS["fixed in GBK"][0]
    name = "李" * 10
    content = written([GOOD], of).replace("张三".encode("gbk"), name.encode("gbk")[:19])
    content = content.replace(b" " * 15 + b"2026", b"2026")  # the name is wider than before
    found, rows = read(tmp_path, content, of)
    assert found.damaged == ()
    assert rows == [(2, *GOOD.ours())]


def test_what_no_text_may_hold_ends_no_line(tmp_path: Path) -> None:
    of = FORMS["csv in UTF-8"][0]
    content = written([GOOD], of).replace("张三".encode(), b"\xff\0\1\x0b\xe2\x80\xa8")
    found, rows = read(tmp_path, content + b"\r\n\x1a", of)
    assert found.damaged == ()
    assert rows == [(2, *GOOD.ours())]


def test_numbers_are_those_of_the_file_however_long_it_is(tmp_path: Path) -> None:
    of = FORMS["csv in UTF-8"][0]
    [_, line] = written([GOOD], of).split(b"\r\n")
    # more than the reader looks at in one go, and some lines are empty
    lines = [
        line.replace(b"TX000001", b"TX%06d" % number) if number % 3 else b""
        for number in range(2, 45_000)
    ]
    _, rows = read(tmp_path, b"\n".join([b"headings", *lines]), of, "number, line")
    assert [row[0] for row in rows] == [number for number in range(2, 45_000) if number % 3]
    assert all(row[1] == named(f"TX{row[0]:06}") for row in rows[::99])


@pytest.mark.parametrize(
    ("ending", "is_whole"),
    [("合计|2", True), ("合计|3", False), ("合计|", False), ("", False), ("合计|2\r\n", True)],
)
def test_a_file_that_was_cut_off_is_not_taken(ending: str, is_whole: bool, tmp_path: Path) -> None:
    of = load_layout("mobile", None, default_catalog())
    line = "TX{}|20261123093000|TRF|张三|100.00|7K3M9QZT|0001|T1|N|"
    lines = ["headings", line.format(1), line.format(2), ending]
    content = "\n".join(lines).encode("gb18030")
    if is_whole:
        assert len(read(tmp_path, content, of)[1]) == 2
        return
    with pytest.raises(KioskError) as refused:
        read(tmp_path, content, of)
    assert refused.value.code == "journal_incomplete"


@pytest.mark.parametrize("name", ["mobile", "machines", "net"])
def test_the_layouts_that_ship_are_good(name: str) -> None:
    found = load_layout(name, None, default_catalog())
    assert found.name == name
    assert found.our_channels


def test_an_offset_beside_the_time_holds(tmp_path: Path) -> None:
    of = load_layout("net", None, default_catalog())
    line = {
        "id": "1", "time": "2026-11-23T10:30:00+09:00", "channel": "WEB", "kind": "reversal",
        "operation": {"code": "TRANSFER", "amount": 50_000.01}, "reference": "7k3m-9qzt",
    }  # fmt: skip
    [row] = read(tmp_path, json.dumps(line).encode(), of)[1]
    at = AT.replace(tzinfo=None)
    assert row[1:7] == (named("1", "net"), at, "net", "same_bank_transfer", "over_50k", "7K3M9QZT")
    assert row[9] is True


def test_where_clocks_are_changed_each_time_has_the_offset_of_its_day(tmp_path: Path) -> None:
    of = load_layout("mobile", None, default_catalog())
    time = of.time.model_copy(update={"zone": "Europe/Berlin"})
    lines = [
        f"TX{day}|{day}120000|TRF|张三|100.00|7K3M9QZT|0001|T1|N|" for day in (20260701, 20261201)
    ]
    text = "\n".join(["headings", *lines, "合计|2"])
    _, rows = read(tmp_path, text.encode("gb18030"), of.model_copy(update={"time": time}))
    assert [row[2] for row in rows] == [datetime(2026, 7, 1, 10), datetime(2026, 12, 1, 11)]  # noqa: DTZ001 (in UTC)


def test_what_is_no_journal_at_all_is_a_sentence(tmp_path: Path) -> None:
    of = FORMS["csv in UTF-8"][0]
    with pytest.raises(KioskError) as refused:
        read(tmp_path, written([GOOD], of) + b"\n" + b"x" * 3_000_000 + b"\n", of)
    assert refused.value.code == "journal_unreadable"


BASE = """
form = "csv"
fields = 3
channel = "mobile"
[columns]
time = 1
[time]
format = "%Y%m%d"
zone = "Asia/Shanghai"
"""


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('form = "csv"', 'form = "xml"', "form"),
        ("fields = 3", "", "fields"),
        ("fields = 3", "fields = 0", "fields"),
        ('channel = "mobile"', "", "channel"),
        ('"mobile"', '"mobil"', "channel"),
        ("time = 1", "time = 4", "columns.time"),
        ("time = 1", 'time = "1-8"', "columns.time"),
        ("time = 1", "time = 1\nservice = 2", "services"),
        ("time = 1", "time = 1\namount = 2", "amount"),
        ("time = 1", "time = 1\nkind = 2", "reversals"),
        ("Asia/Shanghai", "Asia/Shanghigh", "time.zone"),
        ("%Y%m%d", "date", "time.format"),
        ("fields = 3", 'fields = 3\nencoding = "gb"', "encoding"),
        ("fields = 3", "fields = 3\nheadings = 3", "headings"),
    ],
)
def test_a_layout_with_a_fault_is_refused_at_its_place(
    before: str, after: str, key: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(BASE)
    assert read_layout(path, default_catalog()).our_channels == ["mobile"]
    assert before in BASE
    path.write_text(BASE.replace(before, after))
    with pytest.raises(KioskError) as refused:
        load_layout("own", tmp_path, default_catalog())
    assert refused.value.code == "layout_invalid"
    assert refused.value.params["key"] == key


def test_a_layout_that_nobody_has_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(KioskError) as refused:
        load_layout("other", tmp_path, default_catalog())
    assert refused.value.code == "layout_unknown"
    assert refused.value.params["known"] == "machines, mobile, net"
