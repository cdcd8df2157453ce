"""Removing and reading: gone is gone, another one of the name stays, and what is owned goes along or stays."""

from bot.cluster.port import Manifest
from bot.run.inventory import ref_of
from tests.cluster.places import Place, followed, until


async def test_what_is_removed_is_gone_and_what_is_not_there_is_fine(place: Place) -> None:
    await place.apply(place.settings())

    assert await place.clusters.remove("east", ref_of(place.settings()))
    assert await place.clusters.remove("east", ref_of(place.settings()))
    assert not await place.is_there(place.settings())


async def test_a_kind_that_is_not_there_has_no_objects(place: Place) -> None:
    ref = ref_of(place.settings())._replace(api_version="nowhere.example.com/v1", kind="Gadget")

    assert await place.clusters.remove("east", ref)
    assert await place.clusters.live("east", [ref]) == [None]
    assert await place.clusters.find("east", ref.api_version, ref.kind, place.namespace) == []


async def test_another_one_of_the_same_name_is_left_alone(place: Place) -> None:
    await place.apply(place.settings())
    uid = (await place.live(place.settings()))["metadata"]["uid"]

    assert await place.clusters.remove("east", ref_of(place.settings()), uid="another")
    assert await place.is_there(place.settings())
    assert await place.clusters.remove("east", ref_of(place.settings()), uid=uid)
    assert not await place.is_there(place.settings())


async def test_what_a_finalizer_keeps_is_not_gone_yet(place: Place) -> None:
    kept = place.settings()
    kept["metadata"]["finalizers"] = ["example.com/wait"]
    await place.apply(kept)

    assert not await place.clusters.remove("east", ref_of(kept))
    assert not await place.clusters.remove("east", ref_of(kept))
    await place.apply(place.settings())  # which gives the finalizer up
    assert await place.clusters.remove("east", ref_of(kept))


async def sets_of(place: Place) -> list[Manifest]:
    return await place.clusters.find(
        "east", "apps/v1", "ReplicaSet", place.namespace, labels="app=web"
    )


async def test_what_an_object_owns_goes_with_it(place: Place) -> None:
    await place.needs_nodes()
    await followed(place.clusters.follow("east", await place.apply(place.deployment())))
    assert await sets_of(place)

    await place.clusters.remove("east", ref_of(place.deployment()))

    async def all_gone() -> bool:
        return not await sets_of(place)

    await until(all_gone)


async def test_what_an_object_owns_stays_when_it_is_orphaned(place: Place) -> None:
    await place.needs_nodes()
    await followed(place.clusters.follow("east", await place.apply(place.deployment())))

    web = ref_of(place.deployment())
    await until(lambda: place.clusters.remove("east", web, orphan=True))

    (left,) = await sets_of(place)
    assert not left["metadata"].get("ownerReferences")


async def test_objects_are_found_by_their_labels(place: Place) -> None:
    for name, colour in (("a", "red"), ("b", "blue"), ("c", "red")):
        manifest = place.settings(name)
        manifest["metadata"]["labels"] = {"colour": colour}
        await place.apply(manifest)

    found = await place.clusters.find(
        "east", "v1", "ConfigMap", place.namespace, labels="colour=red"
    )

    assert sorted(each["metadata"]["name"] for each in found) == ["a", "c"]
    assert all(each["kind"] == "ConfigMap" for each in found)
