"""The workflow that an Application brings itself, and its policies: names that nobody has are told, in no environment or in all."""

from pathlib import Path

import pytest

from tests.catalog.folders import ENVIRONMENT, GOOD, problems, write

A = "application.yaml"
DEV = (
    ENVIRONMENT.replace("name: prod", "name: dev")
    .replace("hangzhou", "dev")
    .replace("shop-prod", "shop-dev")
)


def told(folder: Path, more: str, **files: str) -> list[str]:
    """Load two environments without workflows of their own, and the application with `more` in its spec."""
    given = {key: text for key, text in GOOD.items() if key != "workflow.yaml"}
    named = {f"{key}.yaml": text for key, text in files.items()}
    return problems(write(folder, {**given, A: GOOD[A] + more, "dev.yaml": DEV, **named}))


def step(text: str) -> str:
    return f"  workflow:\n    steps:\n      - {{name: one, {text}}}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "type: deploy, properties: {policies: [smal]}",
            "properties.policies[0]: it fits no environment; in dev: there is no policy smal",
        ),
        (
            "type: deploy2env, properties: {env: hangzou}",
            "properties.env: it fits no environment; in prod: the environment has no target hangzou;"
            " did you mean hangzhou? (it has: hangzhou)",
        ),
        (
            "type: apply-component, properties: {component: wbe}",
            "properties.component: it fits no environment; in dev: there is no component wbe;"
            " did you mean web?",
        ),
        (
            "type: read-object, properties: {name: x, cluster: mars}",
            "properties.cluster: it fits no environment; in dev: dev has no target on the cluster mars",
        ),
    ],
)
def test_a_step_that_fits_no_environment_is_a_mistake(text: str, said: str, tmp_path: Path) -> None:
    (found,) = told(tmp_path, step(text))
    assert found.startswith(f"application.yaml:14: spec.workflow.steps[0].{said}"), found


def test_a_step_that_fits_one_environment_is_none(tmp_path: Path) -> None:
    """Not every application goes everywhere."""
    assert told(tmp_path, step("type: deploy2env, properties: {env: hangzhou}")) == []


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ("{components: [{name: wbe, properties: {cpu: 1}}]}", ".components[0].name"),
        ("{selector: [web, wbe]}", ".selector[1]"),
        ("{components: [{name: wbe, type: worker, properties: {image: a}}], selector: [wbe]}", ""),
        ('{components: [{name: "w*"}, {properties: {cpu: 1}}]}', ""),
    ],
)
def test_an_override_that_would_change_nothing_is_a_mistake(
    properties: str, said: str, tmp_path: Path
) -> None:
    own = f"  policies:\n    - {{name: small, type: override, properties: {properties}}}\n"
    alone = (
        "apiVersion: core.oam.dev/v1alpha1\nkind: Policy\nmetadata:\n  name: small\n"
        "  labels: {app.oam.dev/env-name: prod%s}\ntype: override\n"
        f"properties: {properties}\n"
    )
    place = "application.yaml:13: spec.policies[0].properties"
    missing = ": there is no component wbe; did you mean web?"
    expected = [f"{place}{said}{missing}"] if said else []
    assert told(tmp_path / "own", own) == expected
    found = told(tmp_path / "alone", "", policy=alone % ", app.oam.dev/name: shop")
    assert found == ([f"policy.yaml:7: properties{said}{missing}"] if said else [])
    # One that holds for every application may name what only some of them have.
    assert told(tmp_path / "all", "", policy=alone % "") == []


def test_every_mistake_of_a_component_is_told_beside_a_trait_that_there_is_not(
    tmp_path: Path,
) -> None:
    wrong = "        prot: 8080\n      traits:\n        - {type: scaller}\n"
    wrong += '        - {type: scaler, properties: {replicas: "2"}}\n'
    found = "\n".join(told(tmp_path, wrong))
    for said in ("no trait scaller", "no property prot", "traits[1].properties.replicas"):
        assert said in found
