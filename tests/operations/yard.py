"""A desk that delivers for real: the sandbox's clusters, the real client, the real steps, files that can be changed."""

import json
import shutil
from pathlib import Path
from typing import Any

import httpx

from bot.bootstrap.equipment import read_catalog, step_types
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.forecast.fates import ObjectForecast
from bot.operations.forecasts import Forecast, LiveShown, PlanShown
from bot.operations.results import Difference, RollbackProposed
from bot.run.model import Run, RunPhase
from bot.sandbox.server import Sandbox
from bot.store.database import Store, open_store
from tests.operations.office import Office
from tests.scenarios.company import PROD, ROOT

SHOP = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: {name: shop}
spec:
  components:
    - name: web
      type: webservice
      properties:
        image: registry.shop.example/web
        port: 8080
        env: [{name: LOG_LEVEL, value: info}]
      traits: [{type: scaler, properties: {replicas: 3}}]
    - name: settings
      type: k8s-objects
      properties:
        objects:
          - {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: slow}}
          - {apiVersion: v1, kind: Secret, metadata: {name: db}, stringData: {password: hunter2}}
"""
TASK = """\
    - name: migrate
      type: task
      properties: {image: registry.shop.example/migrate, cmd: [migrate]}
"""
STEPS = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: workflow-prod
  labels: {app.oam.dev/name: shop, app.oam.dev/env-name: prod}
steps:
"""
EAST = "{name: hangzhou, type: deploy2env, properties: {env: hangzhou}}"
WEST = "{name: frankfurt, type: deploy2env, properties: {env: frankfurt}}"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{PROD}/deployments"


class Yard:
    """The desk, the files and the clusters."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.workflows = folder / "workflows"
        shutil.copytree(ROOT / "workflows", self.workflows)
        kubeconfig = folder / "kubeconfig.json"
        kubeconfig.write_text(json.dumps(sandbox.kubeconfig()), encoding="utf-8")
        clock = SystemClock()
        self.clusters = KubeClusters(lambda: self.office.catalog.clusters, kubeconfig, clock)
        self.store: Store = open_store(f"sqlite:///{folder / 'yard.db'}", clock)
        self.office = Office(self.store, clock, clusters=self.clusters, types=step_types({}))
        self.files(SHOP, EAST, WEST)
        self.office.open()

    async def close(self) -> None:
        await self.office.close()
        await self.clusters.close()
        await self.store.close()

    def files(self, shop: str, *steps: str, more: str = "") -> None:
        """Write the application and prod's workflow, and read them."""
        (self.workflows / "shop" / "application.yaml").write_text(shop, encoding="utf-8")
        text = STEPS + "".join(f"  - {each}\n" for each in steps) + more
        (self.workflows / "shop" / "workflow-prod.yaml").write_text(text, encoding="utf-8")
        self.office.catalog = read_catalog(self.workflows)

    async def delivered(self, version: str) -> Run:
        """Deliver a version, to the end."""
        await self.office.say("dev", f"deploy shop prod {version}")
        return await self.ended(RunPhase.SUCCEEDED)

    async def ended(self, phase: RunPhase) -> Run:
        """Wait for the end of the newest run."""
        newest = (await self.office.runs.recent("shop", "prod", limit=1))[0]
        run = await self.office.until_so(newest.name, lambda each: each.phase.ended)
        assert run.phase is phase, run.message
        return run

    async def plan(self, text: str = "deploy shop prod v2 --plan", by: str = "dev") -> PlanShown:
        found = await self.office.say(by, text)
        assert isinstance(found, PlanShown), found
        return found

    async def live(self) -> LiveShown:
        found = await self.office.say("dev", "diff shop prod --live")
        assert isinstance(found, LiveShown), found
        return found

    async def diff(self, text: str = "diff shop prod") -> Difference:
        found = await self.office.say("dev", text)
        assert isinstance(found, Difference), found
        return found

    async def proposed(self, text: str = "rollback shop prod") -> RollbackProposed:
        found = await self.office.say("dev", text)
        assert isinstance(found, RollbackProposed), found
        return found

    async def api(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: str = "kubectl-edit",
        at: str = "east",
    ) -> dict[str, Any]:
        """Ask an API server, as kubectl would."""
        async with httpx.AsyncClient(base_url=f"{self.sandbox.url}/clusters/{at}") as client:
            answer = await client.request(
                method,
                path,
                params={"fieldManager": by},
                json=body,
                headers={"Content-Type": "application/merge-patch+json"},
            )
        found: dict[str, Any] = answer.json()
        assert answer.status_code == 200, found
        return found

    async def scale(self, replicas: int, name: str = "web") -> None:
        body = {"spec": {"replicas": replicas}}
        await self.api("PATCH", f"{DEPLOYMENTS}/{name}/scale", body, by="kubectl")

    async def edit(self, **changes: Any) -> None:
        """Change web's container."""
        found = await self.api("GET", f"{DEPLOYMENTS}/web")
        template = found["spec"]["template"]
        template["spec"]["containers"][0].update(changes)
        await self.api("PATCH", f"{DEPLOYMENTS}/web", {"spec": {"template": template}})


def objects(forecast: Forecast, target: str = "hangzhou") -> dict[str, ObjectForecast]:
    """Answer the objects of a target by their titles."""
    found = next(each for each in forecast.targets if each.name == target)
    assert not found.unknown, found.unknown
    return {each.title: each for each in found.objects}


def fates(forecast: Forecast, target: str = "hangzhou") -> dict[str, str]:
    """Answer what becomes of the objects of a target."""
    return {title: each.fate.value for title, each in objects(forecast, target).items()}
