"""What is said in DingTalk: messages, and the addresses by which the robot may answer, on the shelf before it is answered."""

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.dingtalk import organization
from bot.sandbox.shelf import Shelf

Json = dict[str, Any]

SESSION_LIVES = 90 * 60.0
"""Seconds that a sessionWebhook can be used."""


class Conversations:
    """All conversations, each with its messages."""

    def __init__(
        self,
        shelf: Shelf,
        *,
        changed: Callable[[str], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`changed` is called with the id of a conversation in which something has changed."""
        self._shelf = shelf
        self._changed = changed
        self.clock = clock
        self.messages: dict[str, Json] = {}
        self._sessions: dict[str, Json] = dict(shelf.items("dingtalk/sessions"))
        found = sorted(
            (document for _, document in shelf.items("dingtalk/messages")),
            key=lambda each: each["number"],
        )
        for each in found:
            self.messages[each["id"]] = each
        last = found[-1]["number"] if found else 0
        self._numbers = itertools.count(max(last + 1, int(clock() * 1000)))

    def new_id(self, prefix: str) -> str:
        """Answer an id that nothing else has."""
        return f"{prefix}{next(self._numbers):X}"

    def add(self, conversation: str, user: str, kind: str, content: Json, **more: Any) -> Json:
        """Put a message into a conversation.

        `user` is the name of a person, of the robot or of a custom robot; `kind` a msgtype, or `card`.
        """
        number = next(self._numbers)
        made: Json = {
            "id": f"msg{number:X}",
            "number": number,
            "conversation": conversation,
            "user": user,
            "kind": kind,
            "content": content,
            "time": int(self.clock() * 1000),
            **more,
        }
        self.change(made)
        return made

    def change(self, message: Json) -> None:
        """Store a new or changed message."""
        self._shelf.put("dingtalk/messages", message["id"], message)
        self.messages[message["id"]] = message
        self._changed(message["conversation"])

    def recall(self, key: str, conversations: set[str]) -> bool:
        """Take back the messages that were sent under a processQueryKey; answer whether there were any."""
        found = [
            each
            for each in self.messages.values()
            if each.get("key") == key and each["conversation"] in conversations
        ]
        for each in found:
            self.change({**each, "recalled": True})
        return bool(found)

    def within(self, conversation: str) -> Iterator[Json]:
        """Yield a conversation's messages, oldest first."""
        for each in self.messages.values():
            if each["conversation"] == conversation and not each.get("recalled"):
                yield each

    def from_robot(self, conversations: set[str]) -> list[Json]:
        """List what the robot has said in some conversations, oldest first."""
        return [
            each
            for each in self.messages.values()
            if each["conversation"] in conversations and each["user"] == organization.ROBOT_NAME
        ]

    def refresh(self, conversation: str) -> None:
        """Say that something shown in a conversation has changed."""
        self._changed(conversation)

    def new_session(self, conversation: str) -> tuple[str, int]:
        """Make what lets the robot answer in a conversation; answer it and when it ends, in milliseconds."""
        name = self.new_id("session")
        ends = self.clock() + SESSION_LIVES
        self._sessions[name] = {"conversation": conversation, "ends": ends}
        self._shelf.put("dingtalk/sessions", name, self._sessions[name])
        return name, int(ends * 1000)

    def session(self, name: str) -> str | None:
        """Answer the conversation that a session belongs to; None when it is unknown or over."""
        found = self._sessions.get(name)
        if found is None or self.clock() > found["ends"]:
            return None
        conversation: str = found["conversation"]
        return conversation
