"""What a file of YAML may be: bounded, without surprises, and never a crash."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.bootstrap.equipment import read_catalog
from bot.catalog.complaints import CatalogProblems
from bot.catalog.documents import YamlProblem, documents
from tests.catalog.folders import GOOD, problems, write


def read(folder: Path, text: str) -> list[object]:
    file = folder / "a.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    return [each.value for each in documents(file)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("5", 5),
        ("-5", -5),
        ("1.5", 1.5),
        ("true", True),
        ("~", None),
        ("2026-11-23", "2026-11-23"),
        ("12:30", "12:30"),
        ("yes", "yes"),
        ("no", "no"),
        ("'5'", "5"),
    ],
)
def test_a_plain_word_is_what_it_looks_like(written: str, meant: object, tmp_path: Path) -> None:
    assert read(tmp_path, f"a: {written}") == [{"a": meant}]


@pytest.mark.parametrize("written", ["0777", "1_000", ".inf", "1.0e+999", "9" * 5000])
def test_a_number_that_readers_disagree_about_is_refused(written: str, tmp_path: Path) -> None:
    with pytest.raises(YamlProblem, match="quotes"):
        read(tmp_path, f"a: {written}")


@pytest.mark.parametrize("written", ["!!python/object:os.system x", "!own {a: 1}", "!!set {a}"])
def test_tags_are_refused(written: str, tmp_path: Path) -> None:
    with pytest.raises(YamlProblem, match="tag"):
        read(tmp_path, f"a: {written}")


def test_an_anchor_may_be_used(tmp_path: Path) -> None:
    assert read(tmp_path, "a: &x [1]\nb: *x") == [{"a": [1], "b": [1]}]


@pytest.mark.timeout(30)  # unbounded, it takes most of a minute or all memory
@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a: &a [x, x]\n"
        + "".join(
            f"{i}: &{i} [*{p}, *{p}]\n"
            for p, i in zip("abcdefghijklmnopqrstuvw", "bcdefghijklmnopqrstuvwx", strict=True)
        ),
        "&a [*a]",
        "a: " + "x" * 2_000_000,
    ],
    ids=["deep", "aliases of aliases", "an alias of itself", "large"],
)
def test_a_file_that_would_take_too_much_is_refused_at_once(text: str, tmp_path: Path) -> None:
    with pytest.raises(YamlProblem):
        read(tmp_path, text)


def test_several_documents_and_both_suffixes_are_read(tmp_path: Path) -> None:
    files = {f"deep/er/{name.replace('.yaml', '.yml')}": text for name, text in GOOD.items()}
    assert problems(write(tmp_path, files)) == []


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=300))
@example('"\\U99999999"')
@example("a: " + "9" * 5000)
@example("%YAML " + "9" * 5000 + ".1\n--- a")
@example("\x00")
@example("\ud800")
@example("? [a]\n: b")
def test_no_text_makes_the_loader_raise_anything_else(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(CatalogProblems):
        read_catalog(tmp_path)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_change_to_a_good_file_makes_the_loader_raise_anything_else(
    tmp_path: Path, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(GOOD)))
    words = GOOD[name].split(" ")
    at = data.draw(st.integers(0, len(words) - 1))
    words[at] = data.draw(
        st.sampled_from(["5", "-1", "true", "~", "[]", "{}", "[{}]", "{a: 1}", "''", "1.5", "x\n"])
    )
    write(tmp_path, {**GOOD, name: " ".join(words)})
    with suppress(CatalogProblems):
        read_catalog(tmp_path)
