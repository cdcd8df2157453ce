"""`shipmate doctor` without anything configured: each thing that is missing, and an exit code."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from bot.cli.commands import doctor


@pytest.fixture
def quiet() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


def test_what_is_missing_is_told_with_an_exit_code(
    tmp_path: Path,
    quiet: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("SLACK_BOT_TOKEN", "DINGTALK_CLIENT_ID", "DATABASE_URL", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(typer.Exit) as ended:
        doctor(output="json")
    assert ended.value.exit_code == 1
    found = {each["subject"]: each for each in json.loads(capsys.readouterr().out)}
    assert found["chats"]["verdict"] == "fail"
    assert found["workflow files"]["mend"] == "`shipmate check workflows` shows every mistake"
    assert found["database"]["verdict"] == "ok"

    with pytest.raises(typer.Exit) as ended:
        doctor(output="xml")
    assert ended.value.exit_code == 2
    assert "--output is text or json, not xml" in capsys.readouterr().err
