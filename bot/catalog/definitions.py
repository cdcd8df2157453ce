"""The shapes of KubeVela's definitions: types that a company brings, of which only those made by Terraform mean anything here."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from bot.catalog.shapes import Map, ObjectMetadata, ObjectName, Shape, Text


class StepDefinitionFile(Shape):
    """KubeVela's `WorkflowStepDefinition`: a step type in CUE, which we do not run."""

    api_version: Literal["core.oam.dev/v1beta1"] = Field(alias="apiVersion")
    kind: Literal["WorkflowStepDefinition"]
    metadata: ObjectMetadata
    spec: Map = Field(default_factory=dict)
    status: Any = None


class SecretShape(Shape):
    """A Secret, or a Provider of Terraform's controller."""

    name: ObjectName = ""
    namespace: Text = ""


class TerraformShape(Shape):
    """A Terraform module as the schematic of a component type: HCL, or a git repository."""

    configuration: Annotated[str, StringConstraints(min_length=1)]
    type: Literal["hcl", "remote"] = "hcl"
    path: Text = ""
    provider_ref: SecretShape | None = Field(default=None, alias="providerRef")
    write_connection_secret_to_ref: SecretShape | None = Field(
        default=None, alias="writeConnectionSecretToRef"
    )
    delete_resource: bool | None = Field(default=None, alias="deleteResource")
    custom_region: Text = Field(default="", alias="customRegion")
    git_credentials_secret_reference: SecretShape | None = Field(
        default=None, alias="gitCredentialsSecretReference"
    )


class SchematicShape(Shape):
    """What a component type is made of; all but Terraform belongs to KubeVela's own engine."""

    terraform: TerraformShape | None = None
    cue: Any = None
    kube: Any = None
    helm: Any = None


class ComponentDefinitionSpec(Shape):
    """What a component type is."""

    schematic: SchematicShape | None = None
    workload: Any = None
    version: Any = None
    status: Any = None
    extension: Any = None
    pod_spec_path: Any = Field(default=None, alias="podSpecPath")
    child_resource_kinds: Any = Field(default=None, alias="childResourceKinds")
    revision_label: Any = Field(default=None, alias="revisionLabel")


class ComponentDefinitionFile(Shape):
    """KubeVela's `ComponentDefinition`: a type of cloud resources, where its schematic is Terraform."""

    api_version: Literal["core.oam.dev/v1beta1"] = Field(alias="apiVersion")
    kind: Literal["ComponentDefinition"]
    metadata: ObjectMetadata
    spec: ComponentDefinitionSpec
    status: Any = None
