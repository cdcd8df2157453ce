"""The audit log on a phone: a short line for each thing that was asked."""

from bot.chat.language import _, line, ngettext
from bot.chat.message import Bold, Code, Icon, Line, Message, Text, Time
from bot.chat.presenters.words import joined, passed
from bot.operations.results import Audited, AuditShown

LONGEST_REQUEST = 80
ALLOWED = "allowed"


def shown(result: AuditShown) -> Message:
    """Show lines of the log, newest first."""
    title = _("Who asked for what")
    if result.about:
        title = _("Who asked for what, {about}", about=result.about)
    lines = tuple(_line(each) for each in result.lines) or ((_("Nothing was asked."),),)
    more: tuple[Line, ...] = ()
    if result.more:
        oldest = result.lines[-1].at
        said = _(
            "Older ones: ask with --person or for one place; the command shipmate audit has all of them."
        )
        more = (line("Not further back than {time}", time=Time(oldest, dated=True)), (said,))
    blocks = [Text(lines=((Bold(title),), *lines))]
    if more:
        blocks.append(Text(lines=more, faint=True))
    count = len(result.lines)
    summary = ngettext("{title}: {n} line", "{title}: {n} lines", count, title=title)
    return Message(summary=summary, blocks=tuple(blocks))


def _line(entry: Audited) -> Line:
    request = entry.request
    if len(request) > LONGEST_REQUEST:
        request = f"{request[: LONGEST_REQUEST - 1]}…"
    allowed = entry.outcome == ALLOWED
    named = entry.run if entry.run and entry.run not in request else ""
    return joined(
        (Icon("done" if allowed else "warning"), " ", Time(entry.at, dated=True)),
        (Bold(entry.person),),
        (Code(request),),
        () if allowed else (entry.outcome,),
        (named,) if named else (),
        (passed(entry.passed),) if entry.passed else (),
        (f"{entry.chat} {entry.via}",),
    )
