"""Approvals that take more than one yes, as the people of a company have them in Slack."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.company import PROD, ROOT, Company

WORKFLOW = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: workflow-prod
  labels: {app.oam.dev/name: shop, app.oam.dev/env-name: prod}
steps:
  - {name: approval, type: suspend, properties: {message: "Ready?"}}
  - {name: done, type: print-message-in-status, properties: {message: it went through}}
"""
ENVIRONMENT = """\
apiVersion: shipmate.dev/v1
kind: Environment
metadata: {name: prod}
spec:
  slack: {channel: shop-prod}
  deployers: [developer]
  approvals: [{role: sre, count: 1}, {role: security, count: 1}]
  selfApproval: false
  breakGlass: {roles: [lead]}
  targets:
    - {name: hangzhou, cluster: east, namespace: shop-prod}
    - {name: frankfurt, cluster: west, namespace: shop-prod}
"""
PEOPLE = """\
apiVersion: shipmate.dev/v1
kind: Role
metadata: {name: security}
---
apiVersion: shipmate.dev/v1
kind: Role
metadata: {name: lead}
---
"""


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Company]:
    """A company in which it takes one of sre and one of security, guest is of security and admin a lead."""
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    (workflows / "shop" / "workflow-prod.yaml").write_text(WORKFLOW, encoding="utf-8")
    (workflows / "environments" / "prod.yaml").write_text(ENVIRONMENT, encoding="utf-8")
    people = (workflows / "people.yaml").read_text(encoding="utf-8")
    people = PEOPLE + people.replace("roles: []", "roles: [security]")
    people = people.replace("roles: [admin]", "roles: [admin, lead]")
    people = people.replace("roles: [developer]", "roles: [developer, sre]", 1)
    (workflows / "people.yaml").write_text(people, encoding="utf-8")
    made = Company(tmp_path / "state", workflows)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def grouped(tmp_path: Path) -> AsyncIterator[Company]:
    """A company in which security is a Slack user group, and nobody has written down that guest is in it."""
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    (workflows / "shop" / "workflow-prod.yaml").write_text(WORKFLOW, encoding="utf-8")
    rules = ENVIRONMENT.replace(
        "[{role: sre, count: 1}, {role: security, count: 1}]", "[{role: security}]"
    )
    (workflows / "environments" / "prod.yaml").write_text(rules, encoding="utf-8")
    people = (workflows / "people.yaml").read_text(encoding="utf-8")
    people = (
        PEOPLE.replace(
            "metadata: {name: security}",
            "metadata: {name: security}\nspec: {members: {slackUserGroups: ['@release-managers']}}",
        )
        + people.partition("---\n# Known, but in no role")[0]
    )
    (workflows / "people.yaml").write_text(people, encoding="utf-8")
    made = Company(tmp_path / "state", workflows)
    await made.open_world()
    await made.control("/control/slack/group", group="release-managers", users=["guest"])
    await made.start_bot()
    yield made
    await made.close()


async def test_who_is_in_a_user_group_has_its_role_as_long_as_they_are(grouped: Company) -> None:
    await grouped.says("dev", "/deploy shop prod v1")
    card = await grouped.card("shop/prod#1", says="Waiting for guest@shop.example")
    request = await grouped.in_thread(card, "@guest: please approve or reject")
    assert "You are guest@shop.example" in await grouped.asks("guest", "/shipmate whoami")

    await grouped.control("/control/slack/group", group="release-managers", users=["admin"])
    await grouped.card("shop/prod#1", says="Waiting for admin")
    refusal = await grouped.is_told("guest", "Approve", request)
    assert "I do not know you" in refusal

    await grouped.presses("admin", "Approve", request)
    await grouped.card("shop/prod#1", says="approved by admin")


async def test_it_takes_one_of_each_role_and_the_late_and_the_wrong_are_told(
    strict: Company,
) -> None:
    await strict.says("dev", "/deploy shop prod v1")
    card = await strict.card("shop/prod#1", says="still needs 1 of sre and 1 of security")

    told = await strict.is_told("sre", "Approve", card)
    assert "Your yes to approval of shop/prod#1 counts: 1 of 2. Still needs: 1 of security." in told
    refusal = await strict.is_told("dev2", "Approve", card)
    assert "You may not approve in prod. That takes the role sre or security." in refusal
    again = await strict.is_told("sre", "Approve", card)
    assert "someone else has to, too" in again
    request = await strict.in_thread(card, "sre did. Still needs: 1 of security")
    assert "@guest: please approve or reject" in strict.read(request)

    await strict.presses("guest", "Approve", request)
    await strict.card("shop/prod#1", says="approved by sre and guest")
    late = await strict.asks("sre2", "/shipmate approve shop/prod#1")
    assert "guest has already approved approval of shop/prod#1" in late


async def test_whoever_asked_for_a_run_may_reject_it_but_not_approve_it(strict: Company) -> None:
    await strict.says("dev", "/deploy shop prod v1")
    card = await strict.card("shop/prod#1", offers="Approve")

    refusal = await strict.is_told("dev", "Approve", card)

    assert "in prod whoever asks for a run may not approve it. sre, sre2 or guest could." in refusal
    await strict.says("dev", "/shipmate reject shop/prod#1 my mistake")
    await strict.card("shop/prod#1", says="Rejected by dev: my mistake")


async def test_a_yes_is_taken_back_by_the_button_that_came_with_it(strict: Company) -> None:
    await strict.says("dev", "/deploy shop prod v1")
    card = await strict.card("shop/prod#1", offers="Approve")
    private = await strict.reply("sre", "Approve", card)

    told = await strict.world.click("sre", PROD, private["ts"], "Withdraw")

    assert "is taken back. Still needs: 1 of sre and 1 of security" in strict.read(
        *told["messages"]
    )
    await strict.in_thread(card, "sre took their yes to approval back")
    await strict.card("shop/prod#1", says="0 of 2 approvals")
    nothing = await strict.asks("sre", "/shipmate withdraw shop/prod#1")
    assert "no yes of yours" in nothing
    await strict.presses("guest", "Approve", card)
    await strict.card("shop/prod#1", says="1 of 2 approvals; still needs 1 of sre)")


async def test_rules_that_change_while_a_run_waits_make_votes_void(strict: Company) -> None:
    await strict.says("dev", "/deploy shop prod v1")
    card = await strict.card("shop/prod#1", offers="Approve")
    await strict.is_told("sre", "Approve", card)
    request = await strict.in_thread(card, "sre did")
    stricter = ENVIRONMENT.replace("{role: sre, count: 1}", "{role: sre, count: 2}")
    file = strict.workflows / "environments" / "prod.yaml"
    file.write_text(stricter, encoding="utf-8")

    told = await strict.in_thread(
        card, "The rules of prod have changed: 1 of sre and 1 of security before"
    )

    assert "now 2 of sre and 1 of security" in strict.read(told)
    assert "What sre said to approval is void." in strict.read(told)
    assert "@sre @sre2 @guest: please look again" in strict.read(told)
    await strict.in_thread(card, "nobody did yet. Still needs: 2 of sre and 1 of security")
    for user in ("sre", "sre2"):
        await strict.is_told(user, "Approve", request)
    await strict.presses("guest", "Approve", request)
    await strict.card("shop/prod#1", says="approved by sre, sre2 and guest")


async def test_in_an_emergency_one_opens_the_gate_and_another_signs(strict: Company) -> None:
    await strict.says("dev", "/deploy shop prod v1")
    await strict.card("shop/prod#1", offers="Approve")
    asked = await strict.asks("admin", "/shipmate approve shop/prod#1 --emergency")
    assert "An emergency takes a reason" in asked
    refusal = await strict.asks("sre", "/shipmate approve shop/prod#1 --emergency hurry")
    assert "You may not approve by emergency in prod. That takes the role lead." in refusal

    await strict.says("admin", "/shipmate approve shop/prod#1 —emergency checkout is down")

    card = await strict.card("shop/prod#1", says="Delivered")
    assert "admin approved approval alone, in an emergency: checkout is down" in strict.read(card)
    await strict.in_thread(card, "Emergency: admin approved")
    post = await strict.card("shop/prod#1", says="please look at it and sign")
    assert post["ts"] != card["ts"]
    status = await strict.asks("dev", "/shipmate status shop prod")
    assert "approval was approved by admin alone (checkout is down)" in status
    own = await strict.is_told("admin", "Sign", card)
    assert "You may not sign in prod" in own
    signed = await strict.is_told("sre", "Sign", post)
    assert "You have signed the emergency at approval of shop/prod#1." in signed
    card = await strict.card("shop/prod#1", says="Signed by sre")
    assert "Sign" not in card["buttons"]
