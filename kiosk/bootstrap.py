"""The composition root: builds every service once and hands them out."""

import logging
from collections.abc import Callable
from dataclasses import replace

from kiosk.addresses import sqlite_url
from kiosk.clock import Clock, SystemClock
from kiosk.config import Config, Printer
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.audit import AuditLog
from kiosk.services.ballast import keep_ballast
from kiosk.services.branch import enrol, initialise, prepare_store
from kiosk.services.branch_queue import BranchQueue, UnseenQueue
from kiosk.services.branch_rules import BranchRules
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_file import load_catalog
from kiosk.services.counter_place import CounterPlace
from kiosk.services.customer import CustomerServices
from kiosk.services.demo.runs import DemoRuns
from kiosk.services.disclosures import Disclosures
from kiosk.services.diversion import Diversions
from kiosk.services.drills import Drills
from kiosk.services.entries import Entries
from kiosk.services.followed import Followed
from kiosk.services.journal import Journal
from kiosk.services.lobby_watch import BranchToAsk, LobbyWatch
from kiosk.services.poster import Poster
from kiosk.services.printing.printing import Printing
from kiosk.services.replacement import refuse_half_replaced
from kiosk.services.sign_in import SignIn
from kiosk.services.staff.assists import Assists
from kiosk.services.staff.contact_purge import purge
from kiosk.services.staff.contacts import Contacts
from kiosk.services.staff.day_book import DayBook
from kiosk.services.staff.duties import IN_STAFF_MODE
from kiosk.services.staff.follow_up_work import FollowUpWork
from kiosk.services.staff.help_calls import HelpCalls
from kiosk.services.staff.now import Lobbies
from kiosk.services.staff.outages import Outages
from kiosk.services.staff.reading import FiguresSource
from kiosk.services.staff.reconciling import Reconciling
from kiosk.services.staff.seen import StaffSees
from kiosk.services.staff.services import StaffServices
from kiosk.services.staff.sign_ups import SignUps
from kiosk.services.staff_practice import PracticeServices
from kiosk.services.staff_roster import Role
from kiosk.services.tickets import Tickets
from kiosk.services.visits import Visits
from kiosk.services.workplace import CounterServices

log = logging.getLogger("kiosk")


def build(config: Config, clock: Clock | None = None) -> CustomerServices:
    """Build the services of a customer terminal; the first start makes what is missing.

    Raises:
        KioskError: The store or the catalog can't be used.
    """
    clock = clock or SystemClock()
    refuse_half_replaced(config.store_path)
    store = Database(sqlite_url(config.store_path), create=True, is_store=True)
    store.migrate()
    origin = prepare_store(store, config)
    keep_ballast(config.store_path)
    if not config.branch_database:
        _make_sample_branch(config)
    followed = Followed(store, origin.branch)
    of_branch = followed.catalog() if config.catalog is None else None
    catalog = of_branch or load_catalog(config.catalog)
    journal = Journal(store, origin, clock, config.zone, catalog.release)
    visits = Visits(journal)
    visits.end_interrupted()
    entries = Entries(journal, catalog)
    entries.wipe_old()
    _purge(journal)
    # without the branch's queue, a terminal that shares its branch sees its own tickets only
    alone = config.branch_database_url.startswith("sqlite")
    is_away = config.terminal.outreach
    queue = (UnseenQueue if is_away else BranchQueue)(journal, sees_all_tickets=alone)
    printing = None
    if config.printer.kind != "none":
        printing = Printing(config.printer, config.printer_failure_path, clock)
        printing.warm_up()
    return CustomerServices(
        catalog=catalog,
        visits=visits,
        diversions=Diversions(journal, config.terminal.digit),
        entries=entries,
        demo_runs=DemoRuns(journal),
        disclosures=Disclosures(journal),
        tickets=Tickets(
            journal, BranchRules.configured(config, catalog), config.terminal.digit, queue
        ),
        lobby=LobbyWatch(journal, config.branch.machines),
        journal=journal,
        followed=followed,
        posters=_chosen_posters(catalog, config.appearance.posters),
        printing=printing,
        away_from=config.branch if is_away else None,
    )


def _purge(journal: Journal) -> None:
    try:
        purge(journal)
    except KioskError as error:  # on a full disk customers go on; the next synchronisation tries it
        log.warning("phone numbers that are due can't be deleted: %s", error)


def build_practice(config: Config, clock: Clock | None = None) -> PracticeServices:
    """Build what staff practise with; the first start makes what is missing.

    Raises:
        KioskError: The store or the catalog can't be used.
    """
    clock = clock or SystemClock()
    # nobody waits for paper: what is printed belongs to a customer
    services = build(replace(config, printer=Printer()), clock)
    # the roster that came down with the last synchronisation is there without a network
    rosters = [services.journal.database, *branch_database(config)]
    folder = config.data_folder
    audit = AuditLog(services.journal.database, config, clock, config.terminal.code)
    sign_in = SignIn(
        rosters, config.branch.code, "practice", folder, clock, roles=frozenset(Role), audit=audit
    )

    def close() -> None:
        for database in rosters:
            database.close()

    return PracticeServices(services, Drills(services.journal), sign_in.sign_in, close)


def build_staff_mode(config: Config, clock: Clock | None = None) -> StaffServices:
    """Build what staff work with on a machine of their own; the first start makes what is missing.

    Raises:
        KioskError: The store or the catalog can't be used.
    """
    terminal = build(config, clock)
    services = build_staff(config, terminal, clock)

    def close() -> None:
        services.close()
        terminal.close()

    return replace(services, close=close)


def build_staff(
    config: Config, terminal: CustomerServices, clock: Clock | None = None
) -> StaffServices:
    """Build what staff work with, on the services of a terminal."""
    clock = clock or SystemClock()
    of_branch = branch_database(config)
    audit = AuditLog(terminal.journal.database, config, clock, config.terminal.code)
    sign_in = SignIn(
        [terminal.journal.database, *of_branch],
        config.branch.code,
        "lobby",
        config.data_folder,
        clock,
        roles=IN_STAFF_MODE,
        audit=audit,
    )

    source = FiguresSource(terminal.journal.database, config.branch_database_url, clock)

    def close() -> None:
        source.close()
        for database in of_branch:
            database.close()

    journal = terminal.journal
    branch = BranchToAsk(of_branch[0], clock) if of_branch else None
    watch = LobbyWatch(journal, config.branch.machines, branch)
    contacts = Contacts(journal, config, audit, source)
    return StaffServices(
        terminal=terminal,
        settings=config,
        sees=StaffSees(terminal.journal, source, terminal.catalog, config, clock),
        lobbies=Lobbies(journal, branch, config.zone, clock),
        help_calls=HelpCalls(journal, watch),
        outages=Outages(journal, watch, audit),
        assists=Assists(journal, config.terminal.digit),
        sign_ups=SignUps(journal, source),
        day_book=DayBook(journal),
        reconciling=Reconciling(journal, source, config, clock, audit),
        sign_in=sign_in.sign_in,
        audit=audit,
        follow_up_work=FollowUpWork(journal, source, contacts, terminal.catalog.follow_up),
        contacts=contacts,
        close=close,
    )


def branch_database(config: Config) -> list[Database]:
    """The branch's; none where its file is away."""
    try:
        return [Database(config.branch_database_url)]
    except KioskError as error:
        log.warning("the branch database can't be asked: %s", error)
        return []


def _chosen_posters(catalog: Catalog, code: str) -> tuple[Poster, ...]:
    """The posters of the chosen set; a terminal without any serves customers all the same."""
    try:
        return catalog.posters_of(code)
    except KioskError as error:
        log.warning("no posters are shown: %s", error)
        return ()


def build_counter(
    config: Config,
    counter: int,
    read_config: Callable[[str], Config],
    clock: Clock | None = None,
) -> CounterServices:
    """Build the services of a counter; its branch database may be away meanwhile.

    Raises:
        KioskError: The address of the branch database can't be used, or its file is missing.
    """
    clock = clock or SystemClock()
    database = Database(config.branch_database_url)
    sign_in = SignIn(
        [database], config.branch.code, f"counter {counter}", config.data_folder, clock
    )
    place = CounterPlace(database, counter, clock, read_config)
    return CounterServices(sign_in.sign_in, place.for_one, database.close)


def _make_sample_branch(config: Config) -> None:
    """Give a terminal that nobody configured a branch database beside its store.

    Whatever is wrong with it, the terminal starts: it needs no branch to serve customers.
    """
    try:
        database = Database(config.branch_database_url, create=True)
        try:
            initialise(database, config)
            enrol(database, config.branch.code, config.terminal.code, config.terminal.digit)
        finally:
            database.close()
    except KioskError as error:
        log.warning("the sample branch database can't be used: %s", error)
