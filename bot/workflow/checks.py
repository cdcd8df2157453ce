"""What can be seen to be wrong in a workflow before it runs: names, dependencies, circles, values. Pure.

Whatever would make a run wait for ever or fail for certain is refused here, each with the path to its place;
KubeVela finds none of it and leaves such steps pending.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from bot.catalog.model import CLEAN_UP, Step, Workflow
from bot.workflow.expressions import ExpressionError
from bot.workflow.shape import Shape
from bot.workflow.status import STATUS_FIELDS, also_known_as, status_references
from bot.workflow.values import parts_of

Place = tuple[str | int, ...]
Found = tuple[Place, str]

RESERVED = frozenset({"context", "inputs", "outputs", "parameter", "status"})
"""What expressions call something else."""
OF_INPUTS = frozenset({"context", "parameter"})
"""What `from` of an input means something else by."""


def problems(workflow: Workflow, known_outputs: Iterable[str] = ()) -> Iterator[Found]:
    """Yield what is wrong with the steps; places begin below the list of steps.

    `known_outputs` are left by something else than a step (the components of an application).
    """
    twins = list(_twins(workflow))
    yield from twins
    if twins:
        return  # what names mean is open as long as they are not unique
    shape = Shape(workflow)
    places = dict(_places(workflow))
    outputs = {*shape.producers, *known_outputs}
    missing = False
    for name, step in shape.specs.items():
        for found in _missing(shape, step, outputs):
            missing = True
            yield (*places[name], *found[0]), found[1]
        yield from (((*places[name], "if"), said) for said in _wrong_status(shape, step))
    if not missing:
        yield from _circles(shape, places)


def _places(workflow: Workflow) -> Iterator[tuple[str, Place]]:
    for at, step in enumerate(workflow.steps):
        yield step.name, (at,)
        for below, sub in enumerate(step.sub_steps):
            yield sub.name, (at, "subSteps", below)


def _twins(workflow: Workflow) -> Iterator[Found]:
    seen: set[str] = set()
    for name, place in _places(workflow):
        if name in seen:
            yield (*place, "name"), f"there are two steps {name}; names are unique over all steps"
        elif name == CLEAN_UP:
            yield (*place, "name"), f"{name} is reserved: every run ends with it by itself"
        elif name in RESERVED:
            yield (*place, "name"), f"{name} is reserved: expressions use it for something else"
        seen.add(name)


def _missing(shape: Shape, step: Step, outputs: set[str]) -> Iterator[Found]:
    """Yield the names that a step uses and nothing has."""
    for at, each in enumerate(step.depends_on):
        if each not in shape.specs:
            yield ("dependsOn", at), f"there is no step {each}{_nearest(each, shape.specs)}"
    for at, given in enumerate(step.inputs):
        for key, path in (("from", given.from_), ("parameterKey", given.parameter_key)):
            try:
                parts_of(path or "none")
            except ExpressionError as error:
                yield ("inputs", at, key), str(error)
        first = given.from_.partition(".")[0]
        if first not in OF_INPUTS and not {given.from_, first} & outputs:
            said = f"no step has an output {given.from_}{_nearest(given.from_, outputs)}"
            yield ("inputs", at, "from"), said
    for at, left in enumerate(step.outputs):
        if left.name in OF_INPUTS:
            said = f"{left.name} is reserved: inputs use it for something else"
            yield ("outputs", at, "name"), said
        if left.secret and step.is_group:
            said = "a group knows no secret: say it of the output of the step that reads it"
            yield ("outputs", at, "secret"), said


def _wrong_status(shape: Shape, step: Step) -> Iterator[str]:
    """Say which `status.STEP.FIELD` of an `if` there is not."""
    names = {other for each in shape.specs.values() for other in also_known_as(each)}
    for name, field in status_references(step.if_):
        if name not in names:
            hint = _nearest(name, names)
            dashed = next((each for each in names if each.startswith(f"{name}-")), "")
            if dashed and not hint:
                hint = f'; for the step {dashed} write status["{dashed}"]'
            yield f"there is no step {name}{hint}"
        elif field and field not in STATUS_FIELDS:
            known = ", ".join(STATUS_FIELDS)
            yield f"a step has no {field}{_nearest(field, STATUS_FIELDS)} (it has: {known})"


def _circles(shape: Shape, places: dict[str, Place]) -> Iterator[Found]:
    """Yield the steps that would wait for each other for ever.

    A group begins before its sub-steps and ends after them, so that it has a beginning and an end of its own.
    """
    graph: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for name in shape.specs:
        begin, end = ("begin", name), ("end", name)
        graph.setdefault(end, set()).add(begin)
        graph.setdefault(begin, set()).update(("end", each) for each in shape.waits_for(name))
        group = shape.group_of[name]
        if group:
            graph[begin].add(("begin", group))
            graph.setdefault(("end", group), set()).add(end)
        if shape.in_order(group) and (earlier := shape.before(name)):
            graph[begin].add(("end", earlier[-1].name))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = [name for _, name in error.args[1]]
        yield _circle(shape, places, circle)


def _circle(shape: Shape, places: dict[str, Place], circle: list[str]) -> Found:
    names = [name for at, name in enumerate(circle) if at == 0 or name != circle[at - 1]]
    order = list(shape.specs)
    for name in names:
        for other in sorted(shape.waits_for(name) & {*names}, key=order.index):
            later = order.index(other) > order.index(name)
            together = shape.group_of[name] == shape.group_of[other]
            where = _cause(shape, name, other)
            if later and together and shape.in_order(shape.group_of[name]):
                said = (
                    f"{name} would wait for ever: it needs {other}, which comes after it, and the steps run "
                    "one after the other (mode StepByStep)"
                )
                return (*places[name], *where), said
    first = names[0]
    way = " → ".join(reversed(names)) if len(names) > 1 else f"{first} → {first}"
    cause = next(
        (
            _cause(shape, each, other)
            for each in names
            for other in shape.waits_for(each) & {*names}
        ),
        (),
    )
    at = next((each for each in names if shape.waits_for(each) & {*names}), first)
    return (*places[at], *cause), f"the steps would wait for each other for ever: {way}"


def _cause(shape: Shape, name: str, other: str) -> Place:
    """Find what makes a step wait for another."""
    step = shape.specs[name]
    if other in step.depends_on:
        return ("dependsOn", step.depends_on.index(other))
    for at, each in enumerate(step.inputs):
        if any(other in found for source, found in shape.sources(step) if source == each.from_):
            return ("inputs", at, "from")
    return ()


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
