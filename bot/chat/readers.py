"""In which language someone is spoken to: what their file says, else what their chat says, else what is spoken otherwise.

A channel is spoken to in the language that its environment's file names. Someone whose chat cannot be asked at the
moment is answered all the same, in the language that is spoken otherwise.
"""

from collections.abc import Callable

from bot.catalog.model import Catalog, Person
from bot.chat.gateway import Gateway
from bot.chat.places import spoken_in
from bot.errors import Permanent, Temporary
from bot.policy.people import identify


class Readers:
    """Those who read one chat."""

    def __init__(
        self, *, gateway: Gateway, catalog: Callable[[], Catalog], otherwise: str = ""
    ) -> None:
        """`otherwise` is the language of those of whom nothing is known, of `LANGUAGES`; empty: English."""
        self._gateway = gateway
        self._catalog = catalog
        self._otherwise = otherwise

    def of_channel(self, environment: str) -> str:
        """Answer the language of the channel of an environment."""
        found = self._catalog().environments.get(environment)
        return (spoken_in(found, self._gateway.name) if found else "") or self._otherwise

    async def of_person(self, name: str) -> str:
        """Answer the language of someone of the company, by their name in workflows/."""
        person = self._catalog().people.get(name)
        if person is None or person.language:
            return self._named(person)
        try:
            identity = await self._gateway.identity_of(person)
            return await self._by_profile(identity) if identity else self._otherwise
        except (Temporary, Permanent):
            return self._otherwise

    async def of_identity(self, identity: str) -> str:
        """Answer the language of someone, by the chat's id of them."""
        try:
            profile = await self._gateway.profile_of(identity)
        except (Temporary, Permanent):
            return self._otherwise
        person = identify(
            self._catalog(), chat=self._gateway.name, identity=identity, email=profile.email
        )
        return (person.language if person else "") or profile.language or self._otherwise

    def _named(self, person: Person | None) -> str:
        return (person.language if person else "") or self._otherwise

    async def _by_profile(self, identity: str) -> str:
        return (await self._gateway.profile_of(identity)).language or self._otherwise
