"""What people type becomes the request they mean."""

from dataclasses import replace

import pytest

from bot.command.grammar import from_slash, parse
from bot.command.requests import (
    Approve,
    Apps,
    Deploy,
    Diff,
    Envs,
    Help,
    Promote,
    Reject,
    Request,
    Retry,
    Revisions,
    Rollback,
    RunName,
    Runs,
    Show,
    Status,
    Stop,
    WhoAmI,
)

SEVENTEEN = RunName(application="shop", environment="prod", number=17)
BY_ID = RunName(id="3f2c")
PROMOTED = Promote(application="shop", origin="staging", environment="prod")


def shop(version: str = "", **more: str) -> Deploy:
    return Deploy(application="shop", environment="prod", version=version, **more)  # type: ignore[arg-type] # texts only


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("deploy shop prod", shop()),
        ("deploy shop prod v1.4.2", shop("v1.4.2")),
        ("deploy shop/prod v1.4.2", shop("v1.4.2")),
        ("deploy shop prod v1 --note hotfix", shop("v1", note="hotfix")),
        ("deploy shop prod v1 --plan", replace(shop("v1"), plan=True)),
        ("deploy --plan shop prod v1", replace(shop("v1"), plan=True)),
        ("deploy shop prod v1 —plan —show web", replace(shop("v1", show="web"), plan=True)),
        ("diff shop prod --live", Diff(application="shop", environment="prod", live=True)),
        (
            'deploy --note "hotfix" --commit 0a1b2c3 shop prod v1',
            shop("v1", note="hotfix", commit="0a1b2c3"),
        ),
        ("deploy shop prod v1 --commit 0A1B2C3", shop("v1", commit="0a1b2c3")),
        (
            "deploy shop prod web=registry.shop.example/web:v2 v1",
            Deploy(
                application="shop",
                environment="prod",
                version="v1",
                images={"web": "registry.shop.example/web:v2"},
            ),
        ),
        ("deploy shop prod v1 --at 18:00", shop("v1", at="18:00")),
        ('deploy shop prod v1 --at "in 2h"', shop("v1", at="in 2h")),
        ("deploy shop prod v1 --at in 2 hours", shop("v1", at="in 2h")),
        ("deploy --at 18:00 UTC shop/prod v1", shop("v1", at="18:00 UTC")),
        ("deploy --at 18:00 shop/prod v1", shop("v1", at="18:00")),
        ("deploy --at 2026-11-27 18:00 shop/prod v1", shop("v1", at="2026-11-27T18:00")),
        ("promote shop staging prod", PROMOTED),
        ("promote shop staging prod --note “it is fine”", replace(PROMOTED, note="it is fine")),
        ("promote shop staging prod --plan", replace(PROMOTED, plan=True)),
        ("rollback shop prod", Rollback(application="shop", environment="prod")),
        ("rollback shop prod v3", Rollback(application="shop", environment="prod", revision=3)),
        ("rollback shop prod 3", Rollback(application="shop", environment="prod", revision=3)),
        (
            "rollback shop prod v3 --confirm 0123456789abcdef",
            Rollback(
                application="shop", environment="prod", revision=3, confirmed="0123456789abcdef"
            ),
        ),
        ("revisions shop prod", Revisions(application="shop", environment="prod")),
        ("diff shop prod", Diff(application="shop", environment="prod")),
        ("diff shop prod v1", Diff(application="shop", environment="prod", older=1)),
        ("diff shop prod v1 v2", Diff(application="shop", environment="prod", older=1, newer=2)),
        ("status", Status()),
        ("status shop", Status(application="shop")),
        ("status shop/prod", Status(application="shop", environment="prod")),
        ("runs shop prod", Runs(application="shop", environment="prod")),
        ("show shop/prod#17", Show(run=SEVENTEEN)),
        ("show run:3f2c", Show(run=BY_ID)),
        ("approve shop/prod#17", Approve(run=SEVENTEEN)),
        ("approve shop/prod#17 looks good.", Approve(run=SEVENTEEN, reason="looks good.")),
        (
            "approve run:3f2c --step approval --attempt 1",
            Approve(run=BY_ID, step="approval", attempt=1),
        ),
        ("reject shop/prod#17 not today", Reject(run=SEVENTEEN, reason="not today")),
        ("reject shop/prod#17", Reject(run=SEVENTEEN)),
        ("stop shop/prod#17", Stop(run=SEVENTEEN)),
        ("stop shop/prod#17 wrong version", Stop(run=SEVENTEEN, reason="wrong version")),
        ("retry shop/prod#17", Retry(run=SEVENTEEN)),
        ("retry shop/prod#17 frankfurt", Retry(run=SEVENTEEN, step="frankfurt")),
        ("apps", Apps()),
        ("envs", Envs()),
        ("whoami", WhoAmI()),
        ("help", Help()),
        ("help deploy", Help(verb="deploy")),
        ("deploy --help", Help(verb="deploy")),
        ("--help", Help()),
        ("", Help()),
    ],
)
def test_each_form_of_the_design_is_read(text: str, request_: Request) -> None:
    assert parse(text) == request_


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        pytest.param("Deploy shop prod v1", shop("v1"), id="the first letter made large"),
        pytest.param("DEPLOY shop prod v1", shop("v1"), id="capitals"),
        pytest.param("  deploy\tshop \n prod  v1 ", shop("v1"), id="white space"),
        pytest.param("deploy\u00a0shop\u202fprod\u3000v1", shop("v1"), id="wide and fixed spaces"),
        pytest.param("deploy\u200b shop \u2060prod v1\ufeff", shop("v1"), id="invisible"),
        pytest.param("deploy shop prod v1.4.2.", shop("v1.4.2"), id="a full stop"),
        pytest.param("deploy shop prod v1 .", shop("v1"), id="a full stop apart"),
        pytest.param('deploy shop prod "v1."', shop("v1."), id="a quoted full stop stays"),
        pytest.param("`deploy shop prod v1`", shop("v1"), id="all in backticks"),
        pytest.param("deploy `shop` `prod` `v1`", shop("v1"), id="words in backticks"),
        pytest.param("```deploy shop prod v1```", shop("v1"), id="a code block"),
        pytest.param("/deploy shop prod v1", shop("v1"), id="a slash in a message"),
        pytest.param("<@U01BOT> deploy shop prod v1", shop("v1"), id="a mention"),
        pytest.param("<@U01BOT|shipmate>: deploy shop prod v1", shop("v1"), id="a named mention"),
        pytest.param("@shipmate deploy shop prod v1", shop("v1"), id="a mention as text"),
        pytest.param(
            "ｄｅｐｌｏｙ　ｓｈｏｐ　ｐｒｏｄ　ｖ１．４．２", shop("v1.4.2"), id="full width"
        ),
        pytest.param("deploy shop prod v1。", shop("v1"), id="a Chinese full stop"),
        pytest.param("deploy shop prod v1，", shop("v1"), id="a Chinese comma"),
        pytest.param("<@U01BOT>：deploy shop prod v1", shop("v1"), id="a mention and a colon"),
        pytest.param("@shipmate，deploy shop prod v1", shop("v1"), id="a mention and a comma"),
        pytest.param("／deploy shop／prod v1", shop("v1"), id="full-width slashes"),
        pytest.param("deploy shop prod v1 ——note 「两个 词」", shop("v1", note="两个 词"), id="——"),
        pytest.param("deploy shop prod v1 －－note『改』。", shop("v1", note="改"), id="－－"),
        pytest.param("deploy shop prod v1 --note＝“改一下”，", shop("v1", note="改一下"), id="＝"),
        pytest.param(
            "deploy shop prod v1 --note 改。", shop("v1", note="改。"), id="a note as it is"
        ),
        pytest.param(
            "deploy shop prod v1 --note ＂a b＂", shop("v1", note="a b"), id="wide quotes"
        ),
        pytest.param("deploy shop prod v1 --at 18：00", shop("v1", at="18:00"), id="a wide colon"),
        pytest.param(
            "deploy shop prod v1 --note “two words”", shop("v1", note="two words"), id="curly"
        ),
        pytest.param(
            "deploy shop prod v1 —note “two words”", shop("v1", note="two words"), id="em dash"
        ),
        pytest.param(
            "deploy shop prod v1 –note ‘two words’", shop("v1", note="two words"), id="en dash"
        ),
        pytest.param(
            "deploy shop prod v1 --note «deux mots»", shop("v1", note="deux mots"), id="guillemets"
        ),
        pytest.param(
            "deploy shop prod v1 --note „zwei Worte“", shop("v1", note="zwei Worte"), id="low"
        ),
        pytest.param(
            'deploy shop prod v1 --note="two words"', shop("v1", note="two words"), id="equals"
        ),
        pytest.param(
            "deploy shop prod v1 —note=“two words”", shop("v1", note="two words"), id="both"
        ),
        pytest.param(
            r'deploy shop prod v1 --note "say \"hi\""', shop("v1", note='say "hi"'), id="escaped"
        ),
        pytest.param(
            "deploy shop prod v1 --note “it’s a fix”", shop("v1", note="it’s a fix"), id="’ within"
        ),
        pytest.param(
            'deploy shop prod v1 --note "a &amp; b &lt;c&gt;"', shop("v1", note="a & b <c>"), id="&"
        ),
        pytest.param(
            'deploy shop prod v1 --note "&amp;lt;"', shop("v1", note="&lt;"), id="unescaped once"
        ),
        pytest.param(
            'deploy shop prod v1 --note "for <@U1|dev> in <#C1|general> see <https://ci.example/1>"',
            shop("v1", note="for @dev in #general see https://ci.example/1"),
            id="mentions and links",
        ),
        pytest.param(
            'deploy shop prod v1 --note "ask <mailto:a@b.example|a@b.example> <!here>"',
            shop("v1", note="ask a@b.example @here"),
            id="addresses",
        ),
    ],
)
def test_what_a_phone_and_slack_make_of_it_is_understood(text: str, request_: Request) -> None:
    assert parse(text) == request_


def test_an_image_that_slack_made_a_link_of_is_an_image() -> None:
    found = parse(
        "deploy shop prod web=<http://registry.shop.example/web:v2|registry.shop.example/web:v2>"
    )
    assert isinstance(found, Deploy)
    assert found.images == {"web": "registry.shop.example/web:v2"}


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("don't do this", "don't do this"),
        ("don’t “do” this", "don’t “do” this"),
        ('"too slow" says bob', '"too slow" says bob'),
        ('"too slow"', "too slow"),
        (
            'the 19" rack — see <https://ci.example/1|CI>',
            'the 19" rack — see CI (https://ci.example/1)',
        ),
        ("5 -- that is -1 too many", "5 -- that is -1 too many"),
        ("use `kubectl` first", "use `kubectl` first"),
        ("“unclosed as it is", "“unclosed as it is"),
        ("é 中文 🚢", "é 中文 🚢"),
    ],
)
def test_a_reason_is_taken_as_it_was_typed(typed: str, reason: str) -> None:
    assert parse(f"reject shop/prod#17 {typed}") == Reject(run=SEVENTEEN, reason=reason)


def test_the_options_of_a_button_may_stand_after_a_reason() -> None:
    assert parse("reject run:3f2c not today --step approval --attempt 2") == Reject(
        run=BY_ID, reason="not today", step="approval", attempt=2
    )


@pytest.mark.parametrize(
    ("command", "text", "request_"),
    [
        ("/deploy", "shop prod v1", shop("v1")),
        ("/rollback", "shop prod", Rollback(application="shop", environment="prod")),
        ("/revisions", "shop prod", Revisions(application="shop", environment="prod")),
        ("/shipmate", "whoami", WhoAmI()),
        ("/shipmate", "deploy shop prod v1", shop("v1")),
        ("/shipmate", "", Help()),
        ("/shipmate", "  ", Help()),
    ],
)
def test_slash_commands_are_verbs(command: str, text: str, request_: Request) -> None:
    assert from_slash(command, text) == request_
