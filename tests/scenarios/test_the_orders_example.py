"""The example of data initialization that ships: a database, a volume, a number from elsewhere and a migration, then the users."""

from pathlib import Path

import httpx

from bot.demo.world import Message
from tests.scenarios.company import Company

DEV = "shop-dev"


async def there(company: Company, kind: str, cluster: str = "east") -> dict[str, str]:
    """Answer the objects of a kind in dev, with what is said of each."""
    return {
        each["name"]: str(each)
        for each in await company.world.objects(cluster)
        if each["kind"] == kind and each["namespace"] in {DEV, "default"}
    }


async def test_orders_start_when_all_that_they_need_is_there(company: Company) -> None:
    await company.says("dev", "/deploy orders dev v1", channel=DEV)
    card = await company.card("orders/dev#1", says="Wait for the shop", channel=DEV)
    assert "Migrate the database" in company.read(card)
    assert await there(company, "Job") == {}

    await company.says("dev", "/deploy shop dev v1", channel=DEV)
    await company.card("shop/dev#1", says="revision v1", channel=DEV)
    card = await company.card("orders/dev#1", says="revision v1", channel=DEV)

    assert "Approval · skipped" in company.read(card)
    await everyone_was_told(company, card)
    told = company.read(await company.in_thread(card, "Migrate the database is done", channel=DEV))
    assert "migrate | " in told
    assert "orders" in await there(company, "Deployment")
    assert "orders-receipts" in await there(company, "PersistentVolumeClaim")
    assert "orders-partner" in await there(company, "ConfigMap")
    assert {"orders-db", "orders-db-dev"} <= set(await there(company, "Secret"))
    assert await there(company, "Configuration")
    (first,) = await there(company, "Job")

    await company.says("dev", "/deploy orders dev v1", channel=DEV)
    card = await company.card("orders/dev#2", says="revision v2", channel=DEV)
    assert "Register with the partner · skipped" in company.read(card)
    (second,) = await there(company, "Job")
    assert second != first  # once for each revision, and the old one is garbage


async def everyone_was_told(company: Company, card: Message) -> None:
    """Look for what the last step says: in the thread, in the group of DingTalk and in the mail, once each."""
    assert "delivered: the run's thread, DingTalk, Lark, mail to sre@shop.example" in company.read(
        card
    )
    await company.in_thread(card, "orders v1 is live in dev.", channel=DEV)
    async with httpx.AsyncClient(base_url=company.sandbox.url) as outside:
        (mail,) = (await outside.get("/control/mail")).json()["mail"]
        group = {"conversation": "shop-prod"}
        hooks = (await outside.get("/control/webhooks")).json()["webhooks"]
        found = await outside.get("/control/dingtalk/messages", params=group)
    assert mail["to"] == ["sre@shop.example"]
    assert mail["subject"] == "orders v1 is live in dev"
    assert "orders/dev#1, asked for by dev." in mail["text"]
    assert "<b>orders v1</b>" in mail["html"]
    (lark,) = [each for each in hooks if each["path"].startswith("/lark/")]
    assert lark["body"]["content"] == {"text": "orders v1 is live in dev"}
    (said,) = found.json()["messages"]
    assert said["user"] == "Releases"
    assert "**orders v1** 已上线 dev" in str(said)


async def test_no_value_of_the_database_is_anywhere_but_on_the_clusters(
    company: Company, tmp_path: Path
) -> None:
    await company.says("dev", "/deploy shop dev v1", channel=DEV)
    await company.card("shop/dev#1", says="revision v1", channel=DEV)
    await company.says("dev", "/deploy orders dev v1", channel=DEV)
    await company.card("orders/dev#1", says="revision v1", channel=DEV)
    secret = await company.object("east", f"/api/v1/namespaces/{DEV}/secrets/orders-db")
    values = [each for each in secret["data"].values() if len(each) > 8]
    assert values
    await company.stop_bot()

    kept = b"".join(each.read_bytes() for each in company.folder.glob("shipmate.db*"))

    assert kept
    assert not [each for each in values if each.encode() in kept]
