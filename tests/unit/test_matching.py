"""Lines of a journal and offers whose fate is known: what is matched, guessed and told."""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_world import HERE, PROVEN, Accepted, Fate, JournalWorld, Writer, make_world
from support import default_catalog

from kiosk.services.reconcile.layout import load_layout
from kiosk.services.reconcile.matching import JournalLines, judge
from kiosk.services.reconcile.reading import read_journal
from kiosk.services.reconcile.workbench import workbench

Held = tuple[UUID, UUID, bool]


@dataclass(frozen=True)
class Judged:
    """What the rules say; lines by file and number."""

    chosen: dict[UUID, UUID]
    """Line → offer."""
    undone: dict[UUID, str]
    guesses: dict[UUID, UUID]
    """Probable ones."""
    faults: dict[tuple[str, int], str]
    states: dict[tuple[str, int], str]
    lines: dict[tuple[str, int], UUID]

    def held(self, before: Collection[Held] = ()) -> list[Held]:
        """What is matched afterwards."""
        kept = [each for each in before if each[0] not in self.undone]
        return [*kept, *((line, offer, True) for line, offer in self.chosen.items())]


def put_down(path: Path, rows: Collection[tuple[object, ...]]) -> Path:
    with path.open("w", newline="") as table:
        csv.writer(table).writerows(rows)
    return path


def judged(
    folder: Path,
    offers: Collection[Accepted],
    *texts: str,
    held: Collection[Held] = (),
    has_terminals: bool = True,
) -> Judged:
    """Read the journals and hold the offers against them."""
    layout = load_layout("mobile", None, default_catalog())
    if not has_terminals:
        columns = layout.columns.model_copy(update={"terminal": None})
        layout = layout.model_copy(update={"columns": columns})
    journals = []
    for number, text in enumerate(texts):
        path, content = folder / f"{number}.txt", text.encode("gb18030")
        parquet = path.with_suffix(".parquet")
        journals.append(JournalLines(str(number), parquet, has_terminals))
        if path.exists() and path.read_bytes() == content:
            continue  # it has been read
        path.write_bytes(content)
        with workbench(folder) as connection:
            read_journal(connection, path, layout, default_catalog(), parquet, HERE)
    accepted = put_down(folder / "offers.csv", [each.row() for each in offers])
    matched = put_down(folder / "held.csv", held)
    with workbench(folder) as connection:
        judge(connection, journals, accepted, matched, HERE)
        found = {
            name: connection.execute(f"SELECT {columns} FROM {name}").fetchall()  # noqa: S608
            for name, columns in (
                ("chosen", "line, offer"),
                ("undone", "line, reason"),
                ("candidate", "line, offer, is_alone"),
                ("verdict", "file, number, line, state, fault"),
            )
        }
    assert len({row[0] for row in found["chosen"]}) == len(found["chosen"])
    return Judged(
        chosen=dict(found["chosen"]),
        undone=dict(found["undone"]),
        guesses={line: offer for line, offer, is_alone in found["candidate"] if is_alone},
        faults={row[:2]: row[4] for row in found["verdict"] if row[4]},
        states={row[:2]: row[3] for row in found["verdict"]},
        lines={row[:2]: row[2] for row in found["verdict"]},
    )


def numbers(found: Judged, matches: dict[UUID, UUID]) -> dict[int, UUID]:
    """By the number of the line in the first file."""
    # a line that comes again has the same name: the first one counts
    where = {line: number for (_, number), line in sorted(found.lines.items(), reverse=True)}
    return {where[line]: offer for line, offer in matches.items()}


def test_known_truth_is_found_whole(tmp_path: Path) -> None:
    world = make_world(Random(8), offers=1_500, strangers=3_000, days=30, here=12)
    found = judged(tmp_path, world.offers, world.text())
    chosen = numbers(found, found.chosen)
    # precision by reference: each match is true; recall: each that could be found was
    assert all(world.own_lines.get(number) == offer for number, offer in chosen.items())
    assert set(chosen.values()) == {each for each, fate in world.fates.items() if fate in PROVEN}
    guesses = numbers(found, found.guesses)
    wrong = [number for number, offer in guesses.items() if world.own_lines.get(number) != offer]
    assert len(wrong) <= 0.005 * len(guesses)
    to_guess = {
        each for each, fate in world.fates.items() if fate in (Fate.NO_REFERENCE, Fate.SWAPPED)
    }
    # the others have another candidate, or none in their half hour
    assert len(to_guess & set(guesses.values())) > 0.8 * len(to_guess)
    told = {number: fault for (_, number), fault in found.faults.items()}
    assert told == world.planted


def test_among_strangers_without_a_terminal_nothing_is_guessed_wrong(tmp_path: Path) -> None:
    world = make_world(Random(9), offers=1_500, strangers=0, days=30, here=20)
    found = judged(tmp_path, world.offers, world.text(), has_terminals=False)
    guesses = numbers(found, found.guesses)
    assert all(world.own_lines.get(number) == offer for number, offer in guesses.items()), guesses
    assert set(found.states.values()) >= {"ambiguous", "matched"}


def test_however_a_journal_is_cut_into_files_the_same_is_matched(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("cut")

    @settings(max_examples=3)
    @given(st.integers(0, 2**32), st.lists(st.sampled_from(Fate), max_size=20), st.data())
    def check(seed: int, fates: list[Fate], data: st.DataObject) -> None:
        world = make_world(Random(seed), offers=0, strangers=5, fates=fates)
        whole = judged(folder, world.offers, world.text())
        cut = data.draw(st.integers(0, len(world.lines)))
        first, *_ = parts = [
            JournalWorld(lines=lines).text() for lines in (world.lines[:cut], world.lines[cut:])
        ]
        before = judged(folder, world.offers, first).held()
        after = judged(folder, world.offers, *parts, held=before)
        held = after.held(before)
        assert {each[:2] for each in held} == set(whole.chosen.items())
        again = judged(folder, world.offers, *parts, held=held)
        assert not again.chosen
        assert not again.undone
        assert again.guesses == after.guesses

    check()


def with_offer(fen: int = 100_00, terminal: str = "T1") -> tuple[Writer, Accepted]:
    writer = Writer(Random(3))
    made = make_world(Random(5), offers=1, strangers=0, fates=[Fate.LOST]).offers[0]
    offer = Accepted(
        made.id, made.reference, "mobile", "same_bank_transfer", fen, made.accepted_at, terminal
    )
    writer.world.offers.append(offer)
    return writer, offer


def test_of_two_lines_that_fit_none_is_guessed(tmp_path: Path) -> None:
    writer, offer = with_offer()
    for minutes in (5, 6):
        at = offer.accepted_at + timedelta(minutes=minutes)
        writer.line(at, offer.service, offer.fen, "", terminal=offer.terminal)
    found = judged(tmp_path, [offer], writer.world.text())
    assert not found.guesses
    assert set(found.states.values()) == {"ambiguous"}


def test_where_such_lines_are_frequent_one_that_fits_says_nothing(tmp_path: Path) -> None:
    writer, offer = with_offer()
    for minutes in (5, 60, 100):
        at = offer.accepted_at + timedelta(minutes=minutes)
        writer.line(at, offer.service, offer.fen, "")
    found = judged(tmp_path, [offer], writer.world.text(), has_terminals=False)
    assert not found.guesses
    assert found.states == {("0", 2): "ambiguous"}


@pytest.mark.parametrize(
    ("minutes", "fen", "terminal", "branch"),
    [(31, 100_00, "T1", HERE), (-3, 100_00, "T1", HERE), (5, 60_000_00, "T1", HERE),
     (5, 100_00, "T2", HERE), (5, 100_00, "T1", "0002")],
    ids=["too late", "too early", "another band", "another terminal", "another branch"],
)  # fmt: skip
def test_a_line_that_does_not_fit_is_no_guess(
    minutes: int, fen: int, terminal: str, branch: str, tmp_path: Path
) -> None:
    writer, offer = with_offer()
    at = offer.accepted_at + timedelta(minutes=minutes)
    writer.line(at, offer.service, fen, "", terminal=terminal, branch=branch)
    assert not judged(tmp_path, [offer], writer.world.text()).guesses


def test_the_offers_own_line_replaces_what_somebody_took_for_it(tmp_path: Path) -> None:
    writer, offer = with_offer()
    at = offer.accepted_at + timedelta(minutes=5)
    writer.line(at, offer.service, offer.fen, "", terminal="T1")
    first = judged(tmp_path, [offer], writer.world.text())
    [(line, _)] = first.guesses.items()
    confirmed = [(line, offer.id, False)]
    again = judged(tmp_path, [offer], writer.world.text(), held=confirmed)
    assert again.held(confirmed) == confirmed
    number = writer.line(at + timedelta(minutes=1), offer.service, offer.fen, offer.reference)
    found = judged(tmp_path, [offer], writer.world.text(), held=confirmed)
    assert found.undone == {line: "correction"}
    assert numbers(found, found.chosen) == {number: offer.id}


def test_a_reversal_undoes_what_was_matched_before_its_file_came(tmp_path: Path) -> None:
    writer, offer = with_offer()
    number = writer.line(offer.accepted_at, offer.service, offer.fen, offer.reference)
    found = judged(tmp_path, [offer], writer.world.text())
    later = Writer(Random(4))
    later.world.lines = ["TX0|20261123120000|行内转账|张三|1.00||0001||N|"]
    later.line(offer.accepted_at, offer.service, 1, "", kind="R", reverses=writer.id(number))
    # the file of the match is not kept any more
    after = judged(tmp_path, [offer], later.world.text(), held=found.held())
    assert after.undone == dict.fromkeys(found.chosen, "reversal")
    unknown = [(uuid4(), offer.id, True)]
    assert not judged(tmp_path, [offer], writer.world.text(), held=unknown).undone
