"""What a client asks before it does anything: which groups, kinds and verbs there are, and OpenAPI. Pure.

The OpenAPI documents say only what kubectl looks for in them before server-side apply and diff: that the
patch of a kind takes `dryRun` and `fieldValidation`, so that it leaves validation to the server.
"""

import hashlib
import json
from typing import Any

from bot.sandbox.kubernetes.kinds import Kinds
from bot.sandbox.kubernetes.registry import Resource

Object = dict[str, Any]

VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]

MISSING = frozenset({("Namespace", "deletecollection")})

VERSION = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.3+shipmate",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z",
    "goVersion": "go1.24.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}


def groups(kinds: Kinds) -> Object:
    """Answer `/apis`."""
    return {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [group(kinds, name) for name in kinds.groups()],
    }


def group(kinds: Kinds, name: str) -> Object:
    """Answer one entry of `/apis`."""
    entries = [
        {"groupVersion": f"{name}/{version}", "version": version}
        for version in kinds.versions_of(name)
    ]
    return {"name": name, "versions": entries, "preferredVersion": entries[0]}


def resources(kinds: Kinds, group_name: str, version: str) -> Object:
    """Answer `/api/v1` or `/apis/GROUP/VERSION`."""
    rows: list[Object] = []
    for each in kinds:
        if each.group != group_name or version not in each.versions:
            continue
        rows.append(_row(each))
        for name, flag in (("status", each.status), ("scale", each.scale)):
            if flag:
                rows.append(_subresource(each, name))
        if each.kind == "Pod":
            eviction = {"group": "policy", "version": "v1", "kind": "Eviction", "verbs": ["create"]}
            rows.append({**_subresource(each, "eviction"), **eviction})
            rows.append({**_subresource(each, "log"), "verbs": ["get"]})
    version_name = f"{group_name}/{version}" if group_name else version
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": version_name,
        "resources": rows,
    }


def _row(resource: Resource) -> Object:
    row: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": [each for each in VERBS if (resource.kind, each) not in MISSING],
    }
    if resource.short:
        row["shortNames"] = list(resource.short)
    if resource.categories:
        row["categories"] = list(resource.categories)
    return row


def _subresource(resource: Resource, name: str) -> Object:
    row: Object = {
        "name": f"{resource.plural}/{name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": ["get", "patch", "update"],
    }
    if name == "scale":
        row |= {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    return row


def openapi_index(kinds: Kinds, prefix: str) -> Object:
    """Answer `/openapi/v3`: where the document of each group and version is."""
    paths = {}
    named = [(name, version) for name in kinds.groups() for version in kinds.versions_of(name)]
    for name, version in [("", "v1"), *named]:
        path = f"apis/{name}/{version}" if name else f"api/{version}"
        document = json.dumps(openapi(kinds, name, version), sort_keys=True).encode()
        digest = hashlib.sha256(document).hexdigest().upper()
        paths[path] = {"serverRelativeURL": f"{prefix}/openapi/v3/{path}?hash={digest}"}
    return {"paths": paths}


def openapi(kinds: Kinds, group_name: str, version: str) -> Object:
    """Answer the OpenAPI v3 document of one group and version."""
    paths: Object = {}
    root = f"/apis/{group_name}/{version}" if group_name else f"/api/{version}"
    for each in kinds:
        if each.group != group_name or version not in each.versions:
            continue
        below = "/namespaces/{namespace}" if each.namespaced else ""
        meaning = {"group": each.group, "version": version, "kind": each.kind}
        operation = {
            "x-kubernetes-group-version-kind": meaning,
            "parameters": [
                {"name": name, "in": "query", "schema": {"type": kind}}
                for name, kind in (
                    ("dryRun", "string"),
                    ("fieldManager", "string"),
                    ("fieldValidation", "string"),
                    ("force", "boolean"),
                )
            ],
            "responses": {"200": {"description": "OK"}},
        }
        paths[f"{root}{below}/{each.plural}/{{name}}"] = {
            "patch": {**operation, "x-kubernetes-action": "patch"}
        }
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": VERSION["gitVersion"]},
        "paths": paths,
        "components": {"schemas": {}},
    }
