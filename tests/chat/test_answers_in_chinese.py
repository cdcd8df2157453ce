"""Answers are Chinese for those who read Chinese: no word of another language is left but names and what is typed."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.chat.completion import known_values, mistakes
from bot.chat.language import speaking
from bot.chat.message import Code as Typed
from bot.chat.message import Message, Text
from bot.chat.presenters import forms, home, panel, replies, surprises
from bot.chat.presenters.forms import TITLES
from bot.chat.presenters.refusals import held, refusal, sentence
from bot.chat.presenters.rights import ACTIONS
from bot.chat.presenters.words import plain
from bot.chat.slack import render
from bot.command.grammar import parse
from bot.command.requests import Misunderstood
from bot.command.verbs import VERBS
from bot.operations.auditing import ANYWHERE
from bot.operations.results import AuditShown, Identity, Intervened, Right, Started
from bot.policy.decisions import Action
from bot.policy.refusals import Code, Refusal
from tests.builders import NOON
from tests.chat.story import CATALOG, SCENES
from tests.operations.company import company

FACTS = {
    "action": "deploy",
    "actions": "execute",
    "component": "web",
    "image": "registry/web:v1",
    "application": "shop",
    "by": "dev",
    "components": "web, api",
    "environment": "prod",
    "identity": "U01",
    "instead": "2026-11-27T18:00",
    "known": "shop, blog",
    "name": "shpo",
    "nearest": "shop, show",
    "newest": "v7",
    "days": "365",
    "count": "50",
    "now": "18:05",
    "others": "shop, blog",
    "phase": "succeeded",
    "reason": "9999",
    "revision": "v7",
    "roles": "ops, sre",
    "run": "shop/prod#1",
    "step": "v1",
    "steps": "v1, v2",
    "time": "18:00",
    "verdict": "approved",
    "version": "v2",
    "waits": "yes",
    "whole": "dev",
    "zone": "UTC",
    "at": NOON.isoformat(),
}
NAMES = {each for fact in FACTS.values() for each in re.findall(r"[A-Za-z]+", fact)}
TYPED = {
    "APP",
    "ENV",
    "COMPONENT",
    "IMAGE",
    "Shipmate",
    "shipmate",
    "workflows",
    "Europe",
    "Berlin",
}
RUN = SCENES["waiting for an approval"].run


def foreign(text: str) -> list[str]:
    """Answer the words in a text that are no Chinese, no name and nothing that is typed."""
    return [each for each in re.findall(r"[A-Za-z]{3,}", text) if each not in NAMES | TYPED]


def spoken(message: Message | None) -> str:
    """Answer the lines of a message without what can be typed."""
    assert message is not None
    return "\n".join(
        "".join(plain(span) for span in each if not isinstance(span, Typed))
        for block in message.blocks
        if isinstance(block, Text)
        for each in block.lines
    )


LEFT_OUT = (
    "",
    "reason",
    "nearest",
    "step",
    "waits",
    "whole",
    "version",
    "verdict",
    "days",
    "count",
    "name",
)
"""Facts without which a refusal says something else."""


@pytest.mark.parametrize("code", list(Code))
def test_every_refusal_is_chinese(code: Code) -> None:
    for without in LEFT_OUT:
        refused = Refusal(code=code, facts={**FACTS, without: ""}, who=("dev", "sre"))
        with speaking("zh"):
            assert foreign(spoken(refusal(refused))) == []


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("environment", ["prod", ANYWHERE])
def test_what_someone_may_not_do_is_chinese(action: Action, environment: str) -> None:
    for person in ({}, {"person": "dev"}):
        facts = {"action": action.value, "environment": environment, "roles": "ops", **person}
        if environment == ANYWHERE and action is not Action.AUDIT:
            continue
        with speaking("zh"):
            assert foreign(sentence(Refusal(code=Code.NOT_ALLOWED, facts=facts))) == []


def test_a_refusal_reads_as_one_text() -> None:
    until = {"until": (NOON + timedelta(hours=2)).isoformat(), "application": "", "version": ""}
    locked = Refusal(
        code=Code.LOCKED, facts={**FACTS, **until, "reason": "迁移数据库"}, who=("dev",)
    )
    with speaking("zh"):
        said = sentence(locked)
    assert said.startswith("prod 已被 dev 锁定：迁移数据库。至 ")
    assert said.endswith(" 为止。dev 可以解锁。")


def test_what_holds_a_run_is_said_in_the_language_of_whoever_reads_it() -> None:
    from_below = held(Refusal(code=Code.LOCKED, facts={**FACTS, "application": "shop"}))
    assert from_below == "shop in prod is locked by dev: 9999"
    assert from_below.template == "{place} is locked by {by}: {reason}"


def test_everything_that_can_be_allowed_has_a_name() -> None:
    assert set(ACTIONS) == set(Action)


def test_every_form_has_a_title() -> None:
    assert {each.name for each in VERBS if each.arguments} - set(TITLES) == {"help"}


@pytest.mark.parametrize(
    "say",
    [
        surprises.unknown_button,
        surprises.no_run_card,
        lambda: surprises.unknown_command("/x"),
        lambda: replies.broken("1234"),
        lambda: replies.later("1234"),
        lambda: replies.undeliverable("shop/prod#1", "#ops", "is_archived", ""),
        lambda: replies.reply(Identity(person=CATALOG.people["dev"]), CATALOG),
        lambda: replies.reply(AuditShown(lines=()), CATALOG),
        lambda: replies.reply(Intervened(run=RUN, action=Action.PAUSE), CATALOG),
        lambda: replies.beside(Started(run=RUN, not_in_it=RUN)),
    ],
)
def test_answers_are_chinese(say: Callable[[], Message | None]) -> None:
    with speaking("zh"):
        said = spoken(say())
    known = NAMES | TYPED | {"ops", "example", "staging", "dev", "help", "archived"}
    assert [each for each in foreign(said) if each not in known and each not in str(CATALOG)] == []


def test_rights_are_said_with_the_verbs_of_the_language() -> None:
    right = Right(environment="prod", actions=(Action.DEPLOY, Action.ROLLBACK), application="shop")
    with speaking("zh"):
        said = spoken(
            replies.reply(Identity(person=CATALOG.people["dev"], rights=(right,)), CATALOG)
        )
    assert "prod 的 shop：部署、回滚" in said


def test_a_form_is_chinese() -> None:
    problem = parse("deploy shop")
    assert isinstance(problem, Misunderstood)
    with speaking("zh"):
        form = forms.completion(problem, known_values(problem), "C01", company())
        assert form is not None
        view = render.view(form, "")
        wrong = mistakes("deploy shop", {"environment": ""})
    assert (form.title, view["close"]["text"]) == ("部署", "取消")
    assert [each.label for each in form.fields] == ["应用", "环境", "版本", "备注"]
    assert wrong == {"environment": "此项必填。"}


def test_the_panel_asks_in_chinese() -> None:
    with speaking("zh"):
        assert panel.title() == "运行操作"
        shown = render.panel(panel.panel(SCENES["failed"].run, CATALOG), {}, panel.title(), "")
    assert '"deny": {"type": "plain_text", "text": "取消"' in str(shown).replace("'", '"')


def test_a_stranger_is_told_in_chinese() -> None:
    with speaking("zh"):
        said = spoken(home.stranger(Refusal(code=Code.UNKNOWN_PERSON, facts={"identity": "U01"})))
    assert said.startswith(" 我不认识你（U01）。")
