"""The audit log on a phone: a short line for each thing that was asked."""

from bot.chat.message import Bold, Code, Icon, Line, Message, Text, Time
from bot.chat.presenters.words import joined, passed
from bot.operations.results import Audited, AuditShown

LONGEST_REQUEST = 80
ALLOWED = "allowed"


def shown(result: AuditShown) -> Message:
    """Show lines of the log, newest first."""
    title = f"Who asked for what{f', {result.about}' if result.about else ''}"
    lines = tuple(_line(each) for each in result.lines) or (("Nothing was asked.",),)
    more: tuple[Line, ...] = ()
    if result.more:
        oldest = result.lines[-1].at
        said = (
            "Older ones: ask with --person or for one place; the command shipmate audit has all of them.",
        )
        more = ((("Not further back than ", Time(oldest, dated=True))), said)
    blocks = [Text(lines=((Bold(title),), *lines))]
    if more:
        blocks.append(Text(lines=more, faint=True))
    return Message(summary=f"{title}: {len(result.lines)} lines", blocks=tuple(blocks))


def _line(line: Audited) -> Line:
    request = line.request
    if len(request) > LONGEST_REQUEST:
        request = f"{request[: LONGEST_REQUEST - 1]}…"
    allowed = line.outcome == ALLOWED
    named = line.run if line.run and line.run not in request else ""
    return joined(
        (Icon("done" if allowed else "warning"), " ", Time(line.at, dated=True)),
        (Bold(line.person),),
        (Code(request),),
        () if allowed else (line.outcome,),
        (named,) if named else (),
        (passed(line.passed),) if line.passed else (),
        (f"{line.chat} {line.via}",),
    )
