"""Which of several evidences stands: the best that anybody has."""

from typing import Any

from sqlalchemy import case, func
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import Evidence
from kiosk.projections.statement import least


def best(evidence: ColumnElement[Any]) -> ColumnElement[Any]:
    """In a group: the best of all."""
    strongest, known = func.max(_strength(evidence)), enumerate(Evidence, 1)
    return case(
        *((strongest == strength, each.value) for strength, each in known),
        else_=func.min(evidence),
    )


def better(kept: ColumnElement[Any], new: ColumnElement[Any]) -> ColumnElement[Any]:
    """The better of two; what is as good, or as unknown, is settled whichever came first."""
    return case(
        (_strength(new) > _strength(kept), new),
        (_strength(new) < _strength(kept), kept),
        else_=least(kept, new),
    )


def _strength(evidence: ColumnElement[Any]) -> ColumnElement[int]:
    """How good an evidence is; 0: there is none, or a newer program's."""
    known = enumerate(Evidence, 1)
    return case(*((evidence == each.value, strength) for strength, each in known), else_=0)
