"""Every kind of mistake, and the exact sentence its author reads: file, line, path, found, expected."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.catalog.folders import GOOD, problems, write


class Mistake(NamedTuple):
    """One change to one of the good files, and what is said of it."""

    file: str
    good: str
    bad: str
    said: str


A, E, P, W = "application.yaml", "environment.yaml", "people.yaml", "workflow.yaml"
MISTAKES = {
    "a component's type that is near another": Mistake(
        A,
        "type: webservice",
        "type: webservce",
        "application.yaml:8: spec.components[0].type: there is no component type webservce;"
        " did you mean webservice? (known: webservice, worker, task, cron-task, daemon,",
    ),
    "a number for an image": Mistake(
        A,
        "image: registry.shop.example/web",
        "image: 5",
        "application.yaml:10: spec.components[0].properties.image: expected a text, found 5",
    ),
    "an unknown property": Mistake(
        A,
        "port: 8080",
        "prot: 8080",
        "application.yaml:11: spec.components[0].properties.prot: there is no property prot;"
        " did you mean port?",
    ),
    "replicas that are no number": Mistake(
        A,
        "        port: 8080\n",
        "      traits: [{type: scaler, properties: {replicas: true}}]\n",
        "application.yaml:11: spec.components[0].traits[0].properties.replicas:"
        " expected a whole number, found true",
    ),
    "replicas given twice": Mistake(
        A,
        "        port: 8080\n",
        "        replicas: 2\n      traits: [{type: scaler}]\n",
        "application.yaml:12: spec.components[0].traits[0].type:"
        " scaler: the number of replicas is given twice; expected it once",
    ),
    "an unknown trait": Mistake(
        A,
        "        port: 8080\n",
        "      traits: [{type: scalr}]\n",
        "application.yaml:11: spec.components[0].traits[0].type: there is no trait scalr;"
        " did you mean scaler? (known: scaler, hpa, gateway,",
    ),
    "a component's name in two applications": Mistake(
        A,
        GOOD[A],
        GOOD[A] + "---\n" + GOOD[A].replace("name: shop", "name: pay"),
        "application.yaml:19: spec.components[0].name: the component web is already shop's",
    ),
    "an unknown field": Mistake(
        A,
        "spec:\n  components",
        "spec:\n  componets",
        "application.yaml:6: spec.componets: there is no field componets;"
        " did you mean components? (known: components, policies, workflow)",
    ),
    "a name that Kubernetes does not take": Mistake(
        A,
        "name: web\n",
        "name: Web\n",
        "application.yaml:7: spec.components[0].name: expected lower-case letters, digits"
        " and dashes, found 'Web'",
    ),
    "a workflow that is not there": Mistake(
        A,
        "spec:\n",
        "spec:\n  workflow: {ref: workflow-prd}\n",
        "application.yaml:6: spec.workflow.ref: there is no Workflow workflow-prd;"
        " did you mean workflow-prod?",
    ),
    "steps and a reference to others": Mistake(
        A,
        "spec:\n",
        "spec:\n  workflow: {ref: workflow-prod, steps: [{name: a, type: suspend}]}\n",
        "application.yaml:6: spec.workflow.ref: it has steps and a ref; expected one of them",
    ),
    "a component that depends on one that there is not": Mistake(
        A,
        "        port: 8080\n",
        "      dependsOn: [wbe]\n",
        "application.yaml:11: spec.components[0].dependsOn[0]: there is no component wbe;"
        " did you mean web?",
    ),
    "a component that waits for itself": Mistake(
        A,
        "        port: 8080\n",
        "      dependsOn: [web]\n",
        "application.yaml:11: spec.components[0].dependsOn: components wait for each other: web → web",
    ),
    "a component that takes what it leaves itself": Mistake(
        A,
        "        port: 8080\n",
        "      outputs: [{name: url, valueFrom: output.status.url}]\n"
        "      inputs: [{from: url, parameterKey: cmd}]\n",
        "application.yaml:7: spec.components[0].dependsOn: components wait for each other: web → web",
    ),
    "a component that takes what is nearly left": Mistake(
        A,
        "        port: 8080\n",
        "      outputs: [{name: address, valueFrom: output.status.url}]\n"
        "      inputs: [{from: adress, parameterKey: cmd}]\n",
        "application.yaml:12: spec.components[0].inputs[0].from: no component has an output adress;"
        " did you mean address?",
    ),
    "a step type in CUE": Mistake(
        A,
        GOOD[A],
        GOOD[A] + "---\napiVersion: core.oam.dev/v1beta1\nkind: WorkflowStepDefinition\n"
        "metadata: {name: blue-green}\nspec: {schematic: {cue: {template: ''}}}\n",
        "application.yaml:14: kind: the WorkflowStepDefinition blue-green is not supported:"
        " it holds CUE, which Shipmate does not run",
    ),
    "a kind that is near another": Mistake(
        E,
        "kind: Environment",
        "kind: Enviroment",
        "environment.yaml:2: kind: expected a kind (Application, Workflow, WorkflowRun, Policy,"
        " WorkflowStepDefinition, ComponentDefinition, Environment, Cluster, Role, Person, Trigger, ServiceAccount), found 'Enviroment'; did you"
        " mean Environment?",
    ),
    "a cluster that is not there": Mistake(
        E,
        "cluster: east",
        "cluster: eats",
        "environment.yaml:9: spec.targets[0].cluster: there is no cluster eats; did you mean east?",
    ),
    "a role that is not there": Mistake(
        E,
        "deployers: [sre]",
        "deployers: [sree]",
        "environment.yaml:6: spec.deployers[0]: there is no role sree; did you mean sre?",
    ),
    "a person's role that is not there": Mistake(
        P,
        "roles: [sre]",
        "roles: [dev]",
        "people.yaml:12: spec.roles[0]: there is no role dev",
    ),
    "an address that is none": Mistake(
        P,
        "ann@shop.example",
        "ann",
        "people.yaml:11: spec.email: expected an email address, found 'ann'",
    ),
    "an application that is not there": Mistake(
        W,
        "app.oam.dev/name: shop",
        "app.oam.dev/name: shpo",
        "workflow.yaml:6: metadata.labels.app.oam.dev/name: there is no application shpo;"
        " did you mean shop?",
    ),
    "an environment that is not there": Mistake(
        W,
        "env-name: prod",
        "env-name: prdo",
        "workflow.yaml:7: metadata.labels.app.oam.dev/env-name: there is no environment prdo;"
        " did you mean prod?",
    ),
    "a label that is missing": Mistake(
        W,
        "    app.oam.dev/env-name: prod\n",
        "",
        "workflow.yaml:5: metadata.labels: the label app.oam.dev/env-name says which environment"
        " this workflow is for; it is required",
    ),
    "a step type that is near another": Mistake(
        W,
        "type: suspend",
        "type: suspnd",
        "workflow.yaml:14: steps[1].type: there is no step type suspnd; did you mean suspend?"
        " (known: deploy2env, deploy, apply-component,",
    ),
    "a step type of KubeVela's that is not here": Mistake(
        W,
        "type: suspend",
        "type: build-push-image",
        "workflow.yaml:14: steps[1].type: build-push-image is a step type of KubeVela's that this"
        " Shipmate does not have (known: ",
    ),
    "sub-steps of a step that is no group": Mistake(
        W,
        "timeout: 24h",
        "subSteps: [{name: a, type: suspend}]",
        "workflow.yaml:15: steps[1].subSteps: only a step-group has sub-steps, this is of type"
        " suspend",
    ),
    "groups in groups": Mistake(
        W,
        "type: suspend\n    timeout: 24h\n    properties:\n      approvers: [sre]",
        "type: step-group\n    subSteps:\n      - {name: a, type: step-group}",
        "workflow.yaml:16: steps[1].subSteps[0].type: groups are not nested",
    ),
    "a target that is not there": Mistake(
        W,
        "env: hangzhou",
        "env: hangzou",
        "workflow.yaml:12: steps[0].properties.env: the environment has no target hangzou"
        "; did you mean hangzhou? (it has: hangzhou)",
    ),
    "days in a timeout": Mistake(
        W,
        "timeout: 24h",
        "timeout: 1d",
        "workflow.yaml:15: steps[1].timeout: expected a duration such as 30s, 2m15s or 24h,"
        " found '1d'; write 24h for 1d",
    ),
    "a group that is none": Mistake(
        E,
        "deployers: [sre]",
        "dingtalk: {group: shop-prod}",
        "environment.yaml:6: spec.dingtalk.group: expected the id of a DingTalk group (cid…), found 'shop-prod'",
    ),
    "a rule for a second deployment that there is not": Mistake(
        E,
        "deployers: [sre]",
        "concurrency: both",
        "environment.yaml:6: spec.concurrency: expected 'queue', 'replace' or 'refuse', found 'both'",
    ),
    "a role of an approver that is not there": Mistake(
        W,
        "approvers: [sre]",
        "approvers: [srr]",
        "workflow.yaml:17: steps[1].properties.approvers[0]: there is no role srr;"
        " did you mean sre?",
    ),
    "two steps of one name": Mistake(
        W,
        "name: approval",
        "name: hangzhou",
        "workflow.yaml:13: steps[1].name: there are two steps hangzhou; names are unique",
    ),
    "a dependency that is not there": Mistake(
        W,
        "timeout: 24h",
        "dependsOn: [hangzou]",
        "workflow.yaml:15: steps[1].dependsOn[0]: there is no step hangzou; did you mean hangzhou?",
    ),
    "a mode that there is not": Mistake(
        W,
        "steps:\n",
        "mode:\n  steps: Parallel\nsteps:\n",
        "workflow.yaml:9: mode.steps: expected 'StepByStep' or 'DAG', found 'Parallel'",
    ),
    "a name that expressions use": Mistake(
        W,
        "name: approval",
        "name: status",
        "workflow.yaml:13: steps[1].name: status is reserved",
    ),
    "a status of a step that is not there": Mistake(
        W,
        "timeout: 24h",
        "if: status.hangzou.failed",
        "workflow.yaml:15: steps[1].if: there is no step hangzou; did you mean hangzhou?",
    ),
    "a field that a status does not have": Mistake(
        W,
        "timeout: 24h",
        "if: status.hangzhou.sucseeded",
        "workflow.yaml:15: steps[1].if: a step has no sucseeded; did you mean succeeded?",
    ),
    "an if in CUE": Mistake(
        W,
        "timeout: 24h",
        'if: context.version =~ "^v2"',
        "workflow.yaml:15: steps[1].if: it cannot be evaluated: at character 17: token recognition"
        " error at: '=~'; this is CUE, in CEL write: context.version.matches(\"^v2\")",
    ),
    "a valueFrom in CUE": Mistake(
        W,
        "timeout: 24h",
        "outputs: [{name: a, valueFrom: \"strings.Join(output.names, '-')\"}]",
        "workflow.yaml:15: steps[1].outputs[0].valueFrom: it cannot be evaluated: there is no function"
        " Join; this is CUE, in CEL write: output.names.join('-')",
    ),
    "a secret of a group": Mistake(
        W,
        "type: suspend\n    timeout: 24h",
        "type: step-group\n    subSteps: [{name: a, type: suspend}]\n    "
        "outputs: [{name: b, valueFrom: context.name, secret: true}]",
        "workflow.yaml:16: steps[1].outputs[0].secret: a group knows no secret: say it of the output of the step that reads it",
    ),
    "a backoff that is no duration": Mistake(
        W,
        "timeout: 24h",
        "backoff: soon",
        "workflow.yaml:15: steps[1].backoff: expected a duration such as 30s",
    ),
    "retries below nothing": Mistake(
        W,
        "timeout: 24h",
        "retries: -1",
        "workflow.yaml:15: steps[1].retries: expected greater than or equal to 0, found -1",
    ),
    "an if that is no expression": Mistake(
        W,
        "timeout: 24h",
        "if: status.hangzhou.",
        "workflow.yaml:15: steps[1].if: it cannot be evaluated: at character",
    ),
    "an expression that is not closed": Mistake(
        W,
        "approvers: [sre]",
        "message: ${{ context.version",
        "workflow.yaml:17: steps[1].properties.message: it cannot be evaluated: a ${{ is not closed"
        " by }}",
    ),
    "an input that nobody leaves": Mistake(
        W,
        "timeout: 24h",
        "inputs: [{from: url}]",
        "workflow.yaml:15: steps[1].inputs[0].from: no step has an output url",
    ),
    "a key twice": Mistake(
        W,
        "timeout: 24h",
        "timeout: 24h\n    timeout: 12h",
        "workflow.yaml:16: the key timeout stands here twice",
    ),
    "a mapping that is a number": Mistake(
        W,
        "metadata:\n  name: workflow-prod\n  labels:\n    app.oam.dev/name: shop\n"
        "    app.oam.dev/env-name: prod\n",
        "metadata: 5\n",
        "workflow.yaml:3: metadata: expected a map, found 5",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_place_and_the_right_form(
    mistake: Mistake, tmp_path: Path
) -> None:
    text = GOOD[mistake.file]
    assert mistake.good in text
    write(tmp_path, {**GOOD, mistake.file: text.replace(mistake.good, mistake.bad, 1)})
    found = problems(tmp_path)
    assert any(each.startswith(mistake.said) for each in found), found


def test_all_mistakes_are_told_at_once_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    changed = {
        A: GOOD[A].replace("port: 8080", "port: 0"),
        W: GOOD[W].replace("24h", "1d").replace("type: suspend", "type: suspnd"),
    }
    found = problems(write(tmp_path, {**GOOD, **changed}))
    assert [each.partition(" ")[0] for each in found] == [
        "application.yaml:11:",
        "workflow.yaml:14:",
        "workflow.yaml:15:",
    ]


def test_one_mistake_in_an_application_is_not_told_again_for_each_use_of_its_name(
    tmp_path: Path,
) -> None:
    write(tmp_path, {**GOOD, A: GOOD[A].replace("name: web\n", "name: Web\n")})
    assert len(problems(tmp_path)) == 1


def test_the_same_email_cannot_be_two_people(tmp_path: Path) -> None:
    twin = "---\napiVersion: shipmate.dev/v1\nkind: Person\nmetadata: {name: bob}\n"
    twin += "spec: {email: Ann@shop.example}\n"
    (said,) = problems(write(tmp_path, {**GOOD, P: GOOD[P] + twin}))
    assert said.startswith("people.yaml:17: spec.email: Ann@shop.example is already ann's")


def test_two_environments_cannot_share_a_place(tmp_path: Path) -> None:
    other = GOOD[E].replace("name: prod", "name: dev").replace("hangzhou", "somewhere")
    (said,) = problems(write(tmp_path, {**GOOD, "other.yaml": other}))
    assert "other.yaml:10: spec.targets[0].namespace: shop-prod on east is already" in said


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    assert problems(tmp_path / "nowhere") == [f"{tmp_path}/nowhere:1: there is no such folder"]
