"""Ground for step types that act on clusters: the sandbox's clusters, a real account, and somebody else who is there, too."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.bootstrap.equipment import step_types
from bot.cluster.kube.clusters import KubeClusters
from bot.cluster.port import Manifest
from bot.run.inventory import Key, Ref
from bot.run.model import Progress, Run, StepPhase, StepRun
from bot.sandbox.server import Sandbox
from bot.settings import Secret
from bot.steps.contract import Capabilities, Done, Failed, Outcome, StepContext, Waiting
from bot.store.database import Store
from tests.builders import NOON, a_run, a_step
from tests.patience import PATIENCE
from tests.somebody import Somebody

NAMESPACE = "shop-prod"
TYPES = step_types({"DB_PASSWORD": Secret("s3cr3t-of-a-setting")})


@dataclass(slots=True)
class Ground:
    """Runs step types. `shown` is what they have reported for the card."""

    sandbox: Sandbox
    clusters: KubeClusters
    store: Store
    somebody: Somebody
    shown: list[tuple[tuple[Progress, ...], str]] = field(default_factory=list)

    def context(
        self,
        type: str,  # noqa: A002 - as in YAML
        *,
        run: Run | None = None,
        step: str = "work",
        round: int = 1,  # noqa: A002 - as in a key
        looks: int = 0,
    ) -> StepContext:
        """Make an attempt of the step `work` of shop/prod#1, or of another run."""
        found = run or a_run(a_step(step, type))
        state = StepRun(name=step, phase=StepPhase.RUNNING, attempt=1, looks=looks, started=NOON)
        others = tuple(each for each in found.steps if each.name != step)
        return StepContext(
            run=replace(found, steps=(*others, state)),
            step=step,
            attempt=1,
            key=f"{found.id}/{step}/{round}",
            granted=Capabilities(
                clusters=self.clusters, inventory=self.store.inventory, runs=self.store.runs
            ).only(TYPES[type].needs),
            report=self._report,
        )

    async def work(self, type: str, properties: Mapping[str, Any], **how: Any) -> Outcome:  # noqa: A002 - as in YAML
        """Do one attempt."""
        async with asyncio.timeout(PATIENCE):
            return await TYPES[type].run(self.context(type, **how), properties)

    async def done(self, type: str, properties: Mapping[str, Any], **how: Any) -> Done:  # noqa: A002 - as in YAML
        """Do one attempt that is to end well; one that waits is executed again, as the engine does."""
        looks = 0
        async with asyncio.timeout(PATIENCE):
            while True:
                outcome = await self.work(type, properties, looks=looks, **how)
                if not isinstance(outcome, Waiting):
                    assert isinstance(outcome, Done), outcome
                    return outcome
                looks += 1
                await asyncio.sleep(0.05)

    async def failed(self, type: str, properties: Mapping[str, Any], **how: Any) -> Failed:  # noqa: A002 - as in YAML
        outcome = await self.work(type, properties, **how)
        assert isinstance(outcome, Failed), outcome
        return outcome

    async def cut_off(
        self,
        type: str,  # noqa: A002 - as in YAML
        properties: Mapping[str, Any],
        when: Callable[[], Awaitable[Any]],
        **how: Any,
    ) -> None:
        """Begin an attempt, and end it as a process that dies would, as soon as something is so."""
        task = asyncio.create_task(self.work(type, properties, **how))
        async with asyncio.timeout(PATIENCE):
            while not await when():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
        assert not task.done(), task
        task.cancel()

    async def live(
        self,
        api_version: str,
        kind: str,
        name: str,
        *,
        cluster: str = "east",
        namespace: str = NAMESPACE,
    ) -> Manifest | None:
        (found,) = await self.clusters.live(cluster, [Ref(api_version, kind, namespace, name)])
        return found

    async def there(self, api_version: str, kind: str, name: str, **where: Any) -> Manifest:
        """Answer an object that has to be there."""
        found = await self.live(api_version, kind, name, **where)
        assert found is not None
        return found

    async def accounted(self) -> dict[Key, Manifest]:
        """Answer what stands in the account of shop in prod."""
        items = await self.store.inventory.items("shop", "prod")
        return {each.key: each.manifest for each in items}

    async def _report(self, progress: Sequence[Progress], message: str = "") -> None:
        self.shown.append((tuple(progress), message))


async def until(test: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not await test():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)
