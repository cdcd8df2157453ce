"""Folders of YAML to load: a small good one to change, loaded with the real checks of steps and components."""

from collections.abc import Mapping
from pathlib import Path

from bot.bootstrap.equipment import read_catalog
from bot.catalog.complaints import CatalogProblems

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


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path) -> list[str]:
    """Answer what is wrong with a folder, each complaint as it is printed, without the folder's name."""
    try:
        read_catalog(folder)
    except CatalogProblems as error:
        return [str(each).removeprefix(f"{folder}/") for each in error.complaints]
    return []
