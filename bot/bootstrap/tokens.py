"""Tokens on the command line: made, replaced and ended in the store by the settings of `shipmate run`, also while it runs.

A `kind` is `api` or `trigger`.
"""

from datetime import UTC, datetime

from bot.bootstrap.equipment import read_catalog
from bot.catalog.complaints import nearest
from bot.catalog.model import Catalog
from bot.clock import Clock
from bot.errors import UserError
from bot.settings import Settings
from bot.store.beside import add_token, end_tokens, tokens_there_are
from bot.web.ports import Token, TokenKind
from bot.web.tokens import new_token

CALLED = {TokenKind.API: "person or service account", TokenKind.TRIGGER: "trigger"}


def create(settings: Settings, clock: Clock, kind: str, owner: str) -> str:
    """Make the first token of an owner; answer it. Raises UserError when there is one, or no such owner."""
    _known(settings, TokenKind(kind), owner)
    now = clock.now().timestamp()
    text, token = new_token(TokenKind(kind), owner, now)
    there = tokens_there_are(settings.store_url, token.kind)
    if any(each.owner == owner and each.holds(now) for each in there):
        raise UserError(f"{owner} has a token: `{_verb(token.kind)} rotate {owner}` replaces it")
    add_token(settings.store_url, token, ending=None)
    return text


def rotate(
    settings: Settings, clock: Clock, kind: str, owner: str, *, keep: float
) -> tuple[str, int]:
    """Make another token of an owner, and end those before after `keep` seconds; answer it and how many those are.

    Raises UserError when there is no such owner.
    """
    _known(settings, TokenKind(kind), owner)
    now = clock.now().timestamp()
    text, token = new_token(TokenKind(kind), owner, now)
    before = add_token(settings.store_url, token, ending=now + keep)
    return text, len(before)


def revoke(settings: Settings, clock: Clock, kind: str, owner: str) -> int:
    """End all tokens of an owner, also of one that the files know no more; say how many there were. Raises UserError."""
    return len(end_tokens(settings.store_url, TokenKind(kind), owner, clock.now().timestamp()))


def listed(settings: Settings, clock: Clock, kind: str) -> list[str]:
    """Answer a line for each token: whose, since when, until when. Raises UserError."""
    now = clock.now().timestamp()
    catalog = read_catalog(settings.workflows)
    return [
        _line(each, now, known=each.owner in _owners(catalog, each.kind))
        for each in tokens_there_are(settings.store_url, TokenKind(kind))
    ]


def _line(token: Token, now: float, *, known: bool) -> str:
    until = ""
    if token.expires is not None:
        verb = "until" if token.holds(now) else "ended"
        until = f"  {verb} {_moment(token.expires)}"
    gone = "" if known else "  (not in workflows/: it opens nothing)"
    return f"{token.owner:<24}  since {_moment(token.created)}{until}{gone}"


def _moment(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}Z"


def _known(settings: Settings, kind: TokenKind, owner: str) -> None:
    owners = _owners(read_catalog(settings.workflows), kind)
    if owner not in owners:
        raise UserError(f"there is no {CALLED[kind]} {owner} in workflows/{nearest(owner, owners)}")


def _owners(catalog: Catalog, kind: TokenKind) -> list[str]:
    """Name those who can have a token; a trigger is called by its own."""
    if kind is TokenKind.TRIGGER:
        return list(catalog.triggers)
    return [name for name in catalog.people if name not in catalog.triggers]


def _verb(kind: TokenKind) -> str:
    return "shipmate trigger token" if kind is TokenKind.TRIGGER else "shipmate token"
