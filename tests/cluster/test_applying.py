"""Applying: in order, again without a change, never over somebody else's fields, and by what policies say."""

from typing import Any

import pytest

from bot.cluster.port import Claim, Contested
from bot.errors import Permanent
from bot.run.inventory import Ref, ref_of
from tests.cluster.places import MERGE, Place


async def test_objects_are_applied_in_a_namespace_that_is_made_for_them(place: Place) -> None:
    applied = await place.apply(place.deployment(), place.service(), place.settings(a="1"))

    assert [(each.kind, each.namespace, each.name) for each in applied] == [
        ("ConfigMap", place.namespace, "settings"),  # what others need comes first
        ("Service", place.namespace, "web"),
        ("Deployment", place.namespace, "web"),
    ]
    assert await place.is_there(place.deployment())
    assert not await place.is_there(place.service("another"))


async def test_each_object_is_one_request(place: Place) -> None:
    await place.apply(place.deployment(), place.service())
    place.requests.clear()

    await place.apply(place.deployment(), place.service())

    assert [verb for verb, _ in place.requests.all] == ["PATCH", "PATCH"]


async def test_applying_again_changes_nothing(place: Place) -> None:
    first = await place.apply(place.deployment())
    before = await place.live(place.deployment())
    again = await place.apply(place.deployment())
    after = await place.live(place.deployment())

    assert again == first
    assert before["spec"] == after["spec"]
    assert before["metadata"]["generation"] == after["metadata"]["generation"]


async def test_a_field_of_someone_else_is_not_taken_from_them(place: Place) -> None:
    await place.apply(place.deployment(replicas=2))
    await place.by_another("autoscaler", place.deployment(), {"spec": {"replicas": 5}}, MERGE)

    with pytest.raises(Contested) as refused:
        await place.apply(place.deployment(replicas=2))

    assert str(refused.value) == (
        "Deployment web on east: .spec.replicas belongs to autoscaler; "
        "take it over by a take-over policy, or leave it out"
    )
    assert refused.value.claims == (Claim(field=".spec.replicas", manager="autoscaler"),)
    assert refused.value.code == "409"
    assert (await place.live(place.deployment()))["spec"]["replicas"] == 5


async def test_every_contested_field_is_named_with_its_owner(place: Place) -> None:
    await place.apply(place.deployment(replicas=2))
    other = place.deployment(replicas=3, image="nginx:1.28")
    await place.by_another("argo-cd", other, other)

    with pytest.raises(Contested) as refused:
        await place.apply(place.deployment(replicas=2))

    assert {each.field for each in refused.value.claims} == {
        ".spec.replicas",
        '.spec.template.spec.containers[name="web"].image',
    }
    assert {each.manager for each in refused.value.claims} == {"argo-cd"}


async def test_fields_are_taken_over_where_the_author_says_so_and_nowhere_else(
    place: Place,
) -> None:
    web, api = place.deployment("web", replicas=2), place.deployment("api", replicas=2)
    await place.apply(web, api)
    for each in (web, api):
        await place.by_another("autoscaler", each, {"spec": {"replicas": 5}}, MERGE)

    (applied,) = await place.apply(web, force=[ref_of(web)])
    assert applied.generation == (await place.live(web))["metadata"]["generation"]
    assert (await place.live(web))["spec"]["replicas"] == 2
    with pytest.raises(Contested, match=r"^Deployment api on east: "):
        await place.apply(api, force=[ref_of(web)])


async def test_what_is_to_be_applied_once_is_left_alone_when_it_is_there(place: Place) -> None:
    first, second = place.settings(a="1"), place.settings(a="2")
    once = [ref_of(first)]

    await place.apply(first, once=once)
    (applied,) = await place.apply(second, once=once)

    assert applied.ref == ref_of(first)
    assert (await place.live(first))["data"] == {"a": "1"}


async def test_what_is_only_read_is_never_written(place: Place) -> None:
    mine = place.settings(a="1")
    with pytest.raises(
        Permanent, match=r"east has no ConfigMap settings in .*, and it is only read"
    ):
        await place.apply(mine, read_only=[ref_of(mine)])

    await place.apply(mine)
    (applied,) = await place.apply(place.settings(a="2"), read_only=[ref_of(mine)])

    assert applied.ref == ref_of(mine)
    assert (await place.live(mine))["data"] == {"a": "1"}


async def test_a_policy_for_an_object_holds_for_every_version_of_its_kind(place: Place) -> None:
    older = ref_of(place.deployment())._replace(api_version="apps/v1beta2")
    with pytest.raises(Permanent, match="only read"):
        await place.apply(place.deployment(), read_only=[older])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"spec": {"replicas": "three"}},
            r"east refused Deployment web: .*\.spec\.replicas: expected numeric \(int or float\), got string",
        ),
        ({"spce": {}}, r"\.spce: field not declared in schema"),
        ({"spec": {}}, r"east refused Deployment web: (.*; )?spec\.selector: Required value"),
        ({"kind": "Deploymint"}, "east has no kind Deploymint in apps/v1"),
    ],
)
async def test_what_the_server_refuses_is_told_in_its_words(
    place: Place, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(Permanent, match=said):
        await place.apply({**place.deployment(), **change})


async def test_an_object_of_a_cluster_comes_into_no_namespace(place: Place) -> None:
    role: dict[str, Any] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": place.namespace, "namespace": place.namespace},
        "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}],
    }

    (applied,) = await place.apply(place.cleared_later(role))

    assert applied.ref == Ref(role["apiVersion"], "ClusterRole", "", place.namespace)


async def test_a_cluster_that_left_the_catalog_is_named(place: Place) -> None:
    with pytest.raises(Permanent, match="no cluster west"):
        await place.clusters.apply("west", [place.deployment()])
