"""Values from elsewhere: an HTTP answer becomes a Secret that a component uses, a database's Secret becomes its variables."""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.scenarios.initialization.conftest import DEV, Shop

TOKEN = "t0ken-of-the-partner"
APPLICATION = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: {name: shop}
spec:
  components:
    - name: web
      type: webservice
      properties:
        image: registry.shop.example/web
        port: 8080
        env:
          - {name: TOKEN, valueFrom: {secretKeyRef: {name: partner, key: token}}}
          - {name: HOST, valueFrom: {configMapKeyRef: {name: partner, key: host}}}
"""
STEPS = """
- name: ask
  type: request
  backoff: 100ms
  properties: {url: "%s/token"}
  outputs:
    - {name: token, valueFrom: response.token}
    - {name: partner, valueFrom: response.partner}
- name: secret
  type: export2secret
  inputs: [{from: token, parameterKey: data.token}]
  properties: {secretName: partner, data: {}}
- name: config
  type: export2config
  properties: {configName: partner, data: {host: "${{ outputs.partner.host }}", partner: "${{ outputs.partner }}"}}
- {name: all, type: apply-application}
"""


class Partner:
    """Someone else's server, which hands out a token."""

    def __init__(self) -> None:
        self.url = ""
        self.statuses: list[int] = []
        self.token: str | None = TOKEN

    async def answer(self, _: web.Request) -> web.Response:
        status = self.statuses.pop(0) if self.statuses else 200
        if status != 200:
            return web.json_response({"error": "later"}, status=status)
        partner = {"host": "api.partner.example", "port": 443}
        return web.json_response({"token": self.token, "partner": partner}, status=status)


@pytest.fixture
async def partner() -> AsyncIterator[Partner]:
    made = Partner()
    app = web.Application()
    app.router.add_get("/token", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


async def everything_said(shop: Shop) -> str:
    """Answer all that stands in the channel and in its threads."""
    messages = await shop.world.messages(DEV)
    threads = [line for each in messages for line in await shop.thread(each, channel=DEV)]
    return "\n".join([shop.read(*messages), *threads])


async def test_an_answer_becomes_a_secret_that_a_component_uses(
    shop: Shop, partner: Partner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    partner.statuses = [503, 503]
    shop.workflow(STEPS % partner.url, application=APPLICATION)
    await shop.start_bot()

    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    await shop.card("shop/dev#1", says="revision v1", channel=DEV)

    secret = (await shop.objects("/api/v1/secrets"))["partner"]
    assert b64decode(secret["data"]["token"]).decode() == TOKEN
    config = (await shop.objects("/api/v1/configmaps"))["partner"]
    assert config["data"]["host"] == "api.partner.example"
    assert config["data"]["partner"] == '{"host": "api.partner.example", "port": 443}'
    assert await shop.names("Deployment") == ["web"]
    for said in (await everything_said(shop), caplog.text):
        assert TOKEN not in said
        assert secret["data"]["token"] not in said


async def test_an_answer_without_the_value_writes_nothing_and_delivers_nothing(
    shop: Shop, partner: Partner
) -> None:
    partner.token = None
    shop.workflow(STEPS % partner.url, application=APPLICATION)
    await shop.start_bot()

    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    card = await shop.card("shop/dev#1", says="Failed", offers="Retry", channel=DEV)

    assert "properties.data.token: it is null" in shop.read(card)
    assert await shop.names("Deployment") == []
    partner.token = TOKEN

    await shop.says("dev", "/shipmate restart shop/dev#1", channel=DEV)
    await shop.card("shop/dev#1", says="revision v1", channel=DEV)


async def test_the_value_of_a_setting_is_in_no_file_and_in_no_store(
    shop: Shop, partner: Partner
) -> None:
    secret = """
- name: secret
  type: export2secret
  properties: {secretName: partner, data: {token: {fromSetting: RELEASES_WEBHOOK_URL}}}
"""
    shop.workflow(secret)
    await shop.start_bot()

    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    await shop.card("shop/dev#1", says="revision v1", channel=DEV)

    made = (await shop.objects("/api/v1/secrets"))["partner"]
    value = b64decode(made["data"]["token"]).decode()
    assert value == shop.sandbox.webhook_url
    stored = b"".join(each.read_bytes() for each in bots_files(shop.folder))
    assert b"fromSetting" in stored  # it is there that the run is kept
    assert value.encode() not in stored
    assert made["data"]["token"].encode() not in stored


def bots_files(folder: Path) -> list[Path]:
    """List the files that the bot keeps its state in; the cluster keeps its own beside them."""
    return [each for each in folder.glob("shipmate.db*") if each.is_file()]


JDBC = """
- name: jdbc
  type: generate-jdbc-connection
  properties: {name: db-conn}
  outputs: [{name: env, valueFrom: env}]
- name: web
  type: apply-component
  inputs: [{from: env, parameterKey: env}]
  properties: {component: web}
"""


async def test_a_databases_secret_becomes_variables_without_leaving_its_cluster(
    shop: Shop,
) -> None:
    shop.workflow(JDBC)
    await shop.start_bot()
    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    await shop.card("shop/dev#1", says="Secret db-conn is not there yet (dev)", channel=DEV)

    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": DEV}}
    await shop.somebody.applies("/api/v1/namespaces", namespace)
    keys = ("DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD")
    data = {each: b64encode(f"{TOKEN} {each}".encode()).decode() for each in keys}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db-conn"}, "data": data}
    await shop.somebody.applies(f"/api/v1/namespaces/{DEV}/secrets", secret)
    await shop.card("shop/dev#1", says="revision v1", channel=DEV)

    made = (await shop.objects("/apis/apps/v1/deployments"))["web"]
    (container,) = made["spec"]["template"]["spec"]["containers"]
    by_name = {each["name"]: each for each in container["env"]}
    assert by_name["url"]["value"].startswith("jdbc://$(DB_HOST):$(DB_PORT)/$(DB_NAME)?")
    assert by_name["password"]["valueFrom"]["secretKeyRef"]["key"] == "DB_PASSWORD"
    assert TOKEN not in await everything_said(shop)
