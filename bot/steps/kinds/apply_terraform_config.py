"""`apply-terraform-config`: makes what a Terraform module describes, without a component of it.

KubeVela's step. The `Configuration` on the control cluster is called after the application, the step and the environment,
so that the same step of two environments makes two. It belongs to the step, and is left when the step goes.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, model_validator

from bot.catalog.model import Target
from bot.errors import Permanent
from bot.placement.handling import handling_of
from bot.placement.placements import NO_CONTROL
from bot.rendering.cloud.configurations import API_VERSION, KIND, configuration_spec
from bot.rendering.cloud.hcl import variables
from bot.rendering.cloud.modules import Common, Hcl, Module, ProviderRef, SecretRef, variable_faults
from bot.rendering.objects import Manifest
from bot.run.inventory import ref_of
from bot.run.model import Run
from bot.steps.configurations import available
from bot.steps.contract import Done, Need, Outcome, PropertyError, StepContext
from bot.steps.objects import Spot, granted, make, placed
from bot.steps.parameters import Parameters, is_expression, read, schema_of
from bot.steps.progress import Board
from bot.workflow.expressions import has_expressions

MODULES = "https://github.com/kubevela-contrib/terraform-modules.git"
"""KubeVela's repository of modules: where a `path` is without a `remote`."""


class SourceParameters(Parameters):
    """Where the module is: written out, or in a git repository."""

    hcl: Hcl = ""
    remote: str = ""
    path: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> "SourceParameters":
        if bool(self.hcl) == bool(self.remote or self.path):
            raise ValueError("expected hcl (the module itself), or remote (a git repository)")
        return self


class ApplyTerraformConfigParameters(Common):
    """What a file can say."""

    source: SourceParameters
    variable: dict[str, Any] = Field(default_factory=dict)


class ApplyTerraformConfig:
    """The step type."""

    name = "apply-terraform-config"
    needs = frozenset({Need.CLUSTERS, Need.INVENTORY})
    summary = "Makes what a Terraform module describes and waits until it is there."
    schema = schema_of(ApplyTerraformConfigParameters)

    def check(self, properties: Mapping[str, Any], targets: Sequence[Target]) -> None:  # noqa: ARG002 - the contract
        """Raise PropertyError when the properties cannot be read, or the module does not take its variables."""
        found = read(ApplyTerraformConfigParameters, properties)
        hcl = found.source.hcl
        if not hcl or is_expression(hcl) or has_expressions(found.variable):
            return
        for path, said in variable_faults(variables(hcl), found.variable, "variable"):
            raise PropertyError(("variable", *path), said)

    async def run(self, context: StepContext, properties: Mapping[str, Any]) -> Outcome:
        """Apply the Configuration and wait until it is available."""
        found = read(ApplyTerraformConfigParameters, properties)
        run = context.run
        plan = run.plan
        control = plan.environment.control_cluster
        if not control:
            raise Permanent(f"{plan.environment.name} {NO_CONTROL}")
        spot = Spot(cluster=control, namespace=plan.application.namespace)
        manifest = placed(context, spot, _configuration(run, context.step, found))
        clusters, _ = granted(context)
        (there,) = await clusters.live(control, [ref_of(manifest)])
        handling = handling_of(plan.application, [manifest])
        made = await make(context, spot, [manifest], wait=False, handling=handling)
        generation = int(there["metadata"].get("generation", 0)) if there else 0
        before = {each: generation for each in made.applied if there}
        board = Board(context.report, several=False)
        failed = await available(clusters, spot.place, made.applied, before, board, run)
        ref = found.write_connection_secret_to_ref
        left = {"name": manifest["metadata"]["name"], "namespace": spot.namespace}
        return failed or Done(outputs={**left, "secret": ref.name if ref else ""})


def _configuration(run: Run, step: str, found: ApplyTerraformConfigParameters) -> Manifest:
    namespace = run.plan.application.namespace
    provider, secret, source = (
        found.provider_ref,
        found.write_connection_secret_to_ref,
        found.source,
    )
    common = found.model_dump(by_alias=True, exclude_unset=True, exclude={"source"})
    module = Module.model_validate(common | source.model_dump(exclude_unset=True) | _remote(source))
    if provider is not None:
        where = provider.namespace if "namespace" in provider.model_fields_set else namespace
        provider = ProviderRef(name=provider.name, namespace=where)
    if secret is not None:
        secret = SecretRef(name=secret.name, namespace=secret.namespace or namespace)
    module = module.model_copy(
        update={"provider_ref": provider, "write_connection_secret_to_ref": secret}
    )
    name = re.sub(r"[^a-z0-9]+", "-", f"{run.application}-{step}-{run.environment}".lower())
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": name.strip("-")},
        "spec": configuration_spec(module),
    }


def _remote(source: SourceParameters) -> dict[str, str]:
    return {"remote": MODULES} if source.path and not source.remote else {}
