"""What was delivered where, the jobs that have succeeded, and what each run has rendered: the `Inventory` port.

What a run has rendered is kept compressed: objects of one delivery repeat themselves, and every run of every
application leaves some.
"""

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, tuple_

from bot.errors import Permanent
from bot.events import RunId
from bot.run.inventory import Item, Key, Manifest, belonging
from bot.store import codec
from bot.store.tables import deliveries, finished_jobs, inventory
from bot.store.writer import Database

OBJECT = (
    inventory.c.cluster,
    inventory.c.api_group,
    inventory.c.kind,
    inventory.c.namespace,
    inventory.c.name,
)
AT_ONCE = 100
"""Objects of one statement: databases bound the number of its parameters."""


class StoredInventory:
    """The `Inventory` port on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(
        self,
        application: str,
        environment: str,
        items: Sequence[Item],
        *,
        shared: Collection[Key] = (),
    ) -> None:
        """Take down objects. Raises Permanent when one belongs to another (application, environment)."""
        newest = {each.key: each for each in items}

        def write(connection: Connection) -> None:
            own = [each for each in newest if each not in shared]
            _refuse_others(connection, application, environment, own)
            known = _known(connection, application, environment, list(newest))
            _strike(connection, application, environment, list(newest))
            fresh = [_arriving(each, known.get(key)) for key, each in newest.items()]
            _insert(connection, application, environment, fresh)

        await self._database.write(write)

    async def arrived(self, application: str, environment: str, keys: Collection[Key]) -> None:
        """Take down that the API server took objects as they were noted."""

        def write(connection: Connection) -> None:
            known = _known(connection, application, environment, list(keys))
            there = [
                replace(each, arriving=False, before=None)
                for each in known.values()
                if each.arriving
            ]
            _strike(connection, application, environment, [each.key for each in there])
            _insert(connection, application, environment, there)

        if keys:
            await self._database.write(write)

    async def owners(
        self, application: str, environment: str, keys: Collection[Key]
    ) -> Mapping[Key, str]:
        """Answer which objects stand in another account, and whose."""
        return await self._database.read(
            lambda connection: dict(_owners(connection, application, environment, list(keys)))
        )

    async def items(self, application: str, environment: str) -> list[Item]:
        """List all that was delivered and not removed since."""
        query = (
            select(inventory.c.body)
            .where(inventory.c.application == application, inventory.c.environment == environment)
            .order_by(*OBJECT)
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [codec.read(codec.ITEM, each.body) for each in found]

    async def forget(self, application: str, environment: str, keys: Collection[Key]) -> None:
        """Strike out objects that are gone."""
        await self._database.write(
            lambda connection: _strike(connection, application, environment, list(keys))
        )

    async def succeeded(self, application: str, environment: str, keys: Collection[Key]) -> None:
        """Take down for good that Jobs have succeeded."""

        def write(connection: Connection) -> None:
            known = _finished(connection, application, environment)
            fresh = [each for each in keys if each not in known]
            if fresh:
                rows = [
                    {
                        "application": application,
                        "environment": environment,
                        "cluster": each.cluster,
                        "namespace": each.namespace,
                        "name": each.name,
                    }
                    for each in dict.fromkeys(fresh)
                ]
                connection.execute(insert(finished_jobs), rows)

        await self._database.write(write)

    async def done(self, application: str, environment: str) -> frozenset[Key]:
        """Answer the Jobs that have ever succeeded."""
        return await self._database.read(
            lambda connection: _finished(connection, application, environment)
        )

    async def keep(
        self, run: RunId, target: str, delivered: Mapping[str, Sequence[Manifest]]
    ) -> None:
        """Keep what a run has delivered to a target, by component."""
        rows = [
            {
                "run": run,
                "target": target,
                "component": component,
                "body": zlib.compress(codec.write(codec.MANIFESTS, list(manifests)).encode()),
            }
            for component, manifests in delivered.items()
        ]
        old = and_(
            deliveries.c.run == run,
            deliveries.c.target == target,
            deliveries.c.component.in_(list(delivered)),
        )

        def write(connection: Connection) -> None:
            connection.execute(delete(deliveries).where(old))
            if rows:
                connection.execute(insert(deliveries), rows)

        await self._database.write(write)

    async def kept(self, run: RunId) -> Mapping[tuple[str, str], Sequence[Manifest]]:
        """Answer what a run has delivered, by target and component."""
        query = select(deliveries).where(deliveries.c.run == run)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return {(each.target, each.component): _manifests(each.body) for each in found}


def _manifests(body: bytes) -> list[Manifest]:
    return codec.read(codec.MANIFESTS, zlib.decompress(body).decode())


def _row(application: str, environment: str, item: Item) -> dict[str, Any]:
    key = item.key
    return {
        "application": application,
        "environment": environment,
        "cluster": key.cluster,
        "api_group": key.group,
        "kind": key.kind,
        "namespace": key.namespace,
        "name": key.name,
        "run": item.run,
        "body": codec.write(codec.ITEM, item),
    }


def _insert(
    connection: Connection, application: str, environment: str, items: Sequence[Item]
) -> None:
    if items:
        rows = [_row(application, environment, each) for each in items]
        connection.execute(insert(inventory), rows)


def _arriving(item: Item, known: Item | None) -> Item:
    """Answer an object that is about to be sent, with what is known to have arrived before it."""
    if known is None:
        return replace(item, arriving=True, before=None)
    if known.manifest == item.manifest:
        return replace(item, arriving=known.arriving, before=known.before)
    return replace(item, arriving=True, before=known.before if known.arriving else known.manifest)


def _known(
    connection: Connection, application: str, environment: str, keys: Sequence[Key]
) -> dict[Key, Item]:
    """Answer what stands in an account of some objects."""
    found: dict[Key, Item] = {}
    for at in range(0, len(keys), AT_ONCE):
        query = select(inventory.c.body).where(
            _of(application, environment, keys[at : at + AT_ONCE])
        )
        items = [codec.read(codec.ITEM, each.body) for each in connection.execute(query)]
        found.update({each.key: each for each in items})
    return found


def _of(application: str, environment: str, keys: Sequence[Key]) -> ColumnElement[bool]:
    return and_(
        inventory.c.application == application,
        inventory.c.environment == environment,
        tuple_(*OBJECT).in_([tuple(each) for each in keys]),
    )


def _refuse_others(
    connection: Connection, application: str, environment: str, keys: Sequence[Key]
) -> None:
    """Raise Permanent when an object is another application's, or another environment's of this one."""
    for key, owner in _owners(connection, application, environment, keys):
        raise Permanent(belonging(key, owner))


def _owners(
    connection: Connection, application: str, environment: str, keys: Sequence[Key]
) -> Iterator[tuple[Key, str]]:
    """Yield the objects that stand in another account, and whose that is."""
    for at in range(0, len(keys), AT_ONCE):
        query = select(inventory).where(
            tuple_(*OBJECT).in_([tuple(each) for each in keys[at : at + AT_ONCE]]),
            or_(inventory.c.application != application, inventory.c.environment != environment),
        )
        for found in connection.execute(query):
            key = Key(found.cluster, found.api_group, found.kind, found.namespace, found.name)
            yield key, f"{found.application} in {found.environment}"


def _strike(
    connection: Connection, application: str, environment: str, keys: Sequence[Key]
) -> None:
    for at in range(0, len(keys), AT_ONCE):
        connection.execute(
            delete(inventory).where(_of(application, environment, keys[at : at + AT_ONCE]))
        )


def _finished(connection: Connection, application: str, environment: str) -> frozenset[Key]:
    query = select(finished_jobs).where(
        finished_jobs.c.application == application, finished_jobs.c.environment == environment
    )
    return frozenset(
        Key(each.cluster, "batch", "Job", each.namespace, each.name)
        for each in connection.execute(query)
    )
