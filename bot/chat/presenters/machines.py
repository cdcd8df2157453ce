"""What is said of deliveries that a CI system asked for: whose commit it is, and why a machine was refused."""

from collections.abc import Callable
from urllib.parse import quote

from bot.chat.language import _, line
from bot.chat.message import Line, Link, Span
from bot.chat.presenters.words import commit_link, cut, joined
from bot.policy.refusals import Code
from bot.run.model import Plan, Run
from bot.wording import N_

LONGEST_MESSAGE = 100
"""Characters of a commit's message on a card: two lines on a phone."""


def committed(plan: Plan) -> Line:
    """Say which commit it is, on which branch, whose, and what it is about, as far as that is known."""
    commit: Line = (commit_link(plan.application, plan.commit),) if plan.commit else ()
    code = plan.code
    if code is None:
        return commit
    author, message = cut(code.author, LONGEST_MESSAGE), cut(code.message, LONGEST_MESSAGE)
    about = commit
    if code.branch and commit:
        about = line("{commit} on {branch}", commit=commit, branch=_branch(plan, code.branch))
    elif code.branch:
        about = line("branch {branch}", branch=_branch(plan, code.branch))
    if author:
        about = line("{commit} by {author}", commit=about, author=author)
    return joined(about, (f"“{message}”",) if message else ())


def _branch(plan: Plan, name: str) -> Span:
    """Answer a branch, with a link where the application says where its code is."""
    shown = cut(name, LONGEST_MESSAGE)
    home = plan.application.repository
    return Link(f"{home}/tree/{quote(name)}", shown) if home else shown


def to_be_told(run: Run) -> str:
    """Name who is told when a run has not got there: whoever asked for it, or whoever committed what no chat asked for."""
    return run.committer or run.origin.person


def not_the_committer(run: Run) -> list[Line]:
    """Say that whoever committed what is delivered may not approve it, where somebody else asked for it."""
    if run.committer in {"", run.origin.person}:
        return []
    who = run.committer
    return [(_("{who} committed what it delivers and may not approve it either.", who=who),)]


def self_approval(facts: dict[str, str]) -> str:
    """Say why whoever asked for a run, or committed what it delivers, may not approve it."""
    if facts.get("committed"):
        return _(
            "You committed what is delivered by {run}, and in {environment} whoever commits it may not approve it.",
            run=facts["run"],
            environment=facts["environment"],
        )
    return _(
        "You asked for {run}, and in {environment} whoever asks for a run may not approve it.",
        run=facts["run"],
        environment=facts["environment"],
    )


def _no_such_repository(facts: dict[str, str]) -> str:
    component = facts["component"] or _("a component")
    return _(
        "{image} is of no repository that {component} of {application} has. There is: {known}.",
        image=facts["image"],
        component=component,
        application=facts["application"],
        known=facts["known"],
    )


TEXTS: dict[Code, str | Callable[[dict[str, str]], str]] = {
    Code.SELF_APPROVAL: self_approval,
    Code.MACHINE_MAY_NOT_VOTE: N_(
        "{name} is no person, and in {environment} only people may {action}. "
        "`machineApproval: true` in its file would let machines."
    ),
    Code.TRIGGER_MAY_NOT: N_(
        "The trigger {name} is not for {action}; it is for {actions}. Its file says so under `actions`."
    ),
    Code.REPOSITORY_UNKNOWN: _no_such_repository,
    Code.NOTHING_UNDER_WAY: N_("Nothing of {application} is under way in {environment}."),
}
