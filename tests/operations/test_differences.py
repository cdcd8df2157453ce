"""What changed between two revisions, object by object, from what was rendered then."""

from sqlalchemy import delete

from bot.forecast.fates import Fate
from bot.policy.refusals import Code
from bot.store.tables import deliveries
from tests.operations.yard import EAST, SHOP, TASK, WEST, Yard


async def test_two_revisions_are_compared_as_they_were_rendered(yard: Yard) -> None:
    await yard.delivered("v1")
    yard.files(SHOP.replace("value: info", "value: warn") + TASK, EAST)
    await yard.delivered("v2")
    yard.files(SHOP, EAST, WEST)  # what the files say today is not asked for
    found = await yard.diff()
    assert (found.older.name, found.newer.name) == ("v1", "v2")
    assert [(each.name, each.cluster) for each in found.targets] == [
        ("hangzhou", "east"),
        ("frankfurt", "west"),
    ]
    there = {each.title.partition("-")[0]: each for each in found.targets[0].objects}
    assert {(each.field, each.after) for each in there["Deployment web"].changes} == {
        ("image", "v2"),
        ("env LOG_LEVEL", "warn"),
    }
    assert there["Service web"].fate is there["Secret db"].fate is Fate.SAME
    assert there["Job migrate"].fate is Fate.NEW
    assert {each.fate for each in found.targets[1].objects} == {Fate.GONE}


async def test_an_image_that_is_another_one_under_the_same_tag_differs(yard: Yard) -> None:
    first = await yard.delivered("v1")
    second = await yard.delivered("v1")
    for run, digest in ((first, "a" * 64), (second, "b" * 64)):
        kept = await yard.store.inventory.kept(run.id)
        for (target, component), manifests in kept.items():
            for each in manifests:
                if each["kind"] == "Deployment":
                    container = each["spec"]["template"]["spec"]["containers"][0]
                    container["image"] = f"registry.shop.example/web:v1@sha256:{digest}"
            await yard.store.inventory.keep(run.id, target, {component: manifests})
    (web,) = [each for each in (await yard.diff()).targets[0].objects if each.changes]
    (change,) = web.changes
    assert change.before == "v1@sha256:aaaaaaaaaaaa…"
    assert change.after == "v1@sha256:bbbbbbbbbbbb…"


async def test_of_an_older_shipmate_the_applications_are_compared(yard: Yard) -> None:
    first = await yard.delivered("v1")
    await yard.delivered("v2")
    await yard.store.inventory._database.write(
        lambda connection: connection.execute(
            delete(deliveries).where(deliveries.c.run == first.id)
        )
    )
    found = await yard.diff()
    assert found.targets == ()
    assert [(each.component, each.path) for each in found.changes] == [("web", "image")]


async def test_a_single_revision_has_nothing_to_be_compared_with(yard: Yard) -> None:
    await yard.delivered("v1")
    refused = await yard.office.refused("dev", "diff shop prod")
    assert refused.code is Code.NOTHING_TO_COMPARE
