"""What kind of customer stands there, what may help them, and what they tend to say."""

from kiosk.i18n import _, language
from kiosk.screens.staff_mode.lines import folded, keyed
from kiosk.screens.staff_mode.read import Text
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_staff import Segment
from kiosk.services.objection import Objection
from kiosk.widgets.panel import Line, Look, Span

CHANGE_KEY, ANSWERS_KEY = "7", "8"
"""Above all that stands on digits beside it."""
_INDENT = " " * 4


def next_segment(catalog: Catalog, code: str | None) -> str | None:
    """The one behind a segment; behind the last one, that it is not known."""
    codes = [None, *(each.code for each in catalog.segments)]
    return codes[(codes.index(code) + 1) % len(codes)]


def segment_lines(
    catalog: Catalog, code: str | None, width: int, rows: int
) -> tuple[list[Line], dict[int, str]]:
    """The segment, what may be offered where that has room, and as many of the answers as have.

    Args:
        catalog: Has the words.
        code: The segment's; None: it is not known.
        width: Cells.
        rows: There are no more of them.

    Returns:
        The lines, and by their numbers what a touch on them does.
    """
    if code is None:
        told = _("Customer: {segment}").format(segment=_("not known"))
        return [keyed(CHANGE_KEY, (Span(told, "quiet"),), width)], {0: CHANGE_KEY}
    segment = catalog.segment(code)
    told = _("Customer: {segment}").format(segment=segment.name.in_language(language()))
    lines, actions = [keyed(CHANGE_KEY, (Span(told),), width)], {0: CHANGE_KEY}
    help_lines = _below(_may_help(catalog, segment), width)
    if len(lines) + len(help_lines) + 1 <= rows:  # else behind the key for the answers
        lines += help_lines
    actions[len(lines)] = ANSWERS_KEY
    answers: Line = (Span(_("What they tend to say, and answers")),)
    lines.append(keyed(ANSWERS_KEY, answers, width))
    for each in map(catalog.objection, segment.objections):
        answer = each.answer.in_language(language())
        said = [(), *_below(_quoted(each), width, "quiet"), *_below(answer, width)]
        if len(lines) + len(said) > rows:
            break
        lines += said
    return lines, actions


def answers_text(catalog: Catalog, segment: Segment) -> Text:
    """All of it, to be read; the question at the end gives the word back to the customer."""

    def paragraphs() -> list[str]:
        told = [_may_help(catalog, segment)]
        for each in map(catalog.objection, segment.objections):
            answer, question = each.answer, each.follow_up
            said = (_quoted(each), *(part.in_language(language()) for part in (answer, question)))
            told.append("\n".join(said))
        return told

    return Text(
        title=lambda: segment.name.in_language(language()),
        paragraphs=paragraphs,
        confirm=lambda: _("Back"),
    )


def _may_help(catalog: Catalog, segment: Segment) -> str:
    names = [catalog.product(code).name.in_language(language()) for code in segment.products]
    return _("May help them: {products}").format(products=_(", ").join(names))


def _quoted(objection: Objection) -> str:
    return _("“{sentence}”").format(sentence=objection.reason.in_language(language()))


def _below(text: str, width: int, look: Look = "ink") -> list[Line]:
    """Under the words that a key stands before."""
    return [(Span(_INDENT), *line) for line in folded(text, width - len(_INDENT), look)]
