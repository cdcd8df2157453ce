"""Custom kinds: defined and used in one breath, gone, and defined anew as something else."""

from typing import Any

import pytest

from bot.cluster.port import Manifest
from bot.errors import Permanent
from bot.run.inventory import ref_of
from tests.cluster.places import Place, followed, until


def definition(group: str, *, plural: str = "gadgets", scope: str = "Namespaced") -> Manifest:
    schema = {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"size": {"type": "integer"}}},
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": scope,
            "names": {"plural": plural, "kind": "Gadget"},
            "versions": [version],
        },
    }


def gadget(place: Place, group: str) -> Manifest:
    return place.of(
        {
            "apiVersion": f"{group}/v1",
            "kind": "Gadget",
            "metadata": {"name": "one"},
            "spec": {"size": 1},
        }
    )


async def gone(place: Place, manifest: Manifest) -> None:
    await until(lambda: place.clusters.remove("east", ref_of(manifest)))


@pytest.fixture
def group(place: Place) -> str:
    """Answer an API group that nobody else has."""
    return f"{place.namespace}.example.com"


async def test_a_kind_is_defined_and_used_in_one_call(place: Place, group: str) -> None:
    crd = place.cleared_later(definition(group))

    applied = await place.apply(gadget(place, group), crd)

    assert [each.kind for each in applied] == ["CustomResourceDefinition", "Gadget"]
    told = await followed(place.clusters.follow("east", applied[:1]))
    assert told[-1].done
    assert await place.is_there(gadget(place, group))


async def test_a_kind_that_went_and_came_anew_as_another_is_found_again(
    place: Place, group: str
) -> None:
    first = definition(group)
    await place.apply(first, gadget(place, group))
    await gone(place, first)
    assert not await place.is_there(gadget(place, group))
    assert await place.clusters.find("east", f"{group}/v1", "Gadget", place.namespace) == []

    second = place.cleared_later(definition(group, plural="gizmos", scope="Cluster"))
    (_, made) = await place.apply(second, gadget(place, group))

    assert made.namespace == ""
    assert await place.is_there(gadget(place, group))


async def test_a_kind_that_is_not_defined_is_told(place: Place, group: str) -> None:
    with pytest.raises(Permanent, match=f"east has no kind Gadget in {group}/v1"):
        await place.apply(gadget(place, group))


@pytest.mark.parametrize(
    ("status", "note", "done"),
    [
        ({"observedGeneration": 0}, "", False),
        ({"conditions": [{"type": "Ready", "status": "False", "reason": "Busy"}]}, "Busy", False),
        ({"conditions": [{"type": "Ready", "status": "True"}]}, "", True),
    ],
)
async def test_an_object_of_another_kind_is_followed_by_its_conditions(
    place: Place, group: str, status: dict[str, Any], note: str, *, done: bool
) -> None:
    await place.apply(place.cleared_later(definition(group)), gadget(place, group))
    await place.by_another(
        "operator", gadget(place, group), {**gadget(place, group), "status": status}, part="/status"
    )
    (again,) = await place.apply(gadget(place, group))

    told = await followed(place.clusters.follow("east", [again], patience=0.5))

    assert (told[-1].done, told[0].note) == (done, note)
    assert bool(told[-1].failed) is not done


async def test_a_preview_knows_the_kinds_that_the_same_call_defines(
    place: Place, group: str
) -> None:
    made, crd = await place.clusters.preview("east", [gadget(place, group), definition(group)])

    assert (made.live, made.becomes, made.refused) == (None, gadget(place, group), "")
    assert crd.becomes is not None
    assert not await place.is_there(definition(group))
