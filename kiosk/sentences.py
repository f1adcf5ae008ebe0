"""What people are told: one clear sentence for every error code that services raise."""

from kiosk.errors import KioskError
from kiosk.figure_words import unit_name
from kiosk.i18n import N_, _

_SENTENCES = {
    # configuration
    "config_no_file": N_("There is no configuration file {path}. Check the path."),
    "config_unreadable": N_(
        "The configuration {path} can't be read: {reason}. Check the path and the rights."
    ),
    "config_not_utf8": N_("The configuration {path} is not UTF-8 text. Save it as UTF-8."),
    "config_not_toml": N_(
        "The configuration {path} is not TOML at line {line}. Texts stand in quotes; every key and "
        "every [section] stands only once."
    ),
    "config_unknown_key": N_("{path} has an unknown key: {key}. Did you mean {nearest}?"),
    "config_unknown_variable": N_(
        "The environment variable {variable} is not a setting. Did you mean {nearest}?"
    ),
    "config_not_section": N_(
        "{place} is a section with keys of its own, not a value. Write it as [{key}]."
    ),
    "config_missing": N_(
        "{place} is missing. A name must be given in every language: zh_CN, en and zh_TW."
    ),
    "config_not_text": N_('{place} must be a text in quotes, as in "text"; it is {value}.'),
    "config_empty": N_("{place} is empty. Give it a value, or leave the key out."),
    "config_not_code": N_(
        "{place} must be 1 to 32 letters A–Z, digits, - or _, in quotes; it is {value}."
    ),
    "config_not_whole": N_(
        "{place} must be a whole number from {low} to {high}, without quotes; it is {value}."
    ),
    "config_not_days": N_(
        '{place} must be days of the month, 1 to 31, as ["10", "20"]; it is {value}.'
    ),
    "config_not_machines": N_(
        '{place} must be a list of a channel and how many machines it has each, as in ["atm=2"]; '
        "it is {value}."
    ),
    "config_not_weekdays": N_(
        '{place} must be days of the week, as ["mon", "tue"], of: {known}. It is {value}.'
    ),
    "config_not_dates": N_('{place} must be dates, as ["2026-10-01"]; it is {value}.'),
    "config_not_breaks": N_(
        '{place} must be a list of a counter and its hours each, as in ["3=11:30-12:30"]; it is '
        "{value}."
    ),
    "config_not_switch": N_("{place} must be true or false, without quotes; it is {value}."),
    "config_not_one_of": N_("{place} must be one of: {known}. It is {value}."),
    "config_not_colour": N_('{place} must be a colour such as "#0b3d7a"; it is {value}.'),
    "config_colour_too_light": N_(
        "{place}: {value} is too light. White text on it has a contrast of {contrast}; it must "
        "reach 7. Take a darker colour."
    ),
    "config_not_prom": N_(
        "{place} must end with .prom: node_exporter reads no other files. It is {value}."
    ),
    "config_unknown_zone": N_("{place}: there is no time zone {value}. Did you mean {nearest}?"),
    "config_unknown_home": N_(
        "{place}: {value} begins with the home folder of a user that this machine does not know. "
        "Write the whole path."
    ),
    "config_not_words": N_('{place} must be a list of words, as in ["one", "two"]; it is {value}.'),
    "config_not_languages": N_(
        "{place} must be a list of languages, each of them once: {known}. It is {value}."
    ),
    "config_not_one_line": N_(
        "{place} must be one line of at most {most} columns, and a Chinese character takes two; it "
        "has {cells}. Make it shorter."
    ),
    "config_not_player": N_(
        "{place} must be a command with {files} once among its words, where the clips stand; it "
        "is {value}."
    ),
    "config_voice_incomplete": N_(
        "{place} is missing: voice.player is set, but not the folder of the clips. Set both, or "
        "neither."
    ),
    "config_no_home": N_(
        "This user has no home folder to keep files in. Set the environment variable {variable} to "
        "a folder."
    ),
    "config_not_of_branch": N_(
        "{place}: a branch can't set {key} for its terminals. Leave it out here and set it in the "
        "terminal's own configuration."
    ),
    "config_not_usb_id": N_(
        '{place} must be four digits 0–9 or letters a–f, as lsusb shows them, as in "04b8"; it is '
        "{value}."
    ),
    "config_printer_incomplete": N_("{place} is missing. A printer of the kind {kind} needs it."),
    # voice
    "clips_unreadable": N_(
        "{path} can't be read: {reason}. It says which clip says which word: see docs/board.md."
    ),
    "clips_not_toml": N_("{path} is not TOML in UTF-8: {reason}. See docs/board.md."),
    "clips_no_language": N_(
        "{path} has a section {key}; there must be one section for each language that is spoken, "
        "of these: {known}."
    ),
    "clips_no_file": N_("{path}: {key} must name a file in that folder; it is {value}."),
    # printing
    "printer_none": N_(
        "No printer is configured. Set printer.kind in the configuration, and where the printer is."
    ),
    "printer_driver_missing": N_(
        "This installation can't print: python-escpos is missing. Customers are asked to remember "
        "their number. Install branch-kiosk[printer]."
    ),
    "printer_unreachable": N_(
        "The printer {printer} can't be reached: {reason}. Nothing was printed. Check that it is "
        "switched on, its cable and the configuration."
    ),
    "printer_no_paper": N_("The printer {printer} has no paper. Put in a new roll."),
    "printer_offline": N_(
        "The printer {printer} can't print: its cover is open, or it needs somebody to look at it."
    ),
    "printer_broke_off": N_(
        "The printer {printer} broke off: {reason}. A slip may have come out in part. Switch it "
        "off and on again, and check its cable."
    ),
    "printer_timeout": N_(
        "The printer {printer} did not take the slip within three seconds. Check its cable, and "
        "switch it off and on again."
    ),
    "printer_busy": N_(
        "The printer {printer} is still busy with the slip before. Switch it off and on again."
    ),
    # starting the terminal
    "debug_variable": N_(
        "The environment variable {variable} is set. It is for developers and opens a way out of "
        "the terminal. Remove it, then start again."
    ),
    "no_terminal": N_("This program needs a terminal to draw on. Start it in one."),
    "serve_which_address": N_(
        "{host} is no address that a browser can open. Give the one by which this machine is known."
    ),
    "reconcile_not_installed": N_(
        "Journals are read with DuckDB, which is not installed here. Install the program with "
        "branch-kiosk[reconcile]."
    ),
    "reconcile_too_large": N_(
        "There is too much in these journals to be held against the offers at once. Nothing was "
        "changed. Split the file into smaller ones and import each."
    ),
    "simulation_not_installed": N_(
        "Branches are simulated with SimPy, which is not installed here. Install the program with "
        "branch-kiosk[simulate]."
    ),
    "fit_too_few_days": N_(
        "There are {days} days with customers, and at least {least} are needed to estimate "
        "anything. Name an earlier --from."
    ),
    "scenario_invalid": N_("The scenario {file} can't be used. {key}: {reason}."),
    "variant_invalid": N_("The variant {variant} can't be. {key}: {reason}."),
    "simulation_ended": N_("The simulation has ended before its time: {reason}"),
    "what_if_limit": N_("It can't be set to that here."),
    "variant_diverts_too_much": N_(
        "The variant {variant} diverts more than can be: at most {most} of all visits, as "
        "e-channels can't do everything and don't always work."
    ),
    "variant_counters_too_few": N_(
        "The variant {variant} has too few counters: with fewer than {least}, nobody could do some "
        "of the services."
    ),
    "layout_unknown": N_(
        "There is no layout {layout}. Those that there are: {known}. Others stand as NAME.toml in "
        "the folder reconcile.layouts."
    ),
    "layout_invalid": N_("The layout {file} can't be used. {key}: {reason}."),
    "journal_unreadable": N_("The journal {file} can't be read: {reason}."),
    "journal_incomplete": N_(
        "The journal's last line does not count its lines: it says {said}, and there are {found}. "
        "Have the whole file sent again; nothing of it was taken."
    ),
    "journal_known": N_(
        "The journal {file} was imported on {day} as {known}. There is nothing to do."
    ),
    "reconcile_no_folder": N_(
        "Journals arrive in the folder reconcile.folder, which is not there: {folder}. Set it, "
        "with a folder for each layout in it, or import files one by one."
    ),
    "reconcile_not_here": N_(
        "This machine may not write to the branch database. Branch IT can confirm there: "
        "kiosk reconcile confirm"
    ),
    "line_not_probable": N_(
        "The line {line} is not probable, or not any more. `kiosk reconcile report` shows those "
        "that are."
    ),
    "reconcile_busy": N_(
        "Somebody is importing a journal of this branch just now. Try again when it is done."
    ),
    "serve_not_installed": N_(
        "Serving a browser needs more of the program. Install it with [serve]; see "
        "docs/branch-it.md."
    ),
    "screen_too_small": N_(
        "This screen has too few pixels for {columns}×{rows} characters. Take a larger one."
    ),
    "terminal_too_small": N_(
        "The terminal has {columns}×{rows} characters. It needs at least "
        "{least_columns}×{least_rows}: make the window larger or the type smaller."
    ),
    # databases
    "database_url_invalid": N_(
        "{url} is not the address of a database. An example: sqlite:////var/lib/kiosk/branch.db"
    ),
    "database_url_options": N_(
        "{url}: the address of an SQLite file has no options after a question mark. Write %3F for "
        "a question mark in a path."
    ),
    "database_url_password": N_(
        "The address of the database holds a password, which others on this machine could read. "
        "Nothing was changed. Take it out of the address and put it into a password file."
    ),
    "database_missing": N_(
        "There is no database at {database}. Nothing was changed. Check the address, or make the "
        "database with: kiosk branch init"
    ),
    "database_unreachable": N_(
        "The database {database} can't be opened. Everything on this terminal is kept. Check the "
        "path, the rights and the network; the next run carries on."
    ),
    "database_read_only": N_(
        "The database {database} can't be written: it is read-only. Everything stored so far is "
        "kept. Give this program's user the right to write the file and its folder."
    ),
    "database_damaged": N_(
        "The database {database} is damaged or is no database. It was not changed. Correct its "
        "address; or keep a copy of it, restore its backup, and let every terminal bring what that "
        "lacks with: kiosk sync --replay"
    ),
    "store_damaged": N_(
        "The store {database} is damaged. It is kept as it is. Stop the terminal and see what can "
        "be read of it with: kiosk db renew"
    ),
    "store_half_renewed": N_(
        "The renewal of the store {database} was interrupted. Nothing is lost. Finish it with: "
        "kiosk db renew"
    ),
    "terminal_unknown": N_(
        "{database} has no terminal {terminal} in branch {branch}. Nothing was changed. Enrol it "
        "with: kiosk branch enrol {terminal} --digit N"
    ),
    "database_busy": N_(
        "The database {database} is held by another program. Nothing is lost; the next run "
        "carries on."
    ),
    "database_conflict": N_(
        "Others were writing the same in {database} at the same moment. Nothing is lost; the next "
        "run carries on."
    ),
    "database_login_refused": N_(
        "{database} does not let this program in: its name or password is wrong. Nothing was sent; "
        "everything is kept. Correct the address or the password's file, or enrol the terminal "
        "again."
    ),
    "database_password_missing": N_(
        "{database} asks for a password, and there is none. Nothing was sent; everything is kept. "
        "The password file must be this user's own, with the mode 0600, and have a line for this "
        "server, port, database and name."
    ),
    "database_forbidden": N_(
        "{database} does not allow that to this login. Nothing was changed. Use the login that "
        "the command is meant for."
    ),
    "report_forbidden": N_(
        "{database} does not let this login read figures: a terminal's may only bring events. Use "
        "a reader's login (KIOSK_BRANCH_DATABASE), or see this terminal's own figures with: "
        "kiosk report today --store"
    ),
    "report_not_written": N_(
        "The report could not be written to {path}: {reason}. Nothing there was changed; choose "
        "another place with --out."
    ),
    "database_not_trusted": N_(
        "The server {database} could not prove who it is. Nothing was sent; everything is kept. "
        "Correct the certificate's file or the server's name in the address, or switch on TLS on "
        "the server."
    ),
    "database_authority_missing": N_(
        "The file that {database} must be proved by (sslrootcert in its address) is not on this "
        "machine, or this user can't read it. Nothing was sent; everything is kept. Put the file "
        "there, or correct its path."
    ),
    "file_unreadable": N_("{path} can't be read: {reason}. Nothing was changed. Check the path."),
    "file_exists": N_("{path} is there already. Nothing was changed. Name a new file."),
    "backup_changed": N_(
        "{path} is not what it was when it was made: its rows are others. Nothing was changed. "
        "Take another backup."
    ),
    "backup_damaged": N_("{path} is damaged ({fault}). Nothing was changed. Take another backup."),
    "backup_differs": N_(
        "The copy {path} was not what was copied, so it was deleted. Try again; twice: use another "
        "disk."
    ),
    "backup_missing": N_("There is no {path}. Nothing was changed. Check the path."),
    "backup_not_written": N_(
        "{path} can't be written: {reason}. There is no backup, and nothing else was changed."
    ),
    "backup_of_another": N_(
        "{path} is a backup of another branch database than {database}. Nothing was changed. "
        "Correct the path; if it shall stand there all the same, move the other away first."
    ),
    "backup_of_branch": N_(
        "{path} is a branch database, not a terminal's store. Nothing was changed. For a branch "
        "database, add: --branch"
    ),
    "backup_of_nothing": N_(
        "{path} is neither a terminal's store nor a branch database. Nothing was changed."
    ),
    "backup_of_server": N_(
        "{database} is on a server, which has its own tools for that: pg_dump and pg_restore. "
        "Nothing was changed. docs/upgrade.md has each step."
    ),
    "backup_of_store": N_(
        "{path} is a terminal's store, not a branch database. Nothing was changed. For a store, "
        "leave out: --branch"
    ),
    "branch_half_restored": N_(
        "A backup was on its way into the place of {database} when that was interrupted. Nothing "
        "is lost. Finish it with: kiosk db restore FILE --branch"
    ),
    "file_not_written": N_(
        "{path} can't be written: {reason}. The password is lost: correct the path, then say it "
        "again with --new-password."
    ),
    "disk_full": N_(
        "The disk with {database} is full. What was stored is kept. Free some space; the next run "
        "carries on."
    ),
    "disk_failing": N_(
        "The disk with {database} reports errors. Copy the file to another disk and call support."
    ),
    "schema_newer": N_(
        "{database} was made by a newer version of this program (revision {revision}). It was not "
        "changed. Install the newer version here; where it is a file and nothing was recorded "
        "since the update, kiosk upgrade --undo goes back."
    ),
    "upgrade_no_copy": N_(
        "There is no {path}, so {database} can't be put back as it was. Nothing was changed. "
        "Install the newer version again."
    ),
    "upgrade_too_late": N_(
        "Since the update, something was recorded in {database}: going back would lose it. Nothing "
        "was changed. Install the newer version again. As it was before: {path}"
    ),
    "schema_older": N_(
        "{database} has an older form (revision {revision}). Bring it up to date with: "
        "kiosk branch init"
    ),
    "schema_missing": N_("{database} is not a branch database. Make one with: kiosk branch init"),
    "ticket_numbers_used_up": N_(
        "Today's ticket numbers of queue {queue} are used up on this terminal. Please speak to a "
        "member of staff."
    ),
    # what staff put down
    "receipt_form": N_(
        "A receipt number has 6 to 24 of A–Z, 0–9 and -. Nothing was kept. Look at the receipt of "
        "the core system."
    ),
    "receipt_is_mobile": N_(
        "This is a mobile number, not a receipt number. Nothing was kept: no customer's phone "
        "number may stand here."
    ),
    "receipt_is_identity": N_(
        "This looks like an identity number, not a receipt number. Nothing was kept: no customer's "
        "identity number may stand here."
    ),
    "receipt_is_card": N_(
        "This looks like a card number, not a receipt number. Nothing was kept: no customer's card "
        "number may stand here."
    ),
    "outage_is_over": N_("That time has passed. Nothing was changed. Name a later one."),
    "note_empty": N_("Nothing was written, so nothing was kept."),
    "note_too_long": N_("A line has up to {most} characters. Nothing was kept. Shorten it."),
    "note_has_number": N_(
        "This holds a number as phones, cards and identities have it. Nothing was kept: leave it "
        "out."
    ),
    # counters and who waits
    "ticket_unknown": N_(
        "Branch {branch} has no ticket {ticket} today. Nothing was changed. Check the number."
    ),
    "ticket_waiting": N_("{ticket} is waiting. Nothing was changed. Call it first."),
    "ticket_called": N_(
        "{ticket} was called to counter {counter}, and nobody has come yet. Nothing was changed. "
        "Start it there, call it once more, or mark it as a no-show."
    ),
    "ticket_serving": N_(
        "{ticket} is being served at counter {counter}. Nothing was changed. Finish it there, put "
        "it on hold or transfer it."
    ),
    "ticket_on_hold": N_("{ticket} is on hold. Nothing was changed. Resume it to go on with it."),
    "ticket_served": N_(
        "{ticket} has been served. Nothing was changed. A customer who needs more takes a new "
        "ticket."
    ),
    "ticket_no_show": N_(
        "{ticket} was called and nobody came. Nothing was changed. Put it back into the queue if "
        "its customer is here now."
    ),
    "ticket_cancelled": N_(
        "{ticket} was given back by its customer. Nothing was changed. Call the next one."
    ),
    "ticket_expired": N_(
        "{ticket} is of a day that was closed. Nothing was changed. Its customer takes a new "
        "ticket."
    ),
    "day_in_future": N_(
        "{day} has not come yet: today is {today}. Nothing was changed. Name today or a day before."
    ),
    "day_not_over": N_(
        "In branch {branch} customers of today may still be called; at work: counter {counters}. "
        "Nothing was changed. Sign off there first. If nobody is there any more: "
        "kiosk queue close-day --force"
    ),
    "counter_unknown": N_(
        "{database} has no counter {counter} in branch {branch}. Nothing was changed. Enrol it "
        "with: kiosk branch enrol-counter {counter}"
    ),
    "counter_closed": N_("Counter {counter} is closed. Nothing was changed. Open it first."),
    "counter_open": N_(
        "Counter {counter} is open, with {staff}. Nothing was changed. Whoever takes over closes "
        "it first."
    ),
    "counter_on_break": N_(
        "Counter {counter} is on break. Nothing was changed. End the break first."
    ),
    "desk_empty": N_(
        "There is no ticket at counter {counter}. Nothing was changed. Call the next one first."
    ),
    "desk_busy": N_(
        "{ticket} is still at counter {counter}. Nothing was changed. Finish it, put it on hold, "
        "transfer it or mark it as a no-show first."
    ),
    "call_limit_reached": N_(
        "{ticket} was called {calls}×, and that is enough. Nothing was changed. Mark it as a "
        "no-show, or start it if its customer is here."
    ),
    "transfer_unknown_counter": N_(
        "Branch {branch} has no counter {counter}. Nothing was changed; {ticket} is still here. "
        "Choose another counter."
    ),
    "posters_unknown": N_(
        "The catalog has no set of posters {set} (appearance.posters), so none are shown. It has: "
        "{known}."
    ),
    "catalog_invalid": N_(
        "The catalog {file} can't be used: {key}: {reason}. Problems in all: {count}. See them "
        "with: kiosk catalog check"
    ),
    "store_in_use": N_("Another terminal program is using {database}. Stop it first."),
    # synchronisation
    "database_driver_missing": N_(
        "This installation can't speak to {driver} databases: the driver is missing. Nothing was "
        "changed. For a server, install the program with [postgres] behind its name; or use the "
        "address of an SQLite file."
    ),
    "store_not_ready": N_(
        "This terminal has no store at {database} yet, so there is nothing to bring to the branch. "
        "Start the terminal once with: kiosk run"
    ),
    "store_older": N_(
        "{database} has the form of an older version (revision {revision}). Nothing was changed. "
        "Start the terminal once, or run: kiosk sync"
    ),
    "store_of_another": N_(
        "The store {database} holds the events of branch {branch}, terminal {terminal}. It was not "
        "changed. Correct the codes in the configuration, or use another data folder."
    ),
    "store_is_branch_database": N_(
        "{database} is a branch database and can't be a terminal's store. It was not changed. Use "
        "another data folder or another terminal code."
    ),
    "not_a_branch_database": N_(
        "{database} is a terminal's store and no branch database. It was not changed. Correct the "
        "address of the branch database."
    ),
    "branch_rights_missing": N_(
        "The login {login} may not make a branch database of {database}. Nothing was changed. It "
        "must own the database and have the right to make roles (CREATEROLE), or the server's "
        "administrator runs this command."
    ),
    "login_taken": N_(
        "The server has a role {login} already that is not one of this database's. Nothing was "
        "changed. Rename or remove that role, or take another code."
    ),
    "queues_invalid": N_(
        "{queues}: these are no queues. A queue is a capital letter; write several without a "
        "space, as in ABC. Nothing was changed."
    ),
    "desk_refused": N_(
        "What counter {counter} of branch {branch} wanted to record does not fit what the branch "
        "database holds. Nothing was changed. Look at the list and do it again; if that does not "
        "help, call support."
    ),
    "branch_unknown": N_(
        "{database} has no branch {branch}. Nothing was changed. Add the branch with: "
        "kiosk branch init"
    ),
    "terminal_code_invalid": N_(
        "{terminal} can't be a terminal's code: 1 to 32 letters, digits, - or _. Nothing was "
        "changed."
    ),
    "digit_taken": N_(
        "Terminal {terminal} of branch {branch} has the digit {digit} already. Nothing was "
        "changed. Choose another digit: two terminals with one digit would give the same numbers."
    ),
    "digit_fixed": N_(
        "Terminal {terminal} already gives tickets with the digit {digit}. Nothing was changed. "
        "Keep this digit, or give the terminal another code."
    ),
    "sync_running": N_(
        "Another synchronisation of {database} is at work. Nothing is lost; wait until it is done."
    ),
    "program_fault": N_(
        "A fault of this program ({fault}) stopped the synchronisation. Nothing is lost. Call "
        "support, with the log."
    ),
    "machines_unreadable": N_(
        "The machines' status file {path} can't be read: {reason}. Correct "
        "devices.status_file, or have the monitoring write it."
    ),
    "machines_stale": N_(
        "The machines' status file {path} is too old: how they are is not known. See why the "
        "monitoring writes it no more."
    ),
    "machines_invalid": N_(
        "The machines' status file {path} can't be used: {reason}. Each machine is one of "
        "branch.machines, and up, down or out_of_cash."
    ),
    "metrics_not_written": N_(
        "The figures for monitoring can't be written to {path}: {reason}. The synchronisation "
        "itself goes on. Correct sync.textfile or the rights of its folder."
    ),
    "sync_events_changed": N_(
        "Events of batch {number} in {database} are not what was offered to the branch before. "
        "Nothing more was sent, and nothing is lost. Keep a copy of the file and call support."
    ),
    "sync_no_branch_database": N_(
        "{database} is a terminal's store and no branch database. Nothing was sent; every event is "
        "kept. Correct the address of the branch database."
    ),
    "sync_other_database": N_(
        "{database} is not the branch database that this terminal has receipts from. Nothing was "
        "sent; every event is kept. Correct the address. If the database was made anew, begin a "
        "new store: kiosk branch renew {terminal}, and here kiosk db renew"
    ),
    "sync_branch_lost_data": N_(
        "{database} has {known} batches of terminal {terminal}, but gave receipts for {number}: "
        "it was restored from an older copy. Nothing was sent; every event is kept here. Bring "
        "what it lost again with: kiosk sync --replay"
    ),
    "sync_replay_impossible": N_(
        "{database} stands at batch {known} of terminal {terminal}, and this store has no such "
        "batch, or no longer all events behind it. Nothing was changed; every event is kept. Give "
        "the terminal a new store: kiosk branch renew {terminal}, and here kiosk db renew"
    ),
    "sync_ahead": N_(
        "{database} has {known} batches of terminal {terminal}, and this store only {number}: the "
        "store is an older copy. Nothing of it is lost. Stop this terminal and begin a new store: "
        "kiosk branch renew {terminal}, and here kiosk db renew"
    ),
    "sync_fork": N_(
        "Batch {number} of terminal {terminal} is not the one that {database} has: a copy of this "
        "store was used. Nothing was sent; every event is kept. Stop this terminal and begin a new "
        "store: kiosk branch renew {terminal}, and here kiosk db renew"
    ),
    "sync_epoch_mismatch": N_(
        "The store of terminal {terminal} is from epoch {epoch}, and {database} expects epoch "
        "{known}: another store took its place, or the branch was restored from a backup. Nothing "
        "was sent; every event is kept. If this terminal shall go on, stop it and begin a new "
        "store: kiosk branch renew {terminal}, and here kiosk db renew"
    ),
    "sync_renewal_refused": N_(
        "{database} does not take this code for terminal {terminal}: it is wrong, or was used. "
        "Nothing was changed. Let the branch show a new one with: kiosk branch renew {terminal}"
    ),
    "sync_not_enrolled": N_(
        "Terminal {terminal} is not enrolled in {database}. Nothing was sent; every event is kept. "
        "Enrol it with: kiosk branch enrol {terminal} --digit N"
    ),
    "sync_digit_differs": N_(
        "Terminal {terminal} gives ticket numbers with the digit {digit}, and {database} has it "
        "with the digit {known}. Nothing was sent; every event is kept. Correct terminal.digit in "
        "the configuration and start the terminal again."
    ),
    "release_damaged": N_(
        "Version {version} of {name} came damaged from the branch. The last good one stays in "
        "use; the next run asks again."
    ),
    "release_too_new": N_(
        "Version {version} of {name} has a form that this program does not know yet. The last good "
        "one stays in use. Install the newer version of the program here."
    ),
    "release_unknown": N_(
        "The branch has something that is called {name}, and this program does not know what that "
        "is. Install the newer version of the program here."
    ),
    "release_invalid": N_(
        "{name} can't be used: {key}: {reason}. The last good one stays in use. Correct the file "
        "and publish it again with: kiosk branch publish"
    ),
    # staff
    "counter_in_use": N_(
        "Another window on this machine works at this counter already ({database}). Go on there, "
        "or close it first."
    ),
    "staff_none": N_(
        "Branch {branch} has no staff list yet, so nobody can sign in. IT publishes one with: "
        "kiosk branch publish staff FILE"
    ),
    "sign_in_refused": N_(
        "Nobody can sign in here with that number and PIN. Check both and try again."
    ),
    "sign_in_locked": N_(
        "Too many tries failed, so nobody can try again for {minutes} min. Who has forgotten the "
        "PIN gets a new one from IT."
    ),
    "sign_in_not_kept": N_(
        "Nobody can sign in here: {path} can't be written: {reason}. Make room on the disk or "
        "correct the rights of the folder."
    ),
    "audit_nowhere": N_(
        "There is no audit log here: {store} does not exist, and the branch database has none. Say "
        "the command on a terminal, or where the branch's staff list is kept."
    ),
    "key_unreadable": N_(
        "The key {path} can't be read: {reason}. Correct the rights of the file, or of its folder."
    ),
    "key_invalid": N_(
        "The key {path} does not hold 64 hexadecimal digits. Bring it back from where it was saved."
    ),
    "key_not_made": N_(
        "The key {path} can't be made: {reason}. Make room on the disk or correct the rights of "
        "the folder."
    ),
    "key_given": N_(
        "The key {path} comes from the service manager. Put a new one there instead: "
        "docs/privacy.md"
    ),
    # phone numbers
    "contact_number_invalid": N_("A mobile number has 11 digits and begins with 13 to 19."),
    "contact_code_unknown": N_(
        "No phone number is kept under this code. It may be deleted already."
    ),
    "contact_number_unknown": N_("This phone number is not kept here. It may be deleted already."),
    "contact_gone": N_("This phone number is no longer kept."),
    "contact_forbidden": N_("Only lobby managers and branch managers may see a whole number."),
    "contact_export_alone": N_(
        "Two people take phone numbers out together, and this is the same person. Nothing was "
        "written."
    ),
    "contact_export_forbidden": N_(
        "Only lobby managers and branch managers take phone numbers out. Nothing was written."
    ),
    "contact_key_missing": N_(
        "This phone number can't be read: its key {key_id} is not on this machine."
    ),
    "contact_damaged": N_(
        "This phone number can't be read: it was changed, or belongs to another entry."
    ),
    "pin_not_digits": N_("A PIN has {digits} digits 0–9. Choose another one."),
    "pin_to_be_chosen": N_("Choose a PIN of your own first."),
    "pin_same": N_("This is the PIN that you have. Choose another one."),
    "pins_not_kept": N_(
        "Nobody can sign in here: {path} can't be read or written: {reason}. Correct the rights of "
        "the folder, or remove the file: the PINs of the staff list hold again then."
    ),
    "staff_there": N_("The staff list has somebody with the number {number} already."),
    "staff_unknown": N_("Nobody in the staff list has the number {number}."),
    "staff_invalid": N_(
        "This can't stand in the staff list: {key}. A number has up to 16 letters A–Z, digits and "
        "-, a name up to 32 characters."
    ),
    "pin_guessable": N_(
        "This PIN is easily guessed: it is a row, a repetition, a date or in the staff number. "
        "Choose another one."
    ),
    "pin_differs": N_("The two PINs differ. Nothing was made; say the command again."),
    "pin_no_terminal": N_(
        "A PIN is asked for without showing it, which needs a terminal. Say the command in one."
    ),
    "quarantine_without": N_(
        "No event with the number {number} waits in quarantine. Nothing was changed. See them "
        "with: kiosk sync quarantine list"
    ),
    # targets from a spreadsheet
    "sheet_refused": N_("{file} was not taken: {count} faults, see above. Nothing was changed."),
    "sheet_unreadable": N_(
        "{file} can't be read as a spreadsheet. Save it as XLSX or as CSV in UTF-8."
    ),
    "sheet_too_large": N_("{file} is larger than {most} MB: that is no list of targets."),
    "sheet_too_long": N_("{file} has more than {most} rows: that is no list of targets."),
    "sheet_empty": N_("{file} holds no row below its headings. Nothing was changed."),
    "sheet_does_not_fit": N_("{file} does not fit what is published: {reason}"),
    "sheet_no_column": N_(
        "{sheet}, row {row}: these columns are missing: {columns}. The first row names the columns."
    ),
    "sheet_missing": N_("{sheet}, row {row}, column {column}: nothing stands here."),
    "sheet_unknown": N_("{sheet}, row {row}, column {column}: {value} is unknown; {nearest}?"),
    "sheet_wrong_period": N_(
        "{sheet}, row {row}, column {column}: {value} is no period. Write 2026, 2026-Q4 or 2026-11."
    ),
    "sheet_not_number": N_("{sheet}, row {row}, column {column}: {value} is no number from 0 up."),
    "sheet_not_whole": N_("{sheet}, row {row}, column {column}: {value} is not a whole number."),
    "sheet_zero": N_("{sheet}, row {row}, column {column}: a target is more than 0."),
    "sheet_wrong_value": N_("{sheet}, row {row}, column {column}: {value} can't stand here."),
    "sheet_wrong_unit": N_(
        "{sheet}, row {row}, column {column}: this metric is not counted in {value}."
    ),
    "sheet_other_unit": N_(
        "{sheet}, row {row}, column {column}: the target is in {wanted}, this actual in {unit}. "
        "Units are not converted: check which one is right, and write the actual in {wanted}."
    ),
    "sheet_no_product": N_("{sheet}, row {row}, column {column}: {value} has no product."),
    "sheet_no_staff": N_(
        "{sheet}, row {row}, column {column}: {value} is for the branch only: leave this empty."
    ),
    "sheet_counted": N_(
        "{sheet}, row {row}, column {column}: {value} is counted from what is recorded; nobody "
        "types it."
    ),
    "sheet_twice": N_(
        "{sheet}, row {row}, column {column}: row {other} is about the same already."
    ),
    "day_invalid": N_("{value} is no day. Write it as 2026-11-25, or today or yesterday."),
    "verify_day_dropped": N_(
        "{database} keeps events from {day} on, so there is nothing to compare with. The figures "
        "of earlier days stay."
    ),
    "sync_wrong_branch": N_(
        "{database} has no branch {branch}. Nothing was sent; every event is kept. Correct the "
        "branch's code or the address of the branch database."
    ),
    "sync_schema_too_new": N_(
        "This terminal writes events of schema {schema}, and {database} takes {low} to {high}. "
        "Nothing was sent; every event is kept. Update the branch first, with the newer version "
        "and: kiosk branch init"
    ),
    "sync_schema_too_old": N_(
        "This terminal writes events of schema {schema}, and {database} takes {low} to {high}. "
        "Nothing was sent; every event is kept. Install the newer version on this terminal."
    ),
    "sync_bad_digest": N_(
        "Batch {number} reached {database} damaged. It was not taken; every event is kept. Try "
        "again, and call support if it happens again."
    ),
    "sync_malformed": N_(
        "Batch {number} holds events that are not those of terminal {terminal}. {database} did not "
        "take it; every event is kept. Keep a copy of the store and call support."
    ),
    "sync_rows_missing": N_(
        "{missing} events of batch {number} have ids that other events in {database} have already. "
        "The batch was not taken; every event is kept. Call support."
    ),
}


_RELEASES = {
    "catalog": N_("Catalog"),
    "settings": N_("Settings"),
    "staff": N_("Staff roster"),
    "targets": N_("Targets"),
    "learned": N_("What the days taught of the waits"),
    "queue": N_("State of the queue"),
}


def release_name(name: str) -> str:
    """What a release is of, in words."""
    return _(_RELEASES[name]) if name in _RELEASES else name


def sentence(error: KioskError) -> str:
    """The sentence for an error, in the language in use."""
    params = dict(error.params)
    if error.code.startswith("release_"):
        params["name"] = release_name(str(params["name"]))
    if error.code == "sheet_other_unit":
        params |= {name: unit_name(str(params[name])) for name in ("unit", "wanted")}
    return _(_SENTENCES[error.code]).format(**params)


def known_codes() -> frozenset[str]:
    """Every code that has a sentence."""
    return frozenset(_SENTENCES)
