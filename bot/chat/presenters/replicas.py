"""The processes of Shipmate on a phone: a line for each, and who leads."""

from datetime import timedelta

from bot.chat.language import _, line, ngettext
from bot.chat.message import Bold, Icon, Line, Message, Text, Time
from bot.chat.presenters.words import joined, lasted
from bot.operations.replicas import LASTS, ReplicaList, ReplicaSeen
from bot.wording import N_

ALONE = N_("On a SQLite file there is one process; several share a PostgreSQL database.")


def shown(result: ReplicaList) -> Message:
    """Show the processes, the one that leads first."""
    lines = tuple(_line(each) for each in result.replicas)
    lines = lines or (line("None has said anything yet."),)
    said = "" if result.shared else _(ALONE)
    if result.shared and not any(each.runs is not None for each in result.replicas):
        said = _(
            "None of them leads now. One takes over within seconds, unless the database is away."
        )
    blocks = [Text(lines=((Bold(_("Replicas")),), *lines))]
    if said:
        blocks.append(Text(lines=((said,),), faint=True))
    summary = _("Replicas: {count}", count=len(result.replicas))
    return Message(summary=summary, blocks=tuple(blocks))


def _line(replica: ReplicaSeen) -> Line:
    silent = replica.silent > LASTS
    icon = "failed" if silent else "done" if replica.runs is not None else "waiting"
    ago = lasted(timedelta(seconds=replica.silent))
    heard = _("last heard of {ago} ago", ago=ago) if silent else _("heard of just now")
    return joined(
        (Icon(icon), " ", Bold(replica.name)),
        (_role(replica, silent=silent),),
        (_("version {version}", version=replica.version),),
        line("since {when}", when=Time(replica.started, dated=True)),
        (heard,),
    )


def _role(replica: ReplicaSeen, *, silent: bool) -> str:
    if replica.runs is not None:
        return ngettext("leads, {n} run under way", "leads, {n} runs under way", replica.runs)
    return _("gone") if silent else _("stands by")
