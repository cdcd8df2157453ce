"""What the catalog asks others about a file: the step types, the component types, the expressions.

Two ways to look at step types. Files that this Shipmate is to run may only use those that it has. A file that
someone only looks at (`shipmate check`, `shipmate simulate`) may come from a cluster with others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

from typing_extensions import override

from bot.catalog.checks import Fault, Found
from bot.catalog.model import (
    CLEAN_UP,
    GROUP,
    Application,
    Component,
    Environment,
    Policy,
    Properties,
    Step,
    Target,
    Workflow,
)
from bot.placement.checking import (
    check_component,
    check_definition,
    check_delivery,
    check_overrides,
)
from bot.placement.policies import check_policy
from bot.steps.registry import KUBEVELA_TYPES, StepTypes
from bot.workflow import checks
from bot.workflow.expressions import IN_CONDITIONS, ExpressionError, check, check_text
from bot.workflow.values import check_value_from, put, spell


class FileChecks:
    """For files that are to be run: what is not there is a mistake."""

    def __init__(self, types: StepTypes) -> None:
        self._types = types

    def step(
        self,
        type: str,  # noqa: A002 - as in YAML
        properties: Mapping[str, Any],
        targets: Sequence[Target],
        filled: Sequence[str],
    ) -> Found:
        """List what is wrong with a step's type (an empty path) or its properties."""
        if type == CLEAN_UP:
            return [((), f"every run ends with {type} by itself; leave it out")]
        if type in self._types:
            given = _filled_in(properties, filled)
            return _without(self._types.check(type, given, targets), filled)
        return self._no_type(type)

    def definition(self, name: str, terraform: Properties) -> Found:
        """List what is wrong with a component type that Terraform makes, each with its path in the file."""
        return check_definition(name, terraform)

    def component(self, component: Component) -> Found:
        """List what is wrong with a component: its type, its properties, its traits."""
        return check_component(component)

    def policy(self, policy: Policy) -> Found:
        """List what is wrong with a policy: its type, its properties."""
        return check_policy(policy)

    def overrides(self, application: Application) -> Iterable[tuple[Policy, Fault]]:
        """Yield the names in overrides that no component has, each with its path in the policy."""
        return check_overrides(application)

    def delivery(self, step: Step, application: Application, environment: Environment) -> Found:
        """Yield what is wrong with what a step delivers, or does there, each with its path in the step's properties."""
        yield from check_delivery(step, application, environment)
        filled = [each.parameter_key for each in step.inputs if each.parameter_key]
        given = _filled_in(step.properties, filled)
        found = self._types.check_in(step.type, given, application, environment)
        yield from _without(found, filled)

    def condition(self, text: str) -> str | None:
        """Say what is wrong with an `if`, if anything."""
        return _wrong(lambda: check(text, IN_CONDITIONS))

    def value_from(self, text: str) -> str | None:
        """Say what is wrong with a `valueFrom`, if anything."""
        return _wrong(lambda: check_value_from(text))

    def text(self, text: str) -> str | None:
        """Say what is wrong with the `${{ }}` in a text, if anything."""
        return _wrong(lambda: check_text(text))

    def structure(self, workflow: Workflow, known_outputs: Iterable[str]) -> Found:
        """List what is wrong with how steps hang together."""
        return checks.problems(workflow, known_outputs)

    def _no_type(self, type: str) -> Found:  # noqa: A002 - as in YAML
        known = (*self._types, GROUP)
        if type in KUBEVELA_TYPES:
            said = f"{type} is a step type of KubeVela's that this Shipmate does not have"
        else:
            near = get_close_matches(type, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            said = f"there is no step type {type}{hint}"
        return [((), f"{said} (known: {', '.join(known)})")]


class LookingOn(FileChecks):
    """For files that are only looked at: a type that is nearly one that there is counts as a mistake, no other."""

    @override
    def component(self, component: Component) -> Found:
        return ()

    @override
    def step(
        self,
        type: str,
        properties: Mapping[str, Any],
        targets: Sequence[Target],
        filled: Sequence[str],
    ) -> Found:
        if type in self._types:
            given = _filled_in(properties, filled)
            found = self._types.check(type, given, targets, tolerant=True)
            return _without(found, filled)
        known = {*self._types, GROUP, *KUBEVELA_TYPES}
        near = get_close_matches(type, known, n=1, cutoff=0.85)
        if type not in known and near:
            return [((), f"there is no step type {type}; did you mean {near[0]}?")]
        return ()


class Simulated(LookingOn):
    """For files that are only played: what their steps do is said by a script, whatever their types."""

    @override
    def step(
        self,
        type: str,
        properties: Mapping[str, Any],
        targets: Sequence[Target],
        filled: Sequence[str],
    ) -> Found:
        return ()


def _filled_in(properties: Mapping[str, Any], filled: Sequence[str]) -> Mapping[str, Any]:
    """Answer properties with an expression wherever an input will put a value."""
    given = deepcopy(dict(properties))
    for path in filled:
        with suppress(ExpressionError):  # the path itself is complained about elsewhere
            put(given, path, "${{ inputs }}")
    return given


def _without(found: Iterable[Fault], filled: Sequence[str]) -> Iterator[Fault]:
    """Pass over what is said of values that inputs bring: nobody knows them yet."""
    for path, text in found:
        place = spell(list(path))
        if not any(place == each or place.startswith((f"{each}.", f"{each}[")) for each in filled):
            yield path, text


def _wrong(look: Callable[[], None]) -> str | None:
    try:
        look()
    except ExpressionError as error:
        return str(error)
    return None
