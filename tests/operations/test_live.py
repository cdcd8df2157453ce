"""What is in force against the clusters: what others have changed, and nothing of what nobody has."""

from bot.run.model import RunPhase
from tests.operations.yard import DEPLOYMENTS, EAST, SHOP, TASK, WEST, Yard, fates, objects

SECRETS = "/api/v1/namespaces/shop-prod/secrets"


async def test_what_nobody_has_touched_is_as_it_was_sent(yard: Yard) -> None:
    yard.files(SHOP + TASK, EAST, WEST)
    await yard.delivered("v1")
    shown = await yard.live()
    for target in ("hangzhou", "frankfurt"):
        assert set(fates(shown.forecast, target).values()) == {"same"}
        assert not any(each.stays for each in objects(shown.forecast, target).values())
    # A job that is over is nothing that could drift, also when the cluster has forgotten it.
    assert not any(each.startswith("Job") for each in fates(shown.forecast))
    assert shown.revision is not None
    assert shown.revision.name == "v1"


async def test_what_is_to_come_is_not_what_others_have_changed(yard: Yard) -> None:
    await yard.delivered("v1")
    yard.files(SHOP.replace("value: info", "value: warn"), EAST, WEST)
    assert set(fates((await yard.live()).forecast).values()) == {"same"}


async def test_scaled_edited_and_deleted_by_hand(yard: Yard) -> None:
    await yard.delivered("v1")
    await yard.scale(5)
    await yard.edit(env=[{"name": "DEBUG", "value": "1"}], imagePullPolicy="Always")
    await yard.api("DELETE", "/api/v1/namespaces/shop-prod/services/web")
    found = objects((await yard.live()).forecast)
    assert (found["Service web"].fate.value, found["Service web"].missing) == ("new", True)
    changed = {
        each.field: (each.before, each.after, each.by) for each in found["Deployment web"].changes
    }
    assert changed == {"replicas": ("5", "3", "kubectl"), "env LOG_LEVEL": ("", "info", "")}
    stays = {each.field: (each.value, each.by) for each in found["Deployment web"].stays}
    assert stays["env DEBUG"] == ("1", "kubectl-edit")
    assert not found["Deployment web"].fails


async def test_a_secret_that_somebody_changed_is_told_without_its_values(yard: Yard) -> None:
    await yard.delivered("v1")
    body = {"data": {"password": "b3RoZXI=", "user": "c2hvcA=="}}
    await yard.api("PATCH", f"{SECRETS}/db", body)
    secret = objects((await yard.live()).forecast)["Secret db"]
    (change,) = secret.changes
    assert (change.field, change.before, change.after, change.by) == (
        "data.password",
        "•••",
        "•••",
        "kubectl-edit",
    )
    assert [(each.field, each.value) for each in secret.stays] == [("data.user", "•••")]


async def test_a_secret_that_somebody_deleted_is_missing(yard: Yard) -> None:
    await yard.delivered("v1")
    await yard.api("DELETE", f"{SECRETS}/db")
    assert objects((await yard.live()).forecast)["Secret db"].missing


async def test_a_run_that_came_after_the_revision_is_named(yard: Yard) -> None:
    await yard.delivered("v1")
    yard.files(SHOP, EAST, "{name: look, type: suspend}", WEST)
    await yard.office.say("dev", "deploy shop prod v2")
    await yard.office.until_so("shop/prod#2", lambda run: any(each.at_gate for each in run.steps))
    shown = await yard.live()
    assert shown.newest is not None
    assert shown.newest.name == "shop/prod#2"
    # What that run has sent counts: nobody but us has changed the image.
    assert set(fates(shown.forecast).values()) == {"same"}


async def test_what_a_delivery_that_failed_has_not_sent_is_nobodys_doing(yard: Yard) -> None:
    """The ConfigMap is in the way of v2: its Deployments were accounted for and never sent."""
    await yard.delivered("v1")
    settings = "/api/v1/namespaces/shop-prod/configmaps/settings"
    await yard.api("PATCH", settings, {"data": {"mode": "fast"}})
    worker = """\
    - name: cache
      type: worker
      properties: {image: "redis:7"}
"""
    yard.files(SHOP + worker + TASK, EAST, WEST)
    await yard.office.say("dev", "deploy shop prod v2")
    assert "belongs to kubectl-edit" in (await yard.ended(RunPhase.FAILED)).message
    live = objects((await yard.live()).forecast)
    assert {title: each.fate.value for title, each in live.items()} == {
        "ConfigMap settings": "changed",
        "Deployment web": "same",
        "Secret db": "same",
        "Service web": "same",
    }
    planned = objects((await yard.plan()).forecast)
    new = [each for title, each in planned.items() if title == "Deployment cache" or "Job" in title]
    assert [(each.fate.value, each.missing) for each in new] == [("new", False), ("new", False)]
    # What arrived and is gone since is missing, all the same.
    await yard.api("DELETE", f"{DEPLOYMENTS}/web")
    for shown in (await yard.live(), await yard.plan()):
        assert objects(shown.forecast)["Deployment web"].missing


async def test_before_anything_was_delivered_there_is_nothing_to_compare(yard: Yard) -> None:
    shown = await yard.live()
    assert (shown.revision, shown.newest, shown.forecast.targets) == (None, None, ())


async def test_a_policy_that_leaves_a_field_alone_leaves_it_here_too(yard: Yard) -> None:
    once = """\
  policies:
    - name: scaled-by-hand
      type: apply-once
      properties:
        enable: true
        rules: [{selector: {resourceTypes: [Deployment]}, strategy: {path: [spec.replicas]}}]
"""
    yard.files(SHOP + once, EAST, WEST)
    await yard.delivered("v1")
    await yard.scale(5)
    for forecast in ((await yard.live()).forecast, (await yard.plan()).forecast):
        web = objects(forecast)["Deployment web"]
        assert "replicas" not in {each.field for each in web.changes}
        (kept,) = web.stays
        assert (kept.field, kept.value, kept.sent, kept.by) == ("replicas", "5", "3", "kubectl")
    assert (await yard.api("GET", f"{DEPLOYMENTS}/web"))["spec"]["replicas"] == 5
