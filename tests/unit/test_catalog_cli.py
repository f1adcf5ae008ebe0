"""`kiosk catalog check` and `kiosk catalog show`."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from kiosk.cli import app as kiosk
from kiosk.cli.catalog import app
from kiosk.services import catalog_file
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_file import load_catalog
from kiosk.services.catalog_parts import LANGUAGES
from kiosk.services.demo.check import texts_in
from kiosk.services.demo.costs import costs_of
from kiosk.services.demo.script import Demo

PACKAGED = load_catalog()
WORDS = {
    "zh_CN": ("窗口", "有条件"), "en": ("counter", "conditions"), "zh_TW": ("櫃檯", "有條件"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def packaged_catalog_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes longer than all that is done with it here."""

    def load(file: Path | None = None) -> Catalog:
        return PACKAGED if file is None else load_catalog(file)

    monkeypatch.setattr(catalog_file, "load_catalog", load)


def run(*words: str) -> Result:
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_the_packaged_catalog_is_good() -> None:
    result = run("check")
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    assert line.startswith("default.toml: good: 32 services, ")
    assert f" menus, {len(PACKAGED.demos)} demos; " in line
    assert line.endswith(f"release {PACKAGED.release}")


def test_every_problem_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    file.write_text('name = "x"\nverzion = "1"\ncurrency = "USD"\n', encoding="utf-8")
    result = run("check", str(file))
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert f'{file}: verzion: unknown key "verzion"; did you mean "version"?' in lines
    assert f"{file}: currency: 'USD' is not one of 'CNY'" in lines
    assert all(line.startswith(f"{file}: ") for line in lines)


def test_show_refuses_a_bad_catalog_the_same_way(tmp_path: Path) -> None:
    result = run("show", "--file", str(tmp_path / "none.toml"))
    assert result.exit_code == 1
    assert "file: cannot be read" in result.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_names_every_service_in_80_columns(language: str) -> None:
    result = run("show", "--language", language)
    assert result.exit_code == 0
    catalog = PACKAGED
    for service in catalog.services:
        assert service.code in result.stdout
        assert service.name.in_language(language) in result.stdout
    assert max(map(cell_len, result.stdout.splitlines())) <= 80
    counter, conditions = WORDS[language]
    (line,) = [
        line for line in result.stdout.splitlines() if f" {counter} " in line and "2–50" in line
    ]
    assert conditions in line


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "words", [("show",), ("show", "4"), ("demos",), ("demos", "2"), ("check",)]
)
def test_it_speaks_the_language_in_use_unless_it_is_told_another(
    language: str, words: tuple[str, ...]
) -> None:
    by_locale = {
        each: CliRunner().invoke(kiosk, ["catalog", *words], env={"LC_ALL": f"{each}.UTF-8"}).stdout
        for each in LANGUAGES
    }
    assert len(set(by_locale.values())) == len(LANGUAGES)
    told = by_locale[language]
    if words[0] != "check":
        catalog = PACKAGED
        shown = catalog.services[3] if words[0] == "show" else catalog.demos[1]
        assert shown.name.in_language(language) in told
        for other in LANGUAGES:
            asked = CliRunner().invoke(
                kiosk, ["catalog", *words, "--language", language], env={"LC_ALL": other}
            )
            assert asked.stdout == told


def test_no_english_is_left_in_chinese() -> None:
    """But for codes: what is in the catalog's file is the same in every language."""
    text = run("show", "4", "--language", "zh_CN").stdout.partition("\n依据\n")[0]
    words = set(re.findall(r"\b[a-z]{3,}\b", re.sub(r"[(（]\w+[)）]|https?://\S+", "", text)))
    assert not words


def test_one_service_in_full() -> None:
    by_code = run("show", "cross_bank_transfer", "--language", "en")
    assert by_code.stdout == run("show", "4", "--language", "en").stdout
    text = by_code.stdout
    for expected in (
        "Transfer to another bank",
        "fee: 2 CNY, up to 2000 [G]",
        "fee: 15–50 CNY, any larger amount [G]",
        "at most: 50000 CNY",
        "asks: About how much? (amount)",
        "link: https://bank.example/k/TRF3",
        "[G] 政府指导价",
    ):
        assert expected in text
    assert max(map(cell_len, text.splitlines())) <= 80


@pytest.mark.parametrize("service", [service.code for service in PACKAGED.services])
def test_every_service_can_be_shown(service: str) -> None:
    result = run("show", service, "--language", "zh_CN")
    assert result.exit_code == 0
    assert PACKAGED.service(service).spoken.zh_CN in result.stdout


def test_a_fee_with_fen_is_shown_to_the_fen(tmp_path: Path) -> None:
    packaged = Path("kiosk/catalog/default.toml")
    source = (Path(__file__).parents[2] / packaged).read_text(encoding="utf-8")
    file = tmp_path / "bank.toml"
    fee = "fee = { low = 0, high = 1500"
    assert fee in source
    file.write_text(source.replace(fee, "fee = { low = 0, high = 1505"), encoding="utf-8")
    assert "fee: 0–15.05 CNY" in run("show", "formal_loss", "--file", str(file)).stdout


def test_a_wrong_word_is_answered_with_the_nearest() -> None:
    result = run("show", "balanca")
    assert result.exit_code == 2
    assert result.stderr == "There is no service balanca. Did you mean balance?\n"
    assert run("show", "--language", "fr").exit_code == 2
    result = run("demos", "balance")
    assert result.exit_code == 2
    assert result.stderr == "There is no demo balance. Did you mean balance_sms?\n"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("demo", PACKAGED.demos, ids=lambda demo: demo.code)
def test_a_demo_is_read_back_with_every_word_that_it_says(demo: Demo, language: str) -> None:
    shown = run("demos", demo.code, "--language", language).stdout
    assert max(map(cell_len, shown.splitlines())) <= 80
    money = costs_of(PACKAGED, demo).money
    told = "".join(shown.split())
    for _, text in texts_in(demo):
        assert "".join(money.fill(text.in_language(language), language).split()) in told
    assert all(f"({code})" in told for code in demo.screens)
    assert shown == run("demos", str(demo.number), "--language", language).stdout


def test_demos_stand_below_each_other_by_group() -> None:
    shown = run("demos", "--language", "en").stdout
    codes = re.findall(r"^ +(\w+_\w+) +$", shown, re.MULTILINE)
    catalog = PACKAGED
    groups = [catalog.demos_in(group.code) for group in catalog.demo_groups]
    assert codes == [demo.code for demos in groups for demo in demos]
