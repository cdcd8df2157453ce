"""Cloud resources for tests: an application with a database by a ComponentDefinition, and places for it."""

from collections.abc import Mapping
from typing import Any

from bot.catalog.model import Application, Component, Environment, Target

NO_VARIABLES: Mapping[str, Mapping[str, str]] = {}
HCL = """\
variable "instance_name" { type = string }
variable "size" {
  type    = string
  default = "small"
}
variable "password" {
  type      = string
  sensitive = true
  default   = ""
}
output "DB_HOST" { value = alicloud_db_instance.default.connection_string }
"""
DEFINITION = {"type": "hcl", "configuration": HCL, "providerRef": {"name": "alibaba"}}
REMOTE = {
    "type": "remote",
    "configuration": "https://git.shop.example/modules.git",
    "path": "rds",
    "customRegion": "cn-beijing",
    "deleteResource": False,
    "writeConnectionSecretToRef": {"name": "from-the-type"},
    "gitCredentialsSecretReference": {"name": "git", "namespace": "terraform"},
}


def a_database(name: str = "orders-db", **properties: Any) -> Component:
    """Make a database with the type `alibaba-rds`."""
    given = {"instance_name": "orders", "writeConnectionSecretToRef": {"name": "db-conn"}}
    return Component(
        name=name,
        type="alibaba-rds",
        properties={**given, **properties},
        terraform=DEFINITION,
    )


def a_shop(*components: Component, **changes: Any) -> Application:
    """Make `shop` with these components and a web service."""
    web = Component(name="web", type="webservice", properties={"image": "web:v1"})
    return Application(name="shop", components=(*components, web), **changes)


def a_place(
    variables: Mapping[str, Mapping[str, str]] = NO_VARIABLES, *, control: str = "east"
) -> Environment:
    """Make `prod` with hangzhou on east and frankfurt on west, and `variables` by target."""
    return Environment(
        name="prod",
        control_cluster=control,
        targets=(
            Target(
                name="hangzhou",
                cluster="east",
                namespace="shop-prod",
                variables=variables.get("hangzhou", {}),
            ),
            Target(
                name="frankfurt",
                cluster="west",
                namespace="shop-prod",
                variables=variables.get("frankfurt", {}),
            ),
        ),
    )
