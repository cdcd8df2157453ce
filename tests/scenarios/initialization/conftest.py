"""A company whose workflow for dev a test writes; nothing else of the example is changed."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typing_extensions import override

from tests.patience import PATIENCE
from tests.scenarios.company import ROOT, Company
from tests.somebody import Somebody

DEV = "shop-dev"


class Shop(Company):
    """The company, with words for an environment of one target."""

    def workflow(self, steps: str, *, application: str = "", environment: str = "dev") -> None:
        """Write the workflow of an environment, and perhaps another application."""
        folder = self.workflows / "shop"
        text = a_workflow("shop", environment, steps)
        (folder / f"workflow-{environment}.yaml").write_text(text, encoding="utf-8")
        if application:
            (folder / "application.yaml").write_text(application, encoding="utf-8")

    def another(self, application: str, steps: str = "") -> None:
        """Write a second application, and perhaps its workflow for dev."""
        name = yaml.safe_load(application)["metadata"]["name"]
        folder = self.workflows / name
        folder.mkdir()
        (folder / "application.yaml").write_text(application, encoding="utf-8")
        if steps:
            text = a_workflow(name, "dev", steps)
            (folder / "workflow.yaml").write_text(text, encoding="utf-8")

    @override
    async def open_world(self) -> None:
        await super().open_world()
        self.somebody = Somebody(self.sandbox)

    @override
    async def close(self) -> None:
        await self.somebody.close()
        await super().close()

    async def rolls_back(self, asked: str) -> None:
        """Ask for a rollback and say yes to what is proposed."""
        proposal = await self.answer("dev", asked, DEV)
        await self.presses("dev", "Roll back", proposal, channel=DEV)

    async def objects(self, path: str, cluster: str = "east") -> dict[str, dict[str, Any]]:
        """Read the objects of shop-dev below a path (`/apis/batch/v1`, `jobs`) by name."""
        root, _, plural = path.rpartition("/")
        found = await self.somebody.lists(f"{root}/namespaces/{DEV}/{plural}", cluster)
        return {each["metadata"]["name"]: each for each in found}

    async def seen(self, path: str, cluster: str = "east") -> dict[str, dict[str, Any]]:
        """Wait until there are objects below a path."""
        async with asyncio.timeout(PATIENCE):
            while not (found := await self.objects(path, cluster)):  # noqa: ASYNC110 - over HTTP there is no event
                await asyncio.sleep(0.05)
        return found

    async def names(self, kind: str, cluster: str = "east", namespace: str = DEV) -> list[str]:
        """List the objects of a kind in a namespace."""
        return [
            each["name"]
            for each in await self.world.objects(cluster)
            if each["kind"] == kind and each["namespace"] == namespace
        ]


def a_workflow(application: str, environment: str, steps: str) -> str:
    """Write a workflow with steps that are written in YAML."""
    made: dict[str, Any] = {
        "apiVersion": "core.oam.dev/v1alpha1",
        "kind": "Workflow",
        "metadata": {
            "name": f"{application}-{environment}",
            "labels": {"app.oam.dev/name": application, "app.oam.dev/env-name": environment},
        },
        "steps": yaml.safe_load(steps),
    }
    return yaml.safe_dump(made)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    made = Shop(tmp_path / "state", workflows)
    await made.open_world()
    yield made
    await made.close()
