"""What can be seen of "What if": values as people write them, and the curve of the day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.errors import KioskError
from kiosk.i18n import N_, _
from kiosk.reporting.simulated import (
    by_half_hour,
    minutes,
    time_of_day,
    wait_change,
    work_change,
)
from kiosk.screens.staff_mode.lines import cut, folded
from kiosk.screens.staff_mode.pages import Block
from kiosk.services.simulation.measures import Measures, Waits
from kiosk.services.simulation.told import Told, ToldOutcome
from kiosk.services.staff.rhythm import Rhythm
from kiosk.services.staff.seen import Seen
from kiosk.services.staff.what_if import (
    COUNTERS,
    DIVERSION,
    LUNCH_MINUTES,
    LUNCH_START,
    Dial,
    Setting,
)
from kiosk.simulation_words import NOT_YOURS, WHY_WORK, ScenarioNames
from kiosk.widgets.panel import Line, Span, width_of
from kiosk.widgets.plot import plot_lines

_PLOT_ROWS = (7, 11, 14)
"""The fewest in which a shape can be seen, enough, and as many as it needs."""
_NAMES: Final = {
    DIVERSION: N_("Diverted, all services"),
    COUNTERS: N_("Counters open"),
    LUNCH_START: N_("Lunch from"),
    LUNCH_MINUTES: N_("Lunch lasts"),
}


def dial_name(dial: Dial, names: ScenarioNames) -> str:
    """What is set."""
    return _(_NAMES[dial.code]) if dial.code in _NAMES else names.of(dial.code)


def dial_value(dial: Dial) -> str:
    """Where it stands."""
    match dial.code:
        case "counters":
            return f"{dial.value:.0f}"
        case "lunch_start":
            return time_of_day(dial.value)
        case "lunch_minutes":
            return _("{minutes} min").format(minutes=f"{dial.value:.0f}")
    return f"{dial.value:.0f} %"


def dial_help(dial: Dial) -> str:
    """What can be typed."""
    if dial.code == LUNCH_START:
        return _("A time such as 12:30, or 1230.")
    return _("From {least} to {most}.").format(least=f"{dial.least:.0f}", most=f"{dial.most:.0f}")


def read_value(dial: Dial, text: str) -> float:
    """What somebody typed.

    Raises:
        KioskError: `what_if_limit`.
    """
    digits = "".join(each for each in text if each.isdigit())
    if not digits:
        raise KioskError("what_if_limit")
    if dial.code == LUNCH_START:
        hour, minute = divmod(int(digits), 100)
        return 60.0 * hour + minute
    return float(digits)


def progress_lines(done: int, of: int, width: int) -> list[Line]:
    """How far it is."""
    reached = width * done // of if of else 0
    told = _("{done} of {count} days are simulated.").format(done=done, count=of)
    return [
        (Span("█" * reached, "strong"), Span("░" * (width - reached), "quiet")),
        (
            Span(
                told if of else _("The simulation starts."),
            ),
        ),
    ]


@dataclass(frozen=True)
class Curve:
    """What came of a setting, beside the basis and today."""

    found: Told
    setting: Setting
    """As it was simulated."""
    today: Seen[Rhythm] | None
    is_own: bool
    """Whether the basis is the branch's own."""

    @property
    def _outcomes(self) -> tuple[ToldOutcome, ToldOutcome]:
        base, changed = self.found.outcomes
        return base, changed

    def set_so(self) -> str:
        """What was set."""
        now = {each.code: dial_value(each) for each in self.setting.dials()}
        words = [_("counters: {count}").format(count=now[COUNTERS])]
        if DIVERSION in now:
            words.insert(0, _("{share} diverted").format(share=now[DIVERSION]))
        if LUNCH_START in now:
            start, length = now[LUNCH_START], now[LUNCH_MINUTES]
            words.append(_("lunch {start}, {length}").format(start=start, length=length))
        return " · ".join(words)

    def summary(self, width: int, rows: int) -> list[Line]:
        """The most important of it: whole sentences, as many as have room."""
        lines = [cut((Span(self.set_so(), "strong"),), width)]
        for told in self._told():
            block = folded(told, width)
            if len(lines) + len(block) > rows:
                break
            lines += block
        return lines if len(lines) > 1 else []

    def blocks(self, width: int, rows: int) -> Sequence[Block]:
        """The shape with what matters most; the rest on pages of its own where it has no room."""
        legend = self._legend(width)
        words = [folded(told, width) for told in self._told()]
        least, good, most = _PLOT_ROWS
        room, shown = rows - len(legend) - least, 0
        # the first sentence as soon as there is a shape, the others when it is a good one
        while shown < len(words) and len(words[shown]) <= room - (good - least) * (shown > 0):
            room -= len(words[shown])
            shown += 1
        height = min(most, least + room)
        shape = [*self._plot(width, max(least, height)), *legend]
        first = [*shape, *(line for each in words[:shown] for line in each)]
        rest = [line for each in words[shown:] for line in each]
        following = [rest, folded(_(WHY_WORK), width), self._rests_on(width)]
        return [first, *(block for block in following if block)]

    def _told(self) -> Iterator[str]:
        """The most important first; waits and work in one breath."""
        base, changed = self._outcomes
        if changed.usual_change is not None:
            yield _("Usual days: {waits} {work}").format(
                waits=wait_change(base.usual, changed.usual, changed.usual_change),
                work=work_change(base.usual, changed.usual_change),
            )
            yield _long_waits(base.usual, changed.usual)
        if base.peak and changed.peak and changed.peak_change:
            yield _("Pension days: {waits} {work}").format(
                waits=wait_change(base.peak, changed.peak, changed.peak_change),
                work=work_change(base.peak, changed.peak_change),
            )

    def _legend(self, width: int) -> list[Line]:
        parts: list[Line] = [(Span("█ " + _("as it is assumed")),)]
        if self._measured:
            parts.append((Span("● " + _("today, so far"), "strong"),))
        parts.append((Span("▚ " + self.set_so(), "attention"),))
        head: Line = (Span(_("Mean wait in minutes, by half hour"), "quiet"),)
        return [head, *_side_by_side(parts, width)]

    def _plot(self, width: int, height: int) -> list[Line]:
        base, changed = (each.usual for each in self._outcomes)
        waits = [by_half_hour(each) for each in (base, changed)]
        starts = [each.start for each in base.half_hours]
        bars, line = ([_mean(each, start) for start in starts] for each in waits)
        points = [self._measured.get(start) for start in starts]
        labels = [time_of_day(start) for start in starts]
        return plot_lines(labels, bars, line, width, height, points)

    @property
    def _measured(self) -> dict[float, float]:
        """Today's mean waits by the half hour's start; none where this machine knows no calls."""
        halves = self.today.value.half_hours if self.today is not None else ()
        return {
            60.0 * each.begins.hour + each.begins.minute: each.today.wait
            for each in halves
            if each.today.wait is not None
        }

    def _rests_on(self, width: int) -> list[Line]:
        told = [
            _("{days} simulated days, the same customers for both. ±: 95 % certainty.").format(
                days=self.found.days
            )
        ]
        if not self.is_own:
            told.append(_(NOT_YOURS))
        if not self._measured:
            told.append(_("Today's real waits are seen where the branch database may be read."))
        return [line for each in told for line in folded(each, width, "quiet")]


def _mean(waits: Mapping[float, Waits], start: float) -> float:
    return waits[start].mean if start in waits and waits[start].count else 0.0


def _long_waits(before: Measures, after: Measures) -> str:
    told = _(
        "Over 20 minutes: {before} → {after} %; 9 of 10 wait at most {p90} → {new_p90} minutes."
    )
    return told.format(
        before=minutes(100 * before.waits.over_20),
        after=minutes(100 * after.waits.over_20),
        p90=minutes(before.waits.p90),
        new_p90=minutes(after.waits.p90),
    )


def _side_by_side(parts: Sequence[Line], width: int) -> list[Line]:
    """As many on a line as have room there."""
    lines: list[Line] = []
    for part in parts:
        longer = (*lines[-1], Span("   "), *part) if lines else part
        if lines and width_of(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(cut(part, width))
    return lines
