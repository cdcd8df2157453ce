"""The step types that this Shipmate has: an explicit list, looked up by name."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from typing_extensions import override

from bot.catalog.model import Application, Environment, Target
from bot.steps.contract import Local, NotSupported, PropertyError, StepType

Complaint = tuple[tuple[str | int, ...], str]

KUBEVELA_TYPES = frozenset(
    [
        "addon-operation",
        "apply-app",
        "apply-application",
        "apply-application-in-parallel",
        "apply-component",
        "apply-deployment",
        "apply-job",
        "apply-object",
        "apply-remaining",
        "apply-terraform-config",
        "apply-terraform-provider",
        "build-push-image",
        "builtin-apply-component",
        "canary-deploy",
        "chat-gpt",
        "check-metrics",
        "clean-jobs",
        "collect-service-endpoints",
        "create-config",
        "delete-config",
        "depends-on-app",
        "deploy",
        "deploy-cloud-resource",
        "deploy2env",
        "deploy2runtime",
        "export-data",
        "export-service",
        "export2config",
        "export2secret",
        "generate-jdbc-connection",
        "import-grafana-dashboard",
        "list-config",
        "notification",
        "print-message-in-status",
        "read-app",
        "read-config",
        "read-object",
        "request",
        "restart-workflow",
        "share-cloud-resource",
        "step-group",
        "suspend",
        "vela-cli",
        "webhook",
    ]
)
"""The step types that KubeVela 1.10 installs, and those of its addons and older versions that its pages name."""


class StepTypes(Mapping[str, StepType]):
    """Step types by name. Raises ValueError when two have the same."""

    def __init__(self, types: Sequence[StepType]) -> None:
        self._types: dict[str, StepType] = {}
        for each in types:
            if each.name in self._types:
                raise ValueError(f"two step types are called {each.name}")
            self._types[each.name] = each

    @override
    def __getitem__(self, name: str) -> StepType:
        return self._types[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    @override
    def __len__(self) -> int:
        return len(self._types)

    def check(
        self,
        name: str,
        properties: Mapping[str, Any],
        targets: Sequence[Target],
        *,
        tolerant: bool = False,
    ) -> Sequence[Complaint]:
        """List what is wrong with the properties of a step of type `name`, each with its path.

        `tolerant` passes over what KubeVela would do and this Shipmate does not.
        """
        try:
            self._types[name].check(properties, targets)
        except NotSupported as error:
            return [] if tolerant else [(error.path, str(error))]
        except PropertyError as error:
            return [(error.path, str(error))]
        return []

    def check_in(
        self,
        name: str,
        properties: Mapping[str, Any],
        application: Application,
        environment: Environment,
    ) -> Sequence[Complaint]:
        """List what is wrong with properties for an application in an environment; nothing for an unknown type."""
        kind: object = self._types.get(name)
        try:
            if isinstance(kind, Local):
                kind.check_in(properties, application, environment)
        except PropertyError as error:
            return [(error.path, str(error))]
        return []
