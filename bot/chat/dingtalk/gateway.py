"""The `Gateway` on DingTalk's OpenAPI: cards for what changes, messages for what is said once.

DingTalk edits no messages and finds none, has no threads, no forms, and nothing that one person sees in a group: what only
one may see goes to the conversation between that person and the robot. A card has an id of ours and stands there once
however often it is sent; where cards are refused, a message takes its place and says how each request is typed.
"""

import asyncio
import hashlib
import json
import logging
import re
import uuid
from collections.abc import Sequence
from typing import Any

from bot.catalog.model import Person
from bot.chat.dingtalk import render
from bot.chat.dingtalk.api import OpenApi, check_receivers
from bot.chat.dingtalk.cards import Cards, StandardCards, TemplateCards, card_id, unchangeable
from bot.chat.dingtalk.inbound import DIRECT, private_card
from bot.chat.dingtalk.render import Rendered
from bot.chat.gateway import Profile, Unknown, Way
from bot.chat.message import Form, Message
from bot.errors import Permanent, Temporary
from bot.lease import Certain, always

log = logging.getLogger(__name__)

Json = dict[str, Any]

CARD = "card:"
"""Before the id of a card, in what the ledger has as the id of a message."""
TEXT = "text:"
CHANGES = re.compile(r"(?:dingtalk:)?[^/]+/(?:card|approval|direct|emergency)(?:/|~|\Z)")
"""The keys of messages that say something else later, which takes a card."""
ZONE = "Asia/Shanghai"
TRIES = 3
PAUSE = 2.0
"""Seconds before an answer that DingTalk did not take is tried again, where it does not say itself when."""


class DingTalkGateway:
    """DingTalk, through the OpenAPI of one app."""

    name = "dingtalk"

    def __init__(
        self,
        api: OpenApi,
        *,
        robot: str,
        template: str = "",
        pressed: bool = True,
        certain: Certain = always,
    ) -> None:
        """`template` is the id of a card template; empty: StandardCards. `pressed`: presses of buttons reach us.

        `certain` is waited for before anything is said in public: another replica may say it by now.
        """
        self._api = api
        self._certain = certain
        self._robot = robot
        self._pressed = pressed
        self._cards: Cards = (
            TemplateCards(api, robot, template)
            if template and pressed
            else StandardCards(api, robot, pressed=pressed)
        )

    async def channel_id(self, name: str) -> str:
        """Answer the id of a conversation, which is all that it goes by. Raises Permanent when it can be none."""
        if name.startswith(("cid", DIRECT)):
            return name
        raise Permanent(f"there is no group {name!r}", code="channel_not_found")

    async def digest(self, message: Message, people: dict[str, Person]) -> str:  # noqa: ARG002 - names are what is shown
        """Answer what tells one rendering of a message from another, for any viewer."""
        made = render.rendered(message)
        people_of = [each.people for each in made.buttons]
        shown = json.dumps([render.standard_card(made), people_of])
        return hashlib.sha256(shown.encode()).hexdigest()

    async def post(
        self,
        channel: str,
        message: Message,
        people: dict[str, Person],
        *,
        key: str,
        thread: str = "",  # noqa: ARG002 - there are none
    ) -> str:
        """Show a card, or post a message, and answer its id. Only a card can mention people."""
        made = render.rendered(message)
        told = render.mentioned(message)
        await self._certain()
        if told or CHANGES.match(key):
            card = card_id(key)
            try:
                await self._cards.send(card, channel, made, people, told)
            except Permanent as error:
                log.warning("a card was refused, a message takes its place: %s", error)
            else:
                return f"{CARD}{card}"
        return f"{TEXT}{await self._say(channel, made)}"

    async def edit(
        self,
        channel: str,  # noqa: ARG002 - a card is known by its id alone
        ts: str,
        message: Message,
        people: dict[str, Person],
    ) -> None:
        """Replace what a card shows. Raises Permanent when it cannot be: what is new has to be said."""
        if not ts.startswith(CARD):
            raise unchangeable()
        await self._certain()
        try:
            await self._cards.update(ts.removeprefix(CARD), render.rendered(message), people)
        except Permanent as error:
            raise unchangeable(error) from error

    async def take_away(self, channel: str, ts: str) -> None:
        """Recall a message of ours; one that is gone is fine, and a card stands there once whoever sends it."""
        if not ts.startswith(TEXT):
            return
        body: Json = {"robotCode": self._robot, "processQueryKeys": [ts.removeprefix(TEXT)]}
        if channel.startswith(DIRECT):
            await self._api.call("POST", "/v1.0/robot/otoMessages/batchRecall", body)
        else:
            body["openConversationId"] = channel
            await self._api.call("POST", "/v1.0/robot/groupMessages/recall", body)

    async def permalink(self, channel: str, ts: str) -> str:  # noqa: ARG002 - there are none
        """Raise Permanent: messages have no addresses."""
        raise Permanent("messages in DingTalk have no addresses", code="no_permalink")

    async def find(
        self,
        channel: str,  # noqa: ARG002 - as above
        key: str,
        *,
        since: float,  # noqa: ARG002 - as above
        thread: str = "",  # noqa: ARG002 - as above
    ) -> str | None:
        """Find a card by trying to change it; a message cannot be looked for. What it shows is made true next."""
        card = card_id(key)
        try:
            await self._cards.update(card, Rendered(title="…", parts=()), {})
        except Permanent:
            return None
        return f"{CARD}{card}"

    async def upload(self, name: str, text: str) -> str:  # noqa: ARG002 - DingTalk takes no text files from robots
        """Raise Permanent: no files are shown here."""
        raise Permanent("robots show no such files in DingTalk", code="no_files")

    async def share(self, channel: str, file: str, title: str, *, thread: str = "") -> None:  # noqa: ARG002 - as above
        """Raise Permanent: no files are shown here."""
        raise Permanent("robots show no such files in DingTalk", code="no_files")

    async def find_file(
        self,
        channel: str,  # noqa: ARG002 - as above
        file: str,  # noqa: ARG002 - as above
        *,
        since: float,  # noqa: ARG002 - as above
        thread: str = "",  # noqa: ARG002 - as above
    ) -> str | None:
        """Answer that there is none."""
        return None

    async def reply(
        self, channel: str, user: str, message: Message, people: dict[str, Person], way: Way
    ) -> None:
        """Say something that only `user` sees; to someone without a staff id, where they asked."""
        for _ in range(TRIES):
            try:
                await self._answer(channel, user, message, people, way)
            except Unknown:
                raise
            except Temporary as error:
                log.info("an answer waits: %s", error)
                await asyncio.sleep(error.retry_after or PAUSE)
            else:
                return
        await self._answer(channel, user, message, people, way)

    async def _answer(
        self, channel: str, user: str, message: Message, people: dict[str, Person], way: Way
    ) -> None:
        if not user:
            await self._answer_here(way, message)
            return
        if way.card and way.replaces and await self._replaced(way.card, message, people):
            return
        await self._tell(user, message, people, private_card(channel, uuid.uuid4().hex[:12]))

    async def withdraw(self, way: Way) -> None:
        """Do nothing: no message can be taken away. A private card is answered in its place."""

    async def direct(self, user: str, message: Message, people: dict[str, Person]) -> None:
        """Say something to one person."""
        asked = f"{DIRECT}{user}"
        await self._tell(user, message, people, private_card(asked, uuid.uuid4().hex[:12]))

    async def conversation_with(self, user: str) -> str:
        """Answer the conversation between a user and the robot."""
        return f"{DIRECT}{user}"

    async def open_form(self, form: Form, way: Way) -> None:  # noqa: ARG002 - there are none
        """Raise Permanent: what is missing is asked for in words."""
        raise Permanent("there are no forms in DingTalk", code="no_forms")

    async def open_panel(
        self,
        title: str,  # noqa: ARG002 - as above
        message: Message,  # noqa: ARG002 - as above
        people: dict[str, Person],  # noqa: ARG002 - as above
        way: Way,  # noqa: ARG002 - as above
        channel: str,  # noqa: ARG002 - as above
    ) -> None:
        """Raise Permanent, as for a form."""
        raise Permanent("there are no forms in DingTalk", code="no_forms")

    async def show_home(self, user: str, message: Message, people: dict[str, Person]) -> None:  # noqa: ARG002 - as above
        """Raise Permanent: an app has no home."""
        raise Permanent("apps have no home in DingTalk", code="no_home")

    async def profile_of(self, user: str) -> Profile:  # noqa: ARG002 - the same of everyone
        """Answer China's time zone; a robot is told nothing else that is sure."""
        return Profile(zone=ZONE)

    async def group_members(self, groups: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Raise Permanent: the groups that files name are Slack's."""
        raise Permanent(f"{', '.join(groups)}: these are groups of Slack", code="no_groups")

    async def identity_of(self, person: Person) -> str:
        """Answer the staff id of a person; empty when the files give none."""
        return person.dingtalk_id or ""

    async def _tell(
        self, user: str, message: Message, people: dict[str, Person], card: str
    ) -> None:
        """Say something to one person: with its buttons, where it has some."""
        made = render.rendered(message)
        if made.buttons:
            try:
                await self._cards.send(card, f"{DIRECT}{user}", made, people, ())
            except Permanent as error:
                log.warning("a card was refused, a message takes its place: %s", error)
            else:
                return
        await self._say(f"{DIRECT}{user}", made)

    async def _say(self, place: str, made: Rendered) -> str:
        """Post a message; answer the id that DingTalk gives it."""
        text = {"title": made.title, "text": render.in_words(made) or made.title}
        body: Json = {
            "robotCode": self._robot,
            "msgKey": "sampleMarkdown",
            "msgParam": json.dumps(text, ensure_ascii=False),
        }
        if not place.startswith(DIRECT):
            body["openConversationId"] = place
            path = "/v1.0/robot/groupMessages/send"
            answer = await self._api.call("POST", path, body, posting=True)
            return str(answer.get("processQueryKey", ""))
        body["userIds"] = [place.removeprefix(DIRECT)]
        path = "/v1.0/robot/oToMessages/batchSend"
        answer = await self._api.call("POST", path, body, posting=True)
        check_receivers(answer)
        return str(answer.get("processQueryKey", ""))

    async def _replaced(self, card: str, message: Message, people: dict[str, Person]) -> bool:
        """Show a message in the place of a private card; False when that cannot be."""
        try:
            await self._cards.update(card, render.rendered(message), people)
        except Permanent as error:
            log.info("a card could not be answered in its place: %s", error)
            return False
        return True

    async def _answer_here(self, way: Way, message: Message) -> None:
        """Answer where somebody asked of whom DingTalk says no id."""
        if not way.session:
            raise Permanent("DingTalk says no id of who asked, and no address", code="nobody")
        made = render.rendered(message)
        text = {"title": made.title, "text": render.in_words(made)}
        await self._api.answer_session(way.session, {"msgtype": "markdown", "markdown": text})
