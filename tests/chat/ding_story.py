"""What people read in DingTalk in every state of a run: cards with their buttons, and messages that stand alone.

`python -m tests.chat.ding_story` writes the golden file, to be read before it is committed.
"""

import sys
from textwrap import indent

from bot.chat.dingtalk import render
from bot.chat.message import Message
from bot.chat.offering import adapted, without_channel
from bot.chat.presenters import card, thread
from bot.events import ApprovalRequested
from tests.chat.story import CATALOG, SCENES, Scene


def messages(scene: Scene) -> list[Message]:
    """Answer the card and what follows it in the group, as the ledger's pages have it."""
    run = without_channel(scene.run)
    shown = [
        adapted(card.card(run, CATALOG, scene.standing, threaded=False), run, CATALOG, named=False)
    ]
    for event in scene.events:
        if isinstance(event, ApprovalRequested):
            step = run.step(event.step)
            assert step is not None
            made = thread.approval(run, step, event.attempt, CATALOG)
        elif thread.is_told(event):
            made = thread.told(run, event)
        else:
            continue
        shown.append(adapted(made, run, CATALOG, named=True))
    return shown


def read(message: Message) -> str:
    """Answer a message as it is written for DingTalk: the title, the Markdown, the buttons with what they carry."""
    made = render.rendered(message)
    lines = [f"« {made.title} »"]
    for part in made.parts:
        if part.buttons:
            lines += [f"[{each.label}] {each.typed or each.command}" for each in part.buttons]
        else:
            lines.append(part.text or "---")
    return "\n".join(lines).replace(render.HIDDEN, "·") + "\n"


def pages() -> str:
    """Write everything down."""
    parts: list[str] = []
    for name, scene in SCENES.items():
        parts.append(f"──── {name} ────\n")
        for at, message in enumerate(messages(scene)):
            text = read(message)
            parts.append(text if at == 0 else indent(text, "    "))
    return "\n".join(line.rstrip() for line in "\n".join(parts).split("\n"))


if __name__ == "__main__":
    sys.stdout.write(pages())
