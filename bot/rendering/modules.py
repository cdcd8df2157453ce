"""What a Terraform module takes, with the names that KubeVela and its Terraform controller have for it. Pure.

A component of the type `terraform` says all of it itself. One whose type has a ComponentDefinition says the values of the
module's variables, and beside them what is common to all cloud resources.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot.catalog.complaints import nearest, shown
from bot.catalog.model import Component, Properties
from bot.catalog.parameters import Fault, Parameters, faults
from bot.rendering.hcl import HclError, Variable, expected, variables
from bot.rendering.parameters import ObjectName


def _none_as_map(given: Any) -> Any:
    return {} if given is None else given


def _closed(text: str) -> str:
    try:
        variables(text)
    except HclError as error:
        raise ValueError(f"it is no Terraform module: line {error.line}: {error}") from error
    return text


Map = Annotated[dict[str, Any], BeforeValidator(_none_as_map)]
Hcl = Annotated[str, AfterValidator(_closed)]


class ProviderRef(Parameters):
    """A Provider of Terraform's controller: credentials for a cloud."""

    name: ObjectName
    namespace: str = "default"


class SecretRef(Parameters):
    """A Secret or ConfigMap on the control cluster; without a namespace where the Configuration is."""

    name: Annotated[str, Field(max_length=253)] = ""
    namespace: str = ""


class GitRef(Parameters):
    """Which version of a git repository: one of the three."""

    branch: str = ""
    tag: str = ""
    commit: str = ""


class Common(Parameters):
    """What is common to all cloud resources."""

    provider_ref: ProviderRef | None = None
    region: str = ""
    """KubeVela's older name of the same, and a variable that many modules have."""
    custom_region: str = ""
    write_connection_secret_to_ref: SecretRef | None = None
    delete_resource: bool | None = None
    force_delete: bool | None = None
    inline_credentials: bool | None = None
    git_ref: GitRef | None = None
    git_credentials_secret_reference: SecretRef | None = None
    terraform_credentials_secret_reference: SecretRef | None = None
    terraform_rc_config_map_reference: SecretRef | None = Field(
        default=None, alias="terraformRCConfigMapReference"
    )
    terraform_credentials_helper_config_map_reference: SecretRef | None = None
    job_env: dict[str, Any] | None = None
    backend: dict[str, Any] | None = None


class Module(Common):
    """A module, where it is from, and the values of its variables."""

    hcl: Hcl = ""
    remote: str = ""
    path: str = ""
    variable: Map = Field(default_factory=dict)

    @model_validator(mode="after")
    def _from_one_place(self) -> "Module":
        if bool(self.hcl) == bool(self.remote):
            raise ValueError("expected hcl (the module itself) or remote (a git repository)")
        if self.path and not self.remote:
            raise ValueError("a path is one in the git repository of remote")
        return self


COMMON = tuple(field.alias or name for name, field in Common.model_fields.items())
ALWAYS = frozenset(
    {
        "providerRef",
        "customRegion",
        "writeConnectionSecretToRef",
        "deleteResource",
        "forceDelete",
        "gitCredentialsSecretReference",
    }
)
"""Never the names of variables, whatever the module says."""
REGION = "region"


def module_of(component: Component) -> Module:
    """Answer the module of a cloud resource whose properties are all known and without fault."""
    definition = component.terraform
    if not definition:
        return Module.model_validate(dict(component.properties))
    common, variable = _split(definition, component.properties)
    from_git = definition.get("type") == "remote"
    source = {"remote" if from_git else "hcl": definition["configuration"]}
    if from_git and definition.get("path"):
        source["path"] = definition["path"]
    return Module.model_validate({**common, **source, "variable": variable})


def module_faults(component: Component) -> list[Fault]:
    """List what is wrong with the properties of a cloud resource, each with its path in them."""
    definition, given = component.terraform, component.properties
    if definition:
        common, variable = _split(definition, given)
        return [
            *faults(Common, common),
            *variable_faults(_taken(definition), variable, "property", COMMON),
        ]
    found = faults(Module, given)
    if found or not given.get("hcl"):
        return found
    taken = variables(given["hcl"])
    return [
        (("variable", *path), said)
        for path, said in variable_faults(taken, given.get("variable") or {}, "variable")
    ]


def variable_faults(
    taken: tuple[Variable, ...] | None,
    given: Mapping[str, Any],
    noun: str,
    besides: tuple[str, ...] = (),
) -> Iterator[Fault]:
    """Yield what is wrong with the values of variables; of a module that nobody has read (None) nothing is known.

    `besides` are names that can stand there, too. What is `sensitive` is not told.
    """
    if taken is None:
        return
    by_name = {each.name: each for each in taken}
    for name, value in given.items():
        variable = by_name.get(name)
        if variable is None:
            known = [*by_name, *besides]
            said = f"there is no {noun} {name}{nearest(name, known)} (known: {', '.join(known)})"
            yield (name,), said
        elif value is not None and (wanted := expected(variable.type, value)):
            found = "" if variable.sensitive else f", found {shown(value)}"
            yield (name,), f"expected {wanted}{found}"
    for each in taken:
        # A target may say the region.
        if each.required and each.name != REGION and given.get(each.name) is None:
            yield (each.name,), "it is required"


def definition_faults(terraform: Properties) -> list[Fault]:
    """List what is wrong with the schematic of a component type, each with its path in it."""
    if terraform.get("type") == "remote":
        return []
    return [
        (("configuration",), said)
        for _, said in faults(Module, {"hcl": terraform["configuration"]})
    ]


def has_variable(module: Module, name: str) -> bool:
    """Say whether a module takes a variable; of one in a git repository, that it may."""
    return not module.hcl or any(each.name == name for each in variables(module.hcl))


def sensitive_names(component: Component) -> frozenset[str]:
    """Name the variables of a cloud resource whose values its module calls sensitive."""
    definition = component.terraform
    text = _hcl_of(definition) if definition else component.properties.get("hcl")
    return sensitive_in(text) if component.is_cloud else frozenset()


def sensitive_in(hcl: Any) -> frozenset[str]:
    """Name the variables whose values a module calls sensitive; of what is no module none."""
    try:
        found = variables(hcl) if isinstance(hcl, str) else ()
    except HclError:
        found = ()
    return frozenset(each.name for each in found if each.sensitive)


def _hcl_of(definition: Properties) -> str:
    return "" if definition.get("type") == "remote" else str(definition["configuration"])


def _taken(definition: Properties) -> tuple[Variable, ...] | None:
    """Answer the variables of a component type's module; None when nobody has read it."""
    text = _hcl_of(definition)
    try:
        return variables(text) if text else None
    except HclError:
        return None  # it is said of the definition


def _split(
    definition: Properties, given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tell what is common to all cloud resources from the values of the module's own variables."""
    own = {each.name for each in _taken(definition) or ()} - ALWAYS
    common = {name: each for name, each in given.items() if name in COMMON and name not in own}
    variable = {name: each for name, each in given.items() if name not in common}
    if isinstance(variable.get(REGION), str):
        common[REGION] = variable[REGION]
    return common, variable
