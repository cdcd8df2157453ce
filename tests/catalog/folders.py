"""Folders of YAML to load: a small good one to change, loaded with the real checks of steps and components."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from typing_extensions import override

from bot.catalog.complaints import CatalogProblems
from bot.catalog.loader import Checks, Found, load_catalog
from bot.catalog.model import Catalog, Target
from bot.rendering.render import check_component, render
from bot.steps.kinds.deploy2env import Deploy2Env
from bot.steps.kinds.notification import Notification
from bot.steps.kinds.suspend import Suspend
from bot.steps.kinds.webhook import Webhook
from bot.steps.registry import StepTypes
from bot.workflow.expressions import ExpressionError, check, check_text

APPLICATION = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata:
  name: shop
spec:
  components:
    - name: web
      type: webservice
      properties:
        image: registry.shop.example/web
        port: 8080
"""
ENVIRONMENT = """\
apiVersion: shipmate.dev/v1
kind: Environment
metadata:
  name: prod
spec:
  deployers: [sre]
  targets:
    - name: hangzhou
      cluster: east
      namespace: shop-prod
"""
CLUSTER = """\
apiVersion: shipmate.dev/v1
kind: Cluster
metadata:
  name: east
spec:
  context: east
"""
PEOPLE = """\
apiVersion: shipmate.dev/v1
kind: Role
metadata:
  name: sre
---
apiVersion: shipmate.dev/v1
kind: Person
metadata:
  name: ann
spec:
  email: ann@shop.example
  roles: [sre]
"""
WORKFLOW = """\
apiVersion: core.oam.dev/v1alpha1
kind: Workflow
metadata:
  name: workflow-prod
  labels:
    app.oam.dev/name: shop
    app.oam.dev/env-name: prod
steps:
  - name: hangzhou
    type: deploy2env
    properties:
      env: hangzhou
  - name: approval
    type: suspend
    timeout: 24h
    properties:
      approvers: [sre]
"""
GOOD: Mapping[str, str] = {
    "application.yaml": APPLICATION,
    "clusters.yaml": CLUSTER,
    "environment.yaml": ENVIRONMENT,
    "people.yaml": PEOPLE,
    "workflow.yaml": WORKFLOW,
}


class RealChecks(Checks):
    """The checks as the composition root joins them."""

    def __init__(self) -> None:
        self._types = StepTypes(
            [Deploy2Env(render), Notification(_no_secret), Suspend(), Webhook(_no_secret)]
        )

    @override
    def step_types(self) -> Sequence[str]:
        return list(self._types)

    @override
    def step(self, type: str, properties: Mapping[str, Any], targets: Sequence[Target]) -> Found:
        return self._types.check(type, properties, targets)

    @override
    def component(self, type: str, properties: Mapping[str, Any]) -> Found:
        return check_component(type, properties)

    @override
    def expression(self, text: str) -> str | None:
        return _wrong(check, text)

    @override
    def text(self, text: str) -> str | None:
        return _wrong(check_text, text)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def load(folder: Path) -> Catalog:
    """Load a folder with the real checks."""
    return load_catalog(folder, RealChecks())


def problems(folder: Path) -> list[str]:
    """Answer what is wrong with a folder, each complaint as it is printed, without the folder's name."""
    try:
        load(folder)
    except CatalogProblems as error:
        return [str(each).removeprefix(f"{folder}/") for each in error.complaints]
    return []


def _no_secret(_name: str) -> str | None:
    return None


def _wrong(look: Callable[[str], None], text: str) -> str | None:
    try:
        look(text)
    except ExpressionError as error:
        return str(error)
    return None
