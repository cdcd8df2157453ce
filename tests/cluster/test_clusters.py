"""Applying and following: in order, idempotent, shared, and through everything an API server does to its clients."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from bot.catalog.model import Cluster
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.cluster.port import Applied, Contested, Explanation, Health
from bot.errors import Permanent, Temporary
from bot.run.inventory import ref_of
from bot.sandbox.server import Sandbox
from tests.sandbox.kubernetes.conftest import a_deployment

Told = AsyncIterator[dict[Applied, Health]]


def a_service(name: str = "web") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80}]},
    }


async def rolled_out(told: Told) -> list[Health]:
    """Follow one object until it is rolled out; answer all that was told of it."""
    found: list[Health] = []
    async with asyncio.timeout(30), aclosing(told) as health:  # type: ignore[type-var] # it is a generator
        async for each in health:
            (now,) = each.values()
            found.append(now)
            if now.done or now.failed:
                break
    return found


async def images(clusters: KubeClusters, name: str = "web") -> str:
    (found,) = await clusters.live("east", [ref_of(a_deployment(name))])
    assert found is not None
    return str(found["spec"]["template"]["spec"]["containers"][0]["image"])


async def test_objects_are_applied_in_a_namespace_that_is_made_for_them(
    clusters: KubeClusters,
) -> None:
    applied = await clusters.apply("east", [a_deployment(), a_service()])

    assert [(each.kind, each.namespace, each.name) for each in applied] == [
        ("Service", "shop", "web"),  # what others need comes first
        ("Deployment", "shop", "web"),
    ]
    live = await clusters.live(
        "east", [ref_of(a_deployment()), ref_of(a_service()), ref_of(a_service("another"))]
    )
    assert [each is not None for each in live] == [True, True, False]


async def test_applying_again_changes_nothing(clusters: KubeClusters) -> None:
    first = await clusters.apply("east", [a_deployment()])
    (before,) = await clusters.live("east", [ref_of(a_deployment())])
    again = await clusters.apply("east", [a_deployment()])
    (after,) = await clusters.live("east", [ref_of(a_deployment())])

    assert again == first
    assert before is not None
    assert after is not None
    assert before["spec"] == after["spec"]
    assert before["metadata"]["generation"] == after["metadata"]["generation"]


async def test_a_field_of_someone_else_is_not_taken_from_them(
    clusters: KubeClusters, sandbox: Sandbox
) -> None:
    await clusters.apply("east", [a_deployment(replicas=2)])
    api, paths = clusters._server("east")
    await api.call(
        "PATCH",
        await paths.of_ref(ref_of(a_deployment())),
        query={"fieldManager": "autoscaler", "force": "true"},
        body={**a_deployment(replicas=5), "spec": {"replicas": 5}},
        content_type="application/apply-patch+yaml",
    )

    with pytest.raises(Contested, match=r"^Deployment web: \.spec\.replicas belongs to autoscaler"):
        await clusters.apply("east", [a_deployment(replicas=2)])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {**a_deployment(), "spec": {"replicas": "three"}},
            r"\.spec\.replicas: expected numeric \(int or float\), got string",
        ),
        ({**a_deployment(), "spce": {}}, r"\.spce: field not declared in schema"),
        ({**a_deployment(), "spec": {}}, r"spec\.selector: Required value"),
        ({**a_deployment(), "kind": "Deploymint"}, "east has no kind Deploymint in apps/v1"),
    ],
)
async def test_what_the_server_refuses_is_told_in_its_words(
    clusters: KubeClusters, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(Permanent, match=said):
        await clusters.apply("east", [wrong])


async def test_a_rollout_is_followed_to_its_end(clusters: KubeClusters) -> None:
    applied = await clusters.apply("east", [a_deployment(replicas=3)])

    told = await rolled_out(clusters.follow("east", applied))

    assert [each.ready for each in told] == sorted(each.ready for each in told)
    assert (told[-1].ready, told[-1].wanted, told[-1].done) == (3, 3, True)
    assert not any(each.done for each in told[:-1])


async def test_a_second_rollout_is_not_taken_for_the_first(clusters: KubeClusters) -> None:
    await rolled_out(clusters.follow("east", await clusters.apply("east", [a_deployment()])))

    applied = await clusters.apply("east", [a_deployment(image="nginx:1.28")])
    told = await rolled_out(clusters.follow("east", applied))

    assert not told[0].done
    assert told[-1].done
    assert await images(clusters) == "nginx:1.28"


async def test_followers_of_a_namespace_share_their_watches(
    clusters: KubeClusters, sandbox: Sandbox
) -> None:
    names = [f"web{number}" for number in range(10)]
    applied = [(await clusters.apply("east", [a_deployment(name)]))[0] for name in names]

    told = await asyncio.gather(*(rolled_out(clusters.follow("east", [each])) for each in applied))

    assert all(each[-1].done for each in told)
    assert len(clusters._watches._running) == 3


@pytest.mark.parametrize("fault", ["down", "expired"])
async def test_a_watch_that_is_cut_goes_on_where_the_world_is_now(
    clusters: KubeClusters, sandbox: Sandbox, fault: str
) -> None:
    sandbox.faults.add("cluster/east", "not-ready", None, name="web")
    applied = await clusters.apply("east", [a_deployment()])
    following = asyncio.create_task(rolled_out(clusters.follow("east", applied)))
    await asyncio.sleep(0.3)  # it watches, and nothing gets ready

    made = sandbox.faults.add("cluster/east", fault, None)
    await asyncio.sleep(0.3)
    sandbox.faults.drop(made)
    sandbox.faults.clear("cluster/east", "not-ready")

    told = await following
    assert told[-1].done


async def test_a_server_that_is_down_is_a_matter_of_time(
    clusters: KubeClusters, sandbox: Sandbox
) -> None:
    sandbox.faults.add("cluster/east", "down", None)

    with pytest.raises(Temporary, match="east answered 503"):
        await clusters.apply("east", [a_deployment()])
    assert await clusters.explain("east", []) == Explanation()


async def test_an_image_that_cannot_be_pulled_is_explained(
    clusters: KubeClusters, sandbox: Sandbox
) -> None:
    sandbox.faults.add("cluster/east", "image", None, image="nginx:1.27")
    applied = await clusters.apply("east", [a_deployment()])

    told = await rolled_out(clusters.follow("east", applied))
    lines = (await clusters.explain("east", applied)).lines

    assert told[-1].failed == "the image nginx:1.27 cannot be pulled"
    assert any("ImagePullBackOff" in each or "ErrImagePull" in each for each in lines)
    assert any("nginx:1.27" in each for each in lines)


async def test_a_crash_is_explained_by_its_last_words(
    clusters: KubeClusters, sandbox: Sandbox
) -> None:
    sandbox.faults.add("cluster/east", "crash", None, name="web")
    applied = await clusters.apply("east", [a_deployment()])

    told = await rolled_out(clusters.follow("east", applied))
    lines = (await clusters.explain("east", applied)).lines

    assert "crashes again and again (exit code 1)" in told[-1].failed
    assert any(each.startswith("web | ") for each in lines)
    assert len(lines) <= 20


def a_workload(kind: str, **spec: Any) -> dict[str, Any]:
    """Make a workload of another kind out of a Deployment."""
    made = a_deployment()
    made["kind"] = kind
    del made["spec"]["replicas"]
    made["spec"].update(spec)
    return made


def a_job(**spec: Any) -> dict[str, Any]:
    template = a_deployment()["spec"]["template"]
    template["spec"]["restartPolicy"] = "Never"
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "migrate", "namespace": "shop"},
        "spec": {"template": template, **spec},
    }


@pytest.mark.parametrize(
    "manifest",
    [
        a_workload("StatefulSet", replicas=2, serviceName="web"),
        a_workload("DaemonSet"),
        a_job(completions=2),
    ],
    ids=lambda each: each["kind"],
)
async def test_every_kind_of_workload_is_followed_to_its_end(
    clusters: KubeClusters, manifest: dict[str, Any]
) -> None:
    applied = await clusters.apply("east", [manifest])

    told = await rolled_out(clusters.follow("east", applied))

    assert told[-1].done
    assert told[-1].ready == told[-1].wanted


async def test_a_job_that_fails_is_explained_by_its_last_words(
    clusters: KubeClusters, sandbox: Sandbox
) -> None:
    sandbox.faults.add("cluster/east", "crash", None, name="migrate")
    applied = await clusters.apply("east", [a_job(backoffLimit=1)])

    told = await rolled_out(clusters.follow("east", applied))
    lines = (await clusters.explain("east", applied)).lines

    assert told[-1].failed == "Job has reached the specified backoff limit"
    assert "ended with exit code 1" in lines[0]
    assert any(each.startswith("web | ") for each in lines[1:])


async def test_an_object_of_a_cluster_comes_into_no_namespace(clusters: KubeClusters) -> None:
    role: dict[str, Any] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "reader", "namespace": "shop"},
        "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}],
    }

    (applied,) = await clusters.apply("east", [role])

    assert (applied.name, applied.namespace) == ("reader", "")


async def test_a_cluster_that_is_another_one_now_is_looked_at_anew(
    clusters: KubeClusters, catalog: dict[str, Cluster], sandbox: Sandbox
) -> None:
    applied = await clusters.apply("east", [a_deployment()])
    await rolled_out(clusters.follow("east", applied))
    sandbox.faults.add("cluster/west", "image", None, image="nginx:1.27")

    catalog["east"] = Cluster(name="east", context="west")  # while the old watches still linger
    told = await rolled_out(clusters.follow("east", await clusters.apply("east", [a_deployment()])))

    assert not told[0].done
    assert told[-1].failed == "the image nginx:1.27 cannot be pulled"


async def test_an_object_longer_than_a_line_of_the_client_is_watched(
    clusters: KubeClusters,
) -> None:
    big = a_deployment()
    big["metadata"]["annotations"] = {"notes": "x" * 200_000}
    applied = await clusters.apply("east", [big])

    assert (await rolled_out(clusters.follow("east", applied)))[-1].done


async def test_a_cluster_that_left_the_catalog_is_named(
    clusters: KubeClusters, catalog: dict[str, Cluster]
) -> None:
    del catalog["west"]

    with pytest.raises(Permanent, match="no cluster west"):
        await clusters.apply("west", [a_deployment()])


async def test_a_context_that_the_kubeconfig_does_not_have_is_named(clusters: KubeClusters) -> None:
    with pytest.raises(Permanent, match="the kubeconfig has no context gone"):
        await clusters.apply("gone", [a_deployment()])


async def test_a_wrong_token_is_refused_and_said(sandbox: Sandbox, tmp_path: Path) -> None:
    config = sandbox.kubeconfig()
    config["users"][0]["user"]["token"] = "expired"
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    clusters = KubeClusters(
        lambda: {"east": Cluster(name="east", context="east")}, path, SystemClock()
    )

    with pytest.raises(Temporary, match="east refuses the credentials"):
        await clusters.apply("east", [a_deployment()])
    await clusters.close()


async def test_an_address_where_nobody_listens_is_a_matter_of_time(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    config = sandbox.kubeconfig()
    config["clusters"][0]["cluster"]["server"] = "http://127.0.0.1:9"
    path = tmp_path / "nobody.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    clusters = KubeClusters(
        lambda: {"east": Cluster(name="east", context="east")}, path, SystemClock()
    )

    with pytest.raises(Temporary, match="east cannot be reached"):
        await clusters.apply("east", [a_deployment()])
    await clusters.close()
