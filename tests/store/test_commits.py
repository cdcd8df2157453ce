"""Group commit: many writers, one transaction, and none who pays for another's mistake."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from bot.errors import Conflict, Permanent, Temporary
from bot.store.writer import Database

Insert = Callable[[Connection], None]


@contextmanager
def a_table(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE numbers (number INTEGER PRIMARY KEY)"))
    yield engine
    engine.dispose()


def inserting(number: int) -> Insert:
    def write(connection: Connection) -> None:
        connection.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})

    return write


def breaking(error: Exception) -> Insert:
    def write(_: Connection) -> None:
        raise error

    return write


async def numbers(database: Database) -> list[int]:
    return await database.read(
        lambda connection: [
            row.number for row in connection.execute(text("SELECT number FROM numbers"))
        ]
    )


async def test_those_who_write_at_once_share_a_commit(url: str) -> None:
    commits: list[object] = []
    with a_table(url) as engine:
        event.listen(engine, "commit", commits.append)
        database = Database(engine)
        await asyncio.gather(*(database.write(inserting(each)) for each in range(100)))

        assert await numbers(database) == list(range(100))
        assert len(commits) <= 3  # the first may go alone; whoever came meanwhile goes together
        await database.close()


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (breaking(Conflict("someone else")), Conflict),  # decided not to write
        (inserting(1), Permanent),  # the database refuses the second 1
        (breaking(ValueError("a mistake of ours")), ValueError),
    ],
)
async def test_the_mistake_of_one_is_told_to_that_one(
    url: str, bad: Insert, told: type[Exception]
) -> None:
    with a_table(url) as engine:
        database = Database(engine)
        results = await asyncio.gather(
            database.write(inserting(1)),
            database.write(bad),
            database.write(inserting(2)),
            return_exceptions=True,
        )

        assert [type(each) for each in results] == [type(None), told, type(None)]
        assert await numbers(database) == [1, 2]
        await database.write(inserting(3))  # and it goes on
        await database.close()


async def test_a_writer_who_leaves_does_not_take_the_write_along(url: str) -> None:
    with a_table(url) as engine:
        database = Database(engine)
        leaving = asyncio.create_task(database.write(inserting(1)))
        staying = asyncio.create_task(database.write(inserting(2)))
        await asyncio.sleep(0)
        leaving.cancel()
        await staying

        assert await numbers(database) == [1, 2]
        await database.close()


async def test_closing_waits_for_what_is_under_way(url: str) -> None:
    with a_table(url) as engine:
        database = Database(engine)
        writing = asyncio.create_task(database.write(inserting(1)))
        await asyncio.sleep(0)
        await database.close()

        assert writing.done()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM numbers")).scalar() == 1


async def test_a_file_that_someone_else_has_locked_may_be_free_later(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shipmate.db'}"
    with a_table(url) as engine, a_table_locked(url):
        database = Database(engine)
        with engine.connect() as connection:
            connection.execute(text("PRAGMA busy_timeout=1"))
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=1"))
        engine.dispose()

        with pytest.raises(Temporary, match="locked"):
            await database.write(inserting(1))
        await database.close()


@contextmanager
def a_table_locked(url: str) -> Iterator[None]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("BEGIN EXCLUSIVE"))
        yield
        connection.execute(text("ROLLBACK"))
    engine.dispose()
