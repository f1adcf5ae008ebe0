"""What stands beside the calls: the queues, and what each counter is doing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from rich.cells import cell_len, set_cell_size

from kiosk.i18n import _, format_time, language, ngettext
from kiosk.screens.board.arrangement import LARGE_CALLS
from kiosk.screens.customer.phrases import range_phrase
from kiosk.services.board_view import BoardView, Call, CounterShown, Doing, QueueShown
from kiosk.services.wait import Wait
from kiosk.widgets.text import fold

_BETWEEN = "   "
_AND = " · "
_ROWS_OF_QUEUE = 3
_ROWS_FOR_PINNED = 6
"""With fewer, the earlier calls are a page like the others."""
Block = tuple[str, ...]
"""Lines that are read together."""


@dataclass(frozen=True)
class Room:
    """What the panel has."""

    columns: int
    rows: int


def pages(view: BoardView, room: Room, zone: tzinfo, *, is_old: bool) -> list[Block]:
    """What is shown one after the other; one page at least, which may be empty.

    Args:
        view: Of the branch.
        room: For each page.
        zone: The branch's.
        is_old: So old that no wait can be told any more.
    """
    columns = room.columns
    earlier = _packed(map(_earlier, view.calls[LARGE_CALLS:]), columns)
    blocks: list[Block]
    if room.rows < _ROWS_OF_QUEUE:
        blocks = [(_queue_in_one_line(each, columns, is_old=is_old),) for each in view.queues]
        counters = _packed(map(_counter_in_short, view.counters), columns)
    else:
        blocks = [_queue_block(each, columns, is_old=is_old) for each in view.queues]
        counters = _counter_lines(view.counters, columns, zone)
    if view.counters and all(each.doing is Doing.CLOSED for each in view.counters):
        counters = fold(_("All counters are closed."), columns)
    blocks += [(line,) for line in counters]
    if not earlier:
        return _filled(blocks, room.rows)
    if room.rows < _ROWS_FOR_PINNED:
        return _filled([tuple(earlier), *blocks], room.rows)
    pinned = (*earlier, "")
    return [pinned + page for page in _filled(blocks, room.rows - len(pinned))]


def _earlier(call: Call) -> str:
    return f"{call.number} ► {call.counter}"


def _filled(blocks: Iterable[tuple[str, ...]], rows: int) -> list[Block]:
    pages: list[Block] = [()]
    for block in blocks:
        if len(pages[-1]) + len(block) > rows and pages[-1]:
            pages.append(())
        pages[-1] += block[:rows]
    return pages


def _queue_block(queue: QueueShown, columns: int, *, is_old: bool) -> Block:
    name = queue.name.in_language(language()) if queue.name else ""
    wait = "" if is_old else short_wait_phrase(queue.wait)
    first = f"{queue.letter}  {name}"
    second = _AND.join(filter(None, [waiting_phrase(queue.waiting), wait]))
    if max(cell_len(first), cell_len(_BETWEEN + second)) > columns:
        first, second = f"{queue.letter}  {waiting_phrase(queue.waiting)}", wait
    lines = [first, second and _indented(second, columns)]
    following = _fitting(_indented(_("Next:"), columns), queue.next_numbers, columns)
    return tuple(filter(None, [*lines, following]))


def _indented(text: str, columns: int) -> str:
    return _BETWEEN + text if cell_len(_BETWEEN + text) <= columns else text


def _queue_in_one_line(queue: QueueShown, columns: int, *, is_old: bool) -> str:
    wait = "" if is_old else short_wait_phrase(queue.wait)
    parts = [queue.letter, waiting_phrase(queue.waiting), wait]
    text = _BETWEEN.join(filter(None, parts))
    return _fitting(text + _BETWEEN + _("Next:"), queue.next_numbers, columns)


def _fitting(text: str, numbers: Iterable[str], columns: int) -> str:
    """A text with as many numbers after it as there is room for: half a number misleads."""
    for number in numbers:
        if cell_len(text) + 1 + len(number) > columns:
            break
        text += f" {number}"
    return text


def waiting_phrase(count: int) -> str:
    """How many wait."""
    return ngettext("{count} waiting", "{count} waiting", count).format(count=count)


def short_wait_phrase(wait: Wait | None) -> str:
    """How long, as a range; empty where nobody knows it."""
    if wait is None or wait.low is None:
        return ""
    if wait.high is None:
        return _("more than {minutes} min").format(minutes=wait.low)
    if wait.high == 0:
        return ""
    if wait.low == 0:
        return _("under {minutes} min").format(minutes=wait.high)
    return range_phrase(wait.low, wait.high)


def _counter_lines(counters: Sequence[CounterShown], columns: int, zone: tzinfo) -> list[str]:
    """One line for each counter: all of them in words, or none."""
    names = [_("Counter {number}").format(number=each.number) for each in counters]
    widest = max(map(cell_len, names), default=0)
    lines = [
        set_cell_size(name, widest) + _BETWEEN + _doing_phrase(each, zone)
        for name, each in zip(names, counters, strict=True)
    ]
    if all(cell_len(line) <= columns for line in lines):
        return lines
    return [_counter_in_short(each) for each in counters]


def _doing_phrase(counter: CounterShown, zone: tzinfo) -> str:
    match counter.doing:
        case Doing.CALLING:
            return _("calling {ticket}").format(ticket=counter.ticket)
        case Doing.SERVING:
            return _("serving {ticket}").format(ticket=counter.ticket)
        case Doing.BREAK if counter.back_at is not None:
            time = format_time(counter.back_at.astimezone(zone))
            return _("break, back about {time}").format(time=time)
        case Doing.BREAK:
            return _("break")
        case Doing.CLOSED:
            return _("closed")
        case _:
            return _("free")


def _counter_in_short(counter: CounterShown) -> str:
    left = _("Counter {number}").format(number=counter.number)
    if counter.ticket is not None:
        return f"{left} {counter.ticket}"
    words = {Doing.BREAK: _("break"), Doing.CLOSED: _("closed")}
    return f"{left} {words.get(counter.doing, _('free'))}"


def _packed(parts: Iterable[str], columns: int) -> list[str]:
    """As many parts in a line as there is room for."""
    lines: list[str] = []
    for part in parts:
        if lines and cell_len(lines[-1]) + len(_BETWEEN) + cell_len(part) <= columns:
            lines[-1] += _BETWEEN + part
        else:
            lines.append(part)
    return lines
