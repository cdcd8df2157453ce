"""Settings: read from the environment once, at start, into frozen values; every problem is reported together.

The only module that reads the environment. Secrets are wrapped so that neither a log line nor a traceback
shows them, and their values are known to `Settings.secrecy`. Nothing here connects to anything.
"""

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.addresses import Addresses, read_addresses
from bot.errors import SettingsError
from bot.keyring import Keyring, several, with_files
from bot.languages import LANGUAGES
from bot.retention import LAST_DAYS, NEWEST_REVISIONS, Keep, Retention, parse_keep
from bot.secrecy import Secrecy
from bot.secrecy import Secret as Secret

DEFAULT_SLACK_API = "https://slack.com/api/"
DEFAULT_DINGTALK_API = "https://api.dingtalk.com"
DEFAULT_DINGTALK_OAPI = "https://oapi.dingtalk.com"
HTTP_LISTEN = "127.0.0.1:8486"
"""Where Shipmate's own HTTP server listens unless it is told otherwise: on this machine only."""
NUMBER = re.compile(r"[0-9]{1,5}")
SECRET_PREFIX = "SHIPMATE_SECRET_"  # noqa: S105 - the name of variables, not a secret


FROM_FILES = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "DINGTALK_CLIENT_SECRET",
    "DATABASE_URL",
    "SHIPMATE_STORE_KEY",
    "SHIPMATE_TOKEN",
)
"""Settings that are secret, and that `NAME_FILE` can name a file for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """How to reach Slack."""

    bot_token: Secret
    """`SLACK_BOT_TOKEN`: the bot user's token, `xoxb-…`."""
    app_token: Secret
    """`SLACK_APP_TOKEN`: the app-level token with `connections:write`, `xapp-…`, for Socket Mode."""
    signing_secret: Secret = field(default_factory=lambda: Secret(""))
    """`SLACK_SIGNING_SECRET`: in place of the app-level token, for HTTP: what Slack's requests are signed with."""
    sockets: int = 2
    """`SLACK_SOCKETS`: connections in Socket Mode, from 1 to 10."""
    listen: tuple[str, int] = ("0.0.0.0", 3000)  # noqa: S104 - Slack, or what stands before us, comes from outside
    """`SLACK_HTTP_LISTEN`: `HOST:PORT` for Slack's requests in HTTP mode."""
    api_url: str = DEFAULT_SLACK_API
    """`SLACK_API_URL`: base URL of the Web API."""

    @property
    def wanted(self) -> bool:
        """Whether anything was set that is a secret of Slack's."""
        return bool(self.bot_token or self.app_token or self.signing_secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class DingTalkSettings:
    """How to reach DingTalk."""

    client_id: str = ""
    """`DINGTALK_CLIENT_ID`: the app's Client ID (AppKey)."""
    client_secret: Secret = field(default_factory=lambda: Secret(""))
    """`DINGTALK_CLIENT_SECRET`: the app's Client Secret (AppSecret)."""
    robot_code: str = ""
    """`DINGTALK_ROBOT_CODE`: the robot's code. Default: the client id."""
    api_url: str = DEFAULT_DINGTALK_API
    """`DINGTALK_API_URL`: base URL of the OpenAPI."""
    oapi_url: str = DEFAULT_DINGTALK_OAPI
    """`DINGTALK_OAPI_URL`: base URL of the older API."""
    card_template: str = ""
    """`DINGTALK_CARD_TEMPLATE`: id of a card template of the company's own. Default: StandardCards."""
    listen: tuple[str, int] | None = None
    """`DINGTALK_HTTP_LISTEN`: `HOST:PORT` for DingTalk's requests. Default: Stream mode."""

    @property
    def wanted(self) -> bool:
        """Whether anything was set that says which app it is."""
        return bool(self.client_id or self.client_secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Where Shipmate's own HTTP server listens."""

    host: str = "127.0.0.1"
    port: int = 8486
    """0 is any free one."""
    given: bool = False
    """Whether somebody has said so."""
    or_any: bool = False
    """Whether any other port will do where that one is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set from outside."""

    slack: SlackSettings
    dingtalk: DingTalkSettings = field(default_factory=DingTalkSettings)
    state: Path
    """`SHIPMATE_STATE`: folder of the SQLite file and of the sandbox's state. Default `.shipmate`."""
    workflows: Path
    """`SHIPMATE_WORKFLOWS`: folder of the YAML files. Default `workflows`."""
    kubeconfig: Path | None = None
    """`KUBECONFIG`: the file with a context for each cluster. Default: `~/.kube/config`, or in-cluster."""
    database_url: str = ""
    """`DATABASE_URL`: where to keep everything. Default: a SQLite file in the state folder."""
    port: int = 8484
    """`PORT`: of the sandbox's page, on 127.0.0.1."""
    language: str = ""
    """`SHIPMATE_LANGUAGE`: what is spoken where nothing else says it: `en` or `zh`. Default English."""
    replica: str = field(default_factory=platform.node)
    """`SHIPMATE_REPLICA`: what this process is called among those on one database. Default: the host's name, or the Pod's."""
    log_level: str = "info"
    """`SHIPMATE_LOG_LEVEL`: `debug`, `info`, `warning` or `error`."""
    log_format: str = "text"
    """`SHIPMATE_LOG_FORMAT`: `text`, or `json` for one object a line."""
    traces: str = ""
    """`OTEL_EXPORTER_OTLP_ENDPOINT`: base URL of a collector of OpenTelemetry; empty: nothing is traced."""
    http: HttpSettings | None = field(default_factory=HttpSettings)
    """`SHIPMATE_HTTP_LISTEN`: `HOST:PORT` of health, metrics, the API and triggers, or `off`."""
    keep: Retention = field(default_factory=Retention)
    """`SHIPMATE_KEEP_RUNS`, `_REVISIONS`, `_AUDIT`, `_REQUESTS`: how long what has happened is kept."""
    export: Path | None = None
    """`SHIPMATE_EXPORT`: folder into which is written what is kept no more, before it goes."""
    addresses: Addresses = field(default_factory=Addresses)
    """`SHIPMATE_ALLOWED_ADDRESSES`: what steps may call. Default: everything but this machine and what is link-local."""
    proxies: Mapping[str, Secret] = field(default_factory=dict)
    """`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, by `http`, `https`, `all` and `no`: for the calls of steps."""
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    """`SHIPMATE_SECRET_<NAME>` and the files in `SHIPMATE_SECRETS`: what files refer to by `fromSetting: <NAME>`."""
    store_keys: tuple[Secret, ...] = ()
    """`SHIPMATE_STORE_KEY`: what outputs that are secret are sealed with in the store, the first one from now on."""
    secrecy: Secrecy = field(default_factory=Secrecy, compare=False, repr=False)
    """What is known to be secret in this process."""

    @property
    def store_url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.state / 'shipmate.db'}"


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environment` (default: the process's own).

    Raises SettingsError that lists every value that cannot be used. Tokens may be absent here: what needs
    them asks `require_chat`.
    """
    problems: list[str] = []
    given = with_files(os.environ if environment is None else environment, FROM_FILES, problems)
    port = _port(given.get("PORT", ""), problems)
    level, form = _logging(given, problems)
    language = given.get("SHIPMATE_LANGUAGE", "").lower()
    if language not in {"", *LANGUAGES}:
        known = " or ".join(LANGUAGES)
        problems.append(f"SHIPMATE_LANGUAGE is {language!r}; expected {known}")
    kubeconfig = given.get("KUBECONFIG", "")
    slack = _slack(given, problems)
    dingtalk = _dingtalk(given, problems)
    http = _http(given, problems)
    keep = _keep(given, problems)
    export = given.get("SHIPMATE_EXPORT", "")
    addresses, wrong = read_addresses(given.get("SHIPMATE_ALLOWED_ADDRESSES", ""))
    problems += wrong
    secrecy, keys = _secrecy(given), given.get("SHIPMATE_STORE_KEY", "")
    secrets = _secrets(given, secrecy, problems)
    if problems:
        raise SettingsError("; ".join(problems))
    return Settings(
        slack=slack,
        dingtalk=dingtalk,
        state=Path(given.get("SHIPMATE_STATE", "") or ".shipmate"),
        workflows=Path(given.get("SHIPMATE_WORKFLOWS", "") or "workflows"),
        kubeconfig=Path(kubeconfig) if kubeconfig else None,
        database_url=given.get("DATABASE_URL", ""),
        port=port,
        language=language,
        replica=given.get("SHIPMATE_REPLICA", "") or platform.node(),
        log_level=level,
        log_format=form,
        traces=given.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        http=http,
        keep=keep,
        export=Path(export) if export else None,
        addresses=addresses,
        proxies=_proxies(given),
        secrets=secrets,
        store_keys=tuple(map(Secret, several(keys))),
        secrecy=secrecy,
    )


def _logging(given: Mapping[str, str], problems: list[str]) -> tuple[str, str]:
    level = given.get("SHIPMATE_LOG_LEVEL", "info").lower()
    if level not in {"debug", "info", "warning", "error"}:
        problems.append(f"SHIPMATE_LOG_LEVEL is {level!r}; expected debug, info, warning or error")
    form = given.get("SHIPMATE_LOG_FORMAT", "text").lower()
    if form not in {"text", "json"}:
        problems.append(f"SHIPMATE_LOG_FORMAT is {form!r}; expected text or json")
    return level, form


def _secrecy(given: Mapping[str, str]) -> Secrecy:
    """Make the register of what is secret, with the secrets that are settings. Of a URL it is the password."""
    secrecy = Secrecy()
    urls = (given.get("DATABASE_URL", ""), *(each.reveal() for each in _proxies(given).values()))
    secrecy.learn(*(each for each in urls if "@" in each or "password=" in each), lasting=True)
    own = [given.get(each, "") for each in FROM_FILES if each != "DATABASE_URL"]
    secrecy.learn(*own, *(key for each in own for key in several(each)), lasting=True)
    return secrecy


def _secrets(given: Mapping[str, str], secrecy: Secrecy, problems: list[str]) -> Keyring:
    folder = given.get("SHIPMATE_SECRETS", "")
    if folder and not Path(folder).is_dir():
        problems.append(f"SHIPMATE_SECRETS is {folder!r}, which is no folder")
        folder = ""
    values = {
        name.removeprefix(SECRET_PREFIX): Secret(value)
        for name, value in given.items()
        if name.startswith(SECRET_PREFIX)
    }
    return Keyring(values, Path(folder) if folder else None, secrecy)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSettings:
    """Which Shipmate the command line asks, and as whom."""

    server: str
    """`SHIPMATE_SERVER`: base URL of a Shipmate that runs."""
    token: Secret
    """`SHIPMATE_TOKEN`: a token of its API."""


def read_remote(server: str = "", environment: Mapping[str, str] | None = None) -> RemoteSettings:
    """Read which server is asked; `server` is what was given on the command line. Raises SettingsError."""
    problems: list[str] = []
    given = with_files(os.environ if environment is None else environment, FROM_FILES, problems)
    server = server or given.get("SHIPMATE_SERVER", "") or f"http://{HTTP_LISTEN}"
    token = given.get("SHIPMATE_TOKEN", "")
    if not server.startswith(("http://", "https://")):
        problems.append(
            f"SHIPMATE_SERVER is {server!r}; expected a URL such as https://shipmate.example.com"
        )
    if not token:
        problems.append("SHIPMATE_TOKEN is not set; `shipmate token create NAME` makes one")
    if problems:
        raise SettingsError("; ".join(problems))
    return RemoteSettings(server=server, token=Secret(token))


def require_chat(settings: Settings) -> None:
    """Raise SettingsError when there is no chat, or what one of them needs is absent or swapped."""
    slack, dingtalk = settings.slack, settings.dingtalk
    problems = _missing_of_slack(slack) if slack.wanted or not dingtalk.wanted else []
    if dingtalk.wanted and not dingtalk.client_id:
        problems.append("DINGTALK_CLIENT_ID is not set; it is the app's Client ID (AppKey)")
    if dingtalk.wanted and not dingtalk.client_secret:
        problems.append(
            "DINGTALK_CLIENT_SECRET is not set; it is the app's Client Secret (AppSecret)"
        )
    if problems:
        hints = ["to try Shipmate without a chat, use `shipmate run --sandbox`"]
        if not slack.wanted and not dingtalk.wanted:
            hints.insert(
                0,
                "for DingTalk in place of Slack set DINGTALK_CLIENT_ID and DINGTALK_CLIENT_SECRET",
            )
        raise SettingsError("; ".join([*problems, *hints]))


def _missing_of_slack(slack: SlackSettings) -> list[str]:
    """Answer what Slack needs and has not: a token and a way to be reached."""
    problems = []
    tokens = [("SLACK_BOT_TOKEN", slack.bot_token, "xoxb-", "the bot user's token")]
    if slack.app_token or not slack.signing_secret:
        tokens.append(("SLACK_APP_TOKEN", slack.app_token, "xapp-", "the app-level token"))
    for name, token, prefix, what in tokens:
        if not token:
            problems.append(f"{name} is not set; it is {what} and begins with {prefix}")
        elif not token.reveal().startswith(prefix):
            problems.append(f"{name} does not begin with {prefix}; it is {what}")
    if slack.app_token and slack.signing_secret:
        problems.append(
            "SLACK_APP_TOKEN is for Socket Mode and SLACK_SIGNING_SECRET for HTTP; set one of them"
        )
    return problems


def _slack(given: Mapping[str, str], problems: list[str]) -> SlackSettings:
    sockets = given.get("SLACK_SOCKETS", "") or "2"
    if not NUMBER.fullmatch(sockets) or not 1 <= int(sockets) <= 10:
        problems.append(f"SLACK_SOCKETS is {sockets!r}; expected a number from 1 to 10")
        sockets = "2"
    listen = given.get("SLACK_HTTP_LISTEN", "") or "0.0.0.0:3000"
    return SlackSettings(
        bot_token=Secret(given.get("SLACK_BOT_TOKEN", "")),
        app_token=Secret(given.get("SLACK_APP_TOKEN", "")),
        signing_secret=Secret(given.get("SLACK_SIGNING_SECRET", "")),
        api_url=given.get("SLACK_API_URL", "") or DEFAULT_SLACK_API,
        sockets=int(sockets),
        listen=_address("SLACK_HTTP_LISTEN", listen, problems),
    )


def _dingtalk(given: Mapping[str, str], problems: list[str]) -> DingTalkSettings:
    listen = given.get("DINGTALK_HTTP_LISTEN", "")
    return DingTalkSettings(
        client_id=given.get("DINGTALK_CLIENT_ID", ""),
        client_secret=Secret(given.get("DINGTALK_CLIENT_SECRET", "")),
        robot_code=given.get("DINGTALK_ROBOT_CODE", ""),
        api_url=given.get("DINGTALK_API_URL", "") or DEFAULT_DINGTALK_API,
        oapi_url=given.get("DINGTALK_OAPI_URL", "") or DEFAULT_DINGTALK_OAPI,
        card_template=given.get("DINGTALK_CARD_TEMPLATE", ""),
        listen=_address("DINGTALK_HTTP_LISTEN", listen, problems) if listen else None,
    )


def _http(given: Mapping[str, str], problems: list[str]) -> HttpSettings | None:
    wanted = given.get("SHIPMATE_HTTP_LISTEN", "")
    if wanted.lower() == "off":
        return None
    host, port = _address("SHIPMATE_HTTP_LISTEN", wanted or HTTP_LISTEN, problems)
    return HttpSettings(host=host, port=port, given=bool(wanted))


def _keep(given: Mapping[str, str], problems: list[str]) -> Retention:
    rules = Retention()

    def rule(name: str, text: str, default: Keep, *, counted: bool = True, least: int = 1) -> Keep:
        try:
            return parse_keep(text, counted=counted, least=least) if text else default
        except ValueError as error:
            problems.append(f"{name} is {text!r}; {error}")
            return default

    requests = rule(
        "SHIPMATE_KEEP_REQUESTS",
        given.get("SHIPMATE_KEEP_REQUESTS", ""),
        rules.requests,
        counted=False,
    )
    if requests.age is not None and requests.age < LAST_DAYS:
        problems.append(
            f"SHIPMATE_KEEP_REQUESTS is '{requests}'; expected at least {LAST_DAYS.days}d, "
            "for a chat may bring a request again"
        )
    return Retention(
        runs=rule("SHIPMATE_KEEP_RUNS", given.get("SHIPMATE_KEEP_RUNS", ""), rules.runs),
        revisions=rule(
            "SHIPMATE_KEEP_REVISIONS",
            given.get("SHIPMATE_KEEP_REVISIONS", ""),
            rules.revisions,
            least=NEWEST_REVISIONS,
        ),
        audit=rule(
            "SHIPMATE_KEEP_AUDIT", given.get("SHIPMATE_KEEP_AUDIT", ""), rules.audit, counted=False
        ),
        requests=requests,
    )


def _proxies(given: Mapping[str, str]) -> dict[str, Secret]:
    """Read who stands between us and the rest; as everywhere, the small spelling wins. A URL of one may hold a password."""
    found = {}
    for kind in ("http", "https", "all", "no"):
        value = given.get(f"{kind}_proxy", "") or given.get(f"{kind.upper()}_PROXY", "")
        if value:
            found[kind] = Secret(value)
    return found


def _address(name: str, text: str, problems: list[str]) -> tuple[str, int]:
    """Read `HOST:PORT`."""
    host, _, port = text.rpartition(":")
    if not host or not NUMBER.fullmatch(port) or int(port) > 65535:
        problems.append(f"{name} is {text!r}; expected HOST:PORT")
        return host, 0
    return host.strip("[]"), int(port)


def _port(text: str, problems: list[str]) -> int:
    if not text:
        return 8484
    if NUMBER.fullmatch(text) and int(text) <= 65535:
        return int(text)
    problems.append(f"PORT is {text!r}; expected a number from 0 to 65535")
    return 0
