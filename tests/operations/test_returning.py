"""Before a rollback is confirmed it is said what it changes in the clusters, and what it does not undo."""

from bot.forecast.fates import Why
from bot.forecast.lasting import Remains
from bot.operations.results import Started
from bot.run.model import RunPhase
from tests.operations.yard import DEPLOYMENTS, EAST, SHOP, TASK, WEST, Yard, fates, objects

DATA = """\
    - name: store
      type: statefulset
      properties: {image: "docker.io/library/redis:7.4", port: 6379}
      traits: [{type: storage, properties: {pvc: [{name: store, mountPath: /data}]}}]
"""


def lasting(proposal: object) -> dict[Remains, tuple[str, ...]]:
    found = proposal.ahead.lasting  # type: ignore[attr-defined] # what is given is a proposal
    return {each.how: each.what for each in found}


async def test_it_shows_what_would_change_in_the_clusters_as_they_are(yard: Yard) -> None:
    await yard.delivered("v1")
    await yard.delivered("v2")
    await yard.scale(5)
    proposal = await yard.proposed()
    web = objects(proposal.ahead.forecast)["Deployment web"]
    image, replicas = sorted(web.changes, key=lambda each: each.field)
    assert (image.before, image.after, image.why) == ("v2", "v1", Why.REVISION)
    assert (replicas.before, replicas.after, replicas.why) == ("5", "3", Why.DRIFT)
    assert web.fails


async def test_what_is_delivered_is_what_was_rendered_then_whatever_the_files_say(
    yard: Yard,
) -> None:
    first = await yard.delivered("v1")
    digest = f"registry.shop.example/web:v1@sha256:{'a' * 64}"
    for target in ("hangzhou", "frankfurt"):
        kept = await yard.store.inventory.kept(first.id)
        web = list(kept[target, "web"])
        web[0]["spec"]["template"]["spec"]["containers"][0]["image"] = digest
        await yard.store.inventory.keep(first.id, target, {"web": web})
    await yard.delivered("v2")
    proposal = await yard.proposed()
    (change,) = objects(proposal.ahead.forecast)["Deployment web"].changes
    assert (change.before, change.after) == ("v2", "v1")

    confirmed = await yard.office.say("dev", f"rollback shop prod v1 --confirm {proposal.digest}")
    assert isinstance(confirmed, Started)
    assert confirmed.run.plan.repeats == first.id
    await yard.ended(RunPhase.SUCCEEDED)
    live = await yard.api("GET", f"{DEPLOYMENTS}/web")
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == digest


async def test_a_cluster_that_moved_on_does_not_void_the_confirmation(yard: Yard) -> None:
    await yard.delivered("v1")
    await yard.delivered("v2")
    proposal = await yard.proposed()
    await yard.edit(env=[{"name": "LOG_LEVEL", "value": "info"}, {"name": "DEBUG", "value": "1"}])
    confirmed = await yard.office.say("dev", f"rollback shop prod v1 --confirm {proposal.digest}")
    assert isinstance(confirmed, Started)


async def test_jobs_that_ran_since_are_named_and_older_ones_are_not_run_again(yard: Yard) -> None:
    yard.files(SHOP + TASK, EAST, WEST)
    await yard.delivered("v1")
    await yard.delivered("v2")
    proposal = await yard.proposed()
    (ran,) = lasting(proposal)[Remains.RAN]
    (over,) = lasting(proposal)[Remains.NOT_AGAIN]
    assert ran != over
    found = fates(proposal.ahead.forecast)
    assert found[f"Job {over}"] == "stands"
    assert found[f"Job {ran}"] == "gone"


async def test_data_stays_as_it_is(yard: Yard) -> None:
    yard.files(SHOP + DATA, EAST)
    await yard.delivered("v1")
    await yard.delivered("v2")
    assert lasting(await yard.proposed()) == {Remains.DATA: ("PersistentVolumeClaim store",)}


async def test_what_was_deleted_since_comes_back_empty(yard: Yard) -> None:
    yard.files(SHOP + DATA, EAST)
    await yard.delivered("v1")
    yard.files(SHOP, EAST)
    await yard.delivered("v2")
    claim = "/api/v1/namespaces/shop-prod/persistentvolumeclaims/store"
    assert Remains.EMPTY not in lasting(await yard.proposed())  # it was left where it is
    await yard.api("DELETE", claim)
    proposal = await yard.proposed()
    assert lasting(proposal)[Remains.EMPTY] == ("PersistentVolumeClaim store",)
    assert fates(proposal.ahead.forecast)["StatefulSet store"] == "new"


async def test_a_failed_run_is_gone_back_from_with_its_jobs_named(yard: Yard) -> None:
    await yard.delivered("v1")
    yard.files(SHOP + TASK, EAST, "{name: look, type: suspend}")
    await yard.office.say("dev", "deploy shop prod v2")
    await yard.office.until("shop/prod#2", RunPhase.SUSPENDING)
    await yard.office.say("sre", "reject shop/prod#2 it is slow")
    await yard.ended(RunPhase.TERMINATED)
    yard.files(SHOP, EAST, WEST)
    proposal = await yard.proposed()
    assert (proposal.current, proposal.target) == (proposal.target, proposal.current)
    assert len(lasting(proposal)[Remains.RAN]) == 1
    assert objects(proposal.ahead.forecast)["Deployment web"].fate.value == "changed"
