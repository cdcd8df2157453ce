"""Whatever there is to say, Slack takes it: its limits, its escaping, nobody mentioned who was not meant."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.message import (
    Actions,
    Bold,
    Button,
    ButtonStyle,
    Choice,
    Code,
    Confirm,
    Divider,
    Field,
    Fields,
    Form,
    Header,
    Icon,
    Link,
    Markup,
    Mention,
    Message,
    Preformatted,
    Text,
    Time,
)
from bot.chat.presenters import card, thread
from bot.chat.slack import render
from bot.events import StepFailed, StepSucceeded
from bot.sandbox.slack import blocks as kit
from tests.builders import NOON
from tests.chat.story import CATALOG, IDS, SCENES

LOG = "rich_text_preformatted"
LONG = "an answer of the API server that does not want to end, " * 400
words = st.text(max_size=40) | st.sampled_from([LONG, "<!channel>", "<@U03SRE>", "*bold* & <b>"])
spans = st.one_of(
    words,
    words.map(Bold),
    words.map(Code),
    words.map(Markup),
    st.builds(Link, st.just("https://git.shop.example/c/1"), words),
    st.builds(Mention, st.sampled_from(["sre", "nobody"]), st.booleans()),
    st.builds(Time, st.just(datetime(2026, 11, 23, tzinfo=UTC)), st.booleans()),
    st.builds(Icon, st.sampled_from(sorted(render.EMOJI))),
)
lines = st.lists(spans, max_size=5).map(tuple)
confirms = st.builds(Confirm, title=words, text=words, yes=words, no=words)
commands = st.text(max_size=2000)
buttons = st.builds(
    Button,
    action=st.uuids().map(str),
    label=words,
    command=commands,
    style=st.sampled_from(ButtonStyle),
    confirm=st.none() | confirms,
    described=words,
)
blocks = st.one_of(
    st.builds(Header, text=words),
    st.builds(Text, lines=st.lists(lines, max_size=40).map(tuple), faint=st.booleans()),
    st.builds(Fields, pairs=st.lists(st.tuples(words, lines), min_size=1, max_size=12).map(tuple)),
    st.builds(Preformatted, text=words),
    st.builds(Divider),
    st.builds(Actions, buttons=st.lists(buttons, min_size=1, max_size=30).map(tuple)),
)
messages = st.builds(
    Message, summary=words, blocks=st.lists(blocks, min_size=1, max_size=60).map(tuple)
)
forms = st.builds(
    Form,
    title=words,
    submit=words,
    command=words,
    channel=st.just("C01"),
    intro=st.lists(lines, max_size=4).map(tuple),
    fields=st.lists(
        st.builds(
            Field,
            name=st.uuids().map(str),
            label=words,
            hint=words,
            initial=words,
            multiline=st.booleans(),
            choices=st.lists(
                st.builds(Choice, value=st.text(min_size=1, max_size=60), label=words), max_size=120
            ).map(tuple),
        ),
        max_size=6,
    ).map(tuple),
)


def problems(blocks: list[dict[str, Any]], surface: str = "message") -> list[str]:
    too_long = kit.text_length(blocks) > kit.MOST_TEXT
    return kit.problems(blocks, surface) + (["msg_blocks_too_long"] if too_long else [])


@given(messages)
def test_slack_takes_every_message(message: Message) -> None:
    text, blocks = render.text_and_blocks(message, IDS)

    assert problems(blocks) == []
    assert len(text) < 4000


@given(messages)
def test_slack_takes_every_home(message: Message) -> None:
    assert kit.problems(render.home(message, IDS)["blocks"], "home") == []


@given(forms)
def test_slack_takes_every_form(form: Form) -> None:
    view = render.view(form, "{}")

    assert kit.problems(view["blocks"], "modal") == []
    assert 1 <= len(view["title"]["text"]) <= 24
    assert 1 <= len(view["submit"]["text"]) <= 24


@given(st.lists(words | st.text(min_size=300), max_size=60).map(tuple), words, words)
def test_slack_takes_the_last_words_of_every_step(
    details: tuple[str, ...], message: str, unattached: str
) -> None:
    run = SCENES["failed"].run
    for event in (
        StepSucceeded(at=NOON, step="hangzhou", attempt=1, details=details),
        StepFailed(
            at=NOON, step="hangzhou", attempt=1, reason="Action", message=message, details=details
        ),
    ):
        text, blocks = render.text_and_blocks(thread.told(run, event, unattached=unattached), IDS)

        assert problems(blocks) == []
        assert len(text) < 4000
        logs = [each for each in blocks if each.get("elements", [{}])[0].get("type") == LOG]
        assert all(kit.text_length(each) <= 3000 for each in logs)
        assert len(logs) == bool(details)


def test_the_buttons_of_a_card_survive_a_message_that_does_not_want_to_end() -> None:
    failed = SCENES["failed"].run
    steps = [
        replace(failed.steps[0], name=f"step-{number}", message=LONG, details=(LONG,) * 5)
        for number in range(20)
    ]
    shown = card.card(replace(failed, message=LONG, steps=tuple(steps)), CATALOG)

    _, blocks = render.text_and_blocks(shown, IDS)

    assert problems(blocks) == []
    assert [each["text"]["text"] for each in blocks[-2]["elements"]] == [
        *(f"Retry from step-{number}" for number in range(3)),
        *(f"Skip step-{number}" for number in range(3)),
        "Logs",
        "Roll back",
    ]


@pytest.mark.parametrize(
    "written", ["<!channel>", "<!here|here>", "<@U03SRE>", "<!subteam^S01|@sres>", "<https://x|y>"]
)
def test_what_a_person_wrote_is_text(written: str) -> None:
    run = replace(SCENES["failed"].run, message=written)
    run = replace(run, plan=replace(run.plan, note=written))

    for faint in (False, True):
        shown = Message(summary=written, blocks=(Text(lines=((written,),), faint=faint),))
        text, blocks = render.text_and_blocks(shown, IDS)
        sent = json.dumps([each for each in blocks if each["type"] == "context"])
        assert "<" not in text
        assert "<" not in sent
    _, blocks = render.text_and_blocks(card.card(run, CATALOG), IDS)
    assert '"type": "user"' not in json.dumps(blocks)


def test_an_authors_notice_may_format_but_not_call_everyone() -> None:
    notice = thread.notice(
        "*v1* is <https://shop.example|live> <!channel> <!subteam^S01|@sres> <!here>"
    )

    _, blocks = render.text_and_blocks(notice, IDS)

    assert blocks[0]["text"] == {
        "type": "mrkdwn",
        "text": "*v1* is <https://shop.example|live> @channel @subteam @here",
    }


def test_only_who_has_to_act_is_notified() -> None:
    line = (Mention("sre", notify=True), " ", Mention("sre2"), " ", Mention("nobody", notify=True))
    _, blocks = render.text_and_blocks(Message(summary="s", blocks=(Text(lines=(line,)),)), IDS)

    assert blocks[0]["elements"][0]["elements"] == [
        {"type": "user", "user_id": "U03SRE"},
        {"type": "text", "text": " @sre2 @nobody"},
    ]
