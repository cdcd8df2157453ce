"""Which kinds one cluster serves: the built-in ones, and those that its CustomResourceDefinitions add."""

import re
from collections.abc import Iterator

from bot.sandbox.kubernetes.registry import RESOURCES, Resource

VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")


class Kinds:
    """The kinds of a cluster, by what they are called and by where they are served."""

    def __init__(self) -> None:
        self._all: dict[str, Resource] = {}
        self._by_kind: dict[tuple[str, str], Resource] = {}
        for each in RESOURCES:
            self.add(each)

    def __iter__(self) -> Iterator[Resource]:
        """Yield every kind once."""
        return iter(list(self._all.values()))

    def add(self, resource: Resource) -> None:
        """Serve a kind, in place of the one of the same name."""
        self.drop(resource.qualified)
        self._all[resource.qualified] = resource
        for version in resource.versions:
            self._by_kind[resource.api_version_of(version), resource.kind] = resource

    def drop(self, qualified: str) -> None:
        """Serve a kind (`databases.example.com`) no more."""
        gone = self._all.pop(qualified, None)
        if gone is not None:
            for version in gone.versions:
                self._by_kind.pop((gone.api_version_of(version), gone.kind), None)

    def of(self, api_version: str, kind: str) -> Resource | None:
        """Find a kind by what its objects say of themselves."""
        return self._by_kind.get((api_version, kind))

    def at(self, group: str, version: str, plural: str) -> Resource | None:
        """Find the kind served under a path."""
        found = self._all.get(f"{plural}.{group}" if group else plural)
        return found if found is not None and version in found.versions else None

    def named(self, qualified: str) -> Resource | None:
        """Find a kind by its qualified name (`deployments.apps`)."""
        return self._all.get(qualified)

    def called(self, name: str) -> Resource | None:
        """Find a kind as people call it: `Deployment`, `deployments`, `deploy`, `deployments.apps`."""
        lower = name.lower()
        for each in self._all.values():
            if lower in {
                each.kind.lower(),
                each.plural,
                each.singular,
                each.qualified,
                *each.short,
            }:
                return each
        return None

    def versions_of(self, group: str) -> list[str]:
        """List the versions of a group, the preferred one first."""
        found = {
            version
            for each in self._all.values()
            if each.group == group
            for version in each.versions
        }
        return sorted(found, key=_precedence)

    def groups(self) -> list[str]:
        """List the names of the groups, without the core one."""
        return sorted({each.group for each in self._all.values() if each.group})


def _precedence(version: str) -> tuple[int, int, int, str]:
    """Order versions as Kubernetes does: v2, v1, v1beta2, v1beta1, v1alpha1, then what is no such name."""
    match = VERSION.fullmatch(version)
    if match is None:
        return 3, 0, 0, version
    stage = {None: 0, "beta": 1, "alpha": 2}[match[2]]
    return stage, -int(match[1]), -int(match[3] or 0), version
