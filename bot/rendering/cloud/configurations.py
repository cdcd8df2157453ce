"""Renders cloud resources: components that become a `Configuration` of KubeVela's Terraform controller. Pure.

A target says the provider and the region by its variables `providerName` and `region`, as in VelaUX, where a component
says none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.catalog.model import Component, Properties, Target
from bot.rendering.cloud.modules import (
    REGION,
    Module,
    ProviderRef,
    SecretRef,
    has_variable,
    module_of,
)
from bot.rendering.objects import Manifest, Place, given, labelled
from bot.rendering.parameters import as_json

GROUP = "terraform.core.oam.dev"
API_VERSION = f"{GROUP}/v1beta2"
KIND = "Configuration"
ENV_LABEL = "app.oam.dev/env-name"
CREDENTIALS_LABEL = "shipmate.dev/credentials-of"
"""The label of the Secret that a Provider gets its credentials from: its value is the Provider's name."""
PROVIDER = "providerName"
"""The variable of a target that names its Provider."""
NEEDED = (PROVIDER, REGION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where Terraform's controller writes how to reach a cloud resource, and what its copies are called."""

    namespace: str
    name: str
    alias: str
    """The name that the application knows it by."""


def configuration(place: Place) -> Manifest:
    """Render a cloud resource whose properties are without fault."""
    component = place.component
    module = module_of(component)
    made = place.manifest(
        API_VERSION,
        KIND,
        configuration_spec(_completed(module, component, place.target)),
        name=with_env(component.name, component.env),
    )
    if component.env:
        labelled(made, {ENV_LABEL: component.env})
    return made


def connection_of(component: Component, target: Target) -> Connection | None:
    """Answer where the connection Secret of a cloud resource is; None when none is asked for.

    `target` is where the Configuration is.
    """
    ref = _secret(component)
    if ref is None:
        return None
    alias = ref.name or component.name
    return Connection(
        namespace=ref.namespace or target.namespace,
        name=with_env(alias, component.env),
        alias=alias,
    )


def needs_of(component: Component) -> tuple[str, ...]:
    """Name the variables that a target has to say of a cloud resource, because it does not say them itself."""
    said = component.properties
    own = {
        PROVIDER: said.get("providerRef") or said.get("inlineCredentials"),
        REGION: said.get(REGION) or said.get("customRegion"),
    }
    return tuple(each for each in NEEDED if not own[each])


def with_env(name: str, env: str) -> str:
    """Name what belongs to one env: KubeVela's way."""
    return f"{name}-{env}" if env else name


def configuration_spec(module: Module) -> dict[str, Any]:
    """Answer the spec of a Configuration, with the names of the controller's v1beta2."""
    return given(
        hcl=module.hcl,
        remote=module.remote,
        path=module.path,
        gitRef=_json(module.git_ref),
        variable={name: each for name, each in module.variable.items() if each is not None},
        backend=module.backend,
        providerRef=_json(module.provider_ref),
        customRegion=module.custom_region or module.region,
        inlineCredentials=module.inline_credentials,
        JobEnv=module.job_env,
        writeConnectionSecretToRef=_json(module.write_connection_secret_to_ref),
        deleteResource=module.delete_resource,
        forceDelete=module.force_delete,
        gitCredentialsSecretReference=_json(module.git_credentials_secret_reference),
        terraformCredentialsSecretReference=_json(module.terraform_credentials_secret_reference),
        terraformRCConfigMapReference=_json(module.terraform_rc_config_map_reference),
        terraformCredentialsHelperConfigMapReference=_json(
            module.terraform_credentials_helper_config_map_reference
        ),
    )


def _completed(module: Module, component: Component, target: Target) -> Module:
    """Answer a module with what its target and its component type say of it, where it says nothing itself."""
    type_, said = component.terraform or {}, target.variables
    region = module.region or said.get(REGION, "")
    variable = module.variable
    if region and variable.get(REGION) is None and has_variable(module, REGION):
        variable = {**variable, REGION: region}
    connection = connection_of(component, target)
    return module.model_copy(
        update={
            "region": region or type_.get("customRegion", ""),
            "variable": variable,
            "provider_ref": module.provider_ref or _provider(module, type_, said.get(PROVIDER, "")),
            "delete_resource": type_.get("deleteResource")
            if module.delete_resource is None
            else module.delete_resource,
            "git_credentials_secret_reference": module.git_credentials_secret_reference
            or _reference(type_.get("gitCredentialsSecretReference")),
            "write_connection_secret_to_ref": SecretRef(
                name=connection.name, namespace=connection.namespace
            )
            if connection
            else None,
        }
    )


def _provider(module: Module, type_: Properties, named: str) -> ProviderRef | None:
    if module.inline_credentials:
        return None
    if named:
        return ProviderRef(name=named)
    found = _reference(type_.get("providerRef"))
    return ProviderRef(name=found.name, namespace=found.namespace or "default") if found else None


def _secret(component: Component) -> SecretRef | None:
    own = _reference(component.properties.get("writeConnectionSecretToRef"))
    return own or _reference((component.terraform or {}).get("writeConnectionSecretToRef"))


def _reference(found: Any) -> SecretRef | None:
    """Read a reference that may not have been checked yet."""
    if not isinstance(found, Mapping):
        return None
    name, namespace = (str(found.get(key) or "") for key in ("name", "namespace"))
    return SecretRef(name=name, namespace=namespace)


def _json(value: Any) -> Any:
    found = as_json(value)
    return given(**found) if found else None
