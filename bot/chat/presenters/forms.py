"""Forms that complete a request: why a reject or a skip, and what a command left out.

A verb's form follows from its row in `bot.command.verbs`: a verb that is added there has one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.catalog.model import Catalog
from bot.chat.language import _, one_after_the_other
from bot.chat.message import Choice, Field, Form, Icon, Line
from bot.chat.presenters.words import joined, phase_of, title_of
from bot.command.forms import Argument, Verb
from bot.command.requests import Misunderstood
from bot.command.values import Kind
from bot.command.verbs import find
from bot.operations.results import ReasonAsked
from bot.policy.decisions import Action
from bot.run.model import Run, StepPhase, StepRun
from bot.wording import N_

LABELS = {
    "application": N_("Application"),
    "origin": N_("From"),
    "environment": N_("Environment"),
    "version": N_("Version"),
    "older": N_("From revision"),
    "newer": N_("To revision"),
    "run": N_("Run"),
    "step": N_("Step"),
    "revision": N_("Revision"),
    "reason": N_("Reason"),
    "note": N_("Note"),
    "lasting": N_("How long"),
}
HINTS = {
    "version": N_("The image tag; empty: what was delivered last."),
    "revision": N_("v3, for example; empty: the one before."),
    "older": N_("v3, for example; empty: the one before the newest."),
    "newer": N_("v4, for example; empty: the newest."),
    "reason": N_("Everyone in the channel sees it."),
    "step": N_("Its name in the workflow."),
    "lasting": N_("30m, 2h or 3d; empty: until someone unlocks it."),
}
TITLES = {
    "deploy": N_("Deploy"),
    "promote": N_("Promote"),
    "rollback": N_("Rollback"),
    "revisions": N_("Revisions"),
    "diff": N_("Diff"),
    "status": N_("Status"),
    "runs": N_("Runs"),
    "show": N_("Show"),
    "logs": N_("Logs"),
    "approve": N_("Approve"),
    "reject": N_("Reject"),
    "withdraw": N_("Withdraw"),
    "sign": N_("Sign"),
    "stop": N_("Stop"),
    "retry": N_("Retry"),
    "restart": N_("Restart"),
    "skip": N_("Skip"),
    "pause": N_("Pause"),
    "resume": N_("Resume"),
    "lock": N_("Lock"),
    "unlock": N_("Unlock"),
    "audit": N_("Audit"),
}
"""What the forms of verbs are called."""
STEP_PHASES = {
    StepPhase.PENDING: N_("pending"),
    StepPhase.RUNNING: N_("running"),
    StepPhase.SUSPENDING: N_("suspending"),
    StepPhase.SUCCEEDED: N_("succeeded"),
    StepPhase.FAILED: N_("failed"),
    StepPhase.SKIPPED: N_("skipped"),
}
SMALL_CHOICE = 30
"""Characters of a step's name beside its title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What there is to choose from: runs that the verb can be about, and the steps of the run that is named."""

    runs: Sequence[Run] = ()
    run: Run | None = None
    steps: Sequence[StepRun] = ()


def reason(asked: ReasonAsked, command: str, channel: str) -> Form:
    """Ask why."""
    skips = asked.action is Action.SKIP
    title = _("Skip") if skips else _("Reject")
    version = asked.run.plan.version
    step = title_of(asked.run, asked.step)
    what: Line = joined(
        (_("{step} of {run}", step=step, run=asked.run.name),), (version,) if version else ()
    )
    then: tuple[Line, ...] = (
        ((_("The run goes on without this step, as if it had succeeded."),),) if skips else ()
    )
    return Form(
        title=title,
        submit=title,
        command=command,
        channel=channel,
        intro=(what, *then),
        fields=(_text("reason", optional=False),),
    )


def completion(
    problem: Misunderstood,
    known: dict[str, str],
    channel: str,
    catalog: Catalog,
    offered: Offered | None = None,
) -> Form | None:
    """Ask for what a command left out, with what was understood filled in; None when no form can help.

    `known` is what could be read of the arguments, `offered` what there is to choose from in the store.
    """
    verb = find(problem.verb)
    if verb is None or not problem.missing:
        return None
    offered = offered or Offered()
    if "run" in problem.missing and not offered.runs:
        return None
    planning = bool(problem.given.get("plan"))
    fields = [_field(each, known, catalog, offered) for each in verb.arguments if _asked(each)]
    if "origin" in {each.name for each in fields}:
        fields = [replace(each, label=_from_to(each)) for each in fields]
    if not planning:
        fields += _extras(verb, known, catalog)
    title = _("Plan") if planning else _title(verb)
    return Form(
        title=title,
        submit=title,
        command=problem.understood,
        channel=channel,
        intro=((Icon("warning"), f" {_mistake(problem, known, catalog)}"),),
        fields=tuple(fields),
    )


def _mistake(problem: Misunderstood, known: dict[str, str], catalog: Catalog) -> str:
    """Say what keeps the command from being understood: what is missing, and what is called otherwise."""
    application, environment = known.get("application", ""), known.get("environment", "")
    no_application = no_environment = ""
    if application and application not in catalog.applications:
        no_application = _("There is no application {name}.", name=application)
    if environment and environment not in catalog.environments:
        no_environment = _("There is no environment {name}.", name=environment)
    return one_after_the_other(_(problem.problem), no_application, no_environment)


def _title(verb: Verb) -> str:
    return _(TITLES.get(verb.name, verb.name.replace("-", " ").capitalize()))


def _asked(argument: Argument) -> bool:
    """Say whether a form asks for an argument: not for what takes more than a line to say."""
    return argument.kind not in {Kind.IMAGE, Kind.VERB}


def _optional(argument: Argument) -> bool:
    return not argument.required and argument.label.startswith("[")


def _field(argument: Argument, known: dict[str, str], catalog: Catalog, offered: Offered) -> Field:
    name, given = argument.field, known.get(argument.field, "")
    match argument.kind:
        case Kind.APPLICATION:
            return _choice(name, [(each, each) for each in catalog.applications], given)
        case Kind.ENVIRONMENT:
            return _choice(name, [(each, each) for each in catalog.environments], given)
        case Kind.RUN if offered.runs:
            return _choice(name, [(each.name, _run(each)) for each in offered.runs], given)
        case Kind.STEP if offered.run is not None and offered.steps:
            run = offered.run
            steps = [(each.name, _step(run, each)) for each in offered.steps]
            return _choice(name, steps, given, optional=_optional(argument))
        case _:
            optional = _optional(argument)
            return _text(name, optional=optional, initial=given)


def _extras(verb: Verb, known: dict[str, str], catalog: Catalog) -> list[Field]:
    """Ask for what options say that people fill in: a note, for how long, for which application alone."""
    fields: list[Field] = []
    for each in verb.options:
        given = known.get(each.field, "")
        if each.label and each.kind in {Kind.TEXT, Kind.TIME}:
            fields.append(_text(each.field, optional=True, initial=given))
        elif each.label and each.kind is Kind.APPLICATION:
            there = [(name, name) for name in catalog.applications]
            fields.append(_choice(each.field, there, given, optional=True))
    return fields


def _text(name: str, *, optional: bool, initial: str = "") -> Field:
    return Field(
        name=name,
        label=_label(name),
        optional=optional,
        initial=initial,
        multiline=name == "reason",
        hint=_(HINTS[name]) if name in HINTS else "",
    )


def _choice(
    name: str, choices: Sequence[tuple[str, str]], given: str, *, optional: bool = False
) -> Field:
    return Field(
        name=name,
        label=_label(name),
        optional=optional,
        choices=tuple(Choice(value=value, label=label) for value, label in choices),
        initial=given if given in {value for value, _ in choices} else "",
    )


def _from_to(field: Field) -> str:
    """Answer what a field is called beside one that says from where."""
    return _("To") if field.name == "environment" else field.label


def _label(name: str) -> str:
    return _(LABELS.get(name, name.replace("_", " ").capitalize()))


def _run(run: Run) -> str:
    return " · ".join(filter(None, (run.name, phase_of(run), run.plan.version)))


def _step(run: Run, step: StepRun) -> str:
    title = title_of(run, step.name)
    phase = _(STEP_PHASES[step.phase])
    name = "" if title == step.name else f" ({step.name[:SMALL_CHOICE]})"
    return f"{title}{name} · {phase}"
