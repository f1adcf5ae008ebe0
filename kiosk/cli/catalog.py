"""`kiosk catalog`: check a catalog before it is put on a terminal, and read what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.catalog_demos import demos
from kiosk.cli.catalog_input import CatalogFile, InLanguage, find, load, speak
from kiosk.i18n import N_, _, language

if TYPE_CHECKING:
    from rich.table import Table

    from kiosk.services.catalog import Catalog, EntryField, FeeBand, Route, Service
    from kiosk.services.catalog_parts import Fee, LocalizedText, Minutes

app = typer.Typer(help="Check and show the catalog of services.", no_args_is_help=True)
app.command()(demos)

_WIDTH = 80
_MOVES = {"yes": N_("yes"), "conditions": N_("conditions"), "no": N_("no")}


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="The catalog; none: the one that ships with the program.")
    ] = None,
) -> None:
    """Check a catalog; every problem is one line `FILE: KEY: REASON`."""
    catalog = load(file)
    typer.echo(
        _(
            "{file}: good: {services} services, {routes} routes, {channels} channels, {menus} "
            "menus, {demos} demos; version {version}, release {release}"
        ).format(
            file=file or "default.toml",
            services=len(catalog.services),
            routes=len(catalog.routes),
            channels=len(catalog.channels),
            menus=len(catalog.menus),
            demos=len(catalog.demos),
            version=catalog.version,
            release=catalog.release,
        )
    )


@app.command()
def show(
    service: Annotated[
        str | None, typer.Argument(help="A service's code or number; none: all of them.")
    ] = None,
    in_language: InLanguage = None,
    file: CatalogFile = None,
) -> None:
    """Show the services with their routes, minutes and fees; or one of them in full."""
    from rich.console import Console

    speak(in_language)
    catalog = load(file)
    console = Console(width=_WIDTH, highlight=False, markup=False, emoji=False)
    if service is None:
        console.print(_overview(catalog))
        return
    told = _("There is no service {service}.").format(service=service)
    for line in _detail(catalog, find(catalog.services, service, told)):
        console.print(line)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}" if fen % 100 else str(fen // 100)


def _money(fee: Fee | None) -> str:
    if fee is None:
        return _("not stated")
    if fee.low == fee.high:
        return _yuan(fee.low)
    return f"{_yuan(fee.low)}–{_yuan(fee.high)}"


def _minutes(minutes: Minutes) -> str:
    return f"{minutes.low}–{minutes.high}"


def _overview(catalog: Catalog) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column(_("Service"))
    table.add_column(_("Moves"))
    table.add_column(_("By"))
    table.add_column(_("Minutes"), justify="right")
    table.add_column(_("Fee CNY"), justify="right")
    for service in sorted(catalog.services, key=lambda service: service.number):
        rows = [(_("counter"), _minutes(service.minutes), _money(catalog.counter_fee(service)))]
        rows += [
            (route.channel, _minutes(route.minutes_alone), _money(catalog.route_fee(route)))
            for route in catalog.routes_of(service.code)
        ]
        names = [service.name.in_language(language()), service.code]
        table.add_row(
            str(service.number),
            "\n".join(names),
            _(_MOVES[service.move]),
            *("\n".join(column) for column in zip(*rows, strict=True)),
            end_section=True,
        )
    return table


def _names(catalog: Catalog, codes: tuple[str, ...]) -> str:
    names = [catalog.need(code).name.in_language(language()) for code in codes]
    return ", ".join(names) or _("nothing")


def _fee_lines(bands: tuple[FeeBand, ...]) -> list[str]:
    lines = []
    for band in bands:
        if len(bands) == 1:
            amounts = _("any amount")
        elif band.up_to is None:
            amounts = _("any larger amount")
        else:
            amounts = _("up to {amount}").format(amount=_yuan(band.up_to))
        lines.append(
            _("  fee: {fee} CNY, {amounts} [{source}]").format(
                fee=_money(band.fee), amounts=amounts, source=band.fee.source
            )
        )
    return lines or [_("  fee: not stated")]


def _detail(catalog: Catalog, service: Service) -> list[str]:
    queue = catalog.queue(service.queue).name.in_language(language())
    lines = [
        f"{service.number}  {service.name.in_language(language())}  ({service.code})",
        f"  {service.spoken.in_language(language())}",
        _("  moves: {move} [{source}]").format(move=_(_MOVES[service.move]), source=service.source),
        _("  queue: {code} {name}").format(code=service.queue, name=queue),
    ]
    if service.why_counter is not None:
        why = service.why_counter.in_language(language())
        lines.append(_("  why the counter: {why}").format(why=why))
    for code in service.questions:
        question = catalog.question(code).text.in_language(language())
        lines.append(_("  asks: {question} ({code})").format(question=question, code=code))
    lines += [
        _("counter"),
        _("  minutes: {minutes} [{source}]").format(
            minutes=_minutes(service.minutes), source=service.minutes.source
        ),
        _("  bring: {things}").format(things=_names(catalog, service.bring)),
        *_fee_lines(service.fees),
    ]
    if service.fee_note is not None:
        lines.append(_beside_the_fee(service.fee_note))
    if service.fields:
        lines.append(_("filled in while waiting, if the customer likes"))
        lines += [line for field in service.fields for line in _field_lines(field)]
    for route in catalog.routes_of(service.code):
        lines += _route_lines(catalog, route)
    lines.append(_("sources"))
    for code in sorted(_sources(catalog, service)):
        source = catalog.sources[code]
        lines.append(f"  [{code}] {source.title}, {source.effective}")
    return lines


def _field_lines(field: EntryField) -> list[str]:
    low, high = field.bounds
    if field.kind == "amount":
        answers = _("{low} to {high} CNY").format(low=_yuan(low), high=_yuan(high))
    elif field.kind == "digits":
        answers = _("a number from {low} to {high}").format(low=low, high=high)
    else:
        answers = ", ".join(option.label.in_language(language()) for option in field.options)
    return [
        f"  {field.label.in_language(language())} ({field.code}): {answers}",
        f"    {field.help.in_language(language())}",
    ]


def _beside_the_fee(note: LocalizedText) -> str:
    return _("  beside the fee: {note}").format(note=note.in_language(language()))


def _route_lines(catalog: Catalog, route: Route) -> list[str]:
    name = catalog.channel(route.channel).name.in_language(language())
    alone, helped = route.minutes_alone, route.minutes_helped
    lines = [
        f"{route.rank}. {name} ({route.channel}) [{route.source}]",
        _("  minutes: {alone} alone [{source_alone}], {helped} with help [{source_helped}]").format(
            alone=_minutes(alone),
            source_alone=alone.source,
            helped=_minutes(helped),
            source_helped=helped.source,
        ),
        _("  needs: {things}").format(things=_names(catalog, route.needs)),
    ]
    if route.not_for:
        lines.append(_("  not for: {answers}").format(answers=", ".join(route.not_for)))
    if route.max_amount is not None:
        lines.append(_("  at most: {amount} CNY").format(amount=_yuan(route.max_amount)))
    if route.hours is not None:
        hours = f"{route.hours.opens:%H:%M}–{route.hours.closes:%H:%M}"
        lines.append(_("  hours: {hours}").format(hours=hours))
    lines += _fee_lines(route.fees)
    if route.fee_note is not None:
        lines.append(_beside_the_fee(route.fee_note))
    for number, step in enumerate(route.steps, 1):
        lines.append(f"  {number} {step.in_language(language())}")
    if route.link is not None:
        lines.append(_("  link: {link}").format(link=route.link))
    lines.append(_("  safety: {advice}").format(advice=route.safety.in_language(language())))
    return lines


def _sources(catalog: Catalog, service: Service) -> set[str]:
    routes = catalog.routes_of(service.code)
    codes = {service.source, service.minutes.source}
    codes |= {band.fee.source for band in service.fees}
    for route in routes:
        codes |= {route.source, route.minutes_alone.source, route.minutes_helped.source}
        codes |= {band.fee.source for band in route.fees}
    return codes
