"""What a file of YAML may be: bounded, without surprises, and never a crash."""

import os
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.bootstrap.equipment import read_catalog
from bot.catalog.complaints import CatalogProblems
from bot.catalog.documents import YamlProblem, documents, documents_in
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


LONG = "x" * 1000
MEAN = {
    "values": ("- a\n" * 80_000, "more than 60000 values in one file"),
    "documents": ("---\na\n" * 80_000, "more than 60000 values in one file"),
    "aliases of aliases": (
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
            for before, name in pairwise("abcdefghi")
        ),
        "more than 20000 values",
    ),
    "aliases of a long text": (
        f"a: &a {LONG}\nb: [{', '.join(['*a'] * 2000)}]",
        "each use of an alias counted, are longer than 1 MiB",
    ),
    "lists in lists": ("[" * 400_000, "nested deeper than 40"),
    "maps in maps": ("{a: " * 200_000, "nested deeper than 40"),
    "lists in lists in lines": ("- " * 400_000, "nested deeper than 40"),
    "keys that are lists": ("[? " * 200_000, "nested deeper than 40"),
    "an anchor that is not there": (f"a: *{LONG}", r"there is no anchor x{100}… before this"),
    "an anchor twice": ("a: &x 1\nb: &x 2", "the anchor x is there twice"),
    "a long tag": (f"a: !{LONG} b", "the tag !x{99}… is not taken"),
    "a long key": (f"{LONG[:900]}: 1\n{LONG[:900]}: 2", "the key x{100}… stands here twice"),
    "colours of a terminal": (
        '"\\e[31mred": 1\n"\\e[31mred": 2',
        r"the key \N{REPLACEMENT CHARACTER}\[31mred",
    ),
    "merging": ("a: &a {x: 1}\nb: {<<: *a}", "a key must be a plain text"),
    "NUL": ("a: 1\nb: \0", "a character that no text has"),
    "half a character": ('a: "\\ud800"', "no valid YAML"),
    "a character that is none": ('a: "\\UFFFFFFFF"', "no valid YAML"),
    "a version": ("%YAML " + "9" * 9000 + ".1\n---\na", "no valid YAML"),
    "directives": ("%FOO bar\n" * 90_000 + "---\na", "no valid YAML"),
    "a text that does not end": ('a: "' + "x" * 900_000, "no valid YAML"),
    "a large number": ("a: " + "9" * 900_000, "write it plainly"),
    "a large fraction": ("a: 1.0e+99999", "write it plainly"),
}
"""What a file that means harm may hold, and what is said of it; unbounded, most of it took up to a minute."""


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", MEAN)
def test_a_mean_file_is_refused_in_a_short_line(name: str, tmp_path: Path) -> None:
    text, said = MEAN[name]
    with pytest.raises(YamlProblem, match=said) as raised:
        read(tmp_path, text)
    assert raised.value.line >= 1
    assert len(str(raised.value)) < 250
    assert str(raised.value).isprintable()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    ["\n" * 900_000, "#" + "x" * 900_000, "a: |\n" + "  x\n" * 200_000, "a: " + "x\n   " * 200_000],
    ids=["empty lines", "a comment", "a block", "a text in lines"],
)
def test_a_long_file_that_says_little_is_read(text: str, tmp_path: Path) -> None:
    assert len(read(tmp_path, text)) <= 1


@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (b"a: 1\nb: \xff", 2, "not UTF-8"),
        (b"a: 1\nb: 2\nc: \0", 3, "no text has"),
        ("a: 1".encode("utf-16"), 1, "not UTF-8"),
        (b"a: [", 1, "no valid YAML"),
        (b"a: [1,\n", 1, "no valid YAML"),
        (b"a: 1\na: 2", 2, "stands here twice"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(raw: bytes, line: int, said: str) -> None:
    with pytest.raises(YamlProblem, match=said) as raised:
        list(documents_in(raw))
    assert raised.value.line == line


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    folder, pipe, gone = tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "c.yaml"
    folder.mkdir()
    os.mkfifo(pipe)  # reading it would wait for ever
    gone.symlink_to("nowhere")
    for each in (folder, pipe, gone):
        with pytest.raises(YamlProblem, match="it is no file"):
            list(documents(each))


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeffa: 1") == [{"a": 1}]


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
