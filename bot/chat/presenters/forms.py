"""Forms that complete a request: why a reject, and what a command left out."""

from bot.catalog.model import Catalog
from bot.chat.message import Choice, Field, Form
from bot.chat.presenters.words import title_of
from bot.command.requests import Misunderstood
from bot.operations.results import ReasonAsked


def reason(asked: ReasonAsked, command: str, channel: str) -> Form:
    """Ask why."""
    return Form(
        title="Reject",
        submit="Reject",
        command=command,
        channel=channel,
        intro=(
            (f"{title_of(asked.run, asked.step)} of {asked.run.name}, {asked.run.plan.version}",),
        ),
        fields=(
            Field(
                name="reason",
                label="Reason",
                multiline=True,
                hint="Everyone in the channel sees it.",
            ),
        ),
    )


def completion(
    problem: Misunderstood, known: dict[str, str], channel: str, catalog: Catalog
) -> Form | None:
    """Ask for the application and the environments that a command left out; None when no form can help.

    `known` is what could be read of the arguments.
    """
    if not problem.missing or not set(problem.missing) <= {"application", "origin", "environment"}:
        return None
    promoting, places = problem.verb == "promote", tuple(catalog.environments)
    fields = [_choice("application", "Application", tuple(catalog.applications), known)]
    if promoting:
        fields.append(_choice("origin", "From", places, known))
    fields.append(_choice("environment", "To" if promoting else "Environment", places, known))
    planning = bool(problem.given.get("plan"))
    if problem.verb == "deploy":
        fields.append(
            Field(
                name="version",
                label="Version",
                optional=True,
                initial=known.get("version", ""),
                hint="The image tag; empty: what was delivered last.",
            )
        )
    if problem.verb in {"deploy", "promote"} and not planning:
        note = known.get("note", "")
        fields.append(Field(name="note", label="Note", optional=True, initial=note))
    title = "Plan" if planning else problem.verb.capitalize()
    return Form(
        title=title,
        submit=title,
        command=problem.understood,
        channel=channel,
        fields=tuple(fields),
    )


def _choice(name: str, label: str, values: tuple[str, ...], known: dict[str, str]) -> Field:
    given = known.get(name, "")
    return Field(
        name=name,
        label=label,
        choices=tuple(Choice(value=each, label=each) for each in values),
        initial=given if given in values else "",
    )
