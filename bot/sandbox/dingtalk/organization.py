"""Who and what there is in the sandbox's DingTalk: the same people as in Slack, someone from outside, a group, robots."""

from dataclasses import dataclass

from bot.sandbox import company

CORP = "dingsandboxcorp"
CLIENT_ID = "dingsandboxapp"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - opens nothing but the sandbox on this machine
ROBOT = CLIENT_ID
"""The robotCode of an internal app's robot is its client id."""
ROBOT_NAME = "shipmate"
ROBOT_USER = "$:LWCP_v1:$c2hpcG1hdGU="
CARD_TEMPLATE = "7a5e1c02-5a4d-4b0e-9d53-3f0d6c1b0a10.schema"
"""The one card template that is published here; docs/sandbox.md has its variables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Someone who can be talked to. Someone from outside has no staff id."""

    name: str
    staff_id: str
    nick: str
    email: str
    mobile: str
    roles: tuple[str, ...]
    sender_id: str
    """The encrypted id: no identity, and not the same for long."""

    @property
    def outside(self) -> bool:
        """Whether this person belongs to another organization."""
        return not self.staff_id

    @property
    def direct(self) -> str:
        """The id of the conversation between this person and the robot."""
        return f"cidDirect{self.name.title()}Sandbox=="


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group conversation. Everyone is in it, the robot too."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRobot:
    """A robot of a group that takes messages by a webhook, with its security setting."""

    name: str
    token: str
    group: str
    secret: str = ""
    keywords: tuple[str, ...] = ()


def _staff(number: int, user: company.User) -> Member:
    return Member(
        name=user.name,
        staff_id=f"01{number:04d}{user.name}",
        nick=user.real_name,
        email=user.email,
        mobile=f"1380000{number:04d}",
        roles=user.roles,
        sender_id=f"$:LWCP_v1:$sandbox{number:02d}==",
    )


MEMBERS = (
    *(_staff(number, user) for number, user in enumerate(company.USERS, 1)),
    Member(
        name="partner",
        staff_id="",
        nick="Pat Partner",
        email="",
        mobile="",
        roles=(),
        sender_id="$:LWCP_v1:$sandbox99==",
    ),
)
GROUPS = (Group(id="cidShopProdSandbox==", title="shop-prod"),)
CUSTOM_ROBOTS = (
    CustomRobot(
        name="Releases",
        token="sandbox-signed-robot",  # noqa: S106 - as above
        group=GROUPS[0].id,
        secret="SECsandboxsignedrobot",  # noqa: S106 - as above
    ),
    CustomRobot(
        name="Notices",
        token="sandbox-keyword-robot",  # noqa: S106 - as above
        group=GROUPS[0].id,
        keywords=("shop", "发布"),
    ),
)


def member(text: str) -> Member | None:
    """Find someone by name (with or without @) or staff id."""
    wanted = text.lstrip("@")
    return next((each for each in MEMBERS if wanted and wanted in {each.name, each.staff_id}), None)


def staff(staff_id: str) -> Member | None:
    """Find someone of the own organization by staff id."""
    return next((each for each in MEMBERS if staff_id and each.staff_id == staff_id), None)


def group(text: str) -> Group | None:
    """Find a group by title or openConversationId."""
    return next((each for each in GROUPS if text in {each.title, each.id}), None)


def title_of(conversation: str) -> str:
    """Answer what a conversation is called: a group by its title, one with the robot by the robot's name."""
    found = group(conversation)
    return found.title if found else ROBOT_NAME


def party(conversation: str) -> Member | None:
    """Answer who talks to the robot in a one-to-one conversation; None: it is a group."""
    return next((each for each in MEMBERS if each.direct == conversation), None)
