"""Who asks over HTTP: whoever has a token of the API, by its owner's name in workflows/."""

from collections.abc import Awaitable, Callable

from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.catalog.model import Catalog
from bot.clock import Clock
from bot.web.ports import TokenKind, Tokens
from bot.web.problems import Problem
from bot.web.tokens import owner_of

BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="`shipmate token create NAME` makes one for a Person or a ServiceAccount.",
)


class Access:
    """Lets people and service accounts in."""

    def __init__(
        self,
        *,
        tokens: Tokens,
        catalog: Callable[[], Catalog],
        clock: Clock,
        refresh: Callable[[], Awaitable[None]],
    ) -> None:
        """`refresh` learns who is in the groups by which people have roles; it raises Temporary."""
        self._tokens = tokens
        self._catalog = catalog
        self._clock = clock
        self._refresh = refresh

    async def owner(self, credentials: HTTPAuthorizationCredentials | None) -> str:
        """Answer who asks. Raises Problem (401), and Temporary while their roles cannot be known."""
        text = credentials.credentials if credentials is not None else ""
        owner = await owner_of(self._tokens, self._clock, TokenKind.API, text) if text else ""
        await self.refresh(owner)
        return owner

    async def refresh(self, owner: str) -> None:
        """Learn what somebody may do who was let in. Raises Problem (401) when they are gone, and Temporary as above."""
        if owner:
            await self._refresh()
        catalog = self._catalog()
        if not owner or owner not in catalog.people or owner in catalog.triggers:
            said = "Give a token: Authorization: Bearer …. `shipmate token create NAME` makes one."
            raise Problem(401, "unauthorized", said, headers={"WWW-Authenticate": "Bearer"})
