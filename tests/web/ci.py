"""A small company with a CI system and a registry that call triggers over a real socket, with the real store and engine."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from bot.catalog.machines import Trigger, TriggerAction, TriggerType
from bot.catalog.model import Person
from bot.chat.presenters.refusals import sentence
from bot.operations.results import Audited
from bot.store.beside import add_token
from bot.store.database import Store
from bot.web.calls import Calls
from bot.web.elsewhere import Elsewhere
from bot.web.hatch import Hatch
from bot.web.once import Once
from bot.web.ports import TokenKind
from bot.web.tokens import new_token
from bot.web.triggers import Triggers, trigger_routes
from tests.operations.office import Office, open_office
from tests.patience import PATIENCE
from tests.web.serving import served

ALL = tuple(TriggerAction)


class Ci:
    """What a CI system does, and what there is to be seen of it."""

    def __init__(self, office: Office, store: Store, folder: Path) -> None:
        self.office = office
        self.store = store
        self.url = f"sqlite:///{folder / 'shipmate.db'}"
        self.client: httpx.AsyncClient
        self.tokens: dict[str, str] = {}
        self.employ("shop-ci", roles=("developer",), actions=ALL)

    def employ(
        self,
        name: str,
        *,
        roles: tuple[str, ...] = ("developer",),
        environment: str = "prod",
        type_: TriggerType = TriggerType.CUSTOM,
        **more: Any,
    ) -> None:
        """Put a trigger into the files."""
        made = Trigger(name=name, application="shop", environment=environment, type=type_, **more)
        person = Person(name=name, email="", roles=roles, notify=False, machine=True)
        catalog = self.office.catalog
        self.office.catalog = replace(
            catalog,
            triggers={**catalog.triggers, name: made},
            people={**catalog.people, name: person},
        )

    def with_environment(self, name: str, **changes: Any) -> None:
        """Change an environment's file."""
        catalog = self.office.catalog
        changed = replace(catalog.environments[name], **changes)
        self.office.catalog = replace(catalog, environments={**catalog.environments, name: changed})

    def token(self, name: str) -> str:
        """Answer the token of a trigger, which is made beside the one that runs."""
        if name not in self.tokens:
            text, made = new_token(TokenKind.TRIGGER, name, 0.0)
            add_token(self.url, made, ending=None)
            self.tokens[name] = text
        return self.tokens[name]

    async def calls(
        self, body: Any, *, name: str = "shop-ci", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Call a trigger."""
        return await self.client.post(
            f"/api/v1/webhook/{self.token(name)}", json=body, headers=headers
        )

    async def refused(self, body: Any, status: int, **more: Any) -> dict[str, Any]:
        """Call a trigger for something that is refused."""
        answer = await self.calls(body, **more)
        assert answer.status_code == status, answer.text
        error: dict[str, Any] = answer.json()["error"]
        return error

    async def audit(self) -> list[Audited]:
        """Answer what the audit log says, oldest first."""
        return (await self.store.audit.lines())[::-1]

    def once(self) -> Once:
        """Make what keeps calls apart, as a new process would."""
        return Once(self.store.requests, Elsewhere(self.store.requests))

    def hatch(self, triggers: Triggers) -> Hatch:
        """Make what does what was left, as a new process would."""
        return Hatch(
            requests=self.store.requests,
            once=self.once(),
            doers={"trigger": triggers},
            clock=self.office.desk.clock,
            shared=False,
        )

    def triggers(self) -> Triggers:
        """Make what takes calls, as a new process would."""
        clock = self.office.desk.clock
        return Triggers(
            catalog=lambda: self.office.catalog,
            tokens=self.store.tokens,
            once=self.once(),
            calls=Calls(
                router=self.office.router,
                runs=self.store.runs,
                catalog=lambda: self.office.catalog,
                clock=clock,
                sentence=sentence,
            ),
            clock=clock,
        )


@asynccontextmanager
async def open_ci(folder: Path) -> AsyncIterator[Ci]:
    """Open the company."""
    office, store = open_office(folder)
    office.open()
    ci = Ci(office, store, folder)
    async with served(trigger_routes(ci.triggers())) as client:
        client.timeout = httpx.Timeout(PATIENCE)
        ci.client = client
        yield ci
    await office.close()
    await store.close()
