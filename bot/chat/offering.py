"""What a message needs where the chat is not Slack: whom each button is for, how its request is typed, and of which run it is. Pure.

Where there are no threads a message that stands alone says which run it is about; where there may be no buttons, or
everyone sees the same ones, the request of each stands there in words, and who may answer is known.
"""

from dataclasses import fields, replace

from bot.catalog.model import Catalog
from bot.chat.message import Actions, Block, Bold, Button, Header, Message, Text
from bot.chat.presenters.words import approvers, gates, plain
from bot.command.grammar import parse, unparse
from bot.command.requests import Approve, Misunderstood, Reject, Request, RunName
from bot.run.model import Run


def adapted(message: Message, run: Run, catalog: Catalog, *, named: bool) -> Message:
    """Answer a message about a run with what its buttons need. `named`: it says of which run it is."""
    blocks: tuple[Block, ...] = tuple(
        Actions(buttons=tuple(_button(each, run, catalog) for each in block.buttons))
        if isinstance(block, Actions)
        else block
        for block in message.blocks
    )
    if named and run.name not in _words(message):
        blocks = _named(run, blocks)
    return replace(message, blocks=blocks)


def without_channel(run: Run) -> Run:
    """Answer a run whose environment names no channel of Slack: nobody is sent there who reads of it elsewhere."""
    environment = replace(run.plan.environment, slack_channel="")
    return replace(run, plan=replace(run.plan, environment=environment))


def _named(run: Run, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Put the name of a run before what is said of it."""
    line = (Bold(run.name),)
    first = blocks[0] if blocks else None
    if isinstance(first, Text) and not first.faint:
        return (replace(first, lines=(line, *first.lines)), *blocks[1:])
    return (Text(lines=(line,)), *blocks)


def _button(button: Button, run: Run, catalog: Catalog) -> Button:
    request = parse(button.command)
    if isinstance(request, Misunderstood) or getattr(request, "run", None) != RunName(id=run.id):
        return button
    step = run.step(request.step) if isinstance(request, Approve | Reject) else None
    people = approvers(catalog, run, step) if step is not None and step.at_gate else None
    return replace(button, typed=typed_as(request, run), people=people)


def typed_as(request: Request | Misunderstood, run: Run) -> str:
    """Write a request about a run as a person types it: the run by its name, the step only where there are several."""
    assert not isinstance(request, Misunderstood), "it came from a button of ours"
    name = RunName(application=run.application, environment=run.environment, number=run.number)
    values = {each.name: getattr(request, each.name) for each in fields(request)}
    values["run"] = name
    if "attempt" in values:
        values["attempt"] = 0
        values["step"] = values["step"] if len(gates(run)) > 1 else ""
    if "shown" in values:
        values["shown"] = ""
    return unparse(type(request)(**values))


def _words(message: Message) -> str:
    """Answer what a message says at its beginning."""
    for each in message.blocks:
        if isinstance(each, Header):
            return each.text
        if isinstance(each, Text):
            return "\n".join("".join(plain(span) for span in line) for line in each.lines)
    return ""
