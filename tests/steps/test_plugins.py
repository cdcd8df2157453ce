"""A step type of someone else's package: found by its entry point, known to checks, refused when it is none."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.scenarios.company import ROOT

EXAMPLE = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs/steps.md").read_text(encoding="utf-8"), re.DOTALL
)[0]
WORKFLOW = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata: {name: w}
steps: [{name: smoke, type: smoke-test, properties: {url: "https://shop.example", expect: 200}}]
"""


def check(folder: Path, workflow: str) -> subprocess.CompletedProcess[str]:
    """Run `shipmate check` where the package in `folder` is installed."""
    (folder / "w.yaml").write_text(workflow, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "bot", "check", str(folder / "w.yaml")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(folder)},  # noqa: TID251 - the child has ours, and one path more
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE,
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Install the example of the documentation."""
    (tmp_path / "acme_steps.py").write_text(EXAMPLE, encoding="utf-8")
    info = tmp_path / "acme_steps-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-steps\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[shipmate.steps]\nsmoke-test = acme_steps:SmokeTest\n", encoding="utf-8"
    )
    return tmp_path


def test_the_example_of_the_documentation_works(package: Path) -> None:
    said = check(package, WORKFLOW)
    assert said.returncode == 0, said.stderr
    assert "1. smoke (smoke-test)" in said.stdout


def test_its_properties_are_checked(package: Path) -> None:
    said = check(package, WORKFLOW.replace("expect", "expct"))
    assert said.returncode == 1
    assert "properties.expct: there is no property expct; did you mean expect?" in said.stderr


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("acme_steps:SmokeTest", "acme_steps:Gone", "the step type smoke-test of acme-steps cannot be loaded"),
        ("acme_steps:", "nothing_here:", "the step type smoke-test of acme-steps cannot be loaded"),
        ("acme_steps:SmokeTest", "acme_steps:SmokeTestParameters", "cannot be loaded"),
        ("acme_steps:SmokeTest", "acme_steps:read", "is no step type: it has no name, needs"),
        ("smoke-test =", "other-test =", "calls itself smoke-test; the two names have to be the same"),
    ],
)  # fmt: skip
def test_one_that_cannot_be_used_is_named(package: Path, good: str, bad: str, said: str) -> None:
    points = package / "acme_steps-1.0.dist-info" / "entry_points.txt"
    points.write_text(points.read_text().replace(good, bad), encoding="utf-8")
    answer = check(package, WORKFLOW)
    assert answer.returncode == 1
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
