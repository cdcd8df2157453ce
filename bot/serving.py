"""The bot as a process: for real, against the sandbox, or for the demo. What `shipmate run` and `shipmate demo` do.

Apart from the command line, because the clients of Slack and of clusters take seconds to load, and `check` and `simulate`
need none of them.
"""

import asyncio
import json
import tempfile
from collections import ChainMap
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import cast

from bot.bootstrap.shipmate import Shipmate
from bot.demo.play import play
from bot.demo.world import DemoError
from bot.errors import UserError
from bot.process import share_time
from bot.sandbox.server import Sandbox
from bot.secrecy import kept_here
from bot.settings import DingTalkSettings, HttpSettings, Secret, Settings
from bot.traces import exporter, traced_by

PATIENCE = 30.0
"""Seconds for the bot to connect to the sandbox."""


async def serve(settings: Settings) -> None:
    """Run the bot until cancelled."""
    share_time()
    with _traced(settings):
        shipmate = Shipmate(settings)
        try:
            await shipmate.start()
            print("Shipmate is connected. Ctrl-C ends it.", flush=True)
            await asyncio.Event().wait()
        finally:
            await shipmate.stop()


@contextmanager
def _traced(settings: Settings) -> Iterator[None]:
    """Send traces to the collector that is set, if one is."""
    if not settings.traces:
        yield
        return
    tracer, end = exporter(settings.traces, version("shipmate"))
    try:
        with traced_by(tracer, partial(kept_here, otherwise=settings.secrecy)):
            yield
    finally:
        end()


async def serve_sandbox(settings: Settings) -> None:
    """Run the bot against the sandbox until cancelled; settings without files use the example."""
    if not settings.workflows.exists():
        settings = replace(settings, workflows=example())

    async def wait(world: Sandbox, shipmate: Shipmate) -> None:
        print(
            f"Shipmate is ready: open {world.url}/ and type /deploy shop prod v1.4.2 in #shop-prod.\n"
            f"Health, metrics and the API are on {shipmate.http_address} (docs/api.md).\n"
            f"kubectl: curl -s '{world.url}/control/kubeconfig?cluster=east' > kubeconfig.yaml\n"
            f"State is kept in {settings.state}/. Ctrl-C ends it.",
            flush=True,
        )
        while True:
            await asyncio.sleep(1)
            world.mark_ready(ready=shipmate.ready)

    with _traced(settings):
        await with_sandbox(settings, wait)


async def with_sandbox(
    settings: Settings, work: Callable[[Sandbox, Shipmate], Awaitable[None]]
) -> None:
    """Start the sandbox and the bot against it, as it would run in production, and do `work`."""
    world = Sandbox(
        state=settings.state, port=settings.port, manifest=_shipped("manifest.yml", "manifest.yml")
    )
    await world.start()
    try:
        shipmate = Shipmate(pointed_at(world, settings))
        try:
            await shipmate.start()
            async with asyncio.timeout(PATIENCE):
                await shipmate.connected()
            world.mark_ready(ready=True)
            await work(world, shipmate)
        finally:
            world.mark_ready(ready=False)
            await shipmate.stop()
    finally:
        await world.stop()


async def perform(settings: Settings) -> None:
    """Play the demo in a folder of its own. Raises UserError when it goes otherwise."""
    with tempfile.TemporaryDirectory(prefix="shipmate-demo-") as folder:
        quiet = replace(settings, port=0, workflows=example(), state=Path(folder))
        try:
            await with_sandbox(quiet, lambda world, _: play(world.url))
        except DemoError as error:
            raise UserError(f"The demo went otherwise: {error}") from error


def example() -> Path:
    """Find the example company."""
    return _shipped("workflows", "default_workflows")


def _shipped(name: str, packaged: str) -> Path:
    """Find what ships with Shipmate: where a wheel puts it, or in the checkout."""
    inside = Path(__file__).parent / packaged
    return inside if inside.exists() else Path(__file__).parents[1] / name


def pointed_at(world: Sandbox, settings: Settings) -> Settings:
    """Answer the settings that make the bot talk to the sandbox."""
    settings.state.mkdir(parents=True, exist_ok=True)
    kubeconfig = settings.state / "kubeconfig.json"
    kubeconfig.write_text(json.dumps(world.kubeconfig()), encoding="utf-8")
    own = {
        "RELEASES_WEBHOOK_URL": Secret(world.webhook_url),
        "PARTNER_URL": Secret(f"{world.url}/webhooks/partner"),
        "MAIL_URL": Secret(world.mail_url),
        "RELEASES_ROBOT_URL": Secret(world.robot_url),
        "RELEASES_ROBOT_SECRET": Secret(world.robot_secret),
        "RELEASES_LARK_URL": Secret(world.lark_url),
        "RELEASES_LARK_SECRET": Secret(world.lark_secret),
    }
    return replace(
        settings,
        http=_beside(world, settings.http),
        addresses=settings.addresses.with_this_machine(),
        slack=replace(
            settings.slack,
            bot_token=Secret(world.slack_bot_token),
            app_token=Secret(world.slack_app_token),
            signing_secret=Secret(""),
            api_url=world.slack_api_url,
        ),
        dingtalk=_dingtalk_of(world),
        kubeconfig=kubeconfig,
        # Not copied: the others are read when they are used.
        secrets=ChainMap(own, cast("MutableMapping[str, Secret]", settings.secrets)),
    )


def _dingtalk_of(world: Sandbox) -> DingTalkSettings:
    given = world.dingtalk_settings()
    return DingTalkSettings(
        client_id=given["DINGTALK_CLIENT_ID"],
        client_secret=Secret(given["DINGTALK_CLIENT_SECRET"]),
        api_url=given["DINGTALK_API_URL"],
        oapi_url=given["DINGTALK_OAPI_URL"],
    )


def _beside(world: Sandbox, http: HttpSettings | None) -> HttpSettings | None:
    """Answer where the bot listens: as was said, or behind the sandbox's own ports, or on any where that is taken."""
    if http is None or http.given:
        return http
    return replace(http, port=min(world.port + 2, 65535), or_any=True)
