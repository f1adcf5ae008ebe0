"""Demos beside a catalog: read from files of their own, looked up, and named in what is wrong."""

from pathlib import Path

import pytest
from demo_scripts import CODE, TRANSFER, catalog_in, packaged_text, sample_catalog

from kiosk.services.catalog_file import catalog_body, load_catalog, read_catalog
from kiosk.services.catalog_parts import CatalogError


def problems_of(file: Path) -> set[tuple[str, str, str]]:
    """Folder and name of the file, the key, the reason."""
    with pytest.raises(CatalogError) as refused:
        load_catalog(file)
    return {
        (Path(problem.file).relative_to(file.parent).as_posix(), problem.key, problem.reason)
        for problem in refused.value.problems
    }


def other(code: str, number: int) -> str:
    """A demo that differs from the sample, of no service."""
    text = TRANSFER.replace(CODE, code).replace("number = 901", f"number = {number}")
    fee = 'fee = { low = 0, high = 0, unit = "CNY_fen", source = "C" }'
    minutes = 'minutes = { low = 1, high = 2, source = "C" }'
    text = text.replace('service = "same_bank_transfer"', f"{fee}\n{minutes}")
    return text.replace("amounts = { upto_50k = 300_000 }\n", "")


def test_demos_come_from_the_folder_beside_the_catalog_in_their_order(tmp_path: Path) -> None:
    file = catalog_in(tmp_path, **{CODE: TRANSFER, "zoo": other("zoo", 2), "ant": other("ant", 7)})
    catalog = load_catalog(file)
    assert [demo.code for demo in catalog.demos] == ["zoo", "ant", CODE]
    assert catalog.demos_in("transfer") == catalog.demos
    assert catalog.demos_in("cash") == ()


def test_a_catalog_without_a_folder_has_no_demos(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    file.write_text(packaged_text(), encoding="utf-8")
    assert load_catalog(file).demos == ()


def test_a_demo_is_found_by_its_code_and_by_service_and_channel() -> None:
    catalog = sample_catalog()
    demo = catalog.demo(CODE)
    assert demo.code == CODE
    assert catalog.demo_of("same_bank_transfer", "mobile") is demo
    assert catalog.demo_of("same_bank_transfer", "atm") is None
    assert catalog.demo_of("balance", "mobile") is None
    with pytest.raises(KeyError):
        catalog.demo("nothing")


def test_a_demo_uses_the_texts_of_the_catalog() -> None:
    catalog = sample_catalog()
    assert catalog.demo(CODE).safety == catalog.routes_of("same_bank_transfer")[0].safety


def test_one_text_holds_the_catalog_and_all_its_demos(tmp_path: Path) -> None:
    file = catalog_in(tmp_path, **{CODE: "\ufeff# mine\n\n" + TRANSFER, "ant": other("ant", 7)})
    body = catalog_body(file)
    assert read_catalog(body.encode(), "catalog").release == load_catalog(file).release


def test_the_release_changes_with_a_demo() -> None:
    text = packaged_text() + TRANSFER.replace("number = 901", "number = 902")
    assert read_catalog(text.encode(), "x").release != sample_catalog().release


@pytest.mark.parametrize(
    ("name", "text", "key", "reason"),
    [
        (CODE, "[demos.x", "end of file", "not TOML: Expected ']' at the end of a table"),
        ("other", TRANSFER, f"demos.{CODE}", "a demo's file holds nothing but [demos.other]"),
        ("other", TRANSFER, "demos.other", "missing: the file's name is the demo's code"),
        (CODE, TRANSFER + "[texts]\n", "texts", "holds nothing but [demos.sample_transfer]"),
        (CODE, TRANSFER + other("ant", 7), "demos.ant", "holds nothing but"),
        (
            CODE,
            f"demos.{CODE}.first = 'a'",
            "line 1",
            "a demo's file begins with its table: [demos.sample_transfer]",
        ),
    ],
)
def test_a_file_that_is_no_demo(
    tmp_path: Path, name: str, text: str, key: str, reason: str
) -> None:
    found = problems_of(catalog_in(tmp_path, **{name: text}))
    assert [said for at, where, said in found if (at, where) == (f"demos/{name}.toml", key)] != []
    assert any(reason in said for _, where, said in found if where == key)


def test_the_same_demo_in_both_files(tmp_path: Path) -> None:
    file = catalog_in(tmp_path, **{CODE: TRANSFER})
    file.write_text(packaged_text() + TRANSFER, encoding="utf-8")
    wrong = (f"demos/{CODE}.toml", f"demos.{CODE}", "stands in the catalog's own file, too")
    assert wrong in problems_of(file)


def test_faults_of_every_file_are_told_together(tmp_path: Path) -> None:
    text = other("ant", 7).replace('group = "transfer"', 'group = "transfr"')
    file = catalog_in(tmp_path, **{CODE: TRANSFER.replace("first =", "frst ="), "ant": text})
    file.write_text(packaged_text().replace("currency =", "currencyy ="), encoding="utf-8")
    assert problems_of(file) >= {
        (
            "demos/ant.toml",
            "demos.ant.group",
            'unknown group of demos "transfr"; did you mean "transfer"?',
        ),
        (
            f"demos/{CODE}.toml",
            f"demos.{CODE}.frst",
            'unknown key "frst"; did you mean "first"?',
        ),
        ("bank.toml", "currencyy", 'unknown key "currencyy"; did you mean "currency"?'),
    }


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        (
            'kind = "choose"',
            'kind = "chose"',
            "screens.home.kind",
            "'chose' is not one of 'choose', 'enter', 'confirm', 'result'",
        ),
        ('kind = "choose"\n', "", "screens.home.kind", "missing: this key must be given"),
        (
            "next =",
            "nxt =",
            "screens.home.options[0].nxt",
            'unknown key "nxt"; did you mean "next"?',
        ),
        ("expects =", "expect =", "screens.sum.expect", 'did you mean "expects"?'),
        (
            'en = "Type the amount", ',
            "",
            "screens.sum.task.en",
            "missing translation: the text in English (en)",
        ),
        ("right = true", "right = 1", "check[0].answers[0].right", "must be true or false"),
    ],
)
def test_a_key_is_told_as_it_stands_in_the_file(
    tmp_path: Path, old: str, new: str, key: str, reason: str
) -> None:
    assert old in TRANSFER
    file = catalog_in(tmp_path, **{CODE: TRANSFER.replace(old, new, 1)})
    found = {said for at, where, said in problems_of(file) if where == f"demos.{CODE}.{key}"}
    assert any(reason in said for said in found), problems_of(file)
