"""KubeVela's rules and our differences, one case each: what a workflow comes to."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.authoring.checks import Simulated
from bot.authoring.opening import choose, open_files
from bot.authoring.script import check_names, read_script
from bot.authoring.simulation import Played, simulate
from bot.bootstrap.equipment import step_types

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8")
)


def play(case: dict[str, Any], folder: Path) -> Played:
    """Write the case as an author would, and play it."""
    workflow, script = folder / "workflow.yaml", folder / "script.yaml"
    run = {
        "apiVersion": "core.oam.dev/v1alpha1",
        "kind": "WorkflowRun",
        "metadata": {"name": "case", "annotations": case.get("annotations", {})},
        "spec": {
            "context": case.get("context", {}),
            "mode": case.get("mode", {}),
            "workflowSpec": {"steps": case["steps"]},
        },
    }
    workflow.write_text(yaml.safe_dump(run), encoding="utf-8")
    script.write_text(yaml.safe_dump(case.get("script", {})), encoding="utf-8")
    types = step_types({})
    opened = choose(open_files([workflow], Simulated(types)), workflow)
    read = read_script(script)
    check_names(read, list(case["ends"]))
    return asyncio.run(simulate(opened.workflow, read, types))


def said(status: dict[str, str], expected: str) -> str:
    """Write a status as exactly as the case does."""
    reason = f"/{status['reason']}" if status["reason"] else ""
    message = f": {status['message']}" if ": " in expected else ""
    return f"{status['phase']}{reason}{message}"


@pytest.mark.parametrize("case", CASES, ids=[each["rule"] for each in CASES])
def test_a_rule(case: dict[str, Any], tmp_path: Path) -> None:
    played = play(case, tmp_path)
    last = played.timeline[-1]
    assert {name: said(last.steps[name], want) for name, want in case["ends"].items()} == case[
        "ends"
    ]
    assert last.steps.keys() == case["ends"].keys()
    assert last.run["phase"] == case["run"]
    assert [each["why"] for each in played.refused] == case.get("refused", [])
    if "at" in case:
        assert last.at == case["at"]
