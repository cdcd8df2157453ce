"""Access tokens of the app: two hours, the same for both APIs, on the shelf before they are handed out."""

import secrets
from collections.abc import Callable

from bot.sandbox.dingtalk import organization
from bot.sandbox.shelf import Shelf

LIVES = 7200
"""Seconds that a token can be used."""


class Tokens:
    """The tokens that were handed out."""

    def __init__(self, shelf: Shelf, clock: Callable[[], float]) -> None:
        self._shelf = shelf
        self._clock = clock
        self._made: dict[str, float] = {
            token: document["at"] for token, document in shelf.items("dingtalk/tokens")
        }

    def new(self, key: object, secret: object) -> str | None:
        """Hand out a token for the app's credentials; None when they are wrong."""
        if (key, secret) != (organization.CLIENT_ID, organization.CLIENT_SECRET):
            return None
        token = secrets.token_hex(16)
        self._made[token] = self._clock()
        self._shelf.put("dingtalk/tokens", token, {"at": self._made[token]})
        return token

    def good(self, token: str) -> bool:
        """Say whether a token opens the APIs."""
        return token in self._made and self._clock() - self._made[token] < LIVES

    def revoke(self) -> None:
        """Make every token bad that was handed out so far."""
        for token in self._made:
            self._shelf.delete("dingtalk/tokens", token)
        self._made = {}
