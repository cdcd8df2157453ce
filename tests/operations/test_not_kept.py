"""Whoever asks for what is kept no more learns that it was there, and by which rule it went; nothing breaks."""

from dataclasses import replace

import pytest

from bot.chat.language import speaking
from bot.chat.presenters.refusals import sentence
from bot.operations.finding import Destination, enter
from bot.operations.results import RollbackProposed
from bot.operations.rollbacks import digest, plan_return
from bot.policy.decisions import Action
from bot.policy.refusals import Code, Refusal
from bot.retention import Keep
from bot.run.model import Plan, RunPhase
from tests.operations.office import Office
from tests.store.history import day, days, keeping, lived, swept

ID = "0123456789abcdef0123456789abcdef"
"""As ids of runs look."""


@pytest.fixture
async def pruned(office: Office) -> Office:
    """Bring about twelve deliveries to prod of which the first two are not kept."""
    for number in range(12):
        await lived(office.store, f"r{number:02}", number, revision=number + 1)
    rules = keeping(runs=days(30), revisions=days(30))
    assert (await swept(office.store.history, rules, day(400)))["runs"] == 2
    return office


@pytest.mark.parametrize(
    "text",
    [
        "show shop/prod#1",
        "logs shop/prod#2",
        "approve shop/prod#1",
        "reject shop/prod#1 no",
        "stop shop/prod#1",
        "retry shop/prod#1",
        "restart shop/prod#1",
        "sign shop/prod#1",
    ],
)
async def test_a_run_that_is_not_kept_is_said_to_be(pruned: Office, text: str) -> None:
    refused = await pruned.refused("dev", text)

    name = text.split()[1]
    facts = {"name": name, "days": "365", "count": "50"}
    assert refused == Refusal(code=Code.RUN_NOT_KEPT, facts=facts)
    assert sentence(refused).startswith(f"{name} is not kept any more. Runs are kept for 365 days")


@pytest.mark.parametrize(
    "text", ["diff shop prod v1 v9", "diff shop prod v2", "rollback shop prod v1"]
)
async def test_a_revision_that_is_not_kept_is_said_to_be(pruned: Office, text: str) -> None:
    refused = await pruned.refused("dev", text)

    assert refused.code is Code.REVISION_NOT_KEPT
    assert "is not kept any more. Revisions are kept for 365 days" in sentence(refused)


async def test_a_number_that_was_never_given_is_unknown(pruned: Office) -> None:
    assert (await pruned.refused("dev", "show shop/prod#13")).code is Code.UNKNOWN_RUN
    assert (await pruned.refused("dev", "diff shop prod v13")).code is Code.UNKNOWN_REVISION
    assert (await pruned.refused("dev", "rollback shop prod v13")).code is Code.UNKNOWN_REVISION


async def test_where_nothing_older_differs_the_rest_is_said_to_be_gone(pruned: Office) -> None:
    refused = await pruned.refused("dev", "rollback shop prod")

    assert (refused.code, refused.facts["name"]) == (Code.REVISION_NOT_KEPT, "v2")


async def test_what_is_kept_can_be_gone_back_to(pruned: Office) -> None:
    assert isinstance(await pruned.say("dev", "rollback shop prod v3"), RollbackProposed)


@pytest.mark.parametrize(("number", "is_kept"), [(1, False), (3, True)])
async def test_what_was_removed_while_its_rollback_was_confirmed_is_not_rendered_anew(
    pruned: Office, *, number: int, is_kept: bool
) -> None:
    person = pruned.catalog.people["dev"]
    destination = enter(
        pruned.catalog, person, Action.ROLLBACK, application="shop", environment="prod"
    )
    assert isinstance(destination, Destination)
    third = await pruned.runs.revision("shop", "prod", 3)
    assert third is not None
    target = replace(third, number=number)  # as it was found before it was removed
    _, latest = await pruned.runs.add("shop", "prod", lambda _: None, back_to=number)
    assert latest.revision is not None

    confirmed = digest(destination, latest.revision, target)
    decided = plan_return(pruned.desk, destination, target, latest, confirmed, "")

    if is_kept:
        assert isinstance(decided, Plan)
    else:
        assert isinstance(decided, Refusal)
        assert (decided.code, decided.facts["name"]) == (Code.REVISION_NOT_KEPT, "v1")


async def test_numbers_go_on_after_what_is_gone(pruned: Office) -> None:
    await pruned.say("dev", "deploy shop prod v9")
    run = await pruned.until("shop/prod#13", RunPhase.SUSPENDING)
    await pruned.say("sre", f"approve {run.name}")

    assert (await pruned.until("shop/prod#13", RunPhase.SUCCEEDED)).revision == 13


async def test_an_old_button_says_that_its_run_is_not_there_any_more(pruned: Office) -> None:
    refused = await pruned.refused("sre", f"approve run:{ID} --step approval", via="button")

    assert refused.code is Code.RUN_NOT_KEPT
    assert sentence(refused).startswith("I do not have this run any more. Runs are kept for")


@pytest.mark.parametrize("code", [Code.RUN_NOT_KEPT, Code.REVISION_NOT_KEPT])
@pytest.mark.parametrize(
    ("rule", "said", "in_chinese"),
    [
        (Keep(), "under an earlier rule, or by hand", "先前的规则"),
        (days(1), "for 1 day", "1 天"),
        (days(90), "for 90 days", "90 天"),
        (Keep(newest=20), "newest 20", "20 个"),
        (Keep(age=days(7).age, newest=20), "7 days", "7 天"),
    ],
)
def test_each_rule_has_its_words(code: Code, rule: Keep, said: str, in_chinese: str) -> None:
    facts = {
        "name": "v3",
        "days": str(rule.age.days) if rule.age else "",
        "count": str(rule.newest or ""),
    }
    refused = Refusal(code=code, facts=facts)

    assert said in sentence(refused)
    with speaking("zh"):
        assert in_chinese in sentence(refused)
        assert "kept" not in sentence(refused)
