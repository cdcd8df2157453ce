"""Step types of other packages: what they register as entry points of the group `shipmate.steps`.

An entry point names a class without arguments, or an object, that is a `bot.steps.contract.StepType`. One that
cannot be used is told when Shipmate starts, by its name and package, and nothing is started without it: a
workflow that counts on it could only fail.
"""

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points

from bot.errors import UserError
from bot.steps.contract import StepType

GROUP = "shipmate.steps"
MEMBERS = ("name", "needs", "summary", "schema", "check", "run")


def installed_types() -> Iterator[StepType]:
    """Load the step types that installed packages bring. Raises UserError for one that cannot be used."""
    for each in sorted(entry_points(group=GROUP), key=lambda found: found.name):
        yield _load(each)


def _load(point: EntryPoint) -> StepType:
    package = point.dist.name if point.dist else "an unknown package"
    what = f"the step type {point.name} of {package}"
    try:
        found = point.load()
        made = found() if isinstance(found, type) else found
    except Exception as error:
        raise UserError(f"{what} cannot be loaded: {error}") from error
    missing = [each for each in MEMBERS if not hasattr(made, each)]
    if missing:
        raise UserError(f"{what} is no step type: it has no {', '.join(missing)}")
    kind: StepType = made
    if kind.name != point.name:
        raise UserError(f"{what} calls itself {kind.name}; the two names have to be the same")
    return kind
