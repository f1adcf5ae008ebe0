"""`kiosk catalog demos`: which demos there are, and what one of them says from start to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.catalog_input import CatalogFile, InLanguage, find, load, speak
from kiosk.demo_words import usual_label
from kiosk.i18n import _, language

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from kiosk.services.catalog import Catalog
    from kiosk.services.catalog_parts import LocalizedText
    from kiosk.services.demo.script import CheckQuestion, ConfirmScreen, Demo, Screen

_WIDTH = 80


def demos(
    demo: Annotated[
        str | None, typer.Argument(help="A demo's code or number; none: all of them.")
    ] = None,
    in_language: InLanguage = None,
    file: CatalogFile = None,
) -> None:
    """Show the demos; or one of them from start to end, with every word that it says."""
    from rich.console import Console

    speak(in_language)
    catalog = load(file)
    console = Console(width=_WIDTH, highlight=False, markup=False, emoji=False)
    if demo is None:
        console.print(_overview(catalog))
        return
    told = _("There is no demo {demo}.").format(demo=demo)
    for line in _Script(catalog, find(catalog.demos, demo, told)).lines():
        console.print(_hung(line))


def _hung(line: str) -> str:
    """A line with what does not fit on it below, a little to the right."""
    from rich.cells import cell_len

    from kiosk.folding import fold

    margin = " " * (len(line) - len(line.lstrip()))
    first, *others = fold(line.lstrip(), _WIDTH - len(margin) - 2, cell_len)
    return "\n".join([margin + first, *(f"{margin}  {other}" for other in others)])


def _overview(catalog: Catalog) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column(_("Demo"))
    table.add_column(_("By"))
    table.add_column(_("Steps"), justify="right")
    for group in catalog.demo_groups:
        for demo in catalog.demos_in(group.code):
            table.add_row(
                str(demo.number),
                f"{demo.name.in_language(language())}\n{demo.code}",
                demo.channel,
                str(len(demo.screens)),
            )
        table.add_section()
    return table


class _Script:
    """One demo as a text to be read and approved; amounts are those without an amount band."""

    def __init__(self, catalog: Catalog, demo: Demo) -> None:
        from kiosk.services.demo.costs import costs_of

        self._catalog = catalog
        self._demo = demo
        self._money = costs_of(catalog, demo).money

    def lines(self) -> Iterator[str]:
        yield from self._introduction()
        for number, code in enumerate(self._in_order(), 1):
            yield ""
            yield from self._screen(number, code, self._demo.screens[code])
        for number, question in enumerate(self._demo.check, 1):
            yield ""
            yield from self._question(number, question)

    def _words(self, text: LocalizedText) -> str:
        return self._money.fill(text.in_language(language()), language())

    def _introduction(self) -> Iterator[str]:
        demo = self._demo
        channel = self._catalog.channel(demo.channel).name.in_language(language())
        yield f"{demo.number}  {self._words(demo.name)}  ({demo.code})"
        yield _("  by: {channel} ({code}), on: {emulator}, version {version}").format(
            channel=channel, code=demo.channel, emulator=demo.emulator, version=demo.version
        )
        yield _("  to learn: {text}").format(text=self._words(demo.learn))
        yield _("  story: {text}").format(text=self._words(demo.story))
        for text in demo.benefits:
            yield _("  good: {text}").format(text=self._words(text))
        for text in demo.risks:
            yield _("  risk: {text}").format(text=self._words(text))
        yield _("  safety: {advice}").format(advice=self._words(demo.safety))
        yield _("  address: {address}").format(address=demo.address)
        if demo.amount is not None:
            yield _("  amount: {amount} CNY").format(amount=demo.amount // 100)
        for band, amount in demo.amounts.items():
            yield _("  amount: {amount} CNY ({band})").format(amount=amount // 100, band=band)

    def _in_order(self) -> list[str]:
        from kiosk.services.demo.check import reached_from

        return reached_from(self._demo, self._demo.first)

    def _screen(self, number: int, code: str, screen: Screen) -> Iterator[str]:
        yield f"{number}. {self._words(screen.title)}  ({code})"
        for text in screen.lines:
            yield f"  {self._words(text)}"
        yield from self._work(screen)
        yield _("  task: {text}").format(text=self._words(screen.task))
        yield _("  hint: {text}").format(text=self._words(screen.hint))

    def _work(self, screen: Screen) -> Iterator[str]:
        """What is done on a screen, and where that leads."""
        if screen.kind == "choose":
            for number, option in enumerate(screen.options, 1):
                leads = _leads_to(option.next) if option.next else self._wrong(option.wrong)
                yield f"  [{number}] {self._words(option.label)} {leads}"
        elif screen.kind == "enter":
            typed = {"amount": self._money.typed(), "digits": screen.value}.get(screen.expects)
            shown = typed or "●" * (screen.length or 0)
            yield f"  {self._words(screen.label)}: {shown} {_leads_to(screen.next)}"
            yield f"  [x] {self._wrong(screen.wrong)}"
        elif screen.kind == "confirm":
            yield from self._items(screen)

    def _items(self, screen: ConfirmScreen) -> Iterator[str]:
        figures = self._money.words(language())
        for item in screen.items:
            label = self._words(item.label) if item.label else usual_label(item.what) or item.what
            value = self._words(item.value) if item.value else figures.get(item.what, "")
            yield f"  {label}: {value}"
            if screen.trap is not None and screen.trap.what == item.what:
                yield f"    [1] {self._wrong(screen.trap.wrong)}"
                yield f"    [2] {_leads_to(screen.trap.next)}"
        if screen.trap is None:
            yield f"  {_leads_to(screen.next)}"

    def _wrong(self, text: LocalizedText | None) -> str:
        return f"✗ {self._words(text)}" if text else ""

    def _question(self, number: int, question: CheckQuestion) -> Iterator[str]:
        yield f"? {number}. {self._words(question.question)}"
        for answer in question.answers:
            yield f"  {'✓' if answer.right else '✗'} {self._words(answer.label)}"
        yield f"  {self._words(question.because)}"


def _leads_to(screen: str) -> str:
    return f"→ {screen}"
