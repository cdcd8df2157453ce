"""Our values as JSON documents, and back: exact in both directions, strict about what it does not know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from bot.chat.ports import Received, Shown
from bot.errors import Permanent
from bot.events import Event
from bot.operations.results import Audited
from bot.run.inventory import Item, Manifest
from bot.run.locks import Lock, LockChange
from bot.run.model import Plan, Revision, Run, StepRun
from bot.run.robots import Robot
from bot.run.sealed import Sealed

T = TypeVar("T")

PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)
RUN: TypeAdapter[Run] = TypeAdapter(Run)
STEP: TypeAdapter[StepRun] = TypeAdapter(StepRun)
REVISION: TypeAdapter[Revision] = TypeAdapter(Revision)
RECEIVED: TypeAdapter[Received] = TypeAdapter(Received)
SHOWN: TypeAdapter[Shown] = TypeAdapter(Shown)
AUDITED: TypeAdapter[Audited] = TypeAdapter(Audited)
LOCK: TypeAdapter[Lock] = TypeAdapter(Lock)
LOCK_CHANGE: TypeAdapter[LockChange] = TypeAdapter(LockChange)
ROBOT: TypeAdapter[Robot] = TypeAdapter(Robot)
ITEM: TypeAdapter[Item] = TypeAdapter(Item)
MANIFESTS: TypeAdapter[list[Manifest]] = TypeAdapter(list[Manifest])
EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])


SEALED: Final = "$sealed"
"""What an output that is secret is written as: a map of this one key."""
Open = Callable[[str], Sealed]
"""Opens what was sealed, or says in it why that cannot be."""


def write(adapter: TypeAdapter[T], value: T) -> str:
    """Answer a value as a document."""
    return adapter.dump_json(value).decode()


def read(adapter: TypeAdapter[T], document: str) -> T:
    """Answer the value of a document. Raises Permanent when another Shipmate wrote it in a form of its own."""
    try:
        return adapter.validate_json(document)
    except ValidationError as error:
        raise Permanent(
            "the database holds a document that this Shipmate cannot read; was it written by a newer one? "
            f"({error.error_count()} problems, the first: {error.errors(include_input=False)[0]['msg']})"
        ) from error


def write_state(run: Run) -> str:
    """Answer all of a run but its plan, which never changes and is stored once.

    What is as it is at first is left out: most of a long run's steps have not begun. The defaults of `Run` and
    `StepRun` are therefore part of the format, and stay what they are.
    """
    return put_together(run, [write_step(each) for each in run.steps])


def write_step(step: StepRun) -> str:
    """Answer one step, as it is in the state of its run."""
    return STEP.dump_json(step, exclude_defaults=True, fallback=_token).decode()


def put_together(run: Run, steps: Sequence[str]) -> str:
    """Answer the state of a run of the texts of its steps."""
    rest = RUN.dump_json(
        run, exclude={"plan", "steps"}, exclude_defaults=True, fallback=_token
    ).decode()
    return f'{rest[:-1]},"steps":[{",".join(steps)}]}}'


def read_run(plan: str, state: str, open_: Open = Sealed) -> Run:
    """Put a run together again from its two documents. What is sealed in it stays so unless `open_` opens it."""
    run = read(RUN, f'{{"plan":{plan},{state[1:]}')
    if f'"{SEALED}"' not in state:
        return run
    steps = tuple(
        replace(each, outputs=_unwritten(each.outputs, open_)) if each.outputs else each
        for each in run.steps
    )
    return replace(run, steps=steps)


def _token(value: Any) -> dict[str, str]:
    """Write an output that is secret. Raises TypeError for anything else that has no form of its own."""
    if not isinstance(value, Sealed):
        raise TypeError(f"{type(value).__name__} cannot be stored")
    return {SEALED: value.token}


def _unwritten(outputs: Mapping[str, Any], open_: Open) -> dict[str, Any]:
    return {
        name: open_(str(value[SEALED]))
        if isinstance(value, dict) and set(value) == {SEALED}
        else value
        for name, value in outputs.items()
    }
