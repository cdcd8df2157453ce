"""What the conversation asks of a chat, in our words. Each chat implements it and translates its errors.

Errors are `bot.errors.Temporary` (with `retry_after` when the chat says it) and `bot.errors.Permanent` (with the
chat's own code). `Unknown` is a post of which nobody knows whether it arrived: look before posting again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.catalog.model import Person
from bot.chat.message import Form, Message
from bot.errors import Temporary

UNEDITABLE = "uneditable"
"""The code of a message that stands there as it is for good: what is new has to be said in another one."""


class Unknown(Temporary):
    """The connection broke or the chat stumbled after it may have taken the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to answer one request, while it is fresh. Nothing of it outlives the process."""

    response_url: str = ""
    """Replaces or follows the message that was pressed, or the command; good for 30 minutes."""
    trigger: str = ""
    """Opens a form, within three seconds, once."""
    replaces: bool = False
    """The answer takes the place of the private message whose button was pressed."""
    view: str = ""
    """The form whose button was pressed: the answer takes its place, and another form comes above it."""
    card: str = ""
    """The private card whose button was pressed: the answer takes its place."""
    session: str = ""
    """Answers in the conversation itself, where there is no other way to reach whoever asked."""
    panel: bool = False
    """A run is shown with all that can be done about it, in a form of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a chat knows of a user."""

    email: str = ""
    """The address that the chat has verified."""
    zone: str = ""
    """The time zone, an IANA name."""
    language: str = ""
    """The language that they use the chat in, where we speak it."""


class Gateway(Protocol):
    """One chat."""

    @property
    def name(self) -> str:
        """`slack`, or `dingtalk`."""
        ...

    async def channel_id(self, name: str) -> str:
        """Answer the id of a channel given by name or id. Raises Permanent when there is none."""
        ...

    async def digest(self, message: Message, people: dict[str, Person]) -> str:
        """Answer what tells one rendering of a message from another."""
        ...

    async def post(
        self,
        channel: str,
        message: Message,
        people: dict[str, Person],
        *,
        key: str,
        thread: str = "",
    ) -> str:
        """Post and answer the message's id. `key` is put where `find` finds it."""
        ...

    async def edit(
        self, channel: str, ts: str, message: Message, people: dict[str, Person]
    ) -> None:
        """Replace what a message shows."""
        ...

    async def take_away(self, channel: str, ts: str) -> None:
        """Delete a message of ours; one that is gone is fine."""
        ...

    async def permalink(self, channel: str, ts: str) -> str:
        """Answer the address of a message, for people to follow. Raises Permanent when it is gone."""
        ...

    async def find(self, channel: str, key: str, *, since: float, thread: str = "") -> str | None:
        """Find a message that was posted with `key` after the Unix time `since`; answer its id."""
        ...

    async def upload(self, name: str, text: str) -> str:
        """Hand over a file that nobody sees yet; answer the chat's id of it. A failure leaves nothing behind."""
        ...

    async def share(self, channel: str, file: str, title: str, *, thread: str = "") -> None:
        """Show an uploaded file, once. It stands there some time after this has returned.

        Raises Unknown when nobody knows whether it will.
        """
        ...

    async def find_file(
        self, channel: str, file: str, *, since: float, thread: str = ""
    ) -> str | None:
        """Find the message that shows a file, shared after the Unix time `since`; answer its id."""
        ...

    async def reply(
        self, channel: str, user: str, message: Message, people: dict[str, Person], way: Way
    ) -> None:
        """Say something that only `user` sees."""
        ...

    async def withdraw(self, way: Way) -> None:
        """Take away the private message whose button was pressed."""
        ...

    async def direct(self, user: str, message: Message, people: dict[str, Person]) -> None:
        """Send a direct message."""
        ...

    async def conversation_with(self, user: str) -> str:
        """Answer the id of the direct conversation with a user."""
        ...

    async def open_form(self, form: Form, way: Way) -> None:
        """Open a form before the one who asked."""
        ...

    async def open_panel(
        self, title: str, message: Message, people: dict[str, Person], way: Way, channel: str
    ) -> None:
        """Show a message with its buttons before the one who asked, and nobody else; `channel` is where that was."""
        ...

    async def show_home(self, user: str, message: Message, people: dict[str, Person]) -> None:
        """Show the app's home to a user."""
        ...

    async def profile_of(self, user: str) -> Profile:
        """Answer what the chat knows of a user; nothing when it does not know them."""
        ...

    async def group_members(self, groups: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Answer the chat's ids of those in each user group, given by id or handle; of one that is not there, nobody."""
        ...

    async def identity_of(self, person: Person) -> str:
        """Answer the chat's id of a person; empty when they are not there."""
        ...
