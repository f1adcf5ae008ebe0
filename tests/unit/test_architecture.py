"""The house's rules that import-linter can't see."""

import ast
import pkgutil
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kiosk.services
from kiosk import sentences
from kiosk.bootstrap import build
from kiosk.config import Config

PACKAGE = Path(next(iter(kiosk.services.__path__))).parent
SCREENS = [PACKAGE / "screens", PACKAGE / "widgets"]
TRANSLATORS = {"_", "ngettext", "N_"}


def modules(*folders: Path) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders or (PACKAGE,):
        for path in sorted(folder.rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last part of the name that is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield name, node


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(PACKAGE.parent)}:{getattr(node, 'lineno', 0)}"


def loaded_after(code: str, *arguments: str) -> set[str]:
    """The modules in a new interpreter after it ran ``code``."""
    show = f"import atexit, sys\natexit.register(lambda: print(*sys.modules))\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", show, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


# --- what is imported -------------------------------------------------------------------------


def test_services_never_import_the_screen() -> None:
    found = pkgutil.walk_packages(kiosk.services.__path__, "kiosk.services.")
    names = [module.name for module in found]
    assert len(names) >= 8
    loaded = loaded_after(f"import {', '.join(names)}, kiosk.db, kiosk.config, kiosk.projections")
    assert set(names) <= loaded
    assert not loaded & {"textual", "rich", "typer", "kiosk.i18n", "kiosk.sentences"}


def test_help_imports_nothing_slow() -> None:
    loaded = loaded_after("from kiosk.__main__ import main; main()", "--help")
    assert "kiosk.cli" in loaded
    slow = {"textual", "rich", "sqlmodel", "sqlalchemy", "babel", "pydantic", "alembic"}
    assert not loaded & slow
    assert not {name for name in loaded if name.startswith("kiosk.cli.")}


def test_the_app_is_imported_without_the_database() -> None:
    loaded = loaded_after("import kiosk.cli.run, kiosk.app")
    assert "textual.app" in loaded
    assert not loaded & {"sqlmodel", "sqlalchemy", "alembic", "babel", "pydantic", "segno"}


def test_a_running_terminal_keeps_in_memory_only_what_it_needs(tmp_path: Path) -> None:
    """All of it together stays below 80 MB by little."""
    build(Config(data_folder=tmp_path)).close()  # the first start needs Alembic
    loaded = loaded_after(
        "import sys, kiosk.app, kiosk.screens.customer.flow\n"
        "from pathlib import Path\n"
        "from kiosk import bootstrap, config, i18n\n"
        "i18n.prepare_languages()\n"
        "bootstrap.build(config.Config(data_folder=Path(sys.argv[1]))).close()\n",
        str(tmp_path),
    )
    assert {"textual.app", "sqlalchemy", "kiosk.bootstrap"} <= loaded
    assert not loaded & {"alembic", "mako", "typer", "rich.traceback", "cryptography"}


# --- what is written --------------------------------------------------------------------------


def test_what_is_translated_is_a_literal() -> None:
    """An f-string, a sum or a variable in `_()` is never extracted, and so never translated."""
    wrong = [
        place(path, call)
        for path, tree in modules()
        for name, call in calls(tree)
        if name in TRANSLATORS
        and isinstance(call.func, ast.Name)
        and any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in call.args)
    ]
    assert not wrong


def test_only_the_clock_tells_the_time() -> None:
    forbidden = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.sleep",
                 "time.time"}  # fmt: skip
    wrong = [
        place(path, call)
        for path, tree in modules()
        if path.name != "clock.py"
        for _, call in calls(tree)
        if ast.unparse(call.func) in forbidden
    ]
    assert not wrong


def test_no_sql_on_screens() -> None:
    words = ("SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", "PRAGMA")
    wrong = [
        place(path, node)
        for path, tree in modules(*SCREENS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if node.value.strip().startswith(words)
    ]
    assert not wrong


def untranslated(tree: ast.AST) -> Iterator[ast.Constant]:
    """Words for people that do not go through gettext: "Like these", or in Chinese."""
    match tree:
        case ast.Call(func=ast.Name(id=name)) if name in TRANSLATORS:
            return
        # docstrings, style sheets, and what only developers read
        case ast.Expr(value=ast.Constant()) | ast.Raise() | ast.Assert():
            return
        case ast.Assign(targets=[ast.Name(id="CSS" | "DEFAULT_CSS")]):
            return
        case ast.Constant(value=str(text)) if _is_for_people(text):
            yield tree
    for child in ast.iter_child_nodes(tree):
        yield from untranslated(child)


def _is_for_people(text: str) -> bool:
    words = text.split()
    is_sentence = len(words) > 1 and text[0].isupper() and any(map(str.islower, text))
    return is_sentence or any("\u4e00" <= character < "\ua000" for character in text)


def test_what_customers_read_goes_through_gettext() -> None:
    wrong = [
        f"{place(path, node)}: {node.value!r}"
        for path, tree in modules(*SCREENS)
        for node in untranslated(tree)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ('Static("Take a ticket")', True),
        ('Static("取号")', True),
        ('return "Take a ticket"', True),
        ('title = "Please wait" if late else ""', True),
        ('Label(f"Please wait {n}")', True),
        ('self.query_one("#a b").update("Please wait")', True),
        ('Static("Hello there " + _("you"))', True),
        ('Static(_("Take a ticket"))', False),
        ('BINDINGS = [Binding("f2", "next", N_("Next page"))]', False),
        ('Static(_("Take a ticket {n}").format(n=1), id="x", classes="big wide")', False),
        ('ngettext("One of them", "Many of them", n)', False),
        ('def f():\n    """Take a ticket."""', False),
        ('raise ValueError("No such thing")', False),
        ('DEFAULT_CSS = "Button Label { width: 1 }"', False),
    ],
)
def test_the_search_for_bare_words_works(code: str, is_found: bool) -> None:
    assert bool(list(untranslated(ast.parse(code)))) is is_found


# --- errors -----------------------------------------------------------------------------------


def raised_errors() -> Iterator[tuple[str, str, set[str], bool]]:
    """Place, code, names of params, and whether there may be more (`**`), of every KioskError."""
    for path, tree in modules():
        for name, call in calls(tree):
            first = call.args[0] if call.args else None
            is_error = name == "KioskError" or (name == "refused" and path.name == "config.py")
            if is_error and isinstance(first, ast.Constant):
                params = {keyword.arg for keyword in call.keywords if keyword.arg}
                if name == "refused":
                    params |= {"place", "value"}
                yield place(path, call), str(first.value), params, None in _names(call)


def _names(call: ast.Call) -> set[str | None]:
    return {keyword.arg for keyword in call.keywords}


def test_every_error_has_a_sentence_and_what_it_mentions() -> None:
    found = list(raised_errors())
    assert len(found) > 20
    wrong = []
    for where, code, params, may_have_more in found:
        if code not in sentences.known_codes():
            wrong.append(f"{where}: {code} has no sentence")
            continue
        names = string.Formatter().parse(sentences._SENTENCES[code])
        wanted = {name for _, name, _, _ in names if name is not None}
        if not may_have_more and not wanted <= params:
            wrong.append(f"{where}: {code} lacks {', '.join(sorted(wanted - params))}")
    assert not wrong


def test_every_sentence_has_an_error() -> None:
    """A code that nobody raises is a sentence that nobody reads."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in PACKAGE.rglob("*.py")
        if path.name not in {"sentences.py", "exit_codes.py"}
    )
    # the protocol's own codes become `sync_…` when a receipt brings them
    unheard = {code for code in sentences.known_codes() if f'"{code}"' not in text}
    assert not {code for code in unheard if f'"{code.removeprefix("sync_")}"' not in text}
