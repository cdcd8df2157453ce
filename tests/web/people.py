"""A small company whose people and programs ask over HTTP, with the real store and engine, on a real socket."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from bot.catalog.model import Person
from bot.chat.presenters.refusals import sentence
from bot.store.beside import add_token
from bot.store.database import Store
from bot.web.access import Access
from bot.web.api import Api, api_routes
from bot.web.elsewhere import Elsewhere
from bot.web.following import Following
from bot.web.once import Once
from bot.web.ports import TokenKind
from bot.web.tokens import new_token
from tests.operations.office import Office, open_office
from tests.patience import PATIENCE
from tests.web.serving import served
from tests.web.shaky import Shaky

Json = dict[str, Any]


async def nothing_to_learn() -> None:
    """There are no groups here."""


class People:
    """What people do over HTTP, and what there is to be seen of it."""

    def __init__(self, office: Office, store: Store, folder: Path) -> None:
        self.office = office
        self.store = store
        self.requests = Shaky(store)
        self.url = f"sqlite:///{folder / 'shipmate.db'}"
        self.client: httpx.AsyncClient
        self.tokens: dict[str, str] = {}
        self.following = Following(store.runs)
        office.listeners.append(self.following)

    def employ(self, name: str, roles: tuple[str, ...]) -> None:
        """Put a service account into the files."""
        person = Person(name=name, email="", roles=roles, notify=False, machine=True)
        catalog = self.office.catalog
        self.office.catalog = replace(catalog, people={**catalog.people, name: person})

    def token(self, name: str) -> str:
        """Answer the token of someone."""
        if name not in self.tokens:
            text, made = new_token(TokenKind.API, name, 0.0)
            add_token(self.url, made, ending=None)
            self.tokens[name] = text
        return self.tokens[name]

    async def asks(
        self, who: str, method: str, path: str, body: Any = None, **more: Any
    ) -> httpx.Response:
        """Ask as someone; an empty name has no token."""
        headers = {"Authorization": f"Bearer {self.token(who)}"} if who else {}
        headers |= more.pop("headers", {})
        return await self.client.request(
            method, f"/api/v1{path}", json=body, headers=headers, **more
        )

    async def gets(self, who: str, path: str, **query: Any) -> Json:
        """Look at something."""
        answer = await self.asks(who, "GET", path, params=query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def does(self, who: str, path: str, **body: Any) -> Json:
        """Ask for something that is done."""
        answer = await self.asks(who, "POST", path, body)
        assert answer.status_code in {200, 202}, answer.text
        found: Json = answer.json()
        return found

    async def refused(self, who: str, path: str, status: int, **body: Any) -> Json:
        """Ask for something that is refused."""
        answer = await self.asks(who, "POST", path, body)
        assert answer.status_code == status, answer.text
        error: Json = answer.json()["error"]
        return error

    async def events(self, who: str, run: str, after: int = 0) -> list[tuple[int, str, Json]]:
        """Follow a run to its end."""
        headers = {"Authorization": f"Bearer {self.token(who)}", "Last-Event-ID": str(after)}
        found: list[tuple[int, str, Json]] = []
        path = f"/api/v1/runs/{run}/events"
        async with self.client.stream("GET", path, headers=headers) as answer:
            assert answer.status_code == 200
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if line and name:
                    fields[name] = value
                elif fields:
                    found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
                    fields = {}
        return found


@asynccontextmanager
async def open_people(folder: Path) -> AsyncIterator[People]:
    """Open the company."""
    office, store = open_office(folder)
    office.open()
    people = People(office, store, folder)
    access = Access(
        tokens=store.tokens,
        catalog=lambda: office.catalog,
        clock=office.desk.clock,
        refresh=nothing_to_learn,
    )
    api = Api(
        router=office.router,
        access=access,
        once=Once(people.requests, Elsewhere(people.requests)),
        following=people.following,
        sentence=sentence,
    )
    async with served(api_routes(api)) as client:
        client.timeout = httpx.Timeout(PATIENCE)
        people.client = client
        yield people
    await office.close()
    await store.close()


def named(answers: Mapping[str, Any]) -> str:
    """Answer the name of the run in an answer."""
    return str(answers["run"]["name"])
