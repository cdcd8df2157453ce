"""Whatever commit the process dies at: a Job of a step is run once in each target, and says its words once.

What was done is lost before a commit and not after it, so that these are the deaths that could do something twice.
"""

import asyncio
import itertools
import random
import shutil
from asyncio.subprocess import Process
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crashes.lives import Lives, People, a_nursery
from tests.patience import PATIENCE
from tests.scenarios.company import PROD, ROOT, Company
from tests.somebody import Somebody

AT_ONCE = 3
FIRST = 3
STRIDE = 8
"""From which commit on one in so many is tried, another choice each time: what comes before is tried elsewhere."""
WORKFLOW = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: workflow-prod
  labels: {app.oam.dev/name: shop, app.oam.dev/env-name: prod}
steps:
  - name: secret
    type: export2secret
    properties: {secretName: hook, data: {url: {fromSetting: RELEASES_WEBHOOK_URL}}}
  - name: migrate
    type: apply-job
    properties:
      once: revision
      value:
        apiVersion: batch/v1
        kind: Job
        metadata: {name: migrate}
        spec:
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: migrate
                  image: registry.shop.example/migrate:v1
                  envFrom: [{secretRef: {name: hook}}]
  - name: tidy
    type: delete-object
    properties: {apiVersion: v1, kind: Secret, name: hook}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What there is to see when it is over."""

    deaths: int
    pods: list[int]
    jobs: list[int]
    secrets: list[int]
    told: int
    cards: int


async def a_delivery(folder: Path, workflows: Path, nursery: Process, commit: int) -> Ending:
    """Deploy and look, with a bot that dies once on the way."""
    company = Company(folder, workflows, speed=40.0)
    await company.open_world()
    somebody = Somebody(company.sandbox)
    lives = Lives(company, nursery)
    try:
        async with asyncio.timeout(PATIENCE):
            await lives.open(commit=commit, moment="before")
            await People(company, lives).deploy()
            card = await company.card("shop/prod#1", says="revision v1")
            await company.in_thread(card, "v1 of shop is in prod")
            return await what_is_there(company, somebody, lives)
    except Exception as error:
        error.add_note("\n".join([f"it died before commit {commit}", *lives.output[-60:]]))
        raise
    finally:
        await lives.close()
        await somebody.close()
        await company.close()


async def what_is_there(company: Company, somebody: Somebody, lives: Lives) -> Ending:
    """Look at everything that a crash could have doubled or lost."""

    async def counted(path: str) -> list[int]:
        found = [await somebody.lists(path, cluster) for cluster in ("east", "west")]
        return [len(each) for each in found]

    cards = [each for each in await company.world.messages(PROD) if each["user"] == "shipmate"]
    thread = await company.thread(cards[0])
    return Ending(
        deaths=lives.deaths,
        pods=await counted(f"/api/v1/namespaces/{PROD}/pods"),
        jobs=await counted(f"/apis/batch/v1/namespaces/{PROD}/jobs"),
        secrets=await counted(f"/api/v1/namespaces/{PROD}/secrets"),
        told=sum("migrate | " in each for each in thread),
        cards=len(cards),
    )


@pytest.mark.timeout(600)  # some fifteen deliveries
async def test_a_death_at_any_commit_runs_no_job_twice(tmp_path: Path) -> None:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    (workflows / "shop" / "workflow-prod.yaml").write_text(WORKFLOW, encoding="utf-8")
    commits = itertools.count(FIRST + random.randrange(STRIDE), STRIDE)
    over = asyncio.Event()

    async def try_one_after_another() -> None:
        async with a_nursery() as nursery:
            while not over.is_set():
                commit = next(commits)
                ending = await a_delivery(tmp_path / str(commit), workflows, nursery, commit)
                expected = Ending(
                    deaths=ending.deaths, pods=[1, 1], jobs=[1, 1], secrets=[0, 0], told=1, cards=1
                )
                assert ending == expected, f"it died before commit {commit}"
                if not ending.deaths:
                    over.set()  # there are fewer commits: every one of them has been the last

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(try_one_after_another())

    assert next(commits) > 12
