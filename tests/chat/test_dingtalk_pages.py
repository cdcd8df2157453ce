"""What people read in DingTalk, word for word; and that what they wrote never becomes markup there."""

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.dingtalk import render
from bot.chat.message import (
    Actions,
    Bold,
    Button,
    Code,
    Confirm,
    Divider,
    Fields,
    Header,
    Link,
    Markup,
    Mention,
    Message,
    Preformatted,
    Text,
)
from bot.chat.offering import adapted
from bot.chat.presenters import card
from bot.command.grammar import parse
from bot.command.requests import Misunderstood
from bot.run.model import Run
from bot.sandbox.dingtalk.standard_card import check_card
from tests.chat.ding_story import pages
from tests.chat.story import CATALOG
from tests.chat.test_cards import runs

GOLDEN = Path(__file__).parent / "golden" / "dingtalk.txt"


def test_every_state_reads_as_it_was_agreed() -> None:
    assert pages() == GOLDEN.read_text(encoding="utf-8")


@settings(max_examples=40, deadline=None)
@given(runs())
def test_a_card_of_any_run_is_one_that_dingtalk_takes(run: Run) -> None:
    message = adapted(card.card(run, CATALOG, threaded=False), run, CATALOG, named=False)
    made = render.rendered(message)

    shown = render.standard_card(made)

    check_card(shown)
    assert len(json.dumps(shown, ensure_ascii=False).encode()) < 40_000
    assert shown["config"]["enableForward"] is False
    for button in made.buttons:
        assert not isinstance(parse(button.typed or button.command), Misunderstood)
        assert len(button.command) <= 2000
    words = render.in_words(made)
    assert len(words.encode()) <= render.LONGEST_BYTES
    assert all(isinstance(each, str) for each in render.variables(made).values())


@given(st.text(max_size=60))
def test_what_people_write_is_no_markup(text: str) -> None:
    shown = render.harmless(text)

    assert shown.replace(render.HIDDEN, "") == text.replace(render.HIDDEN, "")
    for sign in "*_~`[]<>!|\\":
        assert all(rest.startswith(render.HIDDEN) for rest in shown.split(sign)[1:])


def test_each_block_has_its_form() -> None:
    message = Message(
        summary="all of it",
        blocks=(
            Header(text="A [title]"),
            Text(lines=(("a ", Bold("b"), Code("c_d")), (Link("https://x.example/a b", "there"),))),
            Text(lines=(("# no heading",), (Mention("sre", notify=True), ": look"))),
            Fields(pairs=(("name", ("value",)),)),
            Preformatted(text="one\n> two"),
            Divider(),
            Text(lines=((Markup("*bold* <https://x.example|there> `code` <!channel> &lt;"),),)),
            Actions(
                buttons=(
                    Button(
                        action="a", label="Look", command="show run:1", typed="show shop/prod#1"
                    ),
                    Button(
                        action="b",
                        label="Stop",
                        command="stop run:1",
                        confirm=Confirm(title="?", text="?", yes="Stop"),
                    ),
                    Button(action="c", label="Cancel", command="cancel"),
                )
            ),
        ),
    )

    made = render.rendered(message)

    hidden = render.HIDDEN
    assert render.in_words(made).replace(hidden, "·").split("\n\n") == [
        "### A [·title]·",
        "a **b****c_·d**  \n[there](https://x.example/a%20b)",
        "·# no heading  \n@sre: look",
        "**name**: value",
        "> one  \n> ·>· two  ",
        "---",
        "**bold** [there](https://x.example) code  <",
        "Look: **show shop/prod#1**  \nStop: **stop run:1**",
    ]
    assert render.mentioned(message) == ("sre",)
    actions = render.standard_card(made)["contents"][-1]["actions"]
    assert [each["id"] for each in actions] == ["show run:1", "? stop run:1", "cancel"]
    no_buttons = render.standard_card(made, pressed=False)["contents"][-1]
    assert no_buttons["type"] == "markdown"


def test_a_button_of_a_template_is_there_for_those_whom_it_is_offered_to() -> None:
    buttons = (
        Button(action="a", label="Approve", command="approve run:1", people=("sre",)),
        Button(action="b", label="Stop", command="stop run:1"),
    )
    made = render.rendered(Message(summary="s", blocks=(Actions(buttons=buttons),)))

    seen = {
        name: [each["text"] for each in json.loads(render.variables(made, viewer=name)["buttons"])]
        for name in ("", "dev", "sre")
    }

    assert seen == {"": ["Stop"], "dev": ["Stop"], "sre": ["Approve", "Stop"]}
