"""`apply-deployment`: runs an image in a Deployment that is named as the step, as KubeVela's step of that name.

For what belongs to the workflow and not to the application: a cache that a test wants, a mock.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalog.model import Application, Environment, Target
from bot.cluster.port import Manifest
from bot.rendering.objects import given
from bot.rendering.parameters import Image, Replicas, Words
from bot.steps.applying import apply_everywhere
from bot.steps.contract import Need, Outcome, StepContext
from bot.steps.objects import placed, spots
from bot.steps.parameters import known, read, schema_of
from bot.steps.where import Where, check_cluster, check_target

STEP_LABEL = "workflow.oam.dev/step-name"
LONGEST_LABEL = 63


class ApplyDeploymentParameters(Where):
    """What a file can say."""

    image: Image
    replicas: Replicas = 1
    cmd: Words | None = None


class ApplyDeployment:
    """The step type."""

    name = "apply-deployment"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Runs an image in a Deployment that is named as the step."
    schema = schema_of(ApplyDeploymentParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:
        """Raise PropertyError for what cannot be run, or for a target that is not there."""
        known(ApplyDeploymentParameters, properties)
        check_target(properties, targets)

    def check_in(
        self, properties: Mapping[str, Any], application: Application, environment: Environment
    ) -> None:
        """Raise PropertyError for a cluster on which the environment has nothing."""
        check_cluster(properties, application, environment)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Apply it in all places that are meant and wait until it is rolled out."""
        found = read(ApplyDeploymentParameters, properties)
        places = spots(context, cluster=found.cluster, target=found.target)
        made = deployment(context.run.application, context.step, found)
        return await apply_everywhere(
            context, places, lambda spot: [placed(context, spot, made)], wait=True
        )


def deployment(application: str, step: str, found: ApplyDeploymentParameters) -> Manifest:
    """Make the Deployment, with KubeVela's label of its pods."""
    labels = {STEP_LABEL: f"{application}-{step}"[:LONGEST_LABEL].rstrip("-._")}
    container = given(name=step, image=found.image, command=found.cmd)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": step},
        "spec": {
            "replicas": found.replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }
