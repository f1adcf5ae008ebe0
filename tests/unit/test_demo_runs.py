"""What is kept of demos and of pages that were read."""

from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError
from support import rows

from kiosk.services.demo.runs import DemoRun, DemoRuns, LeftBecause, Way
from kiosk.services.disclosures import Disclosures
from kiosk.services.journal import Journal, new_id
from kiosk.services.visits import EndReason, Visits

OUTCOME = (
    "SELECT steps, wrong_keys, finished_at IS NOT NULL, right_answers, questions,"
    " left_screen, left_because FROM demo_run"
)


@pytest.fixture
def visit(journal: Journal) -> UUID:
    visit = new_id()
    Visits(journal).start(visit, "zh_CN")
    return visit


def run_of(visit: UUID | None, way: Way = Way.TRY, staff: str | None = None) -> DemoRun:
    return DemoRun(
        new_id(), "transfer_phone", 2, way, visit, "transfer", "mobile",
        offer=new_id() if visit else None, staff=staff, amount_band="upto_5k",
    )  # fmt: skip


@pytest.fixture
def runs(journal: Journal) -> DemoRuns:
    return DemoRuns(journal)


def test_a_run_that_is_finished(runs: DemoRuns, visit: UUID, path: Path) -> None:
    run = run_of(visit)
    runs.start(run, "home")
    runs.step(run, "home", "payee", 4, 0)
    runs.step(run, "payee", "done", 9, 2)
    runs.finish(run, 13)
    assert rows(path, OUTCOME) == [(2, 2, 1, None, None, None, None)]
    said = "SELECT id, visit, demo, way, service, channel, offer, left_out FROM demo_run"
    assert rows(path, said) == [
        (run.id.hex, visit.hex, "transfer_phone", "try", "transfer", "mobile", run.offer.hex, 0)
        if run.offer
        else ()
    ]
    assert rows(
        path,
        "SELECT stage, screen, wrong_keys, payload FROM event WHERE kind = 'demo' ORDER BY seq",
    ) == [
        ("started", "home", None, '{"version": 2, "amount_band": "upto_5k"}'),
        ("step", "home", 0, '{"next_screen": "payee", "seconds": 4}'),
        ("step", "payee", 2, '{"next_screen": "done", "seconds": 9}'),
        ("finished", None, None, '{"seconds": 13}'),
    ]


def test_a_check_has_a_score(runs: DemoRuns, visit: UUID, path: Path) -> None:
    run = run_of(visit, Way.CHECK)
    runs.start(run, "check")
    runs.finish(run, 40, right_answers=2, questions=3)
    assert rows(path, OUTCOME) == [(0, 0, 1, 2, 3, None, None)]


@pytest.mark.parametrize("because", LeftBecause)
def test_a_run_that_is_left_says_where_and_why(
    runs: DemoRuns, visit: UUID, path: Path, because: LeftBecause
) -> None:
    run = run_of(visit)
    runs.start(run, "home")
    runs.leave(run, "payee", 30, 1, because)
    assert rows(path, OUTCOME) == [(0, 1, 0, None, None, "payee", because.value)]


def test_staff_practise_without_a_visit_and_nobody_is_both(
    runs: DemoRuns, visit: UUID, path: Path
) -> None:
    run = run_of(None, staff="1001")
    runs.start(run, "home")
    assert rows(path, "SELECT visit, staff, left_out FROM demo_run") == [(None, "1001", 0)]
    for nobody in (run_of(None), run_of(visit, staff="1001")):
        with pytest.raises(ValueError, match="one of visit, staff"):
            runs.start(nobody, "home")


@pytest.mark.parametrize("is_before", [True, False])
def test_who_is_left_out_is_left_out_with_every_run(
    runs: DemoRuns, journal: Journal, visit: UUID, path: Path, is_before: bool
) -> None:
    if is_before:
        Visits(journal).leave_out(visit)
    runs.start(run_of(visit), "home")
    if not is_before:
        Visits(journal).leave_out(visit)
    assert rows(path, "SELECT left_out FROM demo_run") == [(1,)]


def test_a_page_that_was_read(journal: Journal, visit: UUID, path: Path) -> None:
    Disclosures(journal).read(visit, "en", "mobile", "risks", 3, "ab" * 32)
    [(*event, payload)] = rows(
        path,
        "SELECT stage, visit, language, product, payload FROM event WHERE kind = 'disclosure'",
    )
    assert event == ["read", visit.hex, "en", "mobile"]
    assert payload == (f'{{"page": "risks", "version": 3, "digest": "{"ab" * 32}"}}')


def test_a_digest_is_one(journal: Journal, visit: UUID) -> None:
    with pytest.raises(ValidationError):
        Disclosures(journal).read(visit, "en", "mobile", "risks", 3, "Li Xiaomei")


def test_runs_that_an_end_of_the_program_left_open_are_interrupted_where_they_stood(
    runs: DemoRuns, journal: Journal, visit: UUID, path: Path
) -> None:
    ended, standing, begun = (run_of(visit) for _ in range(3))
    staffs = run_of(None, staff="1001")
    for run in (ended, standing, begun, staffs):
        runs.start(run, "home")
    runs.finish(ended, 9)
    runs.step(standing, "home", "payee", 2, 1)
    Visits(journal).end_interrupted()
    Visits(journal).end_interrupted()
    left = "SELECT id, left_screen, left_because, wrong_keys FROM demo_run ORDER BY rowid"
    assert rows(path, left) == [
        (ended.id.hex, None, None, 0),
        (standing.id.hex, "payee", "interrupted", 1),
        (begun.id.hex, "home", "interrupted", 0),
        (staffs.id.hex, "home", "interrupted", 0),
    ]
    assert rows(path, "SELECT end_reason FROM visit") == [(EndReason.INTERRUPTED.value,)]
    assert rows(path, "SELECT count(*) FROM event WHERE stage IN ('left', 'ended')") == [(4,)]
    assert rows(path, "SELECT stage FROM event ORDER BY seq DESC LIMIT 1") == [("ended",)]
