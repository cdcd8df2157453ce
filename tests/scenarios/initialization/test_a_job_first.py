"""A job before those that need what it does: once for each version, again after it failed, and through a restart of the bot."""

from typing import Any

from bot.steps.kinds.apply_job import named
from tests.scenarios.initialization.conftest import DEV, Shop

JOBS = "/apis/batch/v1/jobs"
STEPS = """
- name: migrate
  type: apply-job
  meta: {alias: Migrate the database}
  properties:
    value:
      apiVersion: batch/v1
      kind: Job
      metadata: {name: migrate}
      spec:
        backoffLimit: 0
        template:
          spec:
            restartPolicy: Never
            containers:
              - name: migrate
                image: "registry.shop.example/migrate:${{ context.version }}"
                command: [migrate, up]
- {name: dev, type: deploy2env, properties: {env: dev}}
"""


def job_of(version: str) -> str:
    """Name the Job of a version, as a person finds it on the cluster."""
    image = f"registry.shop.example/migrate:{version}"
    containers = [{"name": "migrate", "image": image, "command": ["migrate", "up"]}]
    template = {"spec": {"restartPolicy": "Never", "containers": containers}}
    job = {"metadata": {"name": "migrate"}, "spec": {"backoffLimit": 0, "template": template}}
    return str(named(job, "content", 1)["metadata"]["name"])


def uid_of(found: dict[str, dict[str, Any]]) -> list[str]:
    return [each["metadata"]["uid"] for each in found.values()]


async def test_a_job_is_done_once_for_each_version_and_says_its_last_words(shop: Shop) -> None:
    shop.workflow(STEPS)
    await shop.start_bot()

    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    card = await shop.card("shop/dev#1", says="revision v1", channel=DEV)
    await shop.in_thread(card, "migrate | ", channel=DEV)
    assert await shop.names("Job") == [job_of("v1")]

    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    card = await shop.card("shop/dev#2", says="revision v2", channel=DEV)
    assert "had succeeded in dev before and is not run again" in shop.read(card)
    assert all("migrate | " not in each for each in await shop.thread(card, channel=DEV))
    assert await shop.names("Job") == [job_of("v1")]

    await shop.says("dev", "/deploy shop dev v2", channel=DEV)
    await shop.card("shop/dev#3", says="revision v3", channel=DEV)
    assert await shop.names("Job") == [job_of("v2")]  # the other one is garbage by now

    await shop.rolls_back("/rollback shop dev v1")
    card = await shop.card("shop/dev#4", says="revision v4", channel=DEV)
    assert "is not run again" in shop.read(card)


async def test_a_job_that_fails_keeps_its_users_back_and_a_retry_does_it_again(
    shop: Shop,
) -> None:
    shop.workflow(STEPS)
    await shop.start_bot()
    await shop.fault("cluster/east", "crash", None, name=job_of("v1"))

    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    card = await shop.card("shop/dev#1", says="Failed", offers="Retry", channel=DEV)

    assert "Job has reached the specified backoff limit (in dev)" in shop.read(card)
    told = await shop.in_thread(card, "ended with exit code 1", channel=DEV)
    assert "migrate | " in shop.read(told)
    assert await shop.names("Deployment") == []

    shop.sandbox.faults.clear()
    await shop.presses("dev", "Retry", card, channel=DEV)
    await shop.card("shop/dev#1", says="revision v1", channel=DEV)

    assert await shop.names("Job") == [job_of("v1")]
    assert sorted(await shop.names("Deployment")) == ["api", "jobs", "web"]


async def test_a_restart_in_the_middle_runs_no_job_twice(shop: Shop) -> None:
    shop.workflow(STEPS)
    await shop.start_bot()
    # It cannot end before the bot is gone.
    await shop.fault("cluster/east", "image", None, image="registry.shop.example/migrate")
    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    before = await shop.seen(JOBS)

    await shop.stop_bot()
    shop.sandbox.faults.clear()
    await shop.start_bot()
    card = await shop.card("shop/dev#1", says="revision v1", channel=DEV)

    after = await shop.objects(JOBS)
    assert list(after) == list(before) == [job_of("v1")]
    assert uid_of(after) == uid_of(before)
    await shop.in_thread(card, "migrate | ", channel=DEV)
    said = [each for each in await shop.thread(card, channel=DEV) if "migrate | " in each]
    assert len(said) == 1
