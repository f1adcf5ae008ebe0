"""Long lists of what is to be reconciled: no more is read than is shown."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from journal_rows import FIRST, KINDS, put_lines, put_offers, rows_read
from sync_world import FORMS, World, world_on

from kiosk.services.reconcile import drill, items
from kiosk.services.reconcile.confirming import confirm
from kiosk.services.reconcile.items import Page, ProbableKind, TrendDay

world = world_on(*FORMS[:2])
BRANCH, MANY, PAGE = "0001", 240, 9
DAYS = [FIRST.date() + timedelta(days=day) for day in range(-1, 6)]


@pytest.fixture
def offers(world: World) -> list[UUID]:
    """Those that are accepted, 160 of them with a probable line."""
    made = put_offers(world.branch, BRANCH, MANY)
    put_lines(world.branch, BRANCH, made[:160])
    return made


def paged(read: Callable[[Page], Sequence[UUID]]) -> list[UUID]:
    """All pages, of which each was read alone."""
    found: list[UUID] = []
    with rows_read() as counts:
        while page := read(Page(len(found), PAGE)):
            found += page
    assert max(counts) == PAGE
    return found


def test_a_page_is_read_and_not_the_list(world: World, offers: list[UUID]) -> None:
    here = world.branch, BRANCH
    assert paged(lambda page: [each.offer for each in items.open_items(*here, page=page)]) == offers
    of_probables = paged(lambda page: [each.offer for each in items.probables(*here, page=page)])
    assert of_probables == offers[:160]
    unclear = paged(lambda page: [each.line for each in drill.unclear(*here, page)])
    assert len(set(unclear)) == 160
    with rows_read() as counts:
        assert sum(items.open_by_day(*here).values()) == MANY
        assert drill.unclear_counts(*here) == {"before_acceptance": 80, "duplicate": 80}
        kinds = items.probable_kinds(*here)
    assert counts == [4, 2, 2]  # days, names, kinds
    assert [(each.channel, each.service, each.count) for each in kinds] == [
        (*KINDS[0], 107), (*KINDS[2], 53),
    ]  # fmt: skip


def test_a_kind_is_confirmed_and_no_other(world: World, offers: list[UUID]) -> None:
    here = world.branch, BRANCH
    cash = next(each for each in items.probable_kinds(*here) if each.channel == "atm")
    lines = items.probable_lines(*here, cash)
    assert {each.line for each in items.probables(*here, cash)} == set(lines)
    of_branch = world.branch, world.config, world.clock
    assert confirm(*of_branch, lines, "2001", lambda _: None) == 53
    assert items.probable_kinds(*here) == [ProbableKind(*KINDS[0], 107)]
    proven = {(each.channel, each.matched) for each in items.by_channel(*here, DAYS)}
    assert proven == {("atm", 53), ("mobile", 0)}


def test_the_trend_is_counted_by_the_database(world: World, offers: list[UUID]) -> None:
    lines = items.probable_lines(world.branch, BRANCH)
    settled: dict[UUID, date] = {}
    for day in (1, 3):  # some a day later, some two days later
        world.clock.time = FIRST + timedelta(days=day, hours=13)  # late in the evening
        said = lines[:60] if day == 1 else lines[60:120]
        confirm(world.branch, world.config, world.clock, said, "2001", lambda _: None)
        at = offers[:60] if day == 1 else offers[60:120]
        settled |= dict.fromkeys(at, FIRST.date() + timedelta(days=day))
    with rows_read() as counts:
        found = items.trend(world.branch, world.config, DAYS)
    assert counts == [1]
    accepted = {offer: FIRST.date() + timedelta(days=n // 60) for n, offer in enumerate(offers)}
    assert found == [
        TrendDay(
            day,
            sum(each == day for each in accepted.values()),
            sum(
                each <= day and (offer not in settled or settled[offer] > day)
                for offer, each in accepted.items()
            ),
        )
        for day in DAYS
    ]
