"""A chat to which nothing is said that is known to be secret, whatever a message is made of.

What is no text for people, such as who is mentioned or what a button asks for, stays as it is: it is read back.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from typing_extensions import override

from bot.catalog.model import Person
from bot.chat.gateway import Gateway, Profile, Way
from bot.chat.message import Actions, Button, Choice, Field, Form, Icon, Mention, Message
from bot.secrecy import Secrecy

KEPT = {
    Mention: ("person",),
    Icon: ("name",),
    Button: ("action", "command", "people"),
    Choice: ("value",),
    Field: ("name",),
    Form: ("command", "channel"),
}
"""What of a message is for the chat and for ourselves; the names and commands in it were cleaned when they came in."""

T = TypeVar("T", Message, Form)


def shown(said: T, secrecy: Secrecy) -> T:
    """Answer a message or a form without what is secret in all that people see of it."""
    cleaned = secrecy.cleaned(said, KEPT)
    if not isinstance(cleaned, Message):
        return cleaned
    blocks = tuple(
        replace(each, buttons=tuple(_typed(button, secrecy) for button in each.buttons))
        if isinstance(each, Actions)
        else each
        for each in cleaned.blocks
    )
    return cleaned if blocks == cleaned.blocks else replace(cleaned, blocks=blocks)


def _typed(button: Button, secrecy: Secrecy) -> Button:
    """Answer a button whose command is shown without what is secret where it is shown to be typed."""
    typed = button.typed or secrecy.clean(button.command)
    return button if typed in {button.typed, button.command} else replace(button, typed=typed)


class Discreet(Gateway):
    """Another gateway, with what is shown by it cleaned."""

    def __init__(self, gateway: Gateway, secrecy: Secrecy) -> None:
        self._gateway = gateway
        self._secrecy = secrecy

    @property
    @override
    def name(self) -> str:
        """`slack`, or `dingtalk`."""
        return self._gateway.name

    @override
    async def channel_id(self, name: str) -> str:
        """Answer the id of a channel."""
        return await self._gateway.channel_id(name)

    @override
    async def digest(self, message: Message, people: dict[str, Person]) -> str:
        """Answer what tells one rendering of a message from another."""
        return await self._gateway.digest(shown(message, self._secrecy), people)

    @override
    async def post(
        self,
        channel: str,
        message: Message,
        people: dict[str, Person],
        *,
        key: str,
        thread: str = "",
    ) -> str:
        """Post and answer the message's id."""
        cleaned = shown(message, self._secrecy)
        return await self._gateway.post(channel, cleaned, people, key=key, thread=thread)

    @override
    async def edit(
        self, channel: str, ts: str, message: Message, people: dict[str, Person]
    ) -> None:
        """Replace what a message shows."""
        await self._gateway.edit(channel, ts, shown(message, self._secrecy), people)

    @override
    async def take_away(self, channel: str, ts: str) -> None:
        """Delete a message of ours."""
        await self._gateway.take_away(channel, ts)

    @override
    async def permalink(self, channel: str, ts: str) -> str:
        """Answer the address of a message."""
        return await self._gateway.permalink(channel, ts)

    @override
    async def find(self, channel: str, key: str, *, since: float, thread: str = "") -> str | None:
        """Find a message of ours by its key."""
        return await self._gateway.find(channel, key, since=since, thread=thread)

    @override
    async def upload(self, name: str, text: str) -> str:
        """Hand over a file that nobody sees yet."""
        return await self._gateway.upload(name, self._secrecy.clean(text))

    @override
    async def share(self, channel: str, file: str, title: str, *, thread: str = "") -> None:
        """Show an uploaded file."""
        await self._gateway.share(channel, file, self._secrecy.clean(title), thread=thread)

    @override
    async def find_file(
        self, channel: str, file: str, *, since: float, thread: str = ""
    ) -> str | None:
        """Find the message that shows a file."""
        return await self._gateway.find_file(channel, file, since=since, thread=thread)

    @override
    async def reply(
        self, channel: str, user: str, message: Message, people: dict[str, Person], way: Way
    ) -> None:
        """Say something that only `user` sees."""
        await self._gateway.reply(channel, user, shown(message, self._secrecy), people, way)

    @override
    async def withdraw(self, way: Way) -> None:
        """Take away a private message."""
        await self._gateway.withdraw(way)

    @override
    async def direct(self, user: str, message: Message, people: dict[str, Person]) -> None:
        """Send a direct message."""
        await self._gateway.direct(user, shown(message, self._secrecy), people)

    @override
    async def conversation_with(self, user: str) -> str:
        """Answer the id of the direct conversation with a user."""
        return await self._gateway.conversation_with(user)

    @override
    async def open_form(self, form: Form, way: Way) -> None:
        """Open a form."""
        await self._gateway.open_form(shown(form, self._secrecy), way)

    @override
    async def open_panel(
        self, title: str, message: Message, people: dict[str, Person], way: Way, channel: str
    ) -> None:
        """Show a message before the one who asked."""
        cleaned = shown(message, self._secrecy)
        await self._gateway.open_panel(title, cleaned, people, way, channel)

    @override
    async def show_home(self, user: str, message: Message, people: dict[str, Person]) -> None:
        """Show the app's home to a user."""
        await self._gateway.show_home(user, shown(message, self._secrecy), people)

    @override
    async def profile_of(self, user: str) -> Profile:
        """Answer what the chat knows of a user."""
        return await self._gateway.profile_of(user)

    @override
    async def group_members(self, groups: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Answer the chat's ids of those in each user group."""
        return await self._gateway.group_members(groups)

    @override
    async def identity_of(self, person: Person) -> str:
        """Answer the chat's id of a person."""
        return await self._gateway.identity_of(person)
