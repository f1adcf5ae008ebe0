"""The rates of a branch on some days, and beside them those of all branches together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from kiosk.db import Database, minutes_before
from kiosk.models import Assist, Branch, HourlyFigures, SignUp, Ticket, TicketState
from kiosk.models.tables import table_of
from kiosk.services.demos_report import Days
from kiosk.services.percent import percent
from kiosk.services.reconcile.coverage import provable
from kiosk.services.report import Share
from kiosk.services.staff.figures import one_if

ACTIVE_DAYS: Final = 30
"""Used within so many days of the signature: active."""
COMPARED: Final = (
    "diversion", "proven_diversion", "acceptance", "completion", "proof", "coverage", "active",
)  # fmt: skip
"""The rates by which branches are compared."""
Columns = ReadOnlyColumnCollection[str, Any]
_A_DAY: Final = 24 * 60
_ASSIST = table_of(Assist)
_BRANCH = table_of(Branch)
_FIGURES = table_of(HourlyFigures)
_SIGN_UP = table_of(SignUp)
_TICKET = table_of(Ticket)


@dataclass(frozen=True)
class Rates:
    """What one branch, or all of them, reached on some days; without customers of 60+."""

    coverage: Share
    """Approached in the lobby / served at the counters."""
    acceptance: Share
    """E-channel accepted / offered."""
    completion: Share
    """Completed / accepted."""
    proof: Share | None
    """Proven by the channel's journal / accepted; None: no journal tells of these days."""
    diversion: Share
    """Completed / completed and tickets that could move."""
    proven_diversion: Share | None
    """Proven / completed and tickets that could move: the part of `diversion` that is proven."""
    active: Share
    """Sign-ups used within `ACTIVE_DAYS` / signed."""
    active_by_product: tuple[tuple[str, Share], ...]
    dormant: Share
    """Sign-ups that are dormant by now / signed."""


NO_SHARE: Final = Share(0, 0)
NOTHING: Final = Rates(
    coverage=NO_SHARE, active_by_product=(), dormant=NO_SHARE,
    acceptance=NO_SHARE, completion=NO_SHARE, proof=None,
    diversion=NO_SHARE, proven_diversion=None, active=NO_SHARE,
)  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """One rate of a branch beside that of the network, which is all branches together."""

    rate: str
    """The name of the rate in `Rates`."""
    product: str | None
    branch: Share | None
    network: Share | None

    @property
    def gap(self) -> Decimal | None:
        """Network − branch in percentage points, of both as they are shown."""
        own, all_of_them = shown(self.branch), shown(self.network)
        return None if own is None or all_of_them is None else all_of_them - own


@dataclass(frozen=True)
class RankedBranch:
    """A branch's place by one rate; who has as much shares the place, no data has none."""

    place: int | None
    branch: str
    share: Share | None


def shown(share: Share | None) -> Decimal | None:
    """A share in percent, to two decimals; None: there is no data."""
    return None if share is None else percent(share.numerator, share.denominator)


def rates(
    database: Database, branch: str | None, days: Days, now: datetime, dormant_days: int
) -> Rates:
    """The rates of a branch, or of all branches of a database together.

    Args:
        database: Of a branch, of several, or a terminal's own.
        branch: Its code; None: all of them.
        days: Of the offers, tickets and signatures.
        now: Aware; who is dormant is so by now.
        dormant_days: Without use since the signature: dormant.

    Raises:
        KioskError: What keeps the database from being read.
    """
    with database.read() as connection:
        return _together(_by_branch(connection, branch, days, now, dormant_days).values())


def comparison(
    database: Database, branch: str, days: Days, now: datetime, dormant_days: int
) -> tuple[Compared, ...]:
    """A branch's rates beside those of all branches of the database; arguments as `rates`."""
    with database.read() as connection:
        all_of_them = _by_branch(connection, None, days, now, dormant_days)
    own, network = all_of_them.get(branch, NOTHING), _together(all_of_them.values())
    compared = [
        Compared(name, None, getattr(own, name), getattr(network, name)) for name in COMPARED
    ]
    of_products = dict(own.active_by_product)
    compared += [
        Compared("active", product, of_products.get(product, NO_SHARE), share)
        for product, share in network.active_by_product
    ]
    return tuple(compared)


def branches_ranked(
    database: Database, by: str, days: Days, now: datetime, dormant_days: int
) -> tuple[RankedBranch, ...]:
    """All branches of a database by one of `COMPARED`, the best first; arguments as `rates`."""
    with database.read() as connection:
        all_of_them = _by_branch(connection, None, days, now, dormant_days)
    shares: dict[str, Share | None] = {
        code: getattr(each, by) for code, each in all_of_them.items()
    }
    ordered = sorted(shares, key=lambda code: (-_worth(shares[code]), code))
    worths = [_worth(shares[code]) for code in ordered]
    return tuple(
        RankedBranch(
            None if shown(shares[code]) is None else worths.index(worth) + 1, code, shares[code]
        )
        for code, worth in zip(ordered, worths, strict=True)
    )


def _worth(share: Share | None) -> Decimal:
    """For the order: no data comes after nothing reached."""
    value = shown(share)
    return Decimal(-1) if value is None else value


# --- what is asked of the database ------------------------------------------------------------


def _by_branch(
    connection: Connection, branch: str | None, days: Days, now: datetime, dormant_days: int
) -> dict[str, Rates]:
    """The rates of a branch, or of each that has any."""
    sums = {code: found for code, *found in connection.execute(_sums(branch, days))}
    approached = _counts(connection.execute(_approached(branch, days)))
    served = _counts(connection.execute(_served(branch, days)))
    products: dict[str, list[tuple[str, int, int, int]]] = {}
    for code, *found in connection.execute(_products(branch, days, now, dormant_days)):
        products.setdefault(code, []).append((found[0], found[1], found[2], found[3]))
    provable_here = provable(connection, branch, days.first, days.last)
    result = {}
    for code in sorted({*sums, *approached, *served, *products}):
        offered, accepted, completed, proven, transferable = sums.get(code, (0, 0, 0, 0, 0))
        of_code = products.get(code, [])
        signed = sum(count for _, count, _, _ in of_code)
        result[code] = Rates(
            coverage=Share(approached.get(code, 0), served.get(code, 0)),
            acceptance=Share(accepted, offered),
            completion=Share(completed, accepted),
            proof=Share(proven, accepted) if code in provable_here else None,
            diversion=Share(completed, completed + transferable),
            proven_diversion=(
                Share(proven, completed + transferable) if code in provable_here else None
            ),
            active=Share(sum(active for _, _, active, _ in of_code), signed),
            active_by_product=tuple(
                (product, Share(active, count)) for product, count, active, _ in of_code
            ),
            dormant=Share(sum(dormant for _, _, _, dormant in of_code), signed),
        )
    return result


def _together(found: Iterable[Rates]) -> Rates:
    """The rates of branches as one: their counts are summed up, so a large one weighs more."""
    every = list(found)
    products: dict[str, list[Share]] = {}
    for each in every:
        for product, share in each.active_by_product:
            products.setdefault(product, []).append(share)
    return Rates(
        coverage=_sum(each.coverage for each in every),
        acceptance=_sum(each.acceptance for each in every),
        completion=_sum(each.completion for each in every),
        proof=_sum_known(each.proof for each in every),
        diversion=_sum(each.diversion for each in every),
        proven_diversion=_sum_known(each.proven_diversion for each in every),
        active=_sum(each.active for each in every),
        dormant=_sum(each.dormant for each in every),
        active_by_product=tuple((product, _sum(products[product])) for product in sorted(products)),
    )


def _sum(shares: Iterable[Share]) -> Share:
    listed = list(shares)
    return Share(sum(each.numerator for each in listed), sum(each.denominator for each in listed))


def _sum_known(shares: Iterable[Share | None]) -> Share | None:
    """Of those branches that a journal tells of; None: there is no such branch."""
    known = [each for each in shares if each is not None]
    return _sum(known) if known else None


def _counts(rows: Iterable[Any]) -> dict[str, int]:
    return dict(tuple(row) for row in rows)


def _within(columns: Columns, branch: str | None, days: Days) -> ColumnElement[bool]:
    # of all branches, too: the indexes begin with the branch
    every = select(_BRANCH.c.code)
    of = columns["branch"].in_(every) if branch is None else columns["branch"] == branch
    return and_(of, columns["business_date"].between(days.first, days.last))


def _sums(branch: str | None, days: Days) -> Select[*tuple[Any, ...]]:
    f = _FIGURES.c
    counts = (f.offered, f.accepted, f.completed, f.proven, f.tickets_transferable)
    sums = (func.sum(each) for each in counts)
    return select(f.branch, *sums).where(_within(f, branch, days)).group_by(f.branch)


def _approached(branch: str | None, days: Days) -> Select[*tuple[Any, ...]]:
    a = _ASSIST.c
    return (
        select(a.branch, func.count())
        .where(_within(a, branch, days), a.left_out.is_(False))
        .group_by(a.branch)
    )


def _served(branch: str | None, days: Days) -> Select[*tuple[Any, ...]]:
    t = _TICKET.c
    return (
        select(t.branch, func.count())
        .where(_within(t, branch, days), t.state == TicketState.SERVED.value, t.left_out.is_(False))
        .group_by(t.branch)
    )


def _is_dormant(now: datetime, dormant_days: int) -> ColumnElement[bool]:
    """Somebody said so, or it was never used for long enough: as `follow_ups` lists them."""
    s = _SIGN_UP.c
    said = and_(s.dormant_at.is_not(None), or_(s.used_at.is_(None), s.dormant_at > s.used_at))
    never_used = and_(s.used_at.is_(None), s.signed_at <= now - timedelta(days=dormant_days))
    return and_(s.closed_at.is_(None), or_(said, never_used))


def _products(
    branch: str | None, days: Days, now: datetime, dormant_days: int
) -> Select[*tuple[Any, ...]]:
    s = _SIGN_UP.c
    is_active = and_(
        s.used_at.is_not(None),
        minutes_before(s.used_at, ACTIVE_DAYS * _A_DAY) <= minutes_before(s.signed_at, 0),
    )
    return (
        select(
            s.branch,
            s.product,
            func.count(),
            func.sum(one_if(is_active)),
            func.sum(one_if(_is_dormant(now, dormant_days))),
        )
        .where(
            _within(s, branch, days),
            s.signed_at.is_not(None),
            s.product.is_not(None),
            s.left_out.is_(False),
        )
        .group_by(s.branch, s.product)
        .order_by(s.branch, s.product)
    )
