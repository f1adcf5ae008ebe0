"""Staff's figures of a seeded year, counted once more with plain SQL over the events."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from staff_year import STAFF, StaffYear
from support import SHANGHAI, default_catalog
from sync_world import World

from kiosk.services.catalog_staff import FollowUpRules, PieceRates
from kiosk.services.demos_report import Days
from kiosk.services.report import Share, day_report
from kiosk.services.staff.figures import (
    COUNTS,
    Counted,
    PersonFigures,
    SignUps,
    people,
    ranking,
    total,
)
from kiosk.services.staff.follow_ups import FollowUpList, follow_ups
from kiosk.services.staff.morning import SHOWN, morning_sheet
from kiosk.services.staff.rates import Compared, branches_ranked, comparison, rates
from kiosk.services.target_list import Target

FIRST = date(2025, 11, 24)
YEAR = Days(FIRST, FIRST + timedelta(days=364))
SPRING = Days(date(2026, 3, 10), date(2026, 4, 20))
A_DAY = Days(date(2026, 3, 18), date(2026, 3, 18))
ON_SERVER = 150
"""Days: long enough for all that is asked; a server is no other one after a year."""
SPANS = (YEAR, SPRING, A_DAY)
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
RULES = FollowUpRules()

OUT = "SELECT visit FROM event WHERE kind = 'visit' AND stage = 'left_out'"
ASSISTS = """
    SELECT begun.staff, count(*) FROM event begun
    LEFT JOIN event ended ON ended.subject = begun.subject
        AND ended.kind = 'assist' AND ended.stage = 'ended'
    WHERE begun.kind = 'assist' AND begun.stage = 'started'
        AND begun.business_date BETWEEN ? AND ? AND begun.visit NOT IN ($OUT)
"""
SIGN_UPS = """
    SELECT {who}.staff, signed.product, count(*) FROM event signed
    JOIN event {stage} ON {stage}.subject = signed.subject
        AND {stage}.kind = 'sign_up' AND {stage}.stage = '{stage}'
    WHERE signed.kind = 'sign_up' AND signed.stage = 'signed'
        AND {stage}.business_date BETWEEN ? AND ? AND signed.visit NOT IN ($OUT)
    GROUP BY 1, 2
"""
FOLLOW_UPS = """
    SELECT done.staff, count(*) FROM event done
    JOIN event signed ON signed.subject = done.subject AND signed.stage = 'signed'
    WHERE done.kind = 'follow_up' AND done.business_date BETWEEN ? AND ?
        AND signed.visit NOT IN ($OUT)
    GROUP BY 1
"""


@pytest.fixture(scope="module")
def world(kept_world: World) -> World:
    is_server = not kept_world.branch.is_sqlite
    StaffYear("0001", SHANGHAI, FIRST, ON_SERVER if is_server else 365).write(kept_world.branch)
    if is_server:
        kept_world.change("ANALYZE")
    return kept_world


def asked(world: World, query: str, days: Days) -> list[tuple[Any, ...]]:
    query = query.replace("$OUT", OUT)
    return world.rows(query, f"{days.first}", f"{days.last}")


def by_staff(world: World, condition: str, days: Days) -> Counter[str]:
    return Counter(dict(asked(world, f"{ASSISTS} AND {condition} GROUP BY 1", days)))


def outcomes(*these: str) -> str:
    return f"ended.outcome IN ({', '.join(repr(each) for each in these)})"


def of_people(world: World, days: Days) -> dict[str, dict[str, int]]:
    """Everybody's counts, from the events."""
    accepted = ("accepted", "taught", "done")
    counts = {
        "approached": by_staff(world, "1 = 1", days),
        "offered": by_staff(world, outcomes("declined", *accepted), days),
        "accepted": by_staff(world, outcomes(*accepted), days),
        "shown": by_staff(world, outcomes("taught", "done"), days),
        "completed": by_staff(world, f"{outcomes('done')} AND ended.service IS NOT NULL", days),
        "follow_ups": Counter(dict(asked(world, FOLLOW_UPS, days))),
        **{
            stage: sum(
                (Counter({staff: n}) for staff, _, n in sign_ups(world, stage, days)), Counter()
            )
            for stage in ("signed", "taught", "used")
        },
    }
    active = {staff for each in counts.values() for staff in each}
    return {staff: {name: counts[name][staff] for name in COUNTS} for staff in sorted(active)}


def sign_ups(world: World, stage: str, days: Days) -> list[tuple[Any, ...]]:
    if stage == "signed":
        query = """
            SELECT staff, product, count(*) FROM event WHERE kind = 'sign_up'
            AND stage = 'signed' AND business_date BETWEEN ? AND ? AND visit NOT IN ($OUT)
            GROUP BY 1, 2
        """
    else:
        who = "taught" if stage == "taught" else "signed"
        query = SIGN_UPS.format(stage=stage, who=who)
    return asked(world, query, days)


def shown(figures: PersonFigures) -> dict[str, int]:
    return {name: getattr(figures, name) for name in COUNTS}


@pytest.mark.parametrize("days", SPANS, ids=("year", "spring", "day"))
def test_what_people_did(world: World, days: Days) -> None:
    found = people(world.branch, "0001", days)
    assert {each.staff: shown(each) for each in found} == of_people(world, days)
    assert {each.staff for each in found} <= set(STAFF)
    for stage in ("signed", "taught", "used"):
        assert sorted(
            (each.staff, product, getattr(counted, stage))
            for each in found
            for product, counted in (each.by_product or {}).items()
            if getattr(counted, stage)
        ) == sorted(sign_ups(world, stage, days))


def test_all_together_and_the_targets_that_they_count_for(world: World) -> None:
    found = people(world.branch, "0001", SPRING)
    together = total(found)

    def reached(metric: str, **about: object) -> int | None:
        rest = {"metric": metric, "period": "2026", "unit": "count", "value": 1}
        with world.branch.read() as connection:
            return Counted(connection, "0001")(Target.model_validate(rest | about), SPRING)

    assert reached("proven") is None  # no journal has come
    for metric in ("approached", "signed", "taught", "used", "follow_ups"):
        assert reached(metric) == getattr(together, metric) > 0
        assert reached(metric, staff="3103") == getattr(found[2], metric)
    of_mobile = [(each.by_product or {}).get("mobile", SignUps()).used for each in found]
    assert reached("used", product="mobile") == sum(of_mobile) > 0
    # those at the terminals, too: more than staff saw
    every = sum(
        day_report(world.branch, "0001", SPRING.first + timedelta(days=number)).completed
        for number in range((SPRING.last - SPRING.first).days + 1)
    )
    assert reached("completed") == every > together.completed
    assert reached("completed", staff="3103") == found[2].completed
    with pytest.raises(ValidationError):
        reached("proven", staff="3103")


def told_by(world: World, query: str) -> list[tuple[Any, ...]]:
    return world.rows(query)


def diverted(world: World, days: Days) -> Counter[str]:
    """Offers, and what became of them, in Python: the later of the last two stands."""
    stages: dict[Any, dict[str, Any]] = defaultdict(dict)
    out = {row[0] for row in world.rows(OUT)}
    for offer, stage, moment, day, visit in told_by(
        world,
        """SELECT offer, stage, occurred_at, business_date, visit FROM event
        WHERE kind = 'diversion'""",
    ):
        if visit not in out:
            stages[offer][stage] = moment
            stages[offer].setdefault("day", str(day))
    counts: Counter[str] = Counter()
    for of_offer in stages.values():
        if not f"{days.first}" <= of_offer["day"] <= f"{days.last}":
            continue
        counts.update(stage for stage in ("offered", "accepted") if stage in of_offer)
        done, back = of_offer.get("completed"), of_offer.get("fell_back")
        counts["completed"] += done is not None and (back is None or str(done) > str(back))
        counts["fell_back"] += back is not None and (done is None or str(done) < str(back))
    return counts


@pytest.mark.parametrize("days", SPANS, ids=("year", "spring", "day"))
def test_the_rates_of_a_branch(world: World, days: Days) -> None:
    found = rates(world.branch, "0001", days, NOW, RULES.dormant_days)
    offers = diverted(world, days)
    [(transferable,)] = asked(
        world,
        """SELECT count(*) FROM event WHERE kind = 'ticket' AND stage = 'issued' AND transferable
            AND business_date BETWEEN ? AND ? AND visit NOT IN ($OUT)""",
        days,
    )
    [(served,)] = asked(
        world,
        """SELECT count(*) FROM event WHERE kind = 'ticket' AND stage = 'finished'
            AND business_date BETWEEN ? AND ? AND visit NOT IN ($OUT)""",
        days,
    )
    approached = by_staff(world, "1 = 1", days).total()
    assert found.coverage == Share(approached, served)
    assert found.acceptance == Share(offers["accepted"], offers["offered"])
    assert found.completion == Share(offers["completed"], offers["accepted"])
    assert found.diversion == Share(offers["completed"], offers["completed"] + transferable)
    assert found.proof is found.proven_diversion is None  # no journal has come


def lives(world: World) -> list[dict[str, Any]]:
    """Every sign-up with what became of it, in Python."""
    found: dict[Any, dict[str, Any]] = defaultdict(lambda: {"done": []})
    out = {row[0] for row in world.rows(OUT)}
    for row in told_by(
        world,
        """SELECT subject, kind, stage, occurred_at, business_date, visit, staff, product, reason,
        receipt FROM event WHERE kind IN ('sign_up', 'follow_up') ORDER BY occurred_at""",
    ):
        subject, _, stage, moment, day, visit, staff, product, reason, receipt = row
        moment = datetime.fromisoformat(str(moment)).replace(tzinfo=UTC)
        life = found[subject]
        if stage == "done":
            life["done"].append((moment, reason))
        elif stage == "signed":
            life |= {
                "day": date.fromisoformat(str(day)), "customer": visit, "staff": staff,
                "product": product, "receipt": receipt, "out": visit in out, "signed": moment,
            }  # fmt: skip
        else:
            life[stage] = moment
    return list(found.values())


def sleeps(life: dict[str, Any], now: datetime) -> bool:
    used, dormant = life.get("used"), life.get("dormant")
    said = dormant is not None and (used is None or dormant > used)
    never = used is None and life["signed"] <= now - timedelta(days=90)
    return "closed" not in life and (said or never)


@pytest.mark.parametrize("days", SPANS, ids=("year", "spring", "day"))
def test_active_and_dormant_sign_ups(world: World, days: Days) -> None:
    found = rates(world.branch, "0001", days, NOW, RULES.dormant_days)
    of_days = [
        life for life in lives(world) if days.first <= life["day"] <= days.last and not life["out"]
    ]
    active: Counter[str] = Counter()
    for life in of_days:
        used = life.get("used")
        active[life["product"]] += used is not None and used - life["signed"] <= timedelta(days=30)
    signed = Counter(life["product"] for life in of_days)
    assert dict(found.active_by_product) == {
        product: Share(active[product], signed[product]) for product in signed
    }
    assert found.active == Share(active.total(), signed.total())
    assert found.dormant == Share(sum(sleeps(life, NOW) for life in of_days), len(of_days))


@pytest.mark.parametrize("today", [date(2026, 3, 18), date(2026, 11, 23)])
def test_whom_to_call_and_to_visit(world: World, today: date) -> None:
    found = follow_ups(world.branch, "0001", today, RULES)
    assert [each.due_on for each in found.to_do] == sorted(each.due_on for each in found.to_do)
    listed = [*found.to_do, *found.coming]
    midnight = datetime(today.year, today.month, today.day, tzinfo=SHANGHAI) + timedelta(days=1)
    calls, visits = expected(world, today)
    assert sorted((e.receipt, e.due_on) for e in listed if e.by == "call") == sorted(calls)
    assert sorted((e.products, e.due_on) for e in listed if e.by == "visit") == sorted(visits)
    assert found.dormant_count == sum(sleeps(life, midnight) for life in lives(world))
    assert len(found.dormant) == min(200, found.dormant_count)
    check_parts(found)


def expected(
    world: World, today: date
) -> tuple[list[tuple[str, date]], list[tuple[tuple[str, ...], date]]]:
    """Due calls by receipt, due visits by products; both as far as the events say by now."""
    calls, companies = [], defaultdict(list)
    for life in lives(world):
        results = [reason for _, reason in life["done"]]
        if life["product"] in ("company_net", "reconciliation"):
            companies[life["customer"]].append(life)
            continue
        settled = results[-1:] in (["activated"], ["does_not_want"], ["visited"])
        is_young = today - timedelta(days=90) < life["day"] <= today
        if settled or not is_young or {"used", "closed", "dormant"} & set(life):
            continue
        calls.append((life["receipt"], due(life, 7)))
    visits = []
    for customer in companies.values():
        if customer[0]["day"] > today or any(
            life["done"] for life in customer
        ):  # in this year all theirs are visits
            continue
        still = [life for life in customer if "closed" not in life]
        still.sort(key=lambda life: life["product"])
        if still:
            visits.append((still, due(still[0], 15)))
    return calls, [(tuple(life["product"] for life in still), when) for still, when in visits]


def due(life: dict[str, Any], first: int) -> date:
    day: date = life["day"] + timedelta(days=first)
    if life["done"]:
        last = life["done"][-1][0].astimezone(SHANGHAI).date()
        day = max(day, last + timedelta(days=3))
    return day


def check_parts(found: FollowUpList) -> None:
    assert {*found.overdue, *found.due_today} == {*found.to_do}
    assert all(each.due_on < found.today for each in found.overdue)
    mine = found.of("3103")
    assert {each.staff for each in (*mine.to_do, *mine.coming)} <= {"3103"}
    assert {each.staff for each in mine.dormant} <= {"3103"}
    assert len(mine.to_do) == sum(each.staff == "3103" for each in found.to_do)


def test_the_morning_sheet(world: World) -> None:
    wanted, seen = date(2026, 3, 18), 0
    for number in range(12):
        day = wanted + timedelta(days=number)
        sheet = morning_sheet(world.branch, "0001", day, RULES)
        one = Days(day, day)
        offers = diverted(world, one)
        assert sheet.day == day_report(world.branch, "0001", day)
        assert dict(sheet.failed).keys() <= {"", "forgot_password", "no_network"}
        assert sum(count for _, count in sheet.failed) == offers["fell_back"]
        used = Counter(
            {product: sum(n for _, p, n in sign_ups(world, "used", one) if p == product)
             for _, product, _ in sign_ups(world, "used", one)}
        )  # fmt: skip
        assert dict(sheet.activations) == dict(used)
        notes = asked(
            world,
            """SELECT reason FROM event WHERE kind = 'day_book' AND stage = 'written'
            AND business_date BETWEEN ? AND ? ORDER BY occurred_at""",
            one,
        )
        told = [category for (category,) in notes if category in [each.value for each in SHOWN]]
        assert [note.category for note in sheet.notes] == told
        assert sheet.rounds == (3 if day.weekday() < 6 else 0)
        overdue = follow_ups(world.branch, "0001", day, RULES).to_do
        assert dict(sheet.overdue) == Counter(item.staff for item in overdue)
        seen += len(sheet.notes) + len(sheet.failed) + len(sheet.outages) + len(sheet.not_in_order)
    assert seen > 5


def test_a_branch_that_is_not_there_has_no_figures(world: World) -> None:
    assert people(world.branch, "0009", YEAR) == ()
    nothing = rates(world.branch, "0009", YEAR, NOW, 90)
    assert nothing.coverage == nothing.active == Share(0, 0)
    assert follow_ups(world.branch, "0009", YEAR.last, RULES).to_do == ()
    compared = comparison(world.branch, "0009", YEAR, NOW, 90)
    assert {each.gap for each in compared} == {None}


def test_alone_a_branch_is_its_own_network(world: World) -> None:
    compared = comparison(world.branch, "0001", SPRING, NOW, 90)
    told = [each for each in compared if each.branch is not None]
    assert {each.gap for each in told} == {Decimal("0.00")}
    untold = {each.rate for each in compared} - {each.rate for each in told}
    assert untold == {"proof", "proven_diversion"}  # no journal has come
    assert [each.place for each in branches_ranked(world.branch, "active", SPRING, NOW, 90)] == [1]


# --- what needs no database ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("branch", "network", "gap"),
    [
        (Share(4153, 10_000), Share(563, 1_000), "14.77"),
        (Share(2246, 10_000), Share(2981, 10_000), "7.35"),
        (Share(4052, 10_000), Share(6321, 10_000), "22.69"),
        (Share(287, 10_000), Share(59, 1_000), "3.03"),
        (Share(9, 132), Share(10, 132), "0.76"),
    ],
)
def test_the_gap_in_points(branch: Share, network: Share, gap: str) -> None:
    assert Compared("active", None, branch, network).gap == Decimal(gap)
    assert Compared("active", None, Share(0, 0), network).gap is None


def test_who_has_as_much_shares_the_place() -> None:
    found = ranking(
        [
            PersonFigures(staff, used=used)
            for staff, used in (("a", 1), ("b", 3), ("c", 3), ("d", 0))
        ],
        "used",
    )
    assert [(each.place, each.figures.staff) for each in found] == [
        (1, "b"), (1, "c"), (3, "a"), (4, "d"),
    ]  # fmt: skip


def test_pay_by_the_piece() -> None:
    rates_of_sample = default_catalog().piece_rates
    assert rates_of_sample is not None
    person = PersonFigures(
        "3101", completed=3, follow_ups=2, signed=9,
        by_product={"mobile": SignUps(signed=5, taught=2, used=1), "gone": SignUps(4, 4, 4)},
    )  # fmt: skip
    assert person.pay(rates_of_sample) == 3 * 50 + 2 * 50 + 2 * 200 + 300
    assert person.pay(PieceRates(source="C", signed={"mobile": 7})) == 35
