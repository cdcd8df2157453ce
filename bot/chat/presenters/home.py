"""The App Home: what waits for an answer, what is where, and who I am."""

from bot.catalog.model import Catalog
from bot.chat.message import Actions, Block, Bold, Divider, Header, Message, Text
from bot.chat.presenters.card import answer_buttons
from bot.chat.presenters.replies import reply
from bot.chat.presenters.words import gates, title_of
from bot.operations.results import Result, StatusList


def home(identity: Result, status: Result, catalog: Catalog) -> Message:
    """Put what waits, with its buttons, and the answers to `status` and `whoami` together."""
    sections = [waiting(status) if isinstance(status, StatusList) else []]
    for each in (status, identity):
        shown = reply(each, catalog)
        sections.append(list(shown.blocks) if shown is not None else [])
    blocks: list[Block] = [Header(text="Shipmate")]
    for section in filter(None, sections):
        if len(blocks) > 1:
            blocks.append(Divider())
        blocks += section
    return Message(summary="Shipmate", blocks=tuple(blocks))


def waiting(status: StatusList) -> list[Block]:
    """Show each step that someone has to answer."""
    blocks: list[Block] = []
    for place in status.places:
        for step in gates(place.run) if place.run else ():
            if place.run is None or step.gate is None or step.gate.until is not None:
                continue
            said = (Bold(place.run.name), f" waits: {title_of(place.run, step.name)}")
            blocks.append(Text(lines=(said,)))
            blocks.append(Actions(buttons=answer_buttons(place.run, step)))
    return blocks
