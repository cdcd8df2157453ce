"""The processes of Shipmate on a phone: a line for each, and who leads."""

from datetime import timedelta

from bot.chat.message import Bold, Icon, Line, Message, Text, Time
from bot.chat.presenters.words import joined, lasted
from bot.operations.replicas import LASTS, ReplicaList, ReplicaSeen

ALONE = "On a SQLite file there is one process; several share a PostgreSQL database."


def shown(result: ReplicaList) -> Message:
    """Show the processes, the one that leads first."""
    lines = tuple(_line(each) for each in result.replicas) or (("None has said anything yet.",),)
    said = [] if result.shared else [ALONE]
    if result.shared and not any(each.runs is not None for each in result.replicas):
        said = [
            "None of them leads now. One takes over within seconds, unless the database is away."
        ]
    blocks = [Text(lines=((Bold("Replicas"),), *lines))]
    if said:
        blocks.append(Text(lines=tuple((each,) for each in said), faint=True))
    return Message(summary=f"Replicas: {len(result.replicas)}", blocks=tuple(blocks))


def _line(replica: ReplicaSeen) -> Line:
    silent = replica.silent > LASTS
    icon = "failed" if silent else "done" if replica.runs is not None else "waiting"
    return joined(
        (Icon(icon), " ", Bold(replica.name)),
        (_role(replica, silent=silent),),
        (f"version {replica.version}",),
        ("since ", Time(replica.started, dated=True)),
        (
            f"last heard of {lasted(timedelta(seconds=replica.silent))} ago"
            if silent
            else "heard of just now",
        ),
    )


def _role(replica: ReplicaSeen, *, silent: bool) -> str:
    if replica.runs is not None:
        return f"leads, {replica.runs} {'run' if replica.runs == 1 else 'runs'} under way"
    return "gone" if silent else "stands by"
