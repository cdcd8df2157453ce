"""`shipmate check` and `shipmate simulate`, as an author in a terminal and a CI job use them."""

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.catalog.durations import parse_duration, write_duration
from bot.cli import main
from tests.scenarios.company import ROOT

RUN = """\
apiVersion: core.oam.dev/v1alpha1
kind: WorkflowRun
metadata: {name: release}
spec:
  workflowSpec:
    steps:
      - name: build
        type: build-push-image
        properties: {image: shop, context: {git: example}}
        outputs: [{name: image, valueFrom: output.image}]
      - name: regions
        type: step-group
        subSteps:
          - {name: east, type: deploy, inputs: [{from: image, parameterKey: image}]}
          - {name: west, type: deploy, dependsOn: [east], timeout: 10m}
      - {name: gate, type: suspend, properties: {approvers: [sre], quorum: 2}}
      - {name: alarm, type: notification, if: status.west.failed, properties: {slack: {message: {text: oh}}}}
"""
SCRIPT = """\
outcomes: {west: [fail, succeed]}
outputs: {build: {image: "shop:v1"}}
requests: [{at: 1m, resume: gate}]
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def shipmate(*words: str | Path) -> Said:
    """Say something in a terminal, which takes a process of its own in tests.command_line alone."""
    out, err, code = StringIO(), StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(ROOT)
        patch.setattr(sys, "argv", ["shipmate", *map(str, words)])
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "release.yaml").write_text(RUN, encoding="utf-8")
    (tmp_path / "script.yaml").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


def test_a_workflow_is_played_and_each_change_is_told(folder: Path) -> None:
    said = shipmate("simulate", folder / "release.yaml", "--script", folder / "script.yaml")

    assert said.returncode == 0, said.stderr
    lines = [line.strip() for line in said.stdout.splitlines()]
    assert lines[0] == "0s  run initializing"
    assert "0s    west failed (Execute): scripted to fail" in lines
    assert "1s    west succeeded" in lines
    assert "60s    gate succeeded (Suspend): approved by script" in lines
    assert lines[-2:] == [
        "60s    gate succeeded (Suspend): approved by script",
        "60s    alarm skipped (Skip): its `if` says no",
    ]


def test_a_program_reads_the_same_as_json(folder: Path) -> None:
    said = shipmate(
        "simulate", folder / "release.yaml", "--script", folder / "script.yaml", "--output", "json"
    )

    played = json.loads(said.stdout)
    assert played["run"] == {"phase": "succeeded", "message": ""}
    assert played["steps"]["regions"] == {"phase": "succeeded", "reason": "", "message": ""}
    assert list(played["steps"]) == ["build", "regions", "east", "west", "gate", "alarm"]
    assert played["timeline"][0]["at"] == 0
    assert played["timeline"][-1] == {"at": 60.0, "run": played["run"], "steps": played["steps"]}
    assert played["refused"] == []


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("outcomes: {wset: [fail]}", "names a step wset that the workflow does not have; did you mean west?"),
        ("outcomes: {west: [explode]}", "script.yaml:1: outcomes.west[0]: expected 'succeed', 'fail', 'fail-final' or 'wait', found 'explode'"),
        ("requests: [{at: soon, resume: gate}]", "script.yaml:1: requests[0].at: expected a duration such as"),
        ("requests: [{at: 1s}]", "the request at 1s needs exactly one of: resume, suspend"),
        ("requests: [{at: 1s, resume: gate, restart: true}]", "the request at 1s needs exactly one of"),
        ("untill: 2m", "script.yaml:1: untill: there is no field untill; did you mean until? (known: outcomes, outputs"),
        ("requests: [{at: 1s, resum: gate}]", "requests[0].resum: there is no field resum; did you mean resume?"),
        ("outcomes: {west: []}", "script.yaml:1: outcomes.west: expected at least one"),
        ("- at: 1s", "script.yaml:1: expected a map, found"),
        ("a: [", "script.yaml:1: no valid YAML"),
    ],
)  # fmt: skip
def test_a_script_with_a_mistake_is_told(folder: Path, script: str, said: str) -> None:
    (folder / "script.yaml").write_text(script, encoding="utf-8")
    answer = shipmate("simulate", folder / "release.yaml", "--script", folder / "script.yaml")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert said in answer.stderr


def test_a_file_with_several_workflows_needs_a_name(folder: Path) -> None:
    file = folder / "release.yaml"
    file.write_text(f"{RUN}---\n{RUN.replace('name: release', 'name: other')}", encoding="utf-8")
    answer = shipmate("simulate", file)
    assert answer.returncode == 1
    assert "has several: release, other; say which with --name" in answer.stderr
    assert shipmate("simulate", file, "--name", "other").returncode == 0


def test_a_check_prints_what_a_run_would_do(folder: Path) -> None:
    said = shipmate("check", folder / "release.yaml")

    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[0].endswith(
        "release.yaml: WorkflowRun release (StepByStep-DAG)"
    )
    assert [line.strip() for line in said.stdout.splitlines()[1:]] == [
        "1. build (build-push-image, not installed here)",
        "2. regions (step-group, DAG)",
        "2.1 east (deploy) · after build",
        "2.2 west (deploy) · after east · fails after 10m",
        "3. gate (suspend) · waits for an approval by sre (2 of them)",
        "4. alarm (notification) · if status.west.failed",
    ]


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ("{}", "waits for an approval · fails after 1h30m"),
        ("{onTimeout: reject}", "waits for an approval · rejects after 1h30m"),
        ("{onTimeout: continue}", "waits for an approval · goes on after 1h30m"),
        ("{duration: 2m}", "waits 2m · fails after 1h30m"),
    ],
)
def test_a_check_says_what_becomes_of_a_gate_that_nobody_answers(
    folder: Path, properties: str, said: str
) -> None:
    gate = f"{{name: g, type: suspend, timeout: 90m, properties: {properties}}}"
    (folder / "release.yaml").write_text(
        "apiVersion: core.oam.dev/v1alpha1\nkind: Workflow\nmetadata: {name: w}\n"
        f"steps: [{gate}]\n",
        encoding="utf-8",
    )
    assert f"1. g (suspend) · {said}\n" in shipmate("check", folder / "release.yaml").stdout


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.5, "0.5s"), (90, "1m30s"), (86400, "24h"), (5400, "1h30m"), (3601.25, "1h1.25s")],
)
def test_a_duration_is_written_as_files_write_it(seconds: float, written: str) -> None:
    assert write_duration(seconds) == written
    assert parse_duration(written) == seconds


def test_a_type_with_a_revision_is_the_type(folder: Path) -> None:
    (folder / "release.yaml").write_text(
        "apiVersion: core.oam.dev/v1alpha1\nkind: Workflow\nmetadata: {name: w}\n"
        "steps: [{name: g, type: suspend@v12, properties: {quorum: 2}}]\n",
        encoding="utf-8",
    )
    said = shipmate("check", folder / "release.yaml")
    assert "1. g (suspend) · waits for an approval (2 of them)\n" in said.stdout


def test_a_check_draws_the_steps(folder: Path) -> None:
    picture = folder / "steps.svg"
    assert shipmate("check", folder / "release.yaml", "--graph", picture).returncode == 0
    drawn = ElementTree.parse(picture).getroot()
    texts = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"release", "build", "regions", "east", "west", "gate", "alarm"} <= set(texts)
    ways = [
        each
        for each in drawn.iter("{http://www.w3.org/2000/svg}path")
        if each.get("class") == "way"
    ]
    assert len(ways) == 4


def test_a_check_of_a_company_says_who_is_asked() -> None:
    said = shipmate("check")
    assert said.returncode == 0, said.stderr
    assert "shop → prod (workflow workflow-prod)" in said.stdout
    assert "3. approval (suspend)" in said.stdout
    assert "waits for an approval by sre, sre2" in said.stdout
    assert "shop → dev (workflow workflow-dev, generated)" in said.stdout


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("dependsOn: [east]", "dependsOn: [eats]", "subSteps[1].dependsOn[0]: there is no step eats; did you mean east?"),
        ("{from: image,", "{from: imgae,", "inputs[0].from: no step has an output imgae; did you mean image?"),
        ("type: suspend,", "type: suspnd,", "steps[2].type: there is no step type suspnd; did you mean suspend?"),
        ("name: west", "name: east", "subSteps[1].name: there are two steps east"),
        ("name: gate", "name: inputs", "steps[2].name: inputs is reserved"),
        ("type: deploy, inputs", "type: deploy, dependsOn: [west], inputs", "the steps would wait for each other for ever"),
        ("{name: gate", "{dependsOn: [alarm], name: gate", "gate would wait for ever: it needs alarm, which comes after it"),
        ("timeout: 10m", "timeout: 10min", "subSteps[1].timeout: expected a duration such as 30s"),
        ("quorum: 2", "quorum: two", "steps[2].properties.quorum: expected a whole number, found 'two'"),
        ("subSteps:", "substeps:", "there is no field substeps; did you mean subSteps?"),
        ("kind: WorkflowRun", "kind: Workflow", "spec: there is no field spec"),
        ("  workflowSpec:", "  workflowRef: none\n  unknown:", "there is no field unknown"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(folder: Path, good: str, bad: str, said: str) -> None:
    assert good in RUN
    (folder / "release.yaml").write_text(RUN.replace(good, bad, 1), encoding="utf-8")
    answer = shipmate("check", folder / "release.yaml")
    assert answer.returncode == 1
    assert said in answer.stderr
    assert "release.yaml:" in answer.stderr


def test_a_definition_in_cue_is_named_as_not_supported(folder: Path) -> None:
    (folder / "type.yaml").write_text(
        "apiVersion: core.oam.dev/v1beta1\nkind: WorkflowStepDefinition\n"
        "metadata: {name: blue-green}\nspec: {schematic: {cue: {template: ''}}}\n",
        encoding="utf-8",
    )
    answer = shipmate("check", folder / "release.yaml", folder / "type.yaml")
    assert answer.returncode == 1
    assert "the WorkflowStepDefinition blue-green is not supported" in answer.stderr


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    for words in (("check", tmp_path / "gone"), ("simulate", tmp_path / "gone")):
        answer = shipmate(*words)
        assert answer.returncode == 1
        assert "gone" in answer.stderr
        assert "Traceback" not in answer.stderr
