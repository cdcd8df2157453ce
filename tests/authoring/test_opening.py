"""What KubeVela's files are taken for: kinds, references, modes, and workflows that nobody wrote."""

from pathlib import Path

import pytest

from bot.authoring.checks import LookingOn
from bot.authoring.opening import Contents, open_files
from bot.bootstrap.equipment import step_types
from bot.catalog.model import Mode

APPLICATION = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: {name: shop, resourceVersion: "12", managedFields: []}
spec:
  components:
    - {name: db, type: helm, outputs: [{name: host, valueFrom: output.status.host}]}
    - name: web
      type: webservice
      dependsOn: [db]
      inputs: [{from: host, parameterKey: env.host}]
      traits: [{type: gateway, properties: {domain: a.example}}]
status: {phase: running}
"""
TEMPLATE = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata: {name: template}
mode: {steps: DAG}
steps: [{type: suspend}]
"""
RUN = """\
apiVersion: core.oam.dev/v1alpha1
kind: WorkflowRun
metadata: {generateName: run-}
spec: {workflowRef: template}
"""


def opened(folder: Path, *documents: str) -> Contents:
    """Open one file of some documents."""
    (folder / "file.yaml").write_text("---\n".join(documents), encoding="utf-8")
    return open_files([folder / "file.yaml"], LookingOn(step_types({})))


def with_workflow(text: str) -> str:
    return APPLICATION.replace("status:", f"{text}\nstatus:")


def test_an_application_without_steps_applies_each_component(tmp_path: Path) -> None:
    (found,) = opened(tmp_path, APPLICATION).opened
    assert found.workflow.generated
    assert found.workflow.mode is Mode.DAG
    db, web = found.workflow.steps
    assert (db.name, db.type, db.properties) == ("db", "apply-component", {"component": "db"})
    assert [each.name for each in db.outputs] == ["host"]
    assert web.depends_on == ("db",)
    assert (web.inputs[0].from_, web.inputs[0].parameter_key) == ("host", "")


@pytest.mark.parametrize(
    ("policies", "steps"),
    [
        (
            "[{name: one, type: topology}, {name: o, type: override}, {name: two, type: topology}]",
            [("deploy-one", "deploy", ["o", "one"]), ("deploy-two", "deploy", ["o", "two"])],
        ),
        ("[{name: o, type: override}]", [("deploy", "deploy", ["o"])]),
    ],
)
def test_policies_make_deploy_steps(
    tmp_path: Path, policies: str, steps: list[tuple[str, str, list[str]]]
) -> None:
    (found,) = opened(tmp_path, with_workflow(f"  policies: {policies}")).opened
    made = [(each.name, each.type, each.properties["policies"]) for each in found.workflow.steps]
    assert made == steps


def test_an_env_binding_makes_a_step_for_each_environment(tmp_path: Path) -> None:
    policy = "{name: envs, type: env-binding, properties: {envs: [{name: test}, {name: prod}]}}"
    (found,) = opened(tmp_path, with_workflow(f"  policies: [{policy}]")).opened
    assert [(each.name, each.type, each.properties) for each in found.workflow.steps] == [
        ("deploy-envs-test", "deploy2env", {"policy": "envs", "env": "test"}),
        ("deploy-envs-prod", "deploy2env", {"policy": "envs", "env": "prod"}),
    ]


def test_a_run_takes_the_steps_and_mode_of_its_template(tmp_path: Path) -> None:
    run, template = opened(tmp_path, RUN, TEMPLATE).opened
    assert (run.kind, run.name) == ("WorkflowRun", "run-")
    assert (run.workflow.steps, run.workflow.mode) == (template.workflow.steps, Mode.DAG)


def test_a_run_s_own_mode_wins_as_a_whole(tmp_path: Path) -> None:
    own = RUN.replace("{workflowRef", "{mode: {subSteps: StepByStep}, workflowRef")
    run, _ = opened(tmp_path, own, TEMPLATE).opened
    assert (run.workflow.mode, run.workflow.sub_mode) == (Mode.STEP_BY_STEP, Mode.STEP_BY_STEP)


def test_an_application_refers_to_a_workflow(tmp_path: Path) -> None:
    found = opened(tmp_path, with_workflow("  workflow: {ref: template}"), TEMPLATE).opened
    assert [(each.kind, each.workflow.mode) for each in found] == [
        ("Application", Mode.DAG),
        ("Workflow", Mode.DAG),
    ]


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        ([RUN], "spec.workflowRef: there is no Workflow template"),
        (
            [RUN.replace("{workflowRef: template}", "{}")],
            "spec: it needs steps: a workflowSpec or a workflowRef",
        ),
        (
            [with_workflow("  workflow: {ref: template, steps: [{type: suspend}]}"), TEMPLATE],
            "spec.workflow.ref: it has steps and a ref; expected one of them",
        ),
        (
            [APPLICATION.replace("dependsOn: [db]", "dependsOn: [dbb]")],
            "spec.components[1]: there is no step dbb; did you mean db?",
        ),
    ],
)
def test_what_cannot_run_is_said(tmp_path: Path, documents: list[str], said: str) -> None:
    found = opened(tmp_path, *documents)
    assert any(said in str(each) for each in found.complaints), found.complaints


def test_other_objects_in_a_file_are_passed_over(tmp_path: Path) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
    argo = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {}\n"
    found = opened(tmp_path, secret, APPLICATION, argo)
    assert found.complaints == ()
    assert len(found.reading.others) == 2


def test_a_step_of_a_newer_kubevela_has_its_fields(tmp_path: Path) -> None:
    exact = TEMPLATE.replace(
        "[{type: suspend}]",
        "[{name: a, type: create-config@v1, outputs: [{name: c, fromKey: config}], properties: null}]",
    )
    (found,) = opened(tmp_path, exact).opened
    assert found.workflow.steps[0].outputs[0].value_from == "config"
