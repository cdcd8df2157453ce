"""The last words of steps, for whoever asked: the end of each log; all of it stands in the thread."""

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
        blocks.append(Text(lines=((Bold(title), f" of {run.name}"),)))
        blocks.append(Preformatted(text=excerpt(each.lines)))
        if each.attached:
            said = f"All of it is the file {each.attached} in the thread, unless that was refused."
            blocks.append(Text(lines=((said,),), faint=True))
    if result.left_out:
        more = f"{result.left_out} more steps have something to say: logs {run.name} STEP."
        blocks.append(Text(lines=((more,),), faint=True))
    last = result.words[-1]
    said = brief(last.lines[-1]) if last.lines else ""
    return Message(summary=f"The last words of {run.name}: {said}", blocks=tuple(blocks))
