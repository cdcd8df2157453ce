"""Why a command is not understood is found out below the chat, and said in the reader's language."""

from copy import deepcopy

import pytest

from bot.chat.completion import mistakes
from bot.chat.language import _, speaking
from bot.command.grammar import parse
from bot.command.requests import Misunderstood
from bot.command.verbs import VERBS
from bot.wording import Sentence


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("deplyo shop", "I do not know the verb “deplyo”.", "没有「deplyo」这个命令。"),
        (
            "deploy",
            "deploy needs an application and an environment.",
            "deploy 需要指定应用、环境。",
        ),
        (
            "diff shop prod v1 --live",
            "--live is about now and takes no revision.",
            "--live 查看当前状态，不能指定修订版。",
        ),
        (
            "lock prod it moves --for long",
            "“long” is not a time such as 30m, 2h or 3d, of at most a year.",
            "「long」不是有效的时长：请写 30m、2h 或 3d，最长一年。",
        ),
        (
            "deploy shop prod --at never",
            '“never” is no time. Write 18:00, 2026-11-27T18:00 or "in 2h"; a zone may follow: 18:00 Europe/Berlin.',
            '「never」不是有效的时间。请写 18:00、2026-11-27T18:00 或 "in 2h"；后面可以加时区：18:00 Europe/Berlin。',
        ),
    ],
)
def test_a_mistake_is_said_in_the_language_of_the_reader(
    text: str, english: str, chinese: str
) -> None:
    found = parse(text)
    assert isinstance(found, Misunderstood)
    assert _(found.problem) == found.problem == english
    with speaking("zh"):
        assert _(found.problem) == chinese


def test_so_are_the_mistakes_in_a_form() -> None:
    assert mistakes("status", {"environment": "prod"}) == {}
    with speaking("zh"):
        assert mistakes("lock prod", {"reason": ""}) == {"reason": "此项必填。"}
        assert mistakes("diff shop", {"environment": "prod", "older": "", "newer": "v2"}) == {
            "older": "不填此项，newer 没有意义。"
        }


def test_what_someone_typed_into_braces_can_be_copied() -> None:
    found = parse("{verb} shop")
    assert isinstance(found, Misunderstood)
    copy = deepcopy(found).problem
    assert copy == "I do not know the verb “{verb}”."
    assert isinstance(copy, Sentence)
    assert copy.values == {"name": "{verb}"}


def test_every_verb_is_explained_in_every_language() -> None:
    with speaking("zh"):
        assert not [each.name for each in VERBS if _(each.summary).isascii()]
        assert not [each.name for each in VERBS if _(each.group).isascii()]
