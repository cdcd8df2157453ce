"""The App Home: who I am, what is where, and what waits for an answer."""

from bot.chat.message import Actions, Block, Divider, Header, Message, Text
from bot.chat.presenters.card import answer_buttons
from bot.chat.presenters.replies import reply
from bot.chat.presenters.words import title_of, waiting_step
from bot.operations.results import Result, StatusList


def home(identity: Result, status: Result) -> Message:
    """Put the answers to `whoami` and `status` together, with buttons for what waits."""
    blocks: list[Block] = [Header(text="Shipmate")]
    for each in (identity, status):
        shown = reply(each)
        if shown is not None:
            blocks += [*shown.blocks, Divider()]
    if isinstance(status, StatusList):
        for place in status.places:
            step = waiting_step(place.run) if place.run else None
            if place.run is not None and step is not None:
                said = f"{place.run.name} waits: {title_of(place.run, step.name)}"
                blocks.append(Text(lines=((said,),)))
                blocks.append(Actions(buttons=answer_buttons(place.run, step)))
    return Message(summary="Shipmate", blocks=tuple(blocks))
