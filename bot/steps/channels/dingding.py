"""Notices by a custom robot in a DingTalk group: KubeVela's `dingding`, and signatures besides.

The robot answers 200 whatever happens: `errcode` says whether it took the message. How often it may be used is kept in the
store (`bot.run.robots`).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field
from typing_extensions import override

from bot.errors import Permanent
from bot.run.robots import Turn
from bot.steps.channels.robot_errors import TOO_FAST, why_refused
from bot.steps.channels.sending import LARGEST, ChannelNotice, Sending, expect_json, is_known
from bot.steps.concealed import Hidden, cleaned
from bot.steps.contract import PropertyError, Waiting
from bot.steps.endpoints import Endpoint
from bot.steps.parameters import Parameters, is_expression

WHO = "DingTalk"
TOKEN = "access_token="  # noqa: S105 - the name of a parameter
SECRET_PREFIX = "SEC"  # noqa: S105 - how the robots' secrets begin


class DingText(Parameters):
    """A plain text."""

    content: str = Field(min_length=1)


class DingLink(Parameters):
    """A link with a picture. DingTalk shows nothing without a title, a text and where it leads."""

    title: str = ""
    text: str = ""
    message_url: str = ""
    pic_url: str = ""


class DingMarkdown(Parameters):
    """Markdown; the title is what the list of conversations shows."""

    title: str = Field(min_length=1)
    text: str = Field(min_length=1)


class DingButton(Parameters):
    """A button of a card: it opens a page."""

    title: str = Field(min_length=1)
    action_url: str = Field(min_length=1, alias="actionURL")


class DingCard(Parameters):
    """A card with one button (`singleTitle`, `singleURL`) or several (`btns`)."""

    title: str = Field(min_length=1)
    text: str = Field(min_length=1)
    hide_avatar: Literal["0", "1", ""] = ""
    btn_orientation: Literal["0", "1", ""] = ""
    single_title: str = ""
    single_url: str = Field(default="", alias="singleURL")
    btns: list[DingButton] = Field(default_factory=list)


class DingFeedLink(Parameters):
    """One entry of a feed."""

    title: str = ""
    text: str = ""
    message_url: str = Field(default="", alias="messageURL")
    message_url_too: str = Field(default="", alias="messageUrl")
    pic_url: str = Field(default="", alias="picURL")
    pic_url_too: str = Field(default="", alias="picUrl")

    def body(self) -> dict[str, Any]:
        """Answer it by the names of DingTalk: KubeVela writes messageUrl, which a feed does not know."""
        return {
            "title": self.title,
            "messageURL": self.message_url or self.message_url_too,
            "picURL": self.pic_url or self.pic_url_too,
        }


class DingFeed(Parameters):
    """Several links, one below the other."""

    links: list[DingFeedLink] = Field(min_length=1)


class DingAt(Parameters):
    """Who is told that they are meant."""

    at_mobiles: list[str] = Field(default_factory=list)
    at_user_ids: list[str] = Field(default_factory=list)
    is_at_all: bool = False


class DingMessage(Parameters):
    """What is said, in one of the forms that a robot knows."""

    msgtype: Literal["text", "link", "markdown", "actionCard", "feedCard"] = Field(
        default="text", alias="msgtype"
    )
    text: DingText | None = None
    link: DingLink | None = None
    markdown: DingMarkdown | None = None
    action_card: DingCard | None = None
    feed_card: DingFeed | None = None
    at: DingAt | None = None

    @property
    def part(self) -> Parameters | None:
        """What `msgtype` names."""
        found: Parameters | None = getattr(self, _field(self.msgtype))
        return found

    def check(self) -> None:
        """Raise PropertyError when what is said and `msgtype` do not fit together."""
        if self.part is None:
            raise PropertyError((self.msgtype,), f"it is required, for msgtype is {self.msgtype}")
        for each in ("text", "link", "markdown", "actionCard", "feedCard"):
            if each != self.msgtype and getattr(self, _field(each)) is not None:
                raise PropertyError((each,), f"it would not be said, for msgtype is {self.msgtype}")
        if self.link is not None and not (
            self.link.title and self.link.text and self.link.message_url
        ):
            raise PropertyError(("link",), "expected a title, a text and a messageUrl")
        if self.action_card is not None:
            _check_card(self.action_card)
        if self.feed_card is not None:
            for at, entry in enumerate(self.feed_card.links):
                if not (entry.title and (entry.message_url or entry.message_url_too)):
                    place = ("feedCard", "links", at)
                    raise PropertyError(place, "expected a title and a messageURL")

    def body(self) -> dict[str, Any]:
        """Answer what is sent. Whom Markdown mentions has to stand in it, or nobody is told."""
        made: dict[str, Any] = {"msgtype": self.msgtype}
        match self.part:
            case DingFeed() as feed:
                made["feedCard"] = {"links": [each.body() for each in feed.links]}
            case DingCard() as card:
                said = card.model_dump(by_alias=True)
                made["actionCard"] = {name: value for name, value in said.items() if value}
            case part:
                assert part is not None
                made[self.msgtype] = part.model_dump(by_alias=True)
        if self.at is not None:
            made["at"] = self.at.model_dump(by_alias=True)
            if self.msgtype == "markdown":
                text = made["markdown"]["text"]
                made["markdown"]["text"] = _mentioning(text, self.at)
        return made


class DingNotice(ChannelNotice):
    """A notice in a DingTalk group. `secret` is of robots that ask for signatures."""

    url: Endpoint
    message: DingMessage
    secret: Hidden | None = None

    @override
    def called(self) -> str:
        """Answer whom it is for. The robot's address is a secret."""
        return WHO

    @override
    def check(self) -> None:
        """Raise PropertyError for what cannot be meant."""
        self.url.check("url")
        if is_known(self.url) and not is_robot(self.url.value or ""):
            said = "expected the address of a robot, which ends in /robot/send?access_token=…"
            raise PropertyError(("url", "value"), said)
        secret = self.secret.value if self.secret is not None else None
        if secret is not None and not is_expression(secret) and not _is_secret(secret):
            raise PropertyError(("secret",), "expected the robot's secret, which begins with SEC")
        try:
            self.message.check()
        except PropertyError as error:
            raise PropertyError(("message", *error.path), str(error)) from error

    @override
    async def send(self, sending: Sending, keys: Sequence[str]) -> Waiting | None:
        """Send it when it is its turn. Raises Temporary or Permanent when the robot does not take it."""
        granted = sending.context.granted
        assert granted.http is not None
        assert granted.robots is not None
        url = await sending.vault.address(self.url)
        secret = await sending.vault.text(self.secret) if self.secret is not None else ""
        body = _body(self.message)
        robot = hashlib.sha256(url.encode()).hexdigest()[:32]
        turn = await granted.robots.turn(robot, keys[0])
        if turn.seconds > 0:
            return Waiting(message=_waits(turn), after=turn.seconds)
        answer = await granted.http.send("POST", signed(url, secret, sending.now), body, {})
        said = expect_json(answer, WHO, sending)
        code = said.get("errcode")
        if code == 0:
            return None
        if code in TOO_FAST:
            await granted.robots.stop(robot)
        error = why_refused(said, answer, sending.now, signed=bool(secret))
        raise type(error)(cleaned(str(error), url, secret))


def is_robot(address: str) -> bool:
    """Say whether an address looks like that of a robot."""
    return TOKEN in address


def signed(url: str, secret: str, now: datetime) -> str:
    """Answer a robot's address with the signature of this moment; as it is without a `secret`."""
    if not secret:
        return url
    stamp = str(int(now.timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return f"{url}&timestamp={stamp}&sign={quote(base64.b64encode(digest), safe='')}"


def _body(message: DingMessage) -> dict[str, Any]:
    body = message.body()
    size = len(json.dumps(body, ensure_ascii=False).encode())
    if size > LARGEST:
        raise Permanent(f"the message has {size} bytes; DingTalk takes {LARGEST}: make it shorter")
    return body


def _waits(turn: Turn) -> str:
    if turn.stopped:
        return "DingTalk has stopped the robot for ten minutes, for more than 20 messages in a minute; it is sent then"
    before = f"; {turn.before} before this one" if turn.before else ""
    return f"waits for its turn: DingTalk takes 20 messages a minute from a robot{before}"


def _mentioning(text: str, at: DingAt) -> str:
    missing = [f"@{each}" for each in (*at.at_mobiles, *at.at_user_ids) if f"@{each}" not in text]
    return f"{text}\n\n{' '.join(missing)}" if missing else text


def _check_card(card: DingCard) -> None:
    single = bool(card.single_title and card.single_url)
    if not single and not card.btns:
        raise PropertyError(
            ("actionCard",), "expected a button: singleTitle and singleURL, or btns"
        )


def _is_secret(text: str) -> bool:
    return text.startswith(SECRET_PREFIX)


def _field(msgtype: str) -> str:
    return {"actionCard": "action_card", "feedCard": "feed_card"}.get(msgtype, msgtype)
