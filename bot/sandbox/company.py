"""Who and what there is in the sandbox: the people, channels and clusters of a small company."""

from dataclasses import dataclass

TEAM = "T0SANDBOX"
APP = "A0SHIPMATE"
BOT_USER = "U0SHIPMATE"
BOT = "B0SHIPMATE"
BOT_TOKEN = "xoxb-sandbox-bot"  # noqa: S105 - opens nothing but the sandbox on this machine
APP_TOKEN = "xapp-sandbox-app"  # noqa: S105 - as above
CLUSTERS = ("east", "west")


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Someone in the workspace."""

    id: str
    name: str
    real_name: str
    roles: tuple[str, ...]
    tz: str = "Etc/UTC"
    """The time zone of their profile."""

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


USERS = (
    User(id="U01DEV", name="dev", real_name="Dana Developer", roles=("developer",)),
    User(
        id="U02DEV2",
        name="dev2",
        real_name="Devi Developer",
        roles=("developer",),
        tz="Asia/Shanghai",
    ),
    User(id="U03SRE", name="sre", real_name="Sam Reliable", roles=("sre",)),
    User(id="U04SRE2", name="sre2", real_name="Suri Reliable", roles=("sre",)),
    User(id="U05ADMIN", name="admin", real_name="Ada Admin", roles=("admin",)),
    User(id="U06GUEST", name="guest", real_name="Gus Guest", roles=()),
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
