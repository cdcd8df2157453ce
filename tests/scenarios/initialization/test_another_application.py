"""Applications that depend on another: it is waited for, said on the card, and never in a circle."""

from tests.scenarios.initialization.conftest import DEV, Shop

USERS = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: {name: users}
spec:
  components:
    - {name: accounts, type: worker, properties: {image: registry.shop.example/accounts}}
"""
WAITS = """
- {name: wait-for-users, type: depends-on-app, properties: {name: users, namespace: default}}
- {name: dev, type: deploy2env, properties: {env: dev}}
"""
USERS_WAIT = """
- {name: wait-for-shop, type: depends-on-app, properties: {name: shop, namespace: default}}
- {name: dev, type: deploy2env, properties: {env: dev}}
"""


async def test_an_application_waits_until_the_other_one_is_delivered(shop: Shop) -> None:
    shop.another(USERS)
    shop.workflow(WAITS)
    await shop.start_bot()

    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    waiting = "users was never delivered to dev, and there is no Application default/users"
    await shop.card("shop/dev#1", says=waiting, channel=DEV)
    assert await shop.names("Deployment") == []

    await shop.says("dev", "/deploy users dev v7", channel=DEV)
    await shop.card("users/dev#1", says="revision v1", channel=DEV)
    await shop.card("shop/dev#1", says="revision v1", channel=DEV)

    assert "web" in await shop.names("Deployment")


async def test_two_that_wait_for_each_other_are_told_and_a_person_decides(shop: Shop) -> None:
    shop.another(USERS, USERS_WAIT)
    shop.workflow(WAITS)
    await shop.start_bot()
    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    await shop.card("shop/dev#1", says="users was never delivered", channel=DEV)

    await shop.says("dev", "/deploy users dev v7", channel=DEV)
    card = await shop.card("users/dev#1", says="Failed", channel=DEV)
    assert "they wait for each other: users/dev#1 waits for shop; shop/dev#1 waits for users" in (
        shop.read(card)
    )

    asked = "/shipmate skip users/dev#1 wait-for-shop it starts without"
    await shop.says("dev", asked, channel=DEV)
    await shop.card("users/dev#1", says="revision v1", channel=DEV)
    await shop.card("shop/dev#1", says="revision v1", channel=DEV)
