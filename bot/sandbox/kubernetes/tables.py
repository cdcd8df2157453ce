"""Objects as the tables that `kubectl get` shows: columns and cells by kind, the wide ones marked. Pure."""

from typing import Any

from bot.sandbox.kubernetes import jsonpath
from bot.sandbox.kubernetes.cells import Column, Object, since
from bot.sandbox.kubernetes.columns import COLUMNS, DEFAULT, NAME
from bot.sandbox.kubernetes.registry import Resource


def table(
    resource: Resource, served: str, objects: list[Object], version: str, include: str
) -> Object:
    """Make a `meta.k8s.io/v1` Table; `include` is `None`, `Metadata` or `Object`."""
    columns = COLUMNS.get(resource.kind, DEFAULT)
    if resource.served:
        columns = (NAME, *(_custom(each) for each in resource.at(served).columns))
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version},
        "columnDefinitions": [
            {
                "name": name,
                "type": "string",
                "format": "name" if name == "Name" else "",
                "description": "",
                "priority": priority,
            }
            for name, _, priority in columns
        ],
        "rows": [
            {"cells": [cell(each) for _, cell, _ in columns], "object": _included(each, include)}
            for each in objects
        ],
    }


def _included(subject: Object, include: str) -> Object | None:
    if include == "None":
        return None
    if include == "Object":
        return subject
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": subject["metadata"],
    }


def _custom(column: tuple[str, str, str, int]) -> Column:
    """Make a column of those that the definition of a custom kind says."""
    heading, path, kind, priority = column

    def cell(subject: Object) -> Any:
        found = jsonpath.first(subject, path)
        if kind == "date":
            return since(found)
        return found if found is None or isinstance(found, int | float | str) else str(found)

    return heading, cell, priority
