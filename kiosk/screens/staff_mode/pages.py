"""A place that shows tables, page by page; each figure's formula is one key away."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from kiosk.errors import KioskError
from kiosk.i18n import _
from kiosk.reporting.heading import place, span
from kiosk.reporting.report import Report, Section, cell_text, head_text
from kiosk.reporting.staff import Part
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.export import EXPORT_KEY, export_keys, export_shown, may_export
from kiosk.screens.staff_mode.lines import MARGINS, MORE_KEY, STAR_KEY, folded
from kiosk.screens.staff_mode.read import Text
from kiosk.sentences import sentence
from kiosk.services.demos_report import Days
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, Panel, Span, width_of
from kiosk.widgets.table import Column, table
from kiosk.widgets.text import fold

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

_GAP = 2
_LEAST_ROWS = 3
Block = list[Line]
"""What stands together on a page."""


def listing(
    title: str,
    texts: Sequence[Sequence[str]],
    right: Collection[int],
    width: int,
    empty: str = "",
) -> list[Block]:
    """A table as blocks that fit: with too many figures, each block names the rows anew.

    Where the names leave no room for a figure beside them, each row is told by itself.

    Args:
        title: Stands above.
        texts: The heads, then the rows.
        right: The columns of figures.
        width: Cells.
        empty: What stands there without rows; none: that there is no data.
    """
    heads, *rows = texts
    head: Line = (Span(title, "strong"),)
    if not rows:
        return [[head, (Span(empty or _("no data"), "quiet"),)]]
    names = [at for at in range(len(heads)) if at not in right]
    if not _fits(texts, names, right, width):
        return _one_by_one(head, texts, names, width)
    blocks = []
    for figures in _groups(texts, names, sorted(right), width):
        shown = [at for at in range(len(heads)) if at in (*names, *figures)]
        columns = [Column(heads[at], is_figure=at in right) for at in shown]
        cells = [tuple(Span(row[at]) for at in shown) for row in rows]
        blocks.append([head, *table(columns, cells, width)])
    return blocks


def _fits(
    texts: Sequence[Sequence[str]], names: Sequence[int], figures: Collection[int], width: int
) -> bool:
    """Whether the names and the widest of the figures stand side by side, uncut."""
    cells = _cells(texts)
    widest = max((cells[at] + _GAP for at in figures), default=0)
    return sum(cells[at] for at in names) + _GAP * (len(names) - 1) + widest <= width


def folded_figures(figures: Sequence[str], width: int) -> list[str]:
    """As many figures on a line as have room; none is torn from what it is."""
    lines: list[str] = []
    for each in figures:
        joined = f"{lines[-1]}   {each}" if lines else each
        if lines and width_of((Span(joined),)) <= width:
            lines[-1] = joined
        else:
            lines += fold(each, width)
    return lines


def _one_by_one(
    title: Line, texts: Sequence[Sequence[str]], names: Sequence[int], width: int
) -> list[Block]:
    """Each row as its names and, below, its figures with what they are."""
    heads, *rows = texts
    blocks: list[Block] = []
    for row in rows:
        called = " · ".join(row[at] for at in names if row[at] not in ("", "–"))
        figures = [f"{heads[at]} {row[at]}" for at in range(len(row)) if at not in names]
        told = [(Span("  " + line),) for line in folded_figures(figures, width - 2)]
        blocks.append([*folded(called, width), *told])
    blocks[0].insert(0, title)
    return blocks


def section_blocks(section: Section, width: int) -> list[Block]:
    """A section of a report, its shares with both counts."""
    heads = tuple(map(head_text, section.columns))
    rows = [tuple(map(cell_text, row, section.columns)) for row in section.rows]
    right = [at for at, column in enumerate(section.columns) if column.is_figure]
    return listing(section.title, [heads, *rows], right, width, section.empty)


def _cells(texts: Sequence[Sequence[str]]) -> list[int]:
    """What each column needs."""
    return [max(width_of((Span(row[at]),)) for row in texts) for at in range(len(texts[0]))]


def _groups(
    texts: Sequence[Sequence[str]], names: Sequence[int], figures: Sequence[int], width: int
) -> list[list[int]]:
    """The columns of figures, as many at once as have room beside the names."""
    cells = _cells(texts)
    room = width - sum(cells[at] + _GAP for at in names)
    groups: list[list[int]] = [[]]
    left = room
    for at in figures:
        if groups[-1] and cells[at] > left:
            groups.append([])
            left = room
        groups[-1].append(at)
        left -= cells[at] + _GAP
    return groups


def paged(blocks: Iterable[Block], rows: int) -> list[list[Line]]:
    """Blocks on pages of so many rows; one that is longer than a page goes through several."""
    pages: list[list[Line]] = [[]]
    for block in blocks:
        page = pages[-1]
        if page and len(page) + 1 + len(block) <= rows:
            page += [(), *block]
            continue
        if page:
            pages.append([])
        pages[-1] += block[:rows]
        head, rest = block[:2], block[rows:]
        step = max(1, rows - len(head))
        # title and heads stand on every page
        pages += [[*head, *rest[at : at + step]] for at in range(0, len(rest), step)]
    return pages


class PagesScreen(PlaceScreen):
    """A subclass reads in `load` and gives its `parts`.

    + turns the page, * explains, Enter puts all of it into a file.
    """

    REPORT = ""
    """Names a file of it."""

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._page = 0
        self._pages: list[list[Line]] = [[]]
        self._is_loaded = False
        self._head: list[Line] = []

    def on_mount(self) -> None:
        """Read; Textual calls this beside the frame's own."""
        self.reload()

    def reload(self) -> None:
        """Read anew, whatever is being read: what was asked for last is shown."""
        self._is_loaded, self._page = False, 0
        self.run_worker(self._reload(), group="reload", exclusive=True, description="read figures")

    async def _reload(self) -> None:
        try:
            await self.load()
        except KioskError as error:
            self.say(sentence(error), is_fault=True)
            return
        self._is_loaded = True
        self.show()

    # what a place says of itself

    async def load(self) -> None:
        """Read what is shown."""

    def parts(self, *, explained: bool) -> Sequence[Part]:
        """The tables of it; none before they are read.

        Args:
            explained: Whether the formulas stand below.
        """
        raise NotImplementedError

    def blocks(self, width: int) -> Sequence[Block]:
        """What is shown, on so many cells: the tables."""
        sections = [part.section for part in self.parts(explained=False)]
        return [block for each in sections for block in section_blocks(each, width)]

    def days(self) -> Days:
        """Of which days it is: today."""
        today = self.staff.sees.today
        return Days(today, today)

    def notes(self) -> Sequence[str]:
        """What a file says besides."""
        return ()

    def head(self) -> Line:
        """What stands on every page: of which days it is."""
        raise NotImplementedError

    def is_whole(self) -> bool:
        """Whether it is of the whole branch."""
        return True

    def formulas(self) -> Sequence[str]:
        """How the figures are worked out; none: nothing is."""
        return ()

    def report(self) -> Report:
        """All of it, for a file: that is read without this program, so it has the formulas."""
        is_whole = self.is_whole()
        return Report(
            name=self.REPORT,
            title=_(self.NAME),
            place=place(self.staff.settings, store=not is_whole),
            span=span(self.days()),
            notes=(*([] if is_whole else [_("Of this machine only.")]), *self.notes()),
            sections=tuple(part.section for part in self.parts(explained=True)),
        )

    # the frame

    def work(self) -> Iterable[Widget]:
        """The page."""
        yield Panel(id="list")

    def write_work(self) -> None:
        """Write the page in front."""
        panel = self.query_one("#list", Panel)
        if not self._is_loaded:
            return
        width = self.size.width - MARGINS
        self._head = [self.head(), *self._scope_lines(width), ()]
        self._pages = paged(self.blocks(width), self.rows)
        self._page %= len(self._pages)
        panel.show([*self._head, *self._pages[self._page]])

    @property
    def rows(self) -> int:
        """Of a page, below its head."""
        return max(_LEAST_ROWS, self.query_one("#list", Panel).size.height - len(self._head))

    def _scope_lines(self, width: int) -> list[Line]:
        return [] if self.is_whole() else folded(_("Of this machine only."), width, "attention")

    def foot_keys(self) -> Sequence[FootKey]:
        """The next page, the formulas, a file, the way back."""
        keys = []
        if len(self._pages) > 1:
            page, count = self._page + 1, len(self._pages)
            more = _("Page {page} of {count}").format(page=page, count=count)
            keys.append(FootKey("+", more, MORE_KEY, f"{page}/{count}"))
        if self.formulas():
            keys.append(FootKey("*", _("How counted"), STAR_KEY, _("How?")))
        return [*keys, *export_keys(self), FootKey("-", _("Back"), "minus", can_go=True)]

    def takes(self, key: str) -> bool:
        """Turn the page, explain, or export."""
        if key == MORE_KEY:
            self._page += 1
        elif (key == STAR_KEY or key == "f1") and self.formulas():
            self.act(self._explain)
        elif key == EXPORT_KEY and may_export(self) and self._is_loaded:
            self.act(lambda: export_shown(self, self.report))
        else:
            return False
        return True

    async def _explain(self) -> None:
        await self.read(
            Text(
                title=lambda: _("How it is counted"),
                paragraphs=self.formulas,
                confirm=lambda: _("Close"),
            )
        )
