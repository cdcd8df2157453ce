"""Who has opened the app's home lately: the port `OpenHomes` of `bot.chat`."""

from sqlalchemy import Connection, delete, insert, select

from bot.chat.ports import OpenHome
from bot.store.signals import Word, say
from bot.store.tables import homes
from bot.store.writer import Database


class StoredHomes:
    """The `OpenHomes` port on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def opened(self, home: OpenHome) -> None:
        """Remember that someone looks at their home; an earlier look is forgotten."""

        def write(connection: Connection) -> None:
            connection.execute(
                delete(homes).where(homes.c.chat == home.chat, homes.c.identity == home.identity)
            )
            connection.execute(
                insert(homes).values(
                    chat=home.chat, identity=home.identity, email=home.email, opened=home.opened
                )
            )
            say(connection, Word.HOME)

        await self._database.write_anyway(write)

    async def lately(self, chat: str, since: float, limit: int) -> list[OpenHome]:
        """Load those opened after the Unix time `since`, the newest first."""
        query = (
            select(homes.c.chat, homes.c.identity, homes.c.email, homes.c.opened)
            .where(homes.c.chat == chat, homes.c.opened > since)
            .order_by(homes.c.opened.desc())
            .limit(limit)
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [
            OpenHome(chat=each.chat, identity=each.identity, email=each.email, opened=each.opened)
            for each in found
        ]
