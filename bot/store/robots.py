"""How often robots were used: the port of `bot.run.robots` on a database."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Executable, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.clock import Clock
from bot.run.robots import Robot, Turn, stopped, turn_of
from bot.store import codec
from bot.store.tables import robots
from bot.store.writer import Database

T = TypeVar("T")


class StoredRobots:
    """The `Robots` port on a database. A robot is known by a digest of its address, which is a secret."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def turn(self, robot: str, key: str) -> Turn:
        """Say when the message `key` may be sent by `robot`."""
        now = self._clock.now().timestamp()
        return await self._change(robot, lambda known: turn_of(known, key, now))

    async def stop(self, robot: str) -> None:
        """Take notice that DingTalk has stopped a robot."""
        now = self._clock.now().timestamp()
        await self._change(robot, lambda known: (stopped(known, now), None))

    async def _change(self, robot: str, change: Callable[[Robot], tuple[Robot, T]]) -> T:
        def write(connection: Connection) -> T:
            # Others may write at the same time: a row that is there can be held, one that is not cannot.
            connection.execute(_new(connection, robot))
            query = select(robots.c.body).where(robots.c.robot == robot).with_for_update()
            known = codec.read(codec.ROBOT, connection.execute(query).scalar_one())
            changed, answer = change(known)
            body = codec.write(codec.ROBOT, changed)
            connection.execute(update(robots).where(robots.c.robot == robot).values(body=body))
            return answer

        return await self._database.write(write)


def _new(connection: Connection, robot: str) -> Executable:
    """Make what adds a robot unless it is there."""
    row = {"robot": robot, "body": codec.write(codec.ROBOT, Robot())}
    if connection.dialect.name == "postgresql":
        return postgresql.insert(robots).values(row).on_conflict_do_nothing()
    return sqlite.insert(robots).values(row).on_conflict_do_nothing()
