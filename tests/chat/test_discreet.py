"""What is shown in chat holds no secret, and who is meant by it, and what is read back, is what it was."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bot.chat.counter import Counter
from bot.chat.discreet import shown
from bot.chat.gateway import Way
from bot.chat.message import (
    Actions,
    Button,
    Choice,
    Code,
    Field,
    Form,
    Mention,
    Message,
    Text,
)
from bot.chat.ports import Received
from bot.chat.reception import Reception
from bot.clock import SystemClock
from bot.command.requests import Asker
from bot.secrecy import MASK, Secrecy
from bot.store.database import open_store

SECRET = "canary-1"


@pytest.fixture
def secrecy() -> Secrecy:
    made = Secrecy()
    made.learn(SECRET)
    return made


def test_a_message_mentions_and_asks_what_it_did(secrecy: Secrecy) -> None:
    button = Button(action=SECRET, label=SECRET, command=f"show {SECRET}", people=(SECRET,))
    lines = ((SECRET, Code(SECRET), Mention(SECRET)),)
    said = Message(summary=SECRET, blocks=(Text(lines=lines), Actions(buttons=(button,))))
    cleaned = replace(button, label=MASK, typed=f"show {MASK}")
    assert shown(said, secrecy) == Message(
        summary=MASK,
        blocks=(
            Text(lines=((MASK, Code(MASK), Mention(SECRET)),)),
            Actions(buttons=(cleaned,)),
        ),
    )


def test_a_form_comes_back_to_where_it_was_opened(secrecy: Secrecy) -> None:
    field = Field(name=SECRET, label=SECRET, choices=(Choice(value=SECRET, label=SECRET),))
    form = Form(title=SECRET, submit="Go", command=SECRET, channel=SECRET, fields=(field,))
    assert shown(form, secrecy) == replace(
        form,
        title=MASK,
        fields=(replace(field, label=MASK, choices=(Choice(value=SECRET, label=MASK),)),),
    )


def test_what_has_no_secret_is_the_same(secrecy: Secrecy) -> None:
    said = Message(summary="it is", blocks=(Text(lines=(("done",),)),))
    assert shown(said, secrecy) is said


async def test_who_asks_stays_who_they_are_whatever_is_secret(
    secrecy: Secrecy, tmp_path: Path
) -> None:
    asker = Asker(
        chat="slack", identity=SECRET, email=SECRET, channel=SECRET, via=SECRET, request="r1"
    )
    store = open_store(f"sqlite:///{tmp_path / 'shipmate.db'}", SystemClock())
    counter = Counter(
        chat="slack",
        reception=cast("Reception", None),  # what is only taken in is not answered
        inbox=store.inbox,
        clock=SystemClock(),
        shared=False,
        secrecy=secrecy,
    )
    received = Received(asker=asker, text=f"stop {SECRET}")
    assert await counter.receive(received, Way())
    (left,) = await store.inbox.unanswered()
    await store.close()
    assert left.received == Received(asker=asker, text=f"stop {MASK}")
