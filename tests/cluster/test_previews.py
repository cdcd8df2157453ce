"""Previews: what applying would do, said by the server itself, without doing it."""

from typing import Any

from bot.cluster.port import Claim, Manifest, Options, Preview
from bot.run.inventory import ref_of
from tests.cluster.places import MERGE, Place


async def preview(place: Place, manifest: Manifest, **options: Any) -> Preview:
    (found,) = await place.clusters.preview("east", [manifest], Options(**options))
    return found


async def test_what_would_be_made_is_shown_and_not_made(place: Place) -> None:
    found = await preview(place, place.settings(a="1"))

    assert found.ref == ref_of(place.settings())
    assert found.live is None
    assert found.becomes is not None
    assert found.becomes["data"] == {"a": "1"}
    assert not await place.is_there(place.settings())


async def test_in_a_namespace_that_is_there_the_server_fills_in_what_it_would(
    place: Place,
) -> None:
    await place.apply(place.settings())

    found = await preview(place, place.deployment())

    assert found.becomes is not None
    assert found.becomes["spec"]["strategy"]["type"] == "RollingUpdate"
    assert not await place.is_there(place.deployment())


async def test_a_change_is_shown_with_what_is_there(place: Place) -> None:
    await place.apply(place.settings(a="1", b="2"))

    found = await preview(place, place.settings(a="3"))

    assert found.live is not None
    assert found.becomes is not None
    assert found.live["data"] == {"a": "1", "b": "2"}
    assert found.becomes["data"] == {"a": "3"}  # what is not sent any more goes away
    assert (await place.live(place.settings()))["data"] == {"a": "1", "b": "2"}


async def test_contested_fields_are_named_and_shown_as_if_they_were_taken_over(
    place: Place,
) -> None:
    await place.apply(place.deployment(replicas=2))
    await place.by_another("autoscaler", place.deployment(), {"spec": {"replicas": 5}}, MERGE)

    found = await preview(place, place.deployment(replicas=2))
    forced = await preview(place, place.deployment(replicas=2), force=[ref_of(place.deployment())])

    assert found.claims == (Claim(field=".spec.replicas", manager="autoscaler"),)
    assert forced.claims == ()
    for each in (found, forced):
        assert each.becomes is not None
        assert each.becomes["spec"]["replicas"] == 2
        assert each.refused == ""


async def test_what_would_be_refused_says_why(place: Place) -> None:
    await place.apply(place.settings())
    wrong = place.deployment()
    wrong["spec"]["replicas"] = "three"

    found = await preview(place, wrong)

    assert found.becomes is None
    assert ".spec.replicas: expected numeric" in found.refused
    unknown = await preview(place, {**place.deployment(), "kind": "Deploymint"})
    assert unknown.refused == "east has no kind Deploymint in apps/v1"


async def test_policies_hold_in_previews_too(place: Place) -> None:
    mine, other = place.settings(a="1"), place.settings(a="2")
    unread = await preview(place, mine, read_only=[ref_of(mine)])
    assert unread.refused == "ConfigMap settings is only read, never made, and it is not there"
    await place.apply(mine)

    for key in ("once", "read_only"):
        found = await preview(place, other, **{key: [ref_of(mine)]})
        assert found.live is not None
        assert found.becomes == found.live
        assert found.becomes["data"] == {"a": "1"}


async def test_previews_come_in_the_order_in_which_they_were_asked_for(place: Place) -> None:
    asked = [place.settings(f"s{number}") for number in range(20)]

    found = await place.clusters.preview("east", asked)

    assert [each.ref for each in found] == [ref_of(each) for each in asked]
