"""What is said of deliveries that a CI system asked for: whose commit it is, and why a machine was refused."""

from collections.abc import Callable
from urllib.parse import quote

from bot.chat.message import Line, Link, Span
from bot.chat.presenters.words import commit_link, cut, joined
from bot.policy.refusals import Code
from bot.run.model import Plan, Run

LONGEST_MESSAGE = 100
"""Characters of a commit's message on a card: two lines on a phone."""


def committed(plan: Plan) -> Line:
    """Say which commit it is, on which branch, whose, and what it is about, as far as that is known."""
    commit: Line = (commit_link(plan.application, plan.commit),) if plan.commit else ()
    code = plan.code
    if code is None:
        return commit
    branch: Line = (
        (" on " if commit else "branch ", _branch(plan, code.branch)) if code.branch else ()
    )
    author: Line = (f" by {cut(code.author, LONGEST_MESSAGE)}",) if code.author else ()
    message: Line = (f"“{cut(code.message, LONGEST_MESSAGE)}”",) if code.message else ()
    return joined((*commit, *branch, *author), message)


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
    return [(f"{run.committer} committed what it delivers and may not approve it either.",)]


TEXTS: dict[Code, Callable[[dict[str, str]], str]] = {
    Code.MACHINE_MAY_NOT_VOTE: lambda facts: (
        f"{facts['name']} is no person, and in {facts['environment']} only people may {facts['action']}. "
        "`machineApproval: true` in its file would let machines."
    ),
    Code.TRIGGER_MAY_NOT: lambda facts: (
        f"The trigger {facts['name']} is not for {facts['action']}; it is for {facts['actions']}. "
        "Its file says so under `actions`."
    ),
    Code.REPOSITORY_UNKNOWN: lambda facts: (
        f"{facts['image']} is of no repository that "
        f"{facts['component'] or 'a component'} of {facts['application']} has. There is: {facts['known']}."
    ),
    Code.NOTHING_UNDER_WAY: lambda facts: (
        f"Nothing of {facts['application']} is under way in {facts['environment']}."
    ),
}
