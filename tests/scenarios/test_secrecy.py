"""A canary in every place where a secret may come from, steps that fail with it, and nothing of it where it must not be."""

import asyncio
import json
import logging
from base64 import b64encode
from collections import ChainMap
from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import httpx
import pytest
from aiohttp import web
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from typing_extensions import override

from bot.logs import LEVELS, JsonLines
from bot.run.inventory import Ref
from bot.secrecy import kept_here
from bot.settings import Secret, Settings, read
from bot.store.beside import add_token
from bot.store.upkeep import backup
from bot.traces import traced_by
from bot.web.ports import TokenKind
from bot.web.tokens import new_token
from tests.patience import PATIENCE
from tests.scenarios.clouds import Clusters, stored, told, with_a_cloud
from tests.scenarios.company import Company

Json = dict[str, Any]
DEV = "shop-dev"
SETTING = "canary-of-a-setting-Xq7"
FILE = "canary-of-a-file-Yt4+/w=="
ROBOT = "canary-of-a-secretRef-Pl3"
ANSWERED = "canary-of-an-answer-Gk5"
READ = "canary-of-an-object-Vb8"
MAIL = "canary-of-the-mail-Rm2"
CANARIES = (SETTING, FILE, ROBOT, ANSWERED, READ, MAIL)
WORKFLOW = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: workflow-dev
  labels: {app.oam.dev/name: shop, app.oam.dev/env-name: dev}
steps:
  - {name: cloud, type: deploy-cloud-resource}
  - name: token
    type: request
    properties: {url: ECHO/token}
    outputs: [{name: token, valueFrom: response.token, secret: true}]
  - name: object
    type: read-object
    properties: {apiVersion: v1, kind: Secret, name: db}
    outputs:
      - {name: password, valueFrom: output.value.stringData.password}
      - {name: keys, valueFrom: "string(size(output.value.data))"}
  - name: login
    type: request
    if: always
    retries: 0
    properties:
      url: ECHO/refuse
      method: POST
      header: {X-Token: "Bearer ${{ outputs.token }}"}
      headersFromSecret: [{header: X-Setting, secret: api, key: token}]
      body: {password: "${{ outputs.password }}", keys: "${{ outputs.keys }}"}
    outputs: [{name: echo, valueFrom: response}]
  - name: hook
    type: webhook
    if: always
    retries: 0
    properties: {url: {fromSetting: HOOK_URL}}
  - name: robot
    type: notification
    if: always
    retries: 0
    properties:
      dingding:
        url: {secretRef: {name: robot, key: url}}
        message: {msgtype: text, text: {content: "the password is ${{ outputs.password }}"}}
  - name: mail
    type: notification
    if: always
    retries: 0
    properties:
      email:
        from: {address: us@shop.example, host: 127.0.0.1, port: MAIL_PORT, password: {fromSetting: MAIL_PASSWORD}}
        to: [ops@shop.example]
        content: {subject: "the token is ${{ outputs.token }}", text: "it is"}
  - name: thread
    type: notification
    if: always
    properties: {slack: {message: {text: "the password is ${{ outputs.password }}, the token ${{ outputs.token }}"}}}
  - name: clear
    type: apply-object
    if: always
    properties:
      value: {apiVersion: v1, kind: ConfigMap, metadata: {name: clear}, data: {password: "${{ outputs.password }}"}}
  - name: export
    type: export2secret
    if: always
    properties:
      secretName: exported
      data: {password: "${{ outputs.password }}", token: "${{ outputs.token }}", setting: {fromSetting: API_TOKEN}}
  - {name: deliver, type: deploy2env, if: always, retries: 0, properties: {env: dev}}
  - {name: words, type: print-message-in-status, if: always, properties: {message: "${{ outputs.token }}"}}
  - {name: last, type: suspend, if: 'inputs.token.startsWith("canary")', inputs: [{from: token}], properties: {message: "${{ outputs.token }}"}}
"""


class Echo:
    """Someone else's server: it gives a token away, and refuses everything else with all that it was sent."""

    def __init__(self) -> None:
        self.url = ""
        self.sent: list[str] = []

    async def take(self, request: web.Request) -> web.Response:
        if request.path == "/token":
            return web.json_response({"token": ANSWERED})
        body = await request.text()
        said = f"{request.path_qs} {body} {dict(request.headers)}"
        self.sent.append(said)
        return web.json_response(
            {"error": said, "coded": b64encode(said.encode()).decode()}, status=500
        )


@asynccontextmanager
async def echoing() -> AsyncIterator[Echo]:
    echo, app = Echo(), web.Application()
    app.router.add_route("*", "/{path:.*}", echo.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    echo.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield echo
    await runner.cleanup()


@asynccontextmanager
async def refusing_mail() -> AsyncIterator[int]:
    """Serve mail to nobody, and say the password while at it."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"554 not with {MAIL}\r\n".encode())
        await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def mounted(folder: Path, generation: str, url: str) -> None:
    """Write a folder as the kubelet mounts a Secret: files behind links, which are exchanged all at once."""
    (folder / generation).mkdir(parents=True)
    (folder / generation / "hook-url").write_text(f"{url}\n", encoding="utf-8")
    fresh = folder / "..data_tmp"
    fresh.symlink_to(generation)
    fresh.replace(folder / "..data")
    if not (folder / "hook-url").is_symlink():
        (folder / "hook-url").symlink_to("..data/hook-url")


class Secretive(Company):
    """A company with a secret in every place."""

    http = True

    @override
    def settings(self) -> Settings:
        """Answer the bot's settings: one register for all of its lives."""
        given = super().settings()
        secret = read(
            {
                "SHIPMATE_SECRET_API_TOKEN": SETTING,
                "SHIPMATE_SECRET_MAIL_PASSWORD": MAIL,
                "SHIPMATE_SECRETS": str(self.folder.parent / "secrets"),
            }
        )
        both = (cast("MutableMapping[str, Secret]", each.secrets) for each in (secret, given))
        self.last = replace(given, secrets=ChainMap(*both), secrecy=secret.secrecy)
        return self.last


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """Collect all log lines there are, down to the least of every library that the bot lets speak."""
    kept = StringIO()
    root, level = logging.getLogger(), logging.getLogger().level
    before = {name: logging.getLogger(name).level for name in LEVELS}
    handler = logging.StreamHandler(kept)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for name, least in LEVELS.items():
        logging.getLogger(name).setLevel(least)
    yield kept
    root.removeHandler(handler)
    root.setLevel(level)
    for name, was in before.items():
        logging.getLogger(name).setLevel(was)


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    async with echoing() as made:
        yield made


@pytest.fixture
async def company(tmp_path: Path, echo: Echo, lines: StringIO) -> AsyncIterator[Secretive]:
    async with refusing_mail() as port:
        workflows = with_a_cloud(tmp_path)
        text = WORKFLOW.replace("ECHO", echo.url).replace("MAIL_PORT", str(port))
        (workflows / "shop" / "workflow-dev.yaml").write_text(text, encoding="utf-8")
        query = quote(FILE, safe="")
        mounted(tmp_path / "secrets", "..1", f"{echo.url}/hook?access_token={query}")
        made = Secretive(tmp_path / "state", workflows)
        await made.open()
        handler = next(
            each for each in logging.getLogger().handlers if getattr(each, "stream", 0) is lines
        )
        handler.setFormatter(JsonLines(partial(kept_here, otherwise=made.last.secrecy)))
        await keep(made, "default", "robot", url=f"{echo.url}/robot/send?access_token={ROBOT}")
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop-dev"}}
        await made.object("east", "/api/v1/namespaces", "POST", namespace)
        await keep(made, "shop-dev", "db", password=READ)
        yield made
        await made.close()


async def keep(company: Company, namespace: str, name: str, **values: str) -> None:
    """Make a Secret on the control cluster."""
    data = {key: b64encode(f"{each}\n".encode()).decode() for key, each in values.items()}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}
    await company.object("east", f"/api/v1/namespaces/{namespace}/secrets", "POST", body)


async def over_http(company: Secretive) -> str:
    """Answer everything that the API says."""
    text, token = new_token(TokenKind.API, "admin", 0.0)
    add_token(company.last.store_url, token, ending=None)
    assert company.bot is not None
    found: list[str] = []
    async with httpx.AsyncClient(
        base_url=f"{company.bot.http_address}/api/v1",
        headers={"Authorization": f"Bearer {text}"},
        timeout=PATIENCE,
    ) as client:
        for path in (
            "/runs/shop/dev/1",
            "/applications/shop/environments/dev/runs",
            "/applications/shop/environments/dev/revisions",
            "/audit",
            "/doctor",
            "/status",
        ):
            answer = await client.get(path)
            assert answer.status_code == 200, (path, answer.text)
            found.append(answer.text)
    return "".join(found)


async def mail(company: Company) -> Any:
    """Answer what the mail server got."""
    async with httpx.AsyncClient(base_url=company.sandbox.url, timeout=PATIENCE) as client:
        return (await client.get("/control/mail")).json()


def shown(text: str, secrets: Sequence[str]) -> list[str]:
    """Answer which secrets are in a text, as they are or in base64, or as the half that a cut has left."""
    forms = {
        form: each
        for each in secrets
        for form in (
            each,
            b64encode(each.encode()).decode().rstrip("="),
            json.dumps(each)[1:-1],
            quote(each, safe=""),
            each[:16],
        )
    }
    return [each for form, each in forms.items() if form in text]


async def everything_happens(company: Secretive) -> str:
    """Deliver with secrets all over, and answer what is said to be wrong."""
    denied = f"denied: {READ} is not {SETTING}"
    await company.fault("cluster/east", "deny", None, kind="Deployment", message=denied)
    await company.says("dev", f"/deploy shop dev v1 --note {SETTING}", channel=DEV)
    await company.card("shop/dev#1", offers="Approve", channel=DEV)
    # The key is in a file, so that what was sealed is open to the next process, too.
    await company.stop_bot()
    await company.start_bot()
    await company.says("dev", f"/shipmate approve shop/dev#1 {SETTING}", channel=DEV)
    await company.card("shop/dev#1", says="Failed after", channel=DEV)
    await company.asks("dev", "/shipmate show shop/dev#1", channel=DEV)
    return await company.asks("admin", "/shipmate doctor", channel=DEV)


async def test_a_secret_is_where_it_is_meant_to_be_and_nowhere_else(
    company: Secretive, echo: Echo, lines: StringIO, tmp_path: Path
) -> None:
    spans, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    await company.stop_bot()
    with traced_by(provider.get_tracer("test"), partial(kept_here, otherwise=company.last.secrecy)):
        await company.start_bot()
        examined = await everything_happens(company)
        api = await over_http(company)

    clusters = Clusters(company)
    exported = await clusters.data("east", Ref("v1", "Secret", "shop-dev", "exported"))
    cloud = await clusters.data("east", Ref("v1", "Secret", "shop-dev", "db-conn"))
    await clusters.close()
    assert exported == {"password": f"{READ}\n", "token": ANSWERED, "setting": SETTING}
    assert cloud["DB_PASSWORD"]
    meant = "".join(echo.sent)
    for each in (SETTING, quote(FILE, safe=""), ROBOT, ANSWERED, READ):
        assert each in meant
    assert "the password is •••" in meant, "a notice says nothing that is secret"
    assert "would hold in the clear what the output password keeps secret" in api
    assert "•••" in api

    secrets = [*CANARIES, *cloud.values()]
    backup(company.last.store_url, tmp_path / "backup.db")
    database = "".join(stored(company.folder)) + (tmp_path / "backup.db").read_bytes().decode(
        "latin-1"
    )
    assert "$sealed" in database
    assert shown(database, secrets) == []
    chats = await told(company)
    assert json.dumps("the password is •••")[1:-1] in chats
    assert shown(chats, secrets) == []
    assert "554 not with •••" in examined
    assert shown(examined, secrets) == []
    assert shown(json.dumps(await mail(company)), secrets) == []
    assert shown(api, secrets) == []
    assert shown(lines.getvalue(), secrets) == []
    traced = [each.to_json() for each in spans.get_finished_spans()]
    assert len(traced) > 10
    assert shown("".join(traced), secrets) == []
