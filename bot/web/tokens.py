"""Tokens: made of chance, shown once, and known again by a digest."""

import hashlib
import hmac
import secrets
from typing import Final

from bot.clock import Clock
from bot.web.ports import Token, TokenKind, Tokens

PREFIXES: Final = {TokenKind.API: "sma_", TokenKind.TRIGGER: "smt_"}
"""By which people and secret scanners know what a token is."""
LONGEST: Final = 200


def new_token(kind: TokenKind, owner: str, now: float) -> tuple[str, Token]:
    """Make a token: its text, which is kept nowhere, and what is kept. 256 bits of chance need no salt and no slow hash."""
    text = PREFIXES[kind] + secrets.token_urlsafe(32)
    return text, Token(kind=kind, owner=owner, digest=digest_of(text), created=now)


def digest_of(text: str) -> str:
    """Answer what a token is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


async def owner_of(tokens: Tokens, clock: Clock, kind: TokenKind, text: str) -> str:
    """Answer who has a token; empty: nobody, whatever the reason. How long it takes says nothing of the token."""
    digest = digest_of(text[:LONGEST])
    found = await tokens.find(digest)
    if found is None or not hmac.compare_digest(found.digest, digest):
        return ""
    return found.owner if found.kind is kind and found.holds(clock.now().timestamp()) else ""
