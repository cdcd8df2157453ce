"""What all rendered objects have in common: their labels, and what a component is rendered with.

Nothing in an object changes from run to run (no run's name, no time), so that a delivery of what is already
there restarts nothing.
"""

from dataclasses import dataclass
from typing import Any, Final

from bot.catalog.model import Application, Component, Target

Manifest = dict[str, Any]
"""A Kubernetes object as plain JSON."""

APPLICATION_LABEL: Final = "app.oam.dev/name"
COMPONENT_LABEL: Final = "app.oam.dev/component"
MANAGER_LABEL: Final = "app.kubernetes.io/managed-by"
WORKLOAD_LABEL: Final = "workload.oam.dev/type"
TRAIT_LABEL: Final = "trait.oam.dev/type"
"""KubeVela's labels of what a component is and of what a trait adds: policies select objects by them."""

ROUND: Final = "shipmate.dev/round"
"""The annotation of a Job: the idempotency key of the round of a step that made it."""


class RenderingError(Exception):
    """A component or trait cannot be rendered as it is; the text says why. `path` leads into its properties."""

    def __init__(self, said: str, *path: str | int) -> None:
        super().__init__(said)
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a component is rendered to, and of what it is part."""

    application: Application
    component: Component
    target: Target
    revision: int = 0
    """The one that the delivery raises."""

    @property
    def labels(self) -> dict[str, str]:
        """The labels by which people and tools find what belongs to the component."""
        return {
            APPLICATION_LABEL: self.application.name,
            COMPONENT_LABEL: self.component.name,
            MANAGER_LABEL: "shipmate",
        }

    @property
    def selector(self) -> dict[str, str]:
        """The labels that select the component's pods: KubeVela's, so that its Deployments can be taken over."""
        return {COMPONENT_LABEL: self.component.name}

    def manifest(
        self, api_version: str, kind: str, spec: dict[str, Any] | None = None, *, name: str = ""
    ) -> Manifest:
        """Make an object of the component: in the target's namespace, and named after it unless it has a `name`."""
        made: Manifest = {
            "apiVersion": api_version,
            "kind": kind,
            "metadata": {
                "name": name or self.component.name,
                "namespace": self.target.namespace,
                "labels": self.labels,
            },
        }
        return made if spec is None else {**made, "spec": spec}


def labelled(manifest: Manifest, labels: dict[str, str]) -> None:
    """Put labels on an object, beside those that it has."""
    metadata = manifest["metadata"]
    metadata["labels"] = {**(metadata.get("labels") or {}), **labels}


def component_of(manifest: Manifest) -> str:
    """Name the component that a rendered object belongs to."""
    return str(manifest["metadata"]["labels"][COMPONENT_LABEL])


def belongs_to(live: Manifest, application: str) -> bool:
    """Say whether a live object still bears the label of an application."""
    labels = live["metadata"].get("labels") or {}
    return bool(labels.get(APPLICATION_LABEL) == application)


def given(**fields: Any) -> dict[str, Any]:
    """Make a mapping of what was given: without None and without what is empty.

    What a file leaves out is left out of the object, too, so that its owner in the cluster (a default, an
    autoscaler) keeps it.
    """
    return {name: value for name, value in fields.items() if value not in (None, "", (), [], {})}
