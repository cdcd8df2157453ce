"""The last words of steps, for whoever asked: the end of each log; all of it stands in the thread."""

from bot.chat.language import _, line, ngettext
from bot.chat.message import Block, Bold, Message, Preformatted, Text
from bot.chat.presenters.words import brief, excerpt, short_title
from bot.operations.results import LogsShown


def logs(result: LogsShown) -> Message:
    """Show what steps of a run said."""
    run = result.run
    blocks: list[Block] = []
    for each in result.words:
        step = run.step(each.step)
        title = short_title(run, step) if step is not None else each.step
        blocks.append(Text(lines=(line("{step} of {run}", step=Bold(title), run=run.name),)))
        blocks.append(Preformatted(text=excerpt(each.lines)))
        if each.attached:
            said = _(
                "All of it is the file {file} in the thread, unless that was refused.",
                file=each.attached,
            )
            blocks.append(Text(lines=((said,),), faint=True))
    if result.left_out:
        more = ngettext(
            "{n} more step has something to say: logs {run} STEP.",
            "{n} more steps have something to say: logs {run} STEP.",
            result.left_out,
            run=run.name,
        )
        blocks.append(Text(lines=((more,),), faint=True))
    last = result.words[-1]
    said = brief(last.lines[-1]) if last.lines else ""
    return Message(
        summary=_("The last words of {run}: {words}", run=run.name, words=said),
        blocks=tuple(blocks),
    )
