"""The sandbox put together: one HTTP server for Slack, the clusters, the webhook receiver and the page.

State lives in one folder and outlives the process. Everything listens on the loopback address only.
"""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.sandbox import company
from bot.sandbox.changes import Changes
from bot.sandbox.control import Control
from bot.sandbox.control_clusters import ClusterControl
from bot.sandbox.control_dingtalk import DingTalkControl
from bot.sandbox.control_slack import SlackControl
from bot.sandbox.control_workspace import WorkspaceControl
from bot.sandbox.dingtalk import organization
from bot.sandbox.dingtalk.dingtalk import DingTalk
from bot.sandbox.faults import Faults
from bot.sandbox.kubernetes.images import Registry
from bot.sandbox.kubernetes.server import ApiServer
from bot.sandbox.lark import BOTS, Lark
from bot.sandbox.mail import MailServer
from bot.sandbox.shelf import Shelf
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.files import Files
from bot.sandbox.slack.http_mode import HttpMode
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.modals import Modals
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.web import SlackWeb
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.webhooks import WebhookReceiver

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
PING = 10.0
"""Seconds between two pings of a socket: an app that hears none for half a minute gives it up."""
Json = dict[str, Any]


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: the process belongs to whoever started it."""

    def install_signal_handlers(self) -> None:
        """Leave the signals alone."""


class Sandbox:
    """The outside world."""

    slack_bot_token = company.BOT_TOKEN
    slack_app_token = company.APP_TOKEN
    slack_signing_secret = company.SIGNING_SECRET
    dingtalk_template = organization.CARD_TEMPLATE

    def __init__(
        self, *, state: Path | None, port: int, manifest: Path | None = None, speed: float = 1.0
    ) -> None:
        """`state` is the folder to keep everything in (None: keep nothing); port 0 is any free one.

        `manifest` is the Slack app that is installed; without it there are no slash commands, and every scope.
        `speed` divides the times that pods take.
        """
        self._shelf = Shelf(state / "sandbox.db" if state else None)
        self._port = port
        self._speed = speed
        self._ready = False
        self._changes = Changes()
        self.faults = Faults()
        app = yaml.safe_load(manifest.read_text()) if manifest and manifest.exists() else {}
        self._build(app)
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """`http://127.0.0.1:8484`."""
        return f"http://{HOST}:{self._port}"

    @property
    def port(self) -> int:
        """Of the page; the mail server's is the next one, where it is free."""
        return self._port

    @property
    def slack_api_url(self) -> str:
        """The base URL of the Web API."""
        return f"{self.url}/slack/api/"

    def dingtalk_settings(self) -> dict[str, str]:
        """Answer what connects an app to the sandbox's DingTalk, by the names of the environment."""
        return {
            "DINGTALK_CLIENT_ID": organization.CLIENT_ID,
            "DINGTALK_CLIENT_SECRET": organization.CLIENT_SECRET,
            "DINGTALK_API_URL": f"{self.url}/dingtalk/api",
            "DINGTALK_OAPI_URL": f"{self.url}/dingtalk/oapi",
        }

    @property
    def webhook_url(self) -> str:
        """Where the workflow of prod sends its webhook."""
        return f"{self.url}/webhooks/releases"

    @property
    def mail_url(self) -> str:
        """The mail server, as a URL: it encrypts nothing and asks for no password."""
        return f"smtp://{HOST}:{self._mail.port}?tls=none"

    @property
    def robot_url(self) -> str:
        """The address of the robot in the DingTalk group that asks for signatures."""
        signed = next(each for each in organization.CUSTOM_ROBOTS if each.secret)
        return f"{self.url}/dingtalk/oapi/robot/send?access_token={signed.token}"

    @property
    def robot_secret(self) -> str:
        """What that robot's messages are signed with."""
        return next(each.secret for each in organization.CUSTOM_ROBOTS if each.secret)

    @property
    def lark_url(self) -> str:
        """The address of the custom bot in Lark that asks for signatures."""
        signed = next(each for each in BOTS if each.secret)
        return f"{self.url}/lark/open-apis/bot/v2/hook/{signed.token}"

    @property
    def lark_secret(self) -> str:
        """What that bot's messages are signed with."""
        return next(each.secret for each in BOTS if each.secret)

    def control_routes(self) -> list[Route]:
        """Answer the calls of the control API, relative to /control."""
        return self._control.routes()

    def install(self, features: Json) -> None:
        """Put the slash commands and shortcuts of another version of the app in the place of those that there are."""
        self._interactions.install(features)

    def mark_ready(self, *, ready: bool) -> None:
        """Say whether the bot is connected everywhere."""
        self._ready = ready
        self._changes.tell("state")

    def kubeconfig(self) -> Json:
        """Answer a kubeconfig with a context for each cluster."""
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": each.name, "cluster": {"server": f"{self.url}/clusters/{each.name}"}}
                for each in self._clusters
            ],
            "users": [
                {"name": f"{each.name}-admin", "user": {"token": each.token}}
                for each in self._clusters
            ],
            "contexts": [
                {
                    "name": each.name,
                    "context": {"cluster": each.name, "user": f"{each.name}-admin"},
                }
                for each in self._clusters
            ],
            "current-context": self._clusters[0].name,
        }

    async def start(self) -> None:
        """Listen and bring everything to life. Raises OSError when the port is taken."""
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, self._port))
        self._port = bound.getsockname()[1]
        config = uvicorn.Config(
            self._app(),
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            ws_ping_interval=PING,
            ws_ping_timeout=None,
            timeout_graceful_shutdown=1,
            lifespan="off",
        )
        self._server = _Server(config)
        for each in self._clusters:
            await each.start()
        await self._mail.start(self._port + 1)
        self.files.resume()
        self._serving = asyncio.create_task(self._server.serve(sockets=[bound]), name="sandbox")
        while not self._server.started:
            await asyncio.sleep(0.01)
            if self._serving.done():
                await self._serving

    async def stop(self) -> None:
        """Stop listening; what was kept is kept."""
        for each in self._clusters:
            await each.stop()
        await self.socket.close()
        await self.http.close()
        await self.dingtalk.close()
        self.files.close()
        await self._mail.stop()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        self._shelf.close()

    def _build(self, app: Json) -> None:
        def told(kind: str) -> None:
            self._changes.tell(kind)

        workspace = Workspace(
            self._shelf,
            changed=lambda channel: self._changes.tell("slack", company.channel_name(channel)),
        )
        self.socket = SocketMode(lambda: told("state"))
        self.http = HttpMode(workspace.clock)
        delivery = Delivery((self.http, self.socket), self.faults)
        scopes = app.get("oauth_config", {}).get("scopes", {}).get("bot")
        interactions = Interactions(workspace, delivery.deliver, app, lambda: self.url)
        self._interactions = interactions
        modals = Modals(workspace, delivery.deliver)
        self.files = Files(workspace, self._shelf, self.faults, lambda: self.url)
        self._slack = SlackWeb(
            workspace=workspace,
            socket=self.socket,
            interactions=interactions,
            files=self.files,
            faults=self.faults,
            scopes=None if scopes is None else frozenset(scopes),
            url=lambda: self.url,
        )
        self.dingtalk = DingTalk(
            self._shelf,
            self.faults,
            told=lambda conversation: self._changes.tell("dingtalk", conversation),
            connected=lambda: told("state"),
            url=lambda: self.url,
        )
        self._build_clusters(lambda: told("clusters"))
        self._webhooks = WebhookReceiver(self._shelf, self.faults, lambda: told("webhooks"))
        self._lark = Lark(self._webhooks, self.faults)
        self._mail = MailServer(self._shelf, self.faults, lambda: told("mail"))
        self._control = Control(
            slack=SlackControl(workspace, interactions, modals, self.files),
            workspace=WorkspaceControl(workspace, interactions, self.http),
            socket=self.socket,
            dingtalk=DingTalkControl(self.dingtalk),
            stream=self.dingtalk.stream,
            clusters=ClusterControl(self._clusters, self._registry),
            mail=self._mail,
            webhooks=self._webhooks,
            faults=self.faults,
            changes=self._changes,
            facts=lambda: {"ready": self._ready and delivery.open, "url": self.url},
            kubeconfig=self.kubeconfig,
        )

    def _build_clusters(self, changed: Callable[[], None]) -> None:
        self._registry = Registry(self._shelf)
        self._clusters = [
            ApiServer(
                name=name,
                shelf=self._shelf,
                faults=self.faults,
                registry=self._registry,
                speed=self._speed,
            )
            for name in company.CLUSTERS
        ]
        for each in self._clusters:
            each.listen(changed)

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Mount("/control", routes=self.control_routes()),
                Mount("/slack", routes=self._slack.routes()),
                Mount("/dingtalk", routes=self.dingtalk.web.routes()),
                Mount("/lark", routes=self._lark.routes()),
                Mount("/webhooks", routes=self._webhooks.routes()),
                *(Mount(f"/clusters/{each.name}", each.app()) for each in self._clusters),
                Mount("/page", StaticFiles(directory=PAGE, check_dir=False)),
                Route("/", lambda _: FileResponse(PAGE / "index.html")),
            ]
        )
