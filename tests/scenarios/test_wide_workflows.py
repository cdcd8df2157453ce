"""A workflow that branches: regions side by side, two approvals at once, a step that handles another one's failure."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.company import ROOT, Company

WORKFLOW = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: wide
  labels: {app.oam.dev/name: shop, app.oam.dev/env-name: prod}
mode: {steps: DAG}
steps:
  - name: regions
    type: step-group
    meta: {alias: Both regions}
    subSteps:
      - {name: hangzhou, type: deploy2env, properties: {env: hangzhou}}
      - {name: frankfurt, type: deploy2env, properties: {env: frankfurt}}
  - name: legal
    type: suspend
    meta: {alias: Legal}
    dependsOn: [regions]
    properties: {message: "May we sell this?", approvers: [sre]}
  - name: security
    type: suspend
    meta: {alias: Security}
    dependsOn: [regions]
    properties: {message: "Is it safe?", approvers: [sre], quorum: 2}
  - name: calendar
    type: webhook
    meta: {alias: Release calendar}
    dependsOn: [legal, security]
    retries: 1
    backoff: 1s
    properties: {url: {fromSetting: RELEASES_WEBHOOK_URL}, data: {version: "${{ context.version }}"}}
    outputs: [{name: answer, valueFrom: "string(status)"}]
  - name: tell
    type: notification
    dependsOn: [calendar]
    if: status.calendar.succeeded
    inputs: [{from: answer, parameterKey: slack.message.text}]
    properties: {slack: {message: {}}}
  - name: alarm
    type: notification
    meta: {alias: Say what failed}
    dependsOn: [calendar]
    if: status.calendar.failed
    properties: {slack: {message: {text: "The calendar says: ${{ status.calendar.message }}"}}}
"""


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    (workflows / "shop" / "workflow-prod.yaml").write_text(WORKFLOW, encoding="utf-8")
    made = Company(tmp_path / "state", workflows)
    await made.open()
    yield made
    await made.close()


async def approved(company: Company, run: str) -> None:
    """Give both gates of a run what they ask for."""
    card = await company.card(run, offers="Approve Legal")
    await company.presses("sre", "Approve Legal", card)
    card = await company.card(run, offers="Approve")
    await company.presses("sre", "Approve", card)
    card = await company.card(run, says="1 of 2 approvals")
    await company.presses("sre2", "Approve", card)


async def test_two_gates_wait_at_once_and_one_of_them_for_two_people(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve Security")
    shown = company.read(card)
    assert "✓ Both regions" in shown
    assert "    ✓ hangzhou" in shown
    assert (await company.images("east"))["web"] == (await company.images("west"))["web"] == "v1"

    assert "waits at several steps: legal, security" in await company.asks(
        "sre", "/shipmate approve shop/prod#1"
    )
    await company.presses("sre", "Approve Security", card)
    card = await company.card("shop/prod#1", says="Security (1 of 2 approvals;")
    again = await company.is_told("sre", "Approve Security", card)
    assert "You have already said yes to security" in again
    assert "someone else has to, too" in again
    assert "cannot be skipped" in await company.asks(
        "dev", "/shipmate skip shop/prod#1 legal in a hurry"
    )

    await company.says("sre2", "/shipmate approve shop/prod#1 --step security looks safe")
    card = await company.card("shop/prod#1", says="approved by sre and sre2")
    await company.presses("sre2", "Approve", card)

    card = await company.card("shop/prod#1", says="revision v1")
    thread = await company.thread(card)
    assert sum("Approved by" in each for each in thread) == 2
    assert any(each.endswith("200") for each in thread)
    assert "» Say what failed · skipped" in company.read(card)


async def test_one_no_ends_it_and_the_other_gate_asks_no_more(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Reject Legal")

    await company.says("sre", "/shipmate reject shop/prod#1 --step legal not in this country")

    card = await company.card("shop/prod#1", says="Rejected by sre: not in this country")
    assert "ended because legal was rejected by sre" in company.read(card)
    assert card["buttons"] == ["Retry"]
    await company.in_thread(card, "Security: no answer is needed any more")
    assert await company.world.webhooks() == []


async def test_a_failure_is_handled_and_the_run_goes_on_from_there_or_without_it(
    company: Company,
) -> None:
    await company.fault("webhooks", "error", None, status=503)
    await company.says("dev", "/deploy shop prod v1")
    await approved(company, "shop/prod#1")

    card = await company.card("shop/prod#1", says="Failed", offers="Retry")
    await company.in_thread(card, "The calendar says: the webhook answered 503")

    await company.presses("dev", "Retry", card)
    card = await company.card("shop/prod#1", says="Release calendar", offers="Stop")
    card = await company.card("shop/prod#1", says="Failed", offers="Retry")
    told = await company.asks("guest", "/shipmate skip shop/prod#1 calendar closed on Mondays")
    assert "may not" in told
    await company.says("dev", "/shipmate skip shop/prod#1 calendar closed on Mondays")

    card = await company.card("shop/prod#1", says="revision v1")
    await company.in_thread(card, "Release calendar was skipped by dev: closed on Mondays")
    assert "approved by sre and sre2" in company.read(card)


async def test_a_run_stands_still_over_a_restart_and_goes_on_by_a_button(company: Company) -> None:
    await company.fault("cluster/west", "not-ready", None, name="web")
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", says="web 0/3 ready")

    await company.says("dev2", "/shipmate pause shop/prod#1 the database is down")
    card = await company.card("shop/prod#1", says="Paused by dev2", offers="Resume")
    company.sandbox.faults.clear()
    await company.stop_bot()
    await company.start_bot()
    assert "Paused by dev2" in await company.asks("dev", "/shipmate show shop/prod#1")

    await company.presses("dev", "Resume", card)
    card = await company.card("shop/prod#1", offers="Approve Legal")
    thread = await company.thread(card)
    assert sum("was paused by dev2: the database is down" in each for each in thread) == 1
    assert sum("dev let shop/prod#1 go on" in each for each in thread) == 1


async def test_a_run_is_done_again_from_its_beginning(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Reject Legal")
    await company.presses("sre", "Approve Security", card)
    await company.card("shop/prod#1", says="1 of 2 approvals")

    await company.says("dev", "/shipmate restart shop/prod#1")

    await company.in_thread(card, "dev started shop/prod#1 again from its first step")
    await company.card("shop/prod#1", says="Security (0 of 2 approvals;")
    await company.says("sre", "/shipmate reject shop/prod#1 --step legal not yet")
    await company.card("shop/prod#1", says="Rejected by sre: not yet")

    await company.says("dev", "/shipmate restart shop/prod#1")

    await approved(company, "shop/prod#1")
    card = await company.card("shop/prod#1", says="revision v1")
    assert "Rejected" not in company.read(card)
