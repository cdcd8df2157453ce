"""CustomResourceDefinitions: the kinds that they make are served like any other, and go with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.server import Sandbox
from tests.sandbox.kubernetes.conftest import Kubectl

pytestmark = pytest.mark.kubectl


def a_definition(**version: Any) -> dict[str, Any]:
    """Make the definition of a namespaced kind Database."""
    spec = {
        "type": "object",
        "required": ["engine"],
        "properties": {
            "engine": {"type": "string", "enum": ["postgres", "mysql"]},
            "size": {"type": "integer", "minimum": 1, "default": 3},
            "options": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
    status = {"type": "object", "properties": {"phase": {"type": "string"}}}
    schema = {"type": "object", "properties": {"spec": spec, "status": status}}
    names = {"kind": "Database", "plural": "databases", "shortNames": ["db"]}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "databases.shop.example"},
        "spec": {
            "group": "shop.example",
            "scope": "Namespaced",
            "names": names,
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": [
                        {"name": "Engine", "type": "string", "jsonPath": ".spec.engine"},
                        {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                    ],
                    **version,
                }
            ],
        },
    }


def a_database(name: str = "orders", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "shop.example/v1",
        "kind": "Database",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"engine": "postgres", **spec},
    }


async def defined(kubectl: Kubectl, definition: dict[str, Any] | None = None) -> None:
    await kubectl.applies(definition or a_definition())
    await kubectl.does(
        "wait", "crd/databases.shop.example", "--for=condition=Established", "--timeout=150s"
    )


async def test_a_definition_makes_a_kind_that_kubectl_knows(kubectl: Kubectl) -> None:
    await defined(kubectl)

    await kubectl.applies(a_database(options={"anything": {"goes": 1}}))

    found = await kubectl.reads("-n", "shop", "get", "db", "orders")
    assert found["spec"] == {"engine": "postgres", "size": 3, "options": {"anything": {"goes": 1}}}
    assert found["metadata"]["generation"] == 1
    head, row = (await kubectl.does("-n", "shop", "get", "databases")).splitlines()
    assert head.split() == ["NAME", "ENGINE", "AGE"]
    assert row.split()[:2] == ["orders", "postgres"]
    listed = await kubectl.does("api-resources", "--api-group=shop.example", "--no-headers")
    assert listed.split() == ["databases", "db", "shop.example/v1", "true", "Database"]
    crd = await kubectl.reads("get", "crd", "databases.shop.example")
    assert {each["type"]: each["status"] for each in crd["status"]["conditions"]} == {
        "NamesAccepted": "True",
        "Established": "True",
    }
    assert crd["status"]["storedVersions"] == ["v1"]


async def test_the_status_is_a_part_of_its_own(kubectl: Kubectl) -> None:
    await defined(kubectl)
    await kubectl.applies({**a_database(), "status": {"phase": "Ready"}})
    assert "status" not in await kubectl.reads("-n", "shop", "get", "db", "orders")

    patch = json.dumps({"status": {"phase": "Ready"}, "spec": {"engine": "mysql"}})
    await kubectl.does(
        "-n", "shop", "patch", "db", "orders", "--subresource=status", "--type=merge", "-p", patch
    )

    found = await kubectl.reads("-n", "shop", "get", "db", "orders")
    assert (found["status"], found["spec"]["engine"]) == ({"phase": "Ready"}, "postgres")
    assert found["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            {"engine": "oracle"},
            'Unsupported value: "oracle": supported values: "postgres", "mysql"',
        ),
        ({"size": 0}, "spec.size in body should be greater than or equal to 1"),
        ({"size": "big"}, 'spec.size in body must be of type integer: "string"'),
        ({"sise": 3}, 'strict decoding error: unknown field "spec.sise"'),
    ],
)
async def test_an_object_that_breaks_its_schema_is_refused(
    kubectl: Kubectl, spec: dict[str, Any], said: str
) -> None:
    await defined(kubectl)

    refused = await kubectl("create", "-f", "-", given=json.dumps(a_database(**spec)))

    assert refused.code == 1
    assert said in refused.err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scope": "Galaxy"}, 'spec.scope: Unsupported value: "Galaxy"'),
        ({"group": "other.example"}, 'must be spec.names.plural+"."+spec.group'),
        ({"versions": []}, "must have exactly one version marked as storage version"),
    ],
)
async def test_a_definition_that_is_none_is_refused(
    kubectl: Kubectl, change: dict[str, Any], said: str
) -> None:
    wrong = a_definition()
    wrong["spec"].update(change)

    refused = await kubectl("apply", "--server-side", "-f", "-", given=json.dumps(wrong))

    assert refused.code == 1
    assert said in refused.err


async def test_a_definition_takes_its_objects_along(kubectl: Kubectl) -> None:
    await defined(kubectl)
    await kubectl.applies(a_database(), a_database("stock"))
    watching = await kubectl.start("-n", "shop", "get", "db", "--watch-only", "--no-headers")

    await kubectl.does("delete", "crd", "databases.shop.example", "--timeout=150s")

    gone = await kubectl("-n", "shop", "get", "db")
    assert gone.code == 1  # in one of two ways, by what kubectl remembers of the server
    await watching.communicate()  # the watch has ended with its kind
    await defined(kubectl)
    assert (await kubectl.reads("-n", "shop", "get", "db"))["items"] == []


async def test_a_kind_can_be_served_in_two_versions(kubectl: Kubectl) -> None:
    both = a_definition()
    newest = {**both["spec"]["versions"][0], "name": "v2"}
    both["spec"]["versions"] = [{**both["spec"]["versions"][0], "storage": False}, newest]
    await defined(kubectl, both)

    await kubectl.applies(a_database())

    newer = await kubectl.reads("-n", "shop", "get", "databases.v2.shop.example", "orders")
    older = await kubectl.reads("-n", "shop", "get", "databases.v1.shop.example", "orders")
    assert (newer["apiVersion"], older["apiVersion"]) == ("shop.example/v2", "shop.example/v1")
    assert newer["spec"] == older["spec"]


async def test_definitions_and_their_objects_outlive_the_sandbox(tmp_path: Path) -> None:
    first = Sandbox(state=tmp_path, port=0, speed=20)
    await first.start()
    kubectl = Kubectl(first, tmp_path, "east")
    await kubectl.does(
        "create",
        "-f",
        "-",
        given=json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}),
    )
    await defined(kubectl)
    await kubectl.applies(a_database())
    await first.stop()

    second = Sandbox(state=tmp_path, port=0, speed=20)
    await second.start()
    again = Kubectl(second, tmp_path, "east")

    assert (await again.reads("-n", "shop", "get", "db", "orders"))["spec"]["engine"] == "postgres"
    await second.stop()
