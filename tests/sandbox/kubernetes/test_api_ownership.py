"""Who owns which field: the account in managedFields, and the conflicts that come of it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.kubernetes.api import DEPLOYMENTS, Api
from tests.sandbox.kubernetes.conftest import Kubectl, a_deployment

WEB = f"{DEPLOYMENTS}/web"
MERGE = "application/merge-patch+json"
NAME = {"name": "web", "namespace": "shop"}


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[Api]:
    made = Api(sandbox)
    await made.done("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
    yield made
    await made.client.aclose()


def with_environment(**variables: str) -> dict[str, Any]:
    made = a_deployment(replicas=0)
    (container,) = made["spec"]["template"]["spec"]["containers"]
    container["env"] = [{"name": name, "value": variables[name]} for name in variables]
    return made


def part(containers: list[dict[str, Any]]) -> dict[str, Any]:
    """Make what a second manager says of the Deployment: some of its containers."""
    head = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": NAME}
    return {**head, "spec": {"template": {"spec": {"containers": containers}}}}


async def entries(api: Api) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Answer what each manager owns: by name, operation and subresource."""
    found = await api.done("GET", WEB)
    return {
        (each["manager"], each["operation"], each.get("subresource", "")): each["fieldsV1"]
        for each in found["metadata"]["managedFields"]
    }


async def environment(api: Api) -> dict[str, str]:
    found = await api.done("GET", WEB)
    (container,) = found["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each["value"] for each in container.get("env", [])}


async def test_a_conflict_names_each_field_and_its_manager(api: Api) -> None:
    await api.apply(DEPLOYMENTS, a_deployment(replicas=1), "shipmate")
    patch = {"spec": {"replicas": 3}}
    await api.done("PATCH", WEB, patch, kind=MERGE, fieldManager="kubectl-edit")
    other = a_deployment(image="nginx:1.28", replicas=2)

    refused = await api.apply(DEPLOYMENTS, other, "second")

    image = '.spec.template.spec.containers[name="web"].image'
    assert refused.status_code == 409
    told = refused.json()
    assert told["reason"] == "Conflict"
    assert told["details"]["causes"] == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "shipmate"',
            "field": image,
        },
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "kubectl-edit" using apps/v1',
            "field": ".spec.replicas",
        },
    ]
    assert told["message"] == (
        'Apply failed with 2 conflicts: conflicts with "kubectl-edit" using apps/v1:\n'
        f'- .spec.replicas\nconflicts with "shipmate":\n- {image}'
    )


async def test_what_is_forced_changes_hands(api: Api) -> None:
    await api.apply(DEPLOYMENTS, a_deployment(replicas=1), "first")
    forced = await api.apply(DEPLOYMENTS, a_deployment(replicas=2), "second", force="true")
    assert forced.status_code == 200

    owned = await entries(api)
    assert "f:replicas" not in owned["first", "Apply", ""]["f:spec"]
    assert "f:replicas" in owned["second", "Apply", ""]["f:spec"]
    back = await api.apply(DEPLOYMENTS, a_deployment(replicas=1), "first")
    assert back.json()["message"] == (
        'Apply failed with 1 conflict: conflict with "second": .spec.replicas'
    )


async def test_the_same_value_is_shared_and_stays_until_nobody_wants_it(api: Api) -> None:
    await api.apply(DEPLOYMENTS, with_environment(A="1", B="2"), "first")
    shared = part([{"name": "web", "env": [{"name": "B", "value": "2"}]}])
    assert (await api.apply(DEPLOYMENTS, shared, "second")).status_code == 200

    await api.apply(DEPLOYMENTS, with_environment(), "first")
    assert await environment(api) == {"B": "2"}
    assert (await api.apply(DEPLOYMENTS, part([{"name": "web"}]), "second")).status_code == 200
    assert await environment(api) == {}


async def test_a_second_manager_adds_its_own_items(api: Api) -> None:
    await api.apply(DEPLOYMENTS, with_environment(A="1"), "first")
    mine = part([{"name": "web", "env": [{"name": "Z", "value": "9"}]}])
    await api.apply(DEPLOYMENTS, mine, "second")
    await api.apply(DEPLOYMENTS, with_environment(A="2"), "first")
    assert await environment(api) == {"A": "2", "Z": "9"}


async def test_an_ordinary_write_takes_what_it_changes(api: Api) -> None:
    await api.apply(DEPLOYMENTS, a_deployment(replicas=1), "first")
    patch = {"spec": {"replicas": 1, "minReadySeconds": 5}}
    await api.done("PATCH", WEB, patch, kind=MERGE, fieldManager="hand")
    owned = await entries(api)
    assert owned["hand", "Update", ""] == {"f:spec": {"f:minReadySeconds": {}}}
    assert "f:replicas" in owned["first", "Apply", ""]["f:spec"]


async def test_the_scale_belongs_to_who_scales(api: Api) -> None:
    await api.apply(DEPLOYMENTS, a_deployment(replicas=1), "first")
    scale = {"spec": {"replicas": 4}}
    await api.done("PATCH", f"{WEB}/scale", scale, kind=MERGE, fieldManager="scaler")

    owned = await entries(api)
    assert owned["scaler", "Update", "scale"] == {"f:spec": {"f:replicas": {}}}
    refused = await api.apply(DEPLOYMENTS, a_deployment(replicas=1), "first")
    said = 'conflict with "scaler" with subresource "scale" using apps/v1: .spec.replicas'
    assert refused.json()["message"] == f"Apply failed with 1 conflict: {said}"


async def test_the_controllers_account_for_the_status(api: Api) -> None:
    await api.apply(DEPLOYMENTS, a_deployment(replicas=1), "first")
    async with api.watch("/api/v1/namespaces/shop/pods") as pods:
        while True:
            found = (await pods.next())["object"]
            if found["status"]["phase"] == "Running":
                break
    by = {
        (each["manager"], each.get("subresource", ""))
        for each in found["metadata"]["managedFields"]
    }
    assert by == {("kube-controller-manager", ""), ("kubelet", "status")}
    owned = await entries(api)
    assert "f:status" in owned["kube-controller-manager", "Update", "status"]


async def test_what_was_never_accounted_for_conflicts_with_nobody_in_particular(api: Api) -> None:
    await api.apply(DEPLOYMENTS, a_deployment(replicas=1), "first")
    patch: dict[str, Any] = {"metadata": {"managedFields": [{}]}}
    cleared = await api.done("PATCH", WEB, patch, kind=MERGE)
    assert "managedFields" not in cleared["metadata"]
    refused = await api.apply(DEPLOYMENTS, a_deployment(replicas=2), "first")
    assert 'conflict with "before-first-apply" using apps/v1' in refused.json()["message"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"replicas": "three"}, ".spec.replicas: expected numeric (int or float), got string"),
        ({"replica": 3}, ".spec.replica: field not declared in schema"),
        ({"paused": "yes"}, ".spec.paused: expected boolean, got &{yes}"),
    ],
)
async def test_what_does_not_fit_cannot_be_applied(
    api: Api, change: dict[str, Any], said: str
) -> None:
    wrong = a_deployment()
    wrong["spec"].update(change)
    refused = await api.apply(DEPLOYMENTS, wrong, "first")
    assert refused.status_code == 500
    head = "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): "
    assert refused.json()["message"] == head + said


async def test_amounts_are_kept_as_the_server_writes_them(api: Api) -> None:
    made = a_deployment(replicas=0)
    (container,) = made["spec"]["template"]["spec"]["containers"]
    container["resources"] = {"requests": {"cpu": 0.5, "memory": "1024Mi"}}
    answer = await api.apply(DEPLOYMENTS, made, "first")
    (kept,) = answer.json()["spec"]["template"]["spec"]["containers"]
    assert kept["resources"] == {"requests": {"cpu": "500m", "memory": "1Gi"}}


@pytest.mark.kubectl
async def test_kubectl_tells_of_a_conflict_and_how_to_go_on(kubectl: Kubectl) -> None:
    await kubectl.applies(a_deployment(), manager="shipmate")
    given = json.dumps(a_deployment(image="nginx:1.28"))
    refused = await kubectl("apply", "--server-side", "-f", "-", given=given)
    assert "Apply failed with 1 conflict" in refused.err
    assert "--force-conflicts" in refused.err
    await kubectl.does("apply", "--server-side", "--force-conflicts", "-f", "-", given=given)
