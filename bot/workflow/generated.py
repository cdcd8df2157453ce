"""The workflows that nobody wrote: VelaUX's for an environment, KubeVela's for an application. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.catalog.model import (
    CLEAN_UP,
    Application,
    Component,
    Environment,
    Mode,
    Step,
    Target,
    Workflow,
)
from bot.catalog.topologies import TOPOLOGY, reached

APPLY = "apply-component"


def generated_workflow(application: Application, environment: Environment) -> Workflow:
    """Make VelaUX's: one step a target, in the order of the environment's targets, named after it.

    After the step for cloud resources, where there are some. A step is a `deploy2env`; where the application has
    overrides that are bound to no environment, a `deploy` with them, as KubeVela generates it. Where it has topologies, it
    goes to the targets that these choose. In an environment without such targets there is the one step that says so.
    """
    overrides = [
        each.name
        for each in application.policies
        if each.type == "override" and not each.environment
    ]
    steps = [_to_target(target, overrides) for target in reached(application, environment)]
    steps = steps or [_deploy("deploy", {"policies": _policies(application, TOPOLOGY)})]
    if application.has_cloud(environment.name):
        steps.insert(0, _cloud(environment, overrides))
    return Workflow(
        name=f"workflow-{environment.name}",
        application=application.name,
        environment=environment.name,
        steps=tuple(steps),
        generated=True,
    )


def _to_target(target: Target, overrides: Sequence[str]) -> Step:
    title = f"Deploy to {target.name}"
    if overrides:
        given = {"policies": list(overrides), "targets": [target.name]}
        return Step(name=target.name, type="deploy", properties=given, alias=title)
    return Step(name=target.name, type="deploy2env", properties={"env": target.name}, alias=title)


def _cloud(environment: Environment, overrides: Sequence[str]) -> Step:
    given: dict[str, Any] = {"env": environment.name}
    if overrides:
        given["policies"] = list(overrides)
    return Step(
        name="cloud-resources",
        type="deploy-cloud-resource",
        properties=given,
        alias="Cloud resources",
    )


def with_cleaning(workflow: Workflow) -> Workflow:
    """Let a workflow end with what deletes what the application no longer contains."""
    last = Step(
        name=CLEAN_UP,
        type=CLEAN_UP,
        alias="Clean up",
        retries=5,
        depends_on=tuple(each.name for each in workflow.steps),
    )
    return replace(workflow, steps=(*workflow.steps, last))


def kubevela_workflow(application: Application) -> Workflow:
    """Make what KubeVela makes for an application without steps: the first of its rules that gives any.

    A `deploy` for each topology policy; one `deploy` where there are only overrides or referenced objects; a
    `deploy2env` for each environment of an `env-binding` policy; else an `apply-component` for each component.
    """
    rules = (_by_topology, _at_once, _by_binding, _by_component)
    steps = next((made for rule in rules if (made := tuple(rule(application)))), ())
    return Workflow(
        name=application.name,
        application=application.name,
        environment="",
        steps=steps,
        mode=Mode.DAG,
        generated=True,
    )


def with_components(workflow: Workflow, application: Application) -> Workflow:
    """Give each `apply-component` step the inputs and outputs of its component, as KubeVela does."""
    components = {each.name: each for each in application.components}
    return replace(
        workflow,
        steps=tuple(
            replace(
                _applied(each, components),
                sub_steps=tuple(_applied(sub, components) for sub in each.sub_steps),
            )
            for each in workflow.steps
        ),
    )


def _applied(step: Step, components: Mapping[str, Component]) -> Step:
    component = components.get(str(step.properties.get("component")))
    if step.type != APPLY or component is None:
        return step
    # The component takes the values itself, when it is rendered; the step only waits for who leaves them.
    inputs = tuple(replace(each, parameter_key="") for each in component.inputs)
    return replace(
        step, inputs=(*step.inputs, *inputs), outputs=(*step.outputs, *component.outputs)
    )


def _policies(application: Application, kind: str) -> list[str]:
    return [each.name for each in application.policies if each.type == kind]


def _by_topology(application: Application) -> Iterator[Step]:
    overrides = _policies(application, "override")
    for name in _policies(application, TOPOLOGY):
        yield _deploy(f"deploy-{name}", {"policies": [*overrides, name]})


def _at_once(application: Application) -> Iterator[Step]:
    overrides = _policies(application, "override")
    if overrides or any(each.type == "ref-objects" for each in application.components):
        yield _deploy("deploy", {"policies": overrides})


def _by_binding(application: Application) -> Iterator[Step]:
    for policy in application.policies:
        envs = policy.properties.get("envs") if policy.type == "env-binding" else None
        for each in envs if isinstance(envs, list) else ():
            if isinstance(each, dict) and isinstance(each.get("name"), str):
                name = each["name"]
                yield Step(
                    name=f"deploy-{policy.name}-{name}",
                    type="deploy2env",
                    properties={"policy": policy.name, "env": name},
                )


def _by_component(application: Application) -> Iterator[Step]:
    for each in application.components:
        yield Step(
            name=each.name,
            type=APPLY,
            properties={"component": each.name},
            depends_on=each.depends_on,
        )


def _deploy(name: str, properties: dict[str, Any]) -> Step:
    return Step(name=name, type="deploy", properties=properties)
