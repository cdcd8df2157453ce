"""Triggers over a real socket: by the same rules as people, once, and nothing for who has no token."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.catalog.machines import TriggerAction, TriggerType
from bot.chat.presenters.refusals import sentence
from bot.chat.presenters.words import approvers
from bot.policy.refusals import Code
from bot.run.model import RunPhase
from bot.store.beside import end_tokens
from bot.web.elsewhere import REPLAYED
from bot.web.ports import TokenKind
from bot.web.triggers import Delivery, incoming_of, read
from tests.patience import PATIENCE
from tests.web.ci import Ci, open_ci
from tests.web.payloads import CUSTOM, HARBOR, REPOSITORY


@pytest.fixture
async def ci(tmp_path: Path) -> AsyncIterator[Ci]:
    async with open_ci(tmp_path) as opened:
        yield opened


def upgrade(**tags: str) -> dict[str, Any]:
    return {
        "upgrade": {
            name: {"image": f"registry.shop.example/{name}:{tag}"} for name, tag in tags.items()
        }
    }


FIRST = upgrade(web="v1", api="v1")


async def waiting(ci: Ci, body: dict[str, Any] = FIRST) -> str:
    """Deliver something, up to prod's gate."""
    answer = await ci.calls(body)
    assert answer.status_code == 200, answer.text
    name: str = answer.json()["run"]["name"]
    await ci.office.until(name, RunPhase.SUSPENDING)
    return name


async def test_a_commit_is_delivered_and_is_part_of_the_revision(ci: Ci) -> None:
    ci.employ("dev-ci", environment="dev")
    body = {**FIRST, "codeInfo": {**CUSTOM["codeInfo"], "user": "Dev@shop.example"}}
    answer = await ci.calls(body, name="dev-ci")
    assert answer.status_code == 200
    assert answer.json()["state"] == "success"
    run = answer.json()["run"]
    assert run["code"] == {
        "commit": "4be1c0a9d27f",
        "branch": "main",
        "author": "dev",
        "message": "Fix the basket",
        "url": "",
    }
    assert (run["by"], run["via"]) == ("dev-ci", "webhook trigger")
    await ci.office.until(run["name"], RunPhase.SUCCEEDED)
    revision = await ci.store.runs.revision("shop", "dev")
    assert revision is not None
    assert revision.plan.images["api"] == f"{REPOSITORY}:v1"
    assert revision.plan.code is not None
    assert revision.plan.code.message == "Fix the basket"
    [line] = await ci.audit()
    assert (line.person, line.chat, line.via, line.outcome) == (
        "dev-ci",
        "webhook",
        "trigger",
        "allowed",
    )
    assert line.run == run["name"]
    assert "--author dev" in line.request


async def test_a_registry_updates_the_component_of_its_repository(ci: Ci) -> None:
    ci.employ("harbor", environment="dev", type_=TriggerType.HARBOR)
    await ci.office.delivered("v1")
    answer = await ci.calls(HARBOR, name="harbor")
    run = answer.json()["run"]
    assert run["images"] == {
        "web": "registry.shop.example/web:v1",
        "api": f"{REPOSITORY}:2.4.1",
        "queue": "docker.io/library/redis:7.4",
    }


async def test_another_repository_is_refused_and_written_down(ci: Ci) -> None:
    ci.employ("harbor", environment="dev", type_=TriggerType.HARBOR)
    other = copy.deepcopy(HARBOR)
    other["event_data"]["resources"][0]["resource_url"] = "registry.evil.example/api:2"
    error = await ci.refused(other, 409, name="harbor")
    assert error["code"] == "repository_unknown"
    assert REPOSITORY in error["message"]
    error = await ci.refused({"upgrade": {"api": {"image": "evil/api:1"}}}, 409)
    assert error["code"] == "repository_unknown"
    assert [each.outcome for each in await ci.audit()] == ["repository_unknown"] * 2
    assert await ci.store.runs.recent() == []


async def test_components_that_a_trigger_is_not_for(ci: Ci) -> None:
    ci.employ("api-only", environment="dev", components=("api",))
    error = await ci.refused(upgrade(web="v1"), 400, name="api-only")
    assert error["code"] == "unknown_component"
    assert error["facts"]["known"] == "api"
    error = await ci.refused(upgrade(webb="v1"), 400)
    assert error["facts"]["nearest"] == "web"


async def test_nobody_without_a_token_learns_anything(ci: Ci) -> None:
    ci.employ("off", disabled=True)
    ci.employ("gone")
    right = ci.token("shop-ci")
    off, gone, ended = ci.token("off"), ci.token("gone"), ci.token("ended")
    people, triggers = dict(ci.office.catalog.people), dict(ci.office.catalog.triggers)
    del people["gone"], triggers["gone"]
    ci.office.catalog = replace(ci.office.catalog, people=people, triggers=triggers)
    ci.employ("ended")
    end_tokens(ci.url, TokenKind.TRIGGER, "ended", 1.0)
    answers = [
        await ci.client.post(f"/api/v1/webhook/{each}", content=b"{}")
        for each in (right[:-1], right + "a", "x", off, gone, ended, "%00", "ä" * 300)
    ]
    assert {each.status_code for each in answers} == {401}
    assert len({each.text for each in answers}) == 1
    assert await ci.audit() == []


async def test_reading_changes_nothing(ci: Ci) -> None:
    answer = await ci.client.get(f"/api/v1/webhook/{ci.token('shop-ci')}")
    assert answer.status_code == 405


NO_PAYLOADS = (
    (b"", 400, "no_json"),
    (b"{", 400, "no_json"),
    (b"\xff", 400, "no_json"),
    (b"[]", 400, "invalid_payload"),
    (b'{"upgarde": {}}', 400, "invalid_payload"),
    (b" " * (256 * 1024 + 1), 413, "too_large"),
)


async def test_what_is_no_payload_is_told(ci: Ci) -> None:
    for raw, status, code in NO_PAYLOADS:
        answer = await ci.client.post(f"/api/v1/webhook/{ci.token('shop-ci')}", content=raw)
        assert answer.status_code == status, raw[:20]
        assert answer.json()["error"]["code"] == code
        assert answer.json()["error"]["message"].endswith(".")


async def test_a_body_without_a_length_is_limited_too(ci: Ci) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 64 * 1024

    answer = await ci.client.post(f"/api/v1/webhook/{ci.token('shop-ci')}", content=endless())
    assert answer.status_code == 413


async def test_a_call_that_comes_again_is_done_once(ci: Ci) -> None:
    ci.employ("dev-ci", environment="dev")
    body = {**FIRST, "codeInfo": CUSTOM["codeInfo"]}
    answers = [await ci.calls(body, name="dev-ci") for _ in range(3)]
    assert len({each.json()["run"]["id"] for each in answers}) == 1
    assert [each.headers.get(REPLAYED) for each in answers] == [None, "true", "true"]
    assert len(await ci.store.runs.recent("shop", "dev")) == 1
    assert len(await ci.audit()) == 1


async def test_a_name_makes_it_one_call_or_two(ci: Ci) -> None:
    ci.employ("dev-ci", environment="dev")

    async def named(name: str, body: Any = FIRST) -> Any:
        return await ci.calls(body, name="dev-ci", headers={"Idempotency-Key": name})

    first, again, other = await named("1"), await named("1"), await named("2")
    assert first.json()["run"]["id"] == again.json()["run"]["id"] != other.json()["run"]["id"]
    mixed = await named("1", upgrade(api="v9"))
    assert (mixed.status_code, mixed.json()["error"]["code"]) == (422, "key_reused")


async def test_calls_at_the_same_moment_are_done_once(ci: Ci) -> None:
    ci.employ("dev-ci", environment="dev")
    answers = await asyncio.gather(*(ci.calls(FIRST, name="dev-ci") for _ in range(5)))
    assert {each.status_code for each in answers} <= {200, 409}
    assert len(await ci.store.runs.recent("shop", "dev")) == 1


async def test_a_refusal_is_not_remembered_of_a_call_without_a_name(ci: Ci) -> None:
    ci.employ("dev-ci", roles=(), environment="dev")
    assert (await ci.refused(FIRST, 403, name="dev-ci"))["code"] == "not_allowed"
    ci.employ("dev-ci", environment="dev")
    assert (await ci.calls(FIRST, name="dev-ci")).status_code == 200


async def test_a_call_that_a_dead_process_had_taken_in_is_done_once(ci: Ci) -> None:
    ci.employ("dev-ci", environment="dev")
    trigger = ci.office.catalog.triggers["dev-ci"]
    raw = json.dumps(FIRST).encode()
    incoming = incoming_of(
        Delivery(trigger="dev-ci", raw=raw.decode()), trigger, read(trigger, raw, {}), {}
    )
    await ci.store.requests.begin(incoming)

    for _ in range(2):
        hatch = ci.hatch(ci.triggers())
        hatch.open()
        async with asyncio.timeout(PATIENCE):
            while await ci.store.requests.unanswered():  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        await hatch.close()
    assert len(await ci.store.runs.recent("shop", "dev")) == 1
    [line] = await ci.audit()
    assert line.person == "dev-ci"


async def test_an_approval_by_a_machine_counts_only_where_the_rules_say_so(ci: Ci) -> None:
    name = await waiting(ci)
    ci.employ("shop-ci", roles=("developer", "sre"), actions=tuple(TriggerAction))
    error = await ci.refused({"action": "approve"}, 403)
    assert error["code"] == "machine_may_not_vote"
    assert "machineApproval" in error["message"]

    ci.with_environment("prod", machine_approval=True)
    answer = await ci.calls({"action": "approve", "step": "approval"})
    assert answer.status_code == 200
    run = await ci.office.until(name, RunPhase.SUCCEEDED)
    step = run.step("approval")
    assert step is not None
    assert step.decision is not None
    assert (step.decision.by, step.decision.via) == ("shop-ci", "webhook trigger")


async def test_what_a_machine_has_said_is_void_when_its_yes_counts_no_more(ci: Ci) -> None:
    step = replace(
        ci.office.catalog.workflows["shop", "prod"].steps[1],
        properties={"approvers": ["sre"], "quorum": 2},
    )
    before, _, after = ci.office.catalog.workflows["shop", "prod"].steps
    ci.office.with_steps(before, step, after)
    ci.employ("shop-ci", roles=("developer", "sre"), actions=tuple(TriggerAction))
    ci.with_environment("prod", machine_approval=True)
    name = await waiting(ci)
    answer = await ci.calls({"action": "approve"})
    assert answer.json()["description"] == f"the yes to approval of {name} counts: 1 of 2"

    ci.with_environment("prod", machine_approval=False)
    assert (await ci.office.refused("sre", f"approve {name}")).code is Code.TERMS_CHANGED
    await ci.office.say("sre", f"approve {name}")
    run = await ci.office.run(name)
    gate = run.step("approval")
    assert gate is not None
    assert [each.by for each in gate.votes] == ["sre"]
    assert gate.at_gate


async def test_whoever_committed_does_not_approve_where_nobody_approves_their_own(ci: Ci) -> None:
    ci.with_environment("prod", self_approval=False)
    info = {"commit": "4be1c0a9d27f", "user": "SRE@shop.example"}
    name = await waiting(ci, {**FIRST, "codeInfo": info})
    refused = await ci.office.refused("sre", f"approve {name}")
    assert refused.code is Code.SELF_APPROVAL
    assert refused.who == ("sre2",)
    assert "You committed what is delivered by shop/prod#1" in sentence(refused)
    run = await ci.office.run(name)
    step = run.step("approval")
    assert step is not None
    assert approvers(ci.office.catalog, run, step) == ("sre2",)
    await ci.office.say("sre2", f"approve {name}")
    await ci.office.until(name, RunPhase.SUCCEEDED)


async def test_a_machine_without_the_role_approves_nothing(ci: Ci) -> None:
    await waiting(ci)
    ci.with_environment("prod", machine_approval=True)
    error = await ci.refused({"action": "approve"}, 403)
    assert error["code"] == "not_allowed"
    assert error["who"] == ["sre", "sre2"]


async def test_a_trigger_is_only_for_what_its_file_says(ci: Ci) -> None:
    ci.employ("shop-ci", actions=(TriggerAction.EXECUTE,))
    await waiting(ci)
    for action in ("approve", "terminate", "rollback"):
        error = await ci.refused({"action": action}, 403)
        assert error["code"] == "trigger_may_not"
    assert [each.outcome for each in await ci.audit()][1:] == ["trigger_may_not"] * 3


async def test_what_is_under_way_is_ended(ci: Ci) -> None:
    assert (await ci.refused({"action": "terminate"}, 409))["code"] == "nothing_under_way"
    name = await waiting(ci)
    answer = await ci.calls({"action": "terminate"})
    assert answer.json()["description"] == f"{name} is stopped"
    await ci.office.until(name, RunPhase.TERMINATED)


async def test_going_back_ends_what_waits_and_delivers_what_was_there(ci: Ci) -> None:
    await ci.office.delivered("v1", environment="prod")
    stuck = await waiting(ci, upgrade(api="v2"))
    answer = await ci.calls({"action": "rollback"})
    assert answer.status_code == 200, answer.text
    await ci.office.until(stuck, RunPhase.TERMINATED)
    run = answer.json()["run"]
    assert (run["rollback_to"], run["images"]["api"]) == (1, f"{REPOSITORY}:v1")
    again = await ci.calls({"action": "rollback"})
    assert again.json()["run"]["id"] == run["id"]
    by_ci = [each.request for each in await ci.audit()]
    assert by_ci[1].startswith("stop ")
    assert by_ci[2:] == [
        "rollback shop prod",
        by_ci[3],
    ]


async def test_what_tells_of_nothing_is_passed_over(ci: Ci) -> None:
    ci.employ("harbor", environment="dev", type_=TriggerType.HARBOR)
    answer = await ci.calls({**HARBOR, "type": "SCANNING_COMPLETED"}, name="harbor")
    assert answer.status_code == 200
    assert answer.json()["state"] == "ignored"
    assert await ci.store.runs.recent() == []
