"""Who and what there is in the sandbox: the people, channels and clusters of a small company."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

TEAM = "T0SANDBOX"
APP = "A0SHIPMATE"
BOT_USER = "U0SHIPMATE"
BOT = "B0SHIPMATE"
BOT_TOKEN = "xoxb-sandbox-bot"  # noqa: S105 - opens nothing but the sandbox on this machine
APP_TOKEN = "xapp-sandbox-app"  # noqa: S105 - as above
SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105 - as above
CLUSTERS = ("east", "west")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Someone in the workspace."""

    id: str
    name: str
    real_name: str
    roles: tuple[str, ...]
    zone: str = "Etc/UTC"
    """The time zone of their profile, by its name in the IANA database."""
    locale: str = "en-US"
    """The language that they use Slack in."""

    @property
    def email(self) -> str:
        """The verified address."""
        return f"{self.name}@shop.example"

    @property
    def direct_channel(self) -> str:
        """The conversation between this person and the bot."""
        return f"D{self.id[1:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A public channel. Everyone is in it, the bot too."""

    id: str
    name: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A user group, with the people who are in it at the beginning."""

    id: str
    handle: str
    name: str
    description: str
    members: tuple[str, ...]


ZONES = {
    "Etc/UTC": ("Coordinated Universal Time", "Coordinated Universal Time"),
    "Asia/Shanghai": ("China Standard Time", "China Daylight Time"),
    "Europe/Berlin": ("Central European Time", "Central European Summer Time"),
    "America/New_York": ("Eastern Standard Time", "Eastern Daylight Time"),
}
"""What Slack calls a zone in winter and in summer."""


def zone_at(zone: str, moment: float) -> tuple[str, int]:
    """Answer what a zone is called and how many seconds it is ahead of UTC at a Unix time."""
    local = datetime.fromtimestamp(moment, ZoneInfo(zone))
    offset = local.utcoffset()
    return ZONES[zone][bool(local.dst())], int(offset.total_seconds()) if offset else 0


USERS = (
    User(
        id="U01DEV",
        name="dev",
        real_name="Dana Developer",
        roles=("developer",),
        zone="Asia/Shanghai",
    ),
    User(
        id="U02DEV2",
        name="dev2",
        real_name="Devi Developer",
        roles=("developer",),
        zone="Europe/Berlin",
    ),
    User(id="U03SRE", name="sre", real_name="Sam Reliable", roles=("sre",), zone="Europe/Berlin"),
    User(
        id="U04SRE2", name="sre2", real_name="Suri Reliable", roles=("sre",), zone="Asia/Shanghai"
    ),
    User(
        id="U05ADMIN",
        name="admin",
        real_name="Ada Admin",
        roles=("admin",),
        zone="America/New_York",
    ),
    User(id="U06GUEST", name="guest", real_name="Gus Guest", roles=()),
)

GROUPS = (
    Group(
        id="S01SRETEAM",
        handle="sre-team",
        name="SRE team",
        description="Keeps production up",
        members=("U03SRE", "U04SRE2"),
    ),
    Group(
        id="S02DEVTEAM",
        handle="developers",
        name="Developers",
        description="Builds the shop",
        members=("U01DEV", "U02DEV2"),
    ),
    Group(
        id="S03RELEASE",
        handle="release-managers",
        name="Release managers",
        description="May pass a freeze",
        members=("U05ADMIN",),
    ),
)

CHANNELS = (
    Channel(id="C01GENERAL", name="general", topic="Everything that is nowhere else"),
    Channel(id="C02SHOPDEV", name="shop-dev", topic="The shop in dev"),
    Channel(id="C03SHOPSTAGING", name="shop-staging", topic="The shop in staging"),
    Channel(id="C04SHOPPROD", name="shop-prod", topic="The shop in production"),
)


def user(text: str) -> User | None:
    """Find someone by name (with or without @) or id."""
    wanted = text.lstrip("@")
    return next((each for each in USERS if wanted in {each.name, each.id}), None)


def group(text: str) -> Group | None:
    """Find a user group by its handle (with or without @) or id."""
    wanted = text.lstrip("@")
    return next((each for each in GROUPS if wanted in {each.handle, each.id}), None)


def channel(text: str) -> str | None:
    """Find a channel's id by its name (with or without #) or id, direct conversations included."""
    wanted = text.lstrip("#")
    for each in CHANNELS:
        if wanted in {each.name, each.id}:
            return each.id
    return next((each.direct_channel for each in USERS if wanted == each.direct_channel), None)


def channel_name(channel_id: str) -> str:
    """Answer what a channel is called; a direct conversation by its id."""
    return next((each.name for each in CHANNELS if each.id == channel_id), channel_id)
