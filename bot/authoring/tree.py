"""Prints what a run would do: the steps as a tree, what each waits for, and for whom. Pure."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from bot.authoring.opening import Contents, Opened
from bot.catalog.complaints import CatalogProblems
from bot.catalog.durations import write_duration
from bot.catalog.model import Catalog, Mode, Step, Workflow
from bot.steps.contract import StepType
from bot.workflow.generated import generated_workflow
from bot.workflow.shape import Shape

Who = Callable[[tuple[str, ...]], str]
"""Names those who may answer a gate, by the roles that its step names."""

LATE = {"reject": "rejects", "continue": "goes on"}
"""What a suspend step does at its timeout by its `onTimeout`; anything else fails."""


def lines(contents: Contents, types: Mapping[str, StepType]) -> list[str]:
    """Answer what stands in files that are only looked at. Raises CatalogProblems when they have mistakes."""
    wrong = [*contents.complaints, *contents.unsupported]
    if wrong:
        raise CatalogProblems(wrong)
    said: list[str] = []
    for each in contents.opened:
        said += [*([""] if said else []), *_opened(each, types)]
    others = len(contents.reading.others)
    if others:
        said.append(f"{others} other {'object' if others == 1 else 'objects'} passed over.")
    return said or ["There is no workflow in these files, and no mistake."]


def company_lines(catalog: Catalog) -> list[str]:
    """Answer what a whole catalog would do, by application and environment."""
    said: list[str] = []
    for application, found in catalog.applications.items():
        for name, environment in catalog.environments.items():
            own = catalog.workflow(application, name)
            workflow = own or generated_workflow(found, environment)
            made = "" if own else ", generated"
            said += [
                *([""] if said else []),
                f"{application} → {name} (workflow {workflow.name}{made})",
                *tree(
                    workflow,
                    who=partial(_people, catalog, environment.ruled(application).approvers),
                ),
            ]
    return said


def tree(
    workflow: Workflow, types: Mapping[str, StepType] | None = None, who: Who = ", ".join
) -> Iterator[str]:
    """Yield a line for each step. `types` marks those that are not installed, `who` names the people of roles."""
    shape = Shape(workflow)
    for at, step in enumerate(workflow.steps, 1):
        yield f"  {at}. {_line(shape, step, types, who)}"
        for below, sub in enumerate(step.sub_steps, 1):
            yield f"     {at}.{below} {_line(shape, sub, types, who)}"


def _opened(opened: Opened, types: Mapping[str, StepType]) -> Iterator[str]:
    workflow = opened.workflow
    made = ", generated as KubeVela does" if workflow.generated else ""
    yield f"{opened.document.file}: {opened.kind} {opened.name} ({_modes(workflow)}{made})"
    yield from tree(workflow, types)


def _modes(workflow: Workflow) -> str:
    if not any(each.sub_steps for each in workflow.steps):
        return workflow.mode.value
    return f"{workflow.mode.value}-{workflow.sub_mode.value}"


def _line(shape: Shape, step: Step, types: Mapping[str, StepType] | None, who: Who) -> str:
    said = [f"{step.name} ({_type(shape, step, types)})"]
    if step.alias:
        said.append(f"“{step.alias}”")
    waits = [each for each in shape.specs if each in shape.waits_for(step.name)]
    if waits:
        said.append(f"after {', '.join(waits)}")
    elif not shape.in_order(shape.group_of[step.name]):
        said.append("at once")
    if step.if_:
        said.append("always" if step.if_ == "always" else f"if {' '.join(step.if_.split())}")
    if step.is_gate:
        said.append(_waits(step, who))
    if step.timeout is not None:
        late = LATE.get(str(step.properties.get("onTimeout")), "fails")
        said.append(f"{late} after {write_duration(step.timeout)}")
    return " · ".join(said)


def _type(shape: Shape, step: Step, types: Mapping[str, StepType] | None) -> str:
    if step.is_group:
        mode = Mode.STEP_BY_STEP if shape.in_order(step.name) else Mode.DAG
        return f"{step.type}, {mode.value}"
    installed = types is None or step.type in types
    return step.type if installed else f"{step.type}, not installed here"


def _waits(step: Step, who: Who) -> str:
    duration = step.properties.get("duration")
    if duration:
        return f"waits {duration}"
    rules = step.properties.get("approvals")
    if isinstance(rules, list):
        asked = [each for each in rules if isinstance(each, dict)]
        counted = [f"{each.get('count', 1)} of {each.get('role')}" for each in asked]
        return f"waits for an approval by {' and '.join(counted)}"
    own = step.properties.get("approvers")
    people = who(tuple(str(each) for each in own) if isinstance(own, list) else ())
    quorum = step.properties.get("quorum", 1)
    many = f" ({quorum} of them)" if isinstance(quorum, int) and quorum > 1 else ""
    return f"waits for an approval{' by ' + people if people else ''}{many}"


def _people(catalog: Catalog, rest: tuple[str, ...], roles: tuple[str, ...]) -> str:
    return ", ".join(each.name for each in catalog.with_role(roles or rest))
