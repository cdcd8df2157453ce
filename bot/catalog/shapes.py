"""What the shapes of all kinds of files have in common: names, maps that may be null, metadata."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
ObjectName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)
]
StepName = Annotated[str, StringConstraints(max_length=100)]
Map = Annotated[dict[str, Any], BeforeValidator(lambda given: {} if given is None else given)]
Words = Annotated[dict[str, str], BeforeValidator(lambda given: {} if given is None else given)]
Text = Annotated[str, BeforeValidator(lambda given: "" if given is None else given)]


class Shape(BaseModel):
    """Base: unknown fields are errors and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class Metadata(Shape):
    """Of an object of ours."""

    name: Name
    namespace: Text = ""
    labels: Words = Field(default_factory=dict)
    annotations: Words = Field(default_factory=dict)


class ObjectMetadata(Shape):
    """Of an object of KubeVela's: whatever Kubernetes keeps there may stand in an exported file."""

    name: ObjectName = ""
    generate_name: Text = Field(default="", alias="generateName")
    namespace: Text = ""
    labels: Words = Field(default_factory=dict)
    annotations: Words = Field(default_factory=dict)
    uid: Any = None
    resource_version: Any = Field(default=None, alias="resourceVersion")
    generation: Any = None
    creation_timestamp: Any = Field(default=None, alias="creationTimestamp")
    deletion_timestamp: Any = Field(default=None, alias="deletionTimestamp")
    deletion_grace_period: Any = Field(default=None, alias="deletionGracePeriodSeconds")
    finalizers: Any = None
    owner_references: Any = Field(default=None, alias="ownerReferences")
    managed_fields: Any = Field(default=None, alias="managedFields")
    self_link: Any = Field(default=None, alias="selfLink")
