"""apply, diff, rollout, scale, delete: what a person does to a cluster."""

import json

import pytest

from tests.sandbox.kubernetes.conftest import Kubectl, a_deployment

pytestmark = pytest.mark.kubectl


async def rolled_out(kubectl: Kubectl, name: str = "web") -> str:
    return await kubectl.does(
        "-n", "shop", "rollout", "status", f"deployment/{name}", "--timeout=150s"
    )


async def test_apply_changes_only_what_is_different(kubectl: Kubectl) -> None:
    assert await kubectl.applies(a_deployment()) == "deployment.apps/web serverside-applied\n"
    before = await kubectl.reads("-n", "shop", "get", "deploy", "web")
    await rolled_out(kubectl)
    await kubectl.applies(a_deployment())
    again = await kubectl.reads("-n", "shop", "get", "deploy", "web")
    assert again["metadata"]["generation"] == before["metadata"]["generation"] == 1

    await kubectl.applies(a_deployment(image="nginx:1.28"))

    changed = await kubectl.reads("-n", "shop", "get", "deploy", "web")
    assert changed["metadata"]["generation"] == 2
    assert "successfully rolled out" in await rolled_out(kubectl)


async def test_apply_takes_away_what_is_no_longer_said(kubectl: Kubectl) -> None:
    first = a_deployment()
    first["metadata"]["annotations"] = {"one": "1", "two": "2"}
    await kubectl.applies(first)
    first["metadata"]["annotations"] = {"one": "1"}

    await kubectl.applies(first)

    found = await kubectl.reads("-n", "shop", "get", "deploy", "web")
    annotations = found["metadata"]["annotations"]
    assert annotations["one"] == "1"
    assert "two" not in annotations


async def test_a_field_of_another_manager_is_a_conflict_that_names_it(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment(), manager="shipmate")
    given = json.dumps(a_deployment(image="nginx:1.28"))

    refused = await kubectl("apply", "--server-side", "--field-manager=me", "-f", "-", given=given)

    assert refused.code == 1
    assert 'conflict with "shipmate"' in refused.err
    assert '.spec.template.spec.containers[name="web"].image' in refused.err
    await kubectl.does(
        "apply", "--server-side", "--field-manager=me", "--force-conflicts", "-f", "-", given=given
    )
    found = await kubectl.reads("-n", "shop", "get", "deploy", "web", "--show-managed-fields")
    assert {each["manager"] for each in found["metadata"]["managedFields"]} >= {"me", "shipmate"}
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.28"


async def test_diff_shows_what_apply_would_change_and_changes_nothing(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment())
    same = await kubectl("diff", "--server-side", "-f", "-", given=json.dumps(a_deployment()))
    assert (same.code, same.out) == (0, "")

    other = json.dumps(a_deployment(image="nginx:1.28"))
    different = await kubectl("diff", "--server-side", "-f", "-", given=other)

    assert different.code == 1
    assert "-      - image: nginx:1.27" in different.out
    assert "+      - image: nginx:1.28" in different.out
    found = await kubectl.reads("-n", "shop", "get", "deploy", "web")
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.27"


async def test_an_invalid_object_is_refused_with_the_field(kubectl: Kubectl) -> None:
    wrong = a_deployment()
    wrong["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    refused = await kubectl("apply", "--server-side", "-f", "-", given=json.dumps(wrong))
    assert refused.code == 1
    assert "spec.template.metadata.labels" in refused.err
    assert "`selector` does not match template `labels`" in refused.err

    typo = a_deployment()
    typo["spec"]["replica"] = 3
    refused = await kubectl("apply", "--server-side", "-f", "-", given=json.dumps(typo))
    assert refused.code == 1
    assert ".spec.replica: field not declared in schema" in refused.err

    twice = a_deployment()
    twice["spec"]["template"]["spec"]["containers"] *= 2
    refused = await kubectl("apply", "--server-side", "-f", "-", given=json.dumps(twice))
    assert refused.code == 1
    assert 'containers: duplicate entries for key [name="web"]' in refused.err


async def test_a_namespace_that_is_not_there_is_named(kubectl: Kubectl) -> None:
    stray = a_deployment()
    stray["metadata"]["namespace"] = "nowhere"

    refused = await kubectl("apply", "--server-side", "-f", "-", given=json.dumps(stray))

    assert refused.code == 1
    assert 'namespaces "nowhere" not found' in refused.err


async def test_a_rollout_that_cannot_go_on_is_waited_for_and_can_be_undone(
    kubectl: Kubectl,
) -> None:
    await kubectl.applies(a_deployment())
    await rolled_out(kubectl)
    kubectl.sandbox.faults.add("cluster/east", "image", None, image="nginx:broken")
    await kubectl.applies(a_deployment(image="nginx:broken"))

    waited = await kubectl("-n", "shop", "rollout", "status", "deploy/web", "--timeout=2s")
    assert waited.code == 1
    assert "new replicas have been updated" in waited.out
    running = await kubectl.reads(
        "-n", "shop", "get", "pods", "--field-selector=status.phase=Running"
    )
    images = [each["spec"]["containers"][0]["image"] for each in running["items"]]
    assert images == ["nginx:1.27"] * 2

    await kubectl.does("-n", "shop", "rollout", "undo", "deploy/web")
    await rolled_out(kubectl)
    history = await kubectl.does("-n", "shop", "rollout", "history", "deploy/web")
    assert history.splitlines()[-2].split()[0] == "3"


async def test_scale_and_restart(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment())
    await rolled_out(kubectl)

    await kubectl.does("-n", "shop", "scale", "deploy/web", "--replicas=4")
    await rolled_out(kubectl)
    pods = await kubectl.reads("-n", "shop", "get", "pods")
    before = {each["metadata"]["uid"] for each in pods["items"]}
    assert len(before) == 4

    await kubectl.does("-n", "shop", "rollout", "restart", "deploy/web")
    await rolled_out(kubectl)
    await kubectl.does(
        "-n", "shop", "wait", "deploy/web", "--for=condition=Available", "--timeout=150s"
    )
    deployment = await kubectl.reads("-n", "shop", "get", "deploy", "web")
    assert deployment["status"]["updatedReplicas"] == 4


async def test_a_paused_deployment_is_scaled_and_rolls_nothing_out(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment())
    await rolled_out(kubectl)
    await kubectl.does("-n", "shop", "rollout", "pause", "deploy/web")

    await kubectl.does("-n", "shop", "set", "image", "deploy/web", "web=nginx:1.28")
    await kubectl.does("-n", "shop", "scale", "deploy/web", "--replicas=3")
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        "deploy/web",
        "--timeout=150s",
        "--for=jsonpath={.status.readyReplicas}=3",
    )  # fmt: skip - reads as a line of shell

    found = await kubectl.reads("-n", "shop", "get", "deploy", "web")
    assert found["status"]["observedGeneration"] == found["metadata"]["generation"]
    reasons = {each["type"]: each["reason"] for each in found["status"]["conditions"]}
    assert reasons["Progressing"] == "DeploymentPaused"
    pods = await kubectl.reads("-n", "shop", "get", "pods")
    assert {each["spec"]["containers"][0]["image"] for each in pods["items"]} == {"nginx:1.27"}
    await kubectl.does("-n", "shop", "rollout", "resume", "deploy/web")
    await rolled_out(kubectl)


async def test_delete_takes_what_belongs_to_it_along(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment())
    await rolled_out(kubectl)

    deleted = await kubectl.does("-n", "shop", "delete", "deploy", "web", "--cascade=foreground")

    assert 'deployment.apps "web" deleted' in deleted
    await kubectl.does(
        "-n", "shop", "wait", "pod", "-l", "app=web", "--for=delete", "--timeout=150s"
    )
    assert (await kubectl.reads("-n", "shop", "get", "all"))["items"] == []


async def test_delete_of_a_namespace_takes_everything_in_it_along(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment())
    await rolled_out(kubectl)

    await kubectl.does("delete", "namespace", "shop", "--timeout=150s")

    gone = await kubectl("get", "namespace", "shop")
    assert 'namespaces "shop" not found' in gone.err
    assert (await kubectl.reads("get", "pods,deployments", "-A"))["items"] == []
