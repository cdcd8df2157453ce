"""The script of a simulation: what each execution of a step does, and what is asked of the run when. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.catalog.complaints import nearest, of_shape
from bot.catalog.documents import Document, YamlProblem, documents
from bot.catalog.durations import parse_duration
from bot.errors import UserError
from bot.events import PersonName
from bot.run.stimuli import (
    Approved,
    Rejected,
    RestartAsked,
    ResumeAsked,
    RetryAsked,
    SkipAsked,
    StopAsked,
    SuspendAsked,
)

ANYONE = PersonName("script")


class Outcome(StrEnum):
    """What one execution of a step does."""

    SUCCEED = "succeed"
    FAIL = "fail"
    """An error, which is tried again."""
    FAIL_FINAL = "fail-final"
    """The step itself says that it failed."""
    WAIT = "wait"
    """It keeps running."""


class Verb(StrEnum):
    """What can be asked of a run."""

    RESUME = "resume"
    SUSPEND = "suspend"
    TERMINATE = "terminate"
    RESTART = "restart"
    RETRY = "retry"
    SKIP = "skip"
    APPROVE = "approve"
    REJECT = "reject"


def _moment(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise ValueError(f"expected a duration such as 5s, found {given!r}")  # noqa: TRY004 - pydantic's way
    if isinstance(given, str) and given.strip() in {"0", "0s"}:
        return 0.0
    if isinstance(given, str):
        return parse_duration(given)
    if given < 0:
        raise ValueError(f"expected a time from 0 on, found {given}")
    return float(given)


def _as_list(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


Moment = Annotated[float, BeforeValidator(_moment)]
Outcomes = Annotated[list[Outcome], BeforeValidator(_as_list), Field(min_length=1)]


class Asked(BaseModel):
    """A request from outside: one verb, with a step's name or `true` for the run."""

    model_config = ConfigDict(extra="forbid")

    at: Moment
    resume: str | bool | None = None
    suspend: str | bool | None = None
    terminate: str | bool | None = None
    restart: str | bool | None = None
    retry: str | bool | None = None
    skip: str | bool | None = None
    approve: str | bool | None = None
    reject: str | bool | None = None
    by: str = "script"
    reason: str = ""

    @property
    def verbs(self) -> dict[Verb, str]:
        """The verbs that are given, each with its step (empty: the run)."""
        given = {verb: getattr(self, verb.value) for verb in Verb}
        return {
            verb: step if isinstance(step, str) else ""
            for verb, step in given.items()
            if step not in (None, False)
        }


class Script(BaseModel):
    """A whole script. Times are seconds from the start of the run."""

    model_config = ConfigDict(extra="forbid")

    outcomes: dict[str, Outcomes] = Field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = Field(default_factory=dict)
    requests: list[Asked] = Field(default_factory=list)
    until: Moment | None = None


class ScriptError(UserError):
    """A script has a mistake; the text names its place."""


def read_script(path: Path | None) -> Script:
    """Read a script; without a path everything succeeds. Raises ScriptError."""
    if path is None:
        return Script()
    try:
        found: list[Document] = list(documents(path))
    except YamlProblem as error:
        raise ScriptError(f"{path}:{error.line}: {error}") from error
    except OSError as error:
        raise ScriptError(f"{path}: the file cannot be read: {error.strerror}") from error
    if not found:
        return Script()
    document = found[0]
    try:
        return Script.model_validate(document.value)
    except ValidationError as error:
        said = of_shape(document, Script, error)
        raise ScriptError("\n".join(str(each) for each in said)) from error


def check_names(script: Script, steps: Iterable[str]) -> None:
    """Raise ScriptError when a script speaks of a step that there is not, or asks nothing or too much at once."""
    known = list(steps)
    named = [*script.outcomes, *script.outputs]
    for each in script.requests:
        if len(each.verbs) != 1:
            verbs = ", ".join(Verb)
            raise ScriptError(f"the request at {each.at:g}s needs exactly one of: {verbs}")
        named += [step for step in each.verbs.values() if step]
    for name in named:
        if name not in known:
            hint = nearest(name, known)
            raise ScriptError(
                f"the script names a step {name} that the workflow does not have{hint}"
            )


def stimulus_of(asked: Asked, attempts: Mapping[str, int], roles: tuple[str, ...]) -> Any:
    """Make what a request is to the run. `attempts` are the steps' present ones, `roles` those of whoever approves."""
    verb, step = next(iter(asked.verbs.items()))
    by = PersonName(asked.by)
    match verb:
        case Verb.RESUME:
            return ResumeAsked(by=by, step=step, reason=asked.reason, via="script")
        case Verb.SUSPEND:
            return SuspendAsked(by=by, step=step, reason=asked.reason)
        case Verb.TERMINATE:
            return StopAsked(by=by, step=step, reason=asked.reason)
        case Verb.RETRY:
            return RetryAsked(by=by, step=step)
        case Verb.RESTART:
            return RetryAsked(by=by, step=step) if step else RestartAsked(by=by)
        case Verb.SKIP:
            return SkipAsked(by=by, step=step, reason=asked.reason)
    answer: dict[str, Any] = {"step": step, "attempt": attempts.get(step, 0), "via": "script"}
    if verb is Verb.APPROVE:
        return Approved(**answer, by=by, roles=roles, reason=asked.reason)
    return Rejected(**answer, by=by, reason=asked.reason)
