"""Configurations of the Terraform controller, which is there from the start."""

import base64
import json
from typing import Any

import pytest

from tests.sandbox.kubernetes.conftest import Kubectl

pytestmark = pytest.mark.kubectl

HCL = """
variable "size" {}
resource "aws_db_instance" "orders" {
  size = var.size
}
output "DB_HOST" { value = aws_db_instance.orders.address }
output "SIZE" {
  value = var.size
}
"""
SECRET = {"name": "orders-conn"}


def a_configuration(name: str = "orders", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "terraform.core.oam.dev/v1beta2",
        "kind": "Configuration",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"hcl": HCL, "variable": {"size": "small"}, **spec},
    }


async def comes_to(kubectl: Kubectl, state: str, part: str = "apply") -> dict[str, Any]:
    """Wait until a Configuration is in a state; answer its status."""
    path = f"--for=jsonpath={{.status.{part}.state}}={state}"
    await kubectl.does("-n", "shop", "wait", "configuration/orders", path, "--timeout=150s")
    found = await kubectl.reads("-n", "shop", "get", "configuration", "orders")
    status: dict[str, Any] = found["status"]
    return status


async def secret(kubectl: Kubectl, name: str = "orders-conn") -> dict[str, str]:
    found = await kubectl.reads("-n", "shop", "get", "secret", name)
    return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}


async def test_a_configuration_becomes_available_and_writes_its_secret(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "terraform-slow", None)
    await kubectl.applies(a_configuration(writeConnectionSecretToRef=SECRET))
    status = await comes_to(kubectl, "ProvisioningAndChecking")
    assert "being provisioned" in status["apply"]["message"]
    assert (await kubectl("-n", "shop", "get", "secret", "orders-conn")).code == 1

    kubectl.sandbox.faults.clear()
    status = await comes_to(kubectl, "Available")

    found = await kubectl.reads("-n", "shop", "get", "configuration", "orders")
    assert status["apply"]["message"] == "Cloud resources are deployed and ready to use"
    assert status["observedGeneration"] == found["metadata"]["generation"]
    written = await secret(kubectl)
    assert set(written) == {"DB_HOST", "SIZE"}
    assert written["SIZE"] == "small"
    assert written["DB_HOST"].startswith("pretended-")
    assert {key: each["value"] for key, each in status["apply"]["outputs"].items()} == written
    row = (await kubectl.does("-n", "shop", "get", "configuration")).splitlines()[1]
    assert row.split()[:2] == ["orders", "Available"]


async def test_a_remote_module_has_the_usual_outputs(kubectl: Kubectl) -> None:
    remote = a_configuration(writeConnectionSecretToRef=SECRET, path="alibaba/rds")
    remote["spec"].pop("hcl")
    remote["spec"]["remote"] = "https://example.com/modules.git"
    await kubectl.applies(remote)

    await comes_to(kubectl, "Available")

    written = await secret(kubectl)
    assert set(written) == {"DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD"}


async def test_what_is_deleted_is_destroyed_with_its_secret(kubectl: Kubectl) -> None:
    await kubectl.applies(a_configuration(writeConnectionSecretToRef=SECRET))
    await comes_to(kubectl, "Available")

    kubectl.sandbox.faults.add("cluster/east", "terraform-slow", None, name="orders")
    await kubectl.does("-n", "shop", "delete", "configuration", "orders", "--wait=false")
    status = await comes_to(kubectl, "Destroying", "destroy")
    assert status["destroy"]["message"] == "Cloud resources is being destroyed..."
    kubectl.sandbox.faults.clear()
    await kubectl.does(
        "-n", "shop", "wait", "configuration/orders", "--for=delete", "--timeout=150s"
    )

    assert (await kubectl("-n", "shop", "get", "secret", "orders-conn")).code == 1


async def test_a_module_that_fails_says_what_terraform_says_until_it_is_mended(
    kubectl: Kubectl,
) -> None:
    kubectl.sandbox.faults.add(
        "cluster/east", "terraform-fail", None, name="orders", message="InsufficientCapacity"
    )
    await kubectl.applies(a_configuration())

    status = await comes_to(kubectl, "ApplyFailed")
    said = status["apply"]["message"]
    assert said.startswith("Error: InsufficientCapacity\n")
    assert 'on main.tf line 3, in resource "aws_db_instance" "orders"' in said

    kubectl.sandbox.faults.clear()
    await comes_to(kubectl, "Available")


async def test_a_slow_module_takes_until_the_fault_is_cleared(kubectl: Kubectl) -> None:
    kubectl.sandbox.faults.add("cluster/east", "terraform-slow", None)
    await kubectl.applies(a_configuration())
    await comes_to(kubectl, "ProvisioningAndChecking")

    waited = await kubectl(
        "-n",
        "shop",
        "wait",
        "configuration/orders",
        "--timeout=2s",
        "--for=jsonpath={.status.apply.state}=Available",
    )  # fmt: skip - reads as a line of shell
    assert waited.code == 1

    kubectl.sandbox.faults.clear()
    await comes_to(kubectl, "Available")


async def test_a_changed_module_is_applied_again(kubectl: Kubectl) -> None:
    await kubectl.applies(a_configuration(writeConnectionSecretToRef=SECRET))
    await comes_to(kubectl, "Available")

    await kubectl.applies(
        a_configuration(writeConnectionSecretToRef=SECRET, variable={"size": "big"})
    )
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        "configuration/orders",
        "--timeout=150s",
        "--for=jsonpath={.status.apply.outputs.SIZE.value}=big",
    )  # fmt: skip - reads as a line of shell

    assert (await secret(kubectl))["SIZE"] == "big"


async def test_without_a_provider_nothing_begins(kubectl: Kubectl) -> None:
    await kubectl.applies(a_configuration(providerRef={"name": "aws", "namespace": "shop"}))
    status = await comes_to(kubectl, "Authorizing")
    assert status["apply"]["message"] == "provider not found"

    provider = {
        "apiVersion": "terraform.core.oam.dev/v1beta1",
        "kind": "Provider",
        "metadata": {"name": "aws", "namespace": "shop"},
        "spec": {
            "provider": "aws",
            "region": "eu-central-1",
            "credentials": {
                "source": "Secret",
                "secretRef": {"name": "aws", "namespace": "shop", "key": "credentials"},
            },
        },
    }
    await kubectl.applies(provider)
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        "provider.terraform.core.oam.dev/aws",
        "--timeout=150s",
        "--for=jsonpath={.status.state}=ProviderNotReady",
    )  # fmt: skip - reads as a line of shell
    key = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "aws", "namespace": "shop"}}
    await kubectl.applies({**key, "stringData": {"credentials": "pretended"}})

    status = await comes_to(kubectl, "Available")
    assert status["apply"]["region"] == "eu-central-1"


async def test_the_first_version_is_served_too(kubectl: Kubectl) -> None:
    older = a_configuration()
    older["apiVersion"] = "terraform.core.oam.dev/v1beta1"
    await kubectl.applies(older)

    await comes_to(kubectl, "Available")

    kind = "configurations.v1beta1.terraform.core.oam.dev"
    found = json.loads(await kubectl.does("-n", "shop", "get", kind, "orders", "-o", "json"))
    assert found["apiVersion"] == "terraform.core.oam.dev/v1beta1"


async def test_two_configurations_do_not_share_a_secret(kubectl: Kubectl) -> None:
    await kubectl.applies(a_configuration("stock", writeConnectionSecretToRef=SECRET))
    await kubectl.does(
        "-n",
        "shop",
        "wait",
        "configuration/stock",
        "--timeout=150s",
        "--for=jsonpath={.status.apply.state}=Available",
    )  # fmt: skip - reads as a line of shell

    await kubectl.applies(a_configuration(writeConnectionSecretToRef=SECRET))

    status = await comes_to(kubectl, "GeneratingTerraformOutputs")
    assert (
        "whose owner is configuration(namespace: shop ; name: stock)" in status["apply"]["message"]
    )
