"""What a reader may rely on: small modules, small functions, no address of a package registry, people who fit."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap.equipment import read_catalog
from bot.sandbox import company
from tests.scenarios.company import ROOT

LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
LONGEST_HANDLER = 25


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: the files of the project cannot be told from others")
    return [ROOT / each for each in listed.stdout.split("\0") if each and (ROOT / each).is_file()]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_module_is_long() -> None:
    long = {
        str(each.relative_to(ROOT)): count
        for each in tracked("*.py", "*.js")
        if (count := each.read_text(encoding="utf-8").count("\n")) > LONGEST_MODULE
    }
    assert long == {}


def test_no_function_is_long() -> None:
    long = {
        f"{each.relative_to(ROOT)}:{node.lineno} {node.name}": lines(node)
        for each in tracked("*.py")
        for node in functions(ast.parse(each.read_text(encoding="utf-8")))
        if lines(node) > LONGEST_FUNCTION
    }
    assert long == {}


def test_no_listener_is_long() -> None:
    source = (ROOT / "bot" / "chat" / "slack" / "app.py").read_text(encoding="utf-8")
    long = {
        node.name: lines(node)
        for node in functions(ast.parse(source))
        if node.name.startswith("_on_") and lines(node) > LONGEST_HANDLER
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(each.relative_to(ROOT))
        for each in tracked("bot/*.py", "tests/*.py", "benchmarks/*.py")
        if not ast.get_docstring(ast.parse(each.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_file_names_a_registry() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted", "npm" + "js", "registry.yarn" + "pkg"]
    marks = ["--index" + "-url", "--extra-index" + "-url"]
    named = {
        str(each.relative_to(ROOT))
        for each in tracked()
        if each.suffix != ".png"
        for text in [each.read_text(encoding="utf-8")]
        if any(host in text for host in hosts) or any(mark in text for mark in marks)
    }
    assert named == set()


def test_every_pinned_package_has_its_hashes() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        pins = [each for each in text.splitlines() if "==" in each and not each.startswith(" ")]
        assert len(pins) > 20
        assert [each for each in pins if "--hash=sha256:" not in each] == []


def test_the_people_of_the_example_are_those_of_the_sandbox() -> None:
    people = read_catalog(ROOT / "workflows").people
    users = {each.email: each.name for each in company.USERS}
    assert {each.email: each.name for each in people.values()}.items() <= users.items()


def test_the_channels_of_the_example_are_those_of_the_sandbox() -> None:
    environments = read_catalog(ROOT / "workflows").environments.values()
    channels = {each.name for each in company.CHANNELS}
    assert {each.slack_channel for each in environments} <= channels
