"""Jobs and CronJobs, as kubectl shows them."""

import asyncio
import json
from typing import Any

import pytest

from tests.patience import PATIENCE
from tests.sandbox.kubernetes.conftest import Kubectl
from tests.sandbox.kubernetes.test_kubectl_workloads import a_job

pytestmark = pytest.mark.kubectl


def a_cron_job(schedule: str = "* * * * *", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "report", "namespace": "shop"},
        "spec": {"schedule": schedule, "jobTemplate": {"spec": a_job()["spec"]}, **spec},
    }


async def job(kubectl: Kubectl, name: str = "migrate") -> dict[str, Any]:
    found: dict[str, Any] = await kubectl.reads("-n", "shop", "get", "job", name)
    return found


async def ends(kubectl: Kubectl, condition: str, name: str = "migrate") -> dict[str, str]:
    """Wait for a condition of a Job; answer all that are true, with their reasons."""
    await kubectl.does(
        "-n", "shop", "wait", f"job/{name}", f"--for=condition={condition}", "--timeout=150s"
    )
    found = (await job(kubectl, name))["status"]["conditions"]
    return {each["type"]: each["reason"] for each in found if each["status"] == "True"}


async def jobs(kubectl: Kubectl) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await kubectl.reads("-n", "shop", "get", "jobs"))["items"]
    return found


async def test_a_job_migrates_and_says_so(kubectl: Kubectl) -> None:
    await kubectl.applies(a_job())

    assert await ends(kubectl, "Complete") == {
        "SuccessCriteriaMet": "CompletionsReached",
        "Complete": "CompletionsReached",
    }
    log = await kubectl.does("-n", "shop", "logs", "job/migrate")
    assert log.splitlines()[-1].startswith("migration done: 3 of 3 applied")
    pods = await kubectl.reads("-n", "shop", "get", "pods", "-l", "job-name=migrate")
    assert len(pods["items"]) == 1


async def test_a_job_that_fails_leaves_its_last_words(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "fail-job", None, name="migrate")
    await kubectl.applies(a_job(backoffLimit=1))

    assert await ends(kubectl, "Failed") == {
        "FailureTarget": "BackoffLimitExceeded",
        "Failed": "BackoffLimitExceeded",
    }
    assert (await job(kubectl))["status"]["failed"] == 2
    log = await kubectl.does("-n", "shop", "logs", "job/migrate")
    assert log.splitlines()[-1].startswith("migration failed: 1 of 3 applied")
    row = (await kubectl.does("-n", "shop", "get", "jobs")).splitlines()[1]
    assert row.split()[:3] == ["migrate", "Failed", "0/1"]


async def test_a_job_past_its_deadline_is_ended(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "slow-start", None, name="migrate", seconds=10_000)
    await kubectl.applies(a_job(activeDeadlineSeconds=20))

    found = await ends(kubectl, "Failed")

    assert found == {"FailureTarget": "DeadlineExceeded", "Failed": "DeadlineExceeded"}
    assert (await kubectl.reads("-n", "shop", "get", "pods"))["items"] == []
    events = await kubectl.does("-n", "shop", "get", "events")
    assert "Job was active longer than specified deadline" in events


async def test_a_job_goes_away_when_its_time_to_live_is_over(kubectl: Kubectl) -> None:
    await kubectl.applies(a_job(ttlSecondsAfterFinished=10))

    await kubectl.does("-n", "shop", "wait", "job/migrate", "--for=delete", "--timeout=150s")

    await kubectl.does(
        "-n", "shop", "wait", "pod", "-l", "job-name=migrate", "--for=delete", "--timeout=150s"
    )


async def test_a_suspended_job_waits_and_goes_on(kubectl: Kubectl) -> None:
    await kubectl.applies(a_job(suspend=True))
    assert await ends(kubectl, "Suspended") == {"Suspended": "JobSuspended"}
    assert "startTime" not in (await job(kubectl))["status"]
    assert (await kubectl.reads("-n", "shop", "get", "pods"))["items"] == []

    patch = json.dumps({"spec": {"suspend": False}})
    await kubectl.does("-n", "shop", "patch", "job", "migrate", "--type=merge", "-p", patch)

    assert "Complete" in await ends(kubectl, "Complete")


async def test_an_indexed_job_numbers_its_pods(kubectl: Kubectl) -> None:
    await kubectl.applies(a_job(completions=3, parallelism=2, completionMode="Indexed"))
    await ends(kubectl, "Complete")
    assert (await job(kubectl))["status"]["completedIndexes"] == "0,1,2"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"completions": 3}, "spec.completions: Invalid value: 3: field is immutable"),
        (
            {"template": {"spec": {"containers": [{"name": "migrate", "image": "migrate:v2"}]}}},
            ": field is immutable",
        ),
        ({"selector": {"matchLabels": {"a": "b"}}}, "`selector` not auto-generated"),
    ],
)
async def test_what_a_job_does_cannot_be_changed(
    kubectl: Kubectl, change: dict[str, Any], said: str
) -> None:
    await kubectl.applies(a_job())

    patch = json.dumps({"spec": change})
    refused = await kubectl("-n", "shop", "patch", "job", "migrate", "-p", patch)

    assert refused.code == 1
    assert 'The Job "migrate" is invalid' in refused.err
    assert said in refused.err


async def test_a_cron_job_makes_jobs_and_keeps_few(kubectl: Kubectl) -> None:
    await kubectl.applies(a_cron_job(successfulJobsHistoryLimit=1))

    seen: set[str] = set()
    async with asyncio.timeout(PATIENCE):
        while len(seen) < 3:
            seen |= {each["metadata"]["name"] for each in await jobs(kubectl)}

    found = await kubectl.reads("-n", "shop", "get", "cronjob", "report")
    assert found["status"]["lastScheduleTime"]
    assert all(each.startswith("report-") for each in seen)
    events = await kubectl.does("-n", "shop", "get", "events")
    assert "Created job report-" in events
    assert "Saw completed job: report-" in events
    patch = json.dumps({"spec": {"suspend": True}})
    await kubectl.does("-n", "shop", "patch", "cronjob", "report", "-p", patch)
    async with asyncio.timeout(PATIENCE):
        while len(await jobs(kubectl)) != 1:
            pass


async def test_a_suspended_cron_job_makes_none(kubectl: Kubectl) -> None:
    await kubectl.applies(a_cron_job(suspend=True))
    await kubectl.applies({**a_cron_job(), "metadata": {"name": "other", "namespace": "shop"}})

    async with asyncio.timeout(PATIENCE):
        while not await jobs(kubectl):
            pass

    assert all(each["metadata"]["name"].startswith("other-") for each in await jobs(kubectl))


async def test_a_cron_job_does_not_overtake_itself(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "slow-start", None, name="report", seconds=10_000)
    await kubectl.applies(a_cron_job(concurrencyPolicy="Forbid"))

    async with asyncio.timeout(PATIENCE):
        while "JobAlreadyActive" not in await kubectl.does("-n", "shop", "get", "events"):
            pass

    (running,) = await jobs(kubectl)
    found = await kubectl.reads("-n", "shop", "get", "cronjob", "report")
    (active,) = found["status"]["active"]
    assert active["name"] == running["metadata"]["name"]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"schedule": "now"}, "expected exactly 5 fields, found 1: [now]"),
        ({"schedule": "61 * * * *"}, "end of range (61) above maximum (59): 61"),
        ({"timeZone": "Moon/Crater"}, "unknown time zone Moon/Crater"),
        ({"concurrencyPolicy": "Hurry"}, 'Unsupported value: "Hurry"'),
    ],
)
async def test_a_cron_job_that_is_never_due_is_refused(
    kubectl: Kubectl, spec: dict[str, Any], said: str
) -> None:
    given = json.dumps(a_cron_job(**spec))
    refused = await kubectl("apply", "--server-side", "-f", "-", given=given)
    assert refused.code == 1
    assert said in refused.err
