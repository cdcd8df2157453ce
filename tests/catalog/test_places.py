"""What a step says of clusters, policies and components is held against its environment when files are read."""

from pathlib import Path

import pytest

from tests.catalog.folders import GOOD, WORKFLOW, problems, write

STEP = """\
  - name: settings
    type: {type}
    inputs: {inputs}
    properties: {properties}
"""


def said_of(folder: Path, type: str, properties: str, inputs: str = "[]") -> list[str]:  # noqa: A002 - as in YAML
    """Add a step to the good workflow; answer what is wrong with it."""
    added = STEP.format(type=type, properties=properties, inputs=inputs)
    return problems(write(folder, {**GOOD, "workflow.yaml": WORKFLOW + added}))


@pytest.mark.parametrize(
    ("type", "properties", "said"),
    [
        (
            "export2config",
            "{configName: a, data: {}, cluster: west}",
            "workflow.yaml:21: steps[2].properties.cluster: prod has no target on the cluster west"
            " (it has: hangzhou)",
        ),
        (
            "export-data",
            "{data: {}, topology: west}",
            "workflow.yaml:21: steps[2].properties.topology: there is no policy west",
        ),
        (
            "depends-on-app",
            "{name: shop, namespace: default}",
            "workflow.yaml:21: steps[2].properties.name: shop cannot wait for itself",
        ),
        (
            "collect-service-endpoints",
            "{components: [wbe]}",
            "workflow.yaml:21: steps[2].properties.components[0]: there is no component wbe;"
            " did you mean web?",
        ),
        (
            "apply-remaining",
            "{exceptions: [wbe]}",
            "workflow.yaml:21: steps[2].properties.exceptions[0]: there is no component wbe;"
            " did you mean web?",
        ),
        (
            "wait",
            "{apiVersion: v1, kind: Pod, name: a, target: hangzou}",
            "workflow.yaml:21: steps[2].properties.target: the environment has no target hangzou;"
            " did you mean hangzhou? (it has: hangzhou)",
        ),
    ],
)
def test_what_is_not_there_is_told_with_its_place(
    tmp_path: Path, type: str, properties: str, said: str  # noqa: A002 - as in YAML
) -> None:  # fmt: skip
    assert said_of(tmp_path, type, properties) == [said]


def test_what_an_input_brings_is_known_only_as_the_step_runs(tmp_path: Path) -> None:
    given = "{configName: a, data: {}, cluster: west}"
    taken = "[{from: context.note, parameterKey: cluster}]"

    assert said_of(tmp_path, "export2config", given, taken) == []
    assert said_of(tmp_path, "export2config", "{configName: a, data: {}, cluster: east}") == []
