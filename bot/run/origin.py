"""Who asked for a run, and from where."""

from dataclasses import dataclass
from typing import Final

from bot.events import PersonName

API: Final = "api"
"""Where those ask who have a token for the API: people and programs."""
WEBHOOK: Final = "webhook"
"""Where triggers ask."""
BY_TOKEN: Final = frozenset({API, WEBHOOK})
"""What stands for a chat where a token says who asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked, and where: `channel` is the chat's own id of the conversation."""

    person: PersonName
    chat: str
    channel: str
    via: str
    """`command`, `mention`, `button`, `api` …"""
    trace: str = ""
    """The trace that the request belongs to, as a `traceparent`; empty: none."""
