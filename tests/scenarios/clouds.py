"""A company with a cloud: the shop with a database by Terraform, words to look at clusters, and a search for secrets."""

import base64
import json
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.catalog.model import Cluster
from bot.clock import SystemClock
from bot.cluster.kube.clusters import KubeClusters
from bot.cluster.port import Manifest
from bot.run.inventory import Ref
from tests.scenarios.company import ROOT, Company

DEFINITION = """\
apiVersion: core.oam.dev/v1beta1
kind: ComponentDefinition
metadata:
  name: alibaba-rds
spec:
  workload: {definition: {apiVersion: terraform.core.oam.dev/v1beta2, kind: Configuration}}
  schematic:
    terraform:
      configuration: |
        variable "instance_name" {
          type = string
        }
        resource "alicloud_db_instance" "default" {
          instance_name = var.instance_name
        }
        output "DB_HOST" {
          value = alicloud_db_instance.default.connection_string
        }
        output "DB_PASSWORD" {
          value = alicloud_db_instance.default.password
        }
"""
DATABASE = """\
    - name: orders-db
      type: alibaba-rds
      properties:
        instance_name: orders
        writeConnectionSecretToRef: {name: db-conn}
"""
WEB = """\
    - name: web
      type: webservice
      properties: {image: registry.shop.example/web, port: 8080}
"""
BINDING = """\
      traits:
        - type: service-binding
          properties: {envMappings: {DB_HOST: {secret: db-conn}, PASSWORD: {secret: db-conn, key: DB_PASSWORD}}}
"""
APPLICATION = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: {name: shop}
spec:
  components:
"""
CONFIGURATION = Ref("terraform.core.oam.dev/v1beta2", "Configuration", "default", "orders-db-prod")
ORIGINAL = Ref("v1", "Secret", "default", "db-conn-prod")
COPY = Ref("v1", "Secret", "shop-prod", "db-conn")


def with_a_cloud(folder: Path, application: str = APPLICATION + DATABASE + WEB + BINDING) -> Path:
    """Write the files of the company into `folder`: prod has a generated workflow."""
    workflows = folder / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    (workflows / "shop" / "workflow-prod.yaml").unlink()
    shutil.rmtree(workflows / "orders")
    (workflows / "definition.yaml").write_text(DEFINITION, encoding="utf-8")
    write_application(workflows, application)
    return workflows


def write_application(workflows: Path, text: str) -> None:
    """Replace the application."""
    (workflows / "shop" / "application.yaml").write_text(text, encoding="utf-8")


class Clusters:
    """The clusters as kubectl sees them."""

    def __init__(self, company: Company) -> None:
        path = company.folder.parent / "kubeconfig.json"
        path.write_text(json.dumps(company.sandbox.kubeconfig()), encoding="utf-8")
        named = {each: Cluster(name=each, context=each) for each in ("east", "west")}
        self._clusters = KubeClusters(lambda: named, path, SystemClock())

    async def close(self) -> None:
        """Close the connections."""
        await self._clusters.close()

    async def read(self, cluster: str, ref: Ref) -> Manifest | None:
        """Read an object."""
        (found,) = await self._clusters.live(cluster, [ref])
        return found

    async def data(self, cluster: str, ref: Ref) -> dict[str, str]:
        """Read the values of a Secret; empty when it is not there."""
        found = await self.read(cluster, ref)
        data: dict[str, str] = (found or {}).get("data") or {}
        return {key: base64.b64decode(value).decode() for key, value in data.items()}


def forms(values: dict[str, str]) -> list[str]:
    """Answer how secret values could be written somewhere."""
    plain = list(values.values())
    return plain + [base64.b64encode(each.encode()).decode().rstrip("=") for each in plain]


def stored(folder: Path) -> Iterator[str]:
    """Yield everything that stands in the bot's database, row by row and as bytes."""
    files = [each for each in folder.rglob("shipmate.db*") if each.is_file()]
    assert files, "there is no database to search"
    for file in files:
        yield file.read_bytes().decode("latin-1")
        if file.suffix != ".db":
            continue
        with closing(sqlite3.connect(file)) as connection:
            tables = connection.execute("select name from sqlite_master where type = 'table'")
            for (table,) in tables.fetchall():
                for row in connection.execute(f'select * from "{table}"'):
                    yield from map(_text, row)


def _text(value: Any) -> str:
    if not isinstance(value, bytes):
        return str(value)
    try:
        return zlib.decompress(value).decode("latin-1")
    except zlib.error:
        return value.decode("latin-1")


async def told(company: Company) -> str:
    """Answer everything that stands in Slack, and all that was posted elsewhere."""
    found: list[Any] = [await company.world.webhooks()]
    for channel in ("general", "shop-dev", "shop-staging", "shop-prod"):
        for viewer in ("dev", "sre"):
            messages = await company.world.messages(channel, viewer=viewer)
            found += messages
            for each in messages:
                found += await company.world.messages(channel, thread=each["ts"], viewer=viewer)
    return json.dumps(found)
