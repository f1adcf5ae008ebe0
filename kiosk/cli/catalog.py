"""`kiosk catalog`: check a catalog before it is put on a terminal, and read what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from kiosk.services.catalog import Catalog, Fee, FeeBand, Minutes, Route, Service

app = typer.Typer(help="Check and show the catalog of services.", no_args_is_help=True)

_WIDTH = 80


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="The catalog; none: the one that ships with the program.")
    ] = None,
) -> None:
    """Check a catalog; every problem is one line `FILE: KEY: REASON`."""
    catalog = _load(file)
    typer.echo(
        f"{file or 'default.toml'}: good: {len(catalog.services)} services, "
        f"{len(catalog.routes)} routes, {len(catalog.channels)} channels, "
        f"{len(catalog.menus)} menus; version {catalog.version}, release {catalog.release}"
    )


@app.command()
def show(
    service: Annotated[
        str | None, typer.Argument(help="A service's code or number; none: all of them.")
    ] = None,
    language: Annotated[str, typer.Option(help="zh_CN, en or zh_TW.")] = "zh_CN",
    file: Annotated[
        Path | None, typer.Option(help="The catalog; none: the one that ships with the program.")
    ] = None,
) -> None:
    """Show the services with their routes, minutes and fees; or one of them in full."""
    from rich.console import Console

    from kiosk.services.catalog import LANGUAGES

    if language not in LANGUAGES:
        typer.echo(f"no language {language}; there are {', '.join(LANGUAGES)}", err=True)
        raise typer.Exit(2)
    catalog = _load(file)
    console = Console(width=_WIDTH, highlight=False, markup=False, emoji=False)
    if service is None:
        console.print(_overview(catalog, language))
    else:
        for line in _detail(catalog, _find(catalog, service), language):
            console.print(line)


def _load(file: Path | None) -> Catalog:
    from kiosk.services.catalog import CatalogError, load_catalog

    try:
        return load_catalog(file)
    except CatalogError as error:
        for problem in error.problems:
            typer.echo(str(problem))
        raise typer.Exit(1) from None


def _find(catalog: Catalog, wanted: str) -> Service:
    import difflib

    for service in catalog.services:
        if wanted in (service.code, str(service.number)):
            return service
    near = difflib.get_close_matches(wanted, [service.code for service in catalog.services], n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    typer.echo(f"no service {wanted}{hint}", err=True)
    raise typer.Exit(2)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}" if fen % 100 else str(fen // 100)


def _money(fee: Fee | None) -> str:
    if fee is None:
        return "not stated"
    if fee.low == fee.high:
        return _yuan(fee.low)
    return f"{_yuan(fee.low)}–{_yuan(fee.high)}"


def _minutes(minutes: Minutes) -> str:
    return f"{minutes.low}–{minutes.high}"


def _overview(catalog: Catalog, language: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("Service")
    table.add_column("Moves")
    table.add_column("By")
    table.add_column("Minutes", justify="right")
    table.add_column("Fee CNY", justify="right")
    for service in sorted(catalog.services, key=lambda service: service.number):
        rows = [("counter", _minutes(service.minutes), _money(catalog.counter_fee(service)))]
        rows += [
            (route.channel, _minutes(route.minutes_alone), _money(catalog.route_fee(route)))
            for route in catalog.routes_of(service.code)
        ]
        names = [service.name.in_language(language), service.code]
        table.add_row(
            str(service.number),
            "\n".join(names),
            service.move.value,
            *("\n".join(column) for column in zip(*rows, strict=True)),
            end_section=True,
        )
    return table


def _names(catalog: Catalog, codes: tuple[str, ...], language: str) -> str:
    return ", ".join(catalog.need(code).name.in_language(language) for code in codes) or "nothing"


def _fee_lines(bands: tuple[FeeBand, ...], indent: str) -> list[str]:
    lines = []
    for band in bands:
        amounts = f"up to {_yuan(band.up_to)}" if band.up_to is not None else "any larger amount"
        if len(bands) == 1:
            amounts = "any amount"
        lines.append(f"{indent}fee: {_money(band.fee)} CNY, {amounts} [{band.fee.source}]")
    return lines or [f"{indent}fee: not stated"]


def _detail(catalog: Catalog, service: Service, language: str) -> list[str]:
    lines = [
        f"{service.number}  {service.name.in_language(language)}  ({service.code})",
        f"  {service.spoken.in_language(language)}",
        f"  moves: {service.move.value} [{service.source}]",
        f"  queue: {service.queue} {catalog.queue(service.queue).name.in_language(language)}",
    ]
    if service.why_counter is not None:
        lines.append(f"  why the counter: {service.why_counter.in_language(language)}")
    lines += [
        *(
            f"  asks: {catalog.question(code).text.in_language(language)} ({code})"
            for code in service.questions
        ),
        "counter",
        f"  minutes: {_minutes(service.minutes)} [{service.minutes.source}]",
        f"  bring: {_names(catalog, service.bring, language)}",
        *_fee_lines(service.fees, "  "),
    ]
    if service.fee_note is not None:
        lines.append(f"  beside the fee: {service.fee_note.in_language(language)}")
    for route in catalog.routes_of(service.code):
        lines += _route_lines(catalog, route, language)
    lines.append("sources")
    for code in sorted(_sources(catalog, service)):
        source = catalog.sources[code]
        lines.append(f"  [{code}] {source.title}, {source.effective}")
    return lines


def _route_lines(catalog: Catalog, route: Route, language: str) -> list[str]:
    name = catalog.channel(route.channel).name.in_language(language)
    alone, helped = route.minutes_alone, route.minutes_helped
    lines = [
        f"{route.rank}. {name} ({route.channel}) [{route.source}]",
        f"  minutes: {_minutes(alone)} alone [{alone.source}], "
        f"{_minutes(helped)} with help [{helped.source}]",
        f"  needs: {_names(catalog, route.needs, language)}",
    ]
    if route.not_for:
        lines.append(f"  not for: {', '.join(route.not_for)}")
    if route.max_amount is not None:
        lines.append(f"  at most: {_yuan(route.max_amount)} CNY")
    if route.hours is not None:
        lines.append(f"  hours: {route.hours.opens:%H:%M}–{route.hours.closes:%H:%M}")
    lines += _fee_lines(route.fees, "  ")
    if route.fee_note is not None:
        lines.append(f"  beside the fee: {route.fee_note.in_language(language)}")
    for number, step in enumerate(route.steps, 1):
        lines.append(f"  {number} {step.in_language(language)}")
    if route.link is not None:
        lines.append(f"  link: {route.link}")
    lines.append(f"  safety: {route.safety.in_language(language)}")
    return lines


def _sources(catalog: Catalog, service: Service) -> set[str]:
    routes = catalog.routes_of(service.code)
    codes = {service.source, service.minutes.source}
    codes |= {band.fee.source for band in service.fees}
    for route in routes:
        codes |= {route.source, route.minutes_alone.source, route.minutes_helped.source}
        codes |= {band.fee.source for band in route.fees}
    return codes
