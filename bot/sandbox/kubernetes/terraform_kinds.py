"""The definitions of the Terraform controller's kinds, as if its chart were installed: Configuration and Provider.

The fields are those of the definitions that oam-dev/terraform-controller ships.
"""

from typing import Any

Object = dict[str, Any]

GROUP = "terraform.core.oam.dev"
TEXT: Object = {"type": "string"}
YES_OR_NO: Object = {"type": "boolean"}
ANYTHING: Object = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def _object(required: tuple[str, ...] = (), **fields: Object) -> Object:
    made: Object = {"type": "object", "properties": fields}
    return {**made, "required": list(required)} if required else made


REFERENCE = _object(name=TEXT, namespace=TEXT)
NAMED = _object(("name",), name=TEXT, namespace=TEXT)
PROVIDER_REFERENCE = _object(("name",), name=TEXT, namespace={**TEXT, "default": "default"})
COMMON: Object = {
    "hcl": TEXT,
    "remote": TEXT,
    "path": TEXT,
    "variable": ANYTHING,
    "deleteResource": {**YES_OR_NO, "default": True},
    "providerRef": PROVIDER_REFERENCE,
    "writeConnectionSecretToRef": NAMED,
    "gitCredentialsSecretReference": REFERENCE,
    "terraformCredentialsSecretReference": REFERENCE,
    "terraformRCConfigMapReference": REFERENCE,
    "terraformCredentialsHelperConfigMapReference": REFERENCE,
}
BACKEND: Object = {"secretSuffix": TEXT, "inClusterConfig": YES_OR_NO}
OUTPUT = _object(type=TEXT, value=TEXT)
PHASE: Object = {"state": TEXT, "message": TEXT}
STATUS = _object(
    observedGeneration={"type": "integer", "format": "int64"},
    apply=_object(**PHASE, region=TEXT, outputs={"type": "object", "additionalProperties": OUTPUT}),
    destroy=_object(**PHASE),
)
FIRST = _object(**COMMON, JSON=TEXT, region=TEXT, backend=_object(**BACKEND))
SECOND = _object(
    **COMMON,
    JobEnv=ANYTHING,
    customRegion=TEXT,
    forceDelete=YES_OR_NO,
    inlineCredentials=YES_OR_NO,
    gitRef=_object(branch=TEXT, commit=TEXT, tag=TEXT),
    backend=_object(
        **BACKEND,
        inline=TEXT,
        backendType={**TEXT, "enum": ["kubernetes", "s3"]},
        kubernetes=_object(("secret_suffix",), secret_suffix=TEXT, namespace=TEXT),
        s3=_object(("bucket", "key"), bucket=TEXT, key=TEXT, region=TEXT),
    ),
)
SOURCES = ["None", "Secret", "InjectedIdentity", "Environment", "Filesystem"]
PROVIDER = _object(
    ("credentials", "provider"),
    provider=TEXT,
    region=TEXT,
    credentials=_object(
        ("source",),
        source={**TEXT, "enum": SOURCES},
        secretRef=_object(("key", "name", "namespace"), key=TEXT, name=TEXT, namespace=TEXT),
    ),
)


def _column(name: str, path: str, kind: str = "string") -> Object:
    return {"name": name, "type": kind, "jsonPath": path}


AGE = _column("AGE", ".metadata.creationTimestamp", "date")


def _version(
    name: str, spec: Object, status: Object, *columns: Object, storage: bool = True
) -> Object:
    schema = _object(
        apiVersion=TEXT, kind=TEXT, metadata={"type": "object"}, spec=spec, status=status
    )
    return {
        "name": name,
        "served": True,
        "storage": storage,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
        "additionalPrinterColumns": [*columns, AGE],
    }


def _definition(kind: str, plural: str, short: tuple[str, ...], *versions: Object) -> Object:
    names: Object = {
        "kind": kind,
        "listKind": f"{kind}List",
        "plural": plural,
        "singular": kind.lower(),
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": {**names, "shortNames": list(short)} if short else names,
            "scope": "Namespaced",
            "conversion": {"strategy": "None"},
            "versions": list(versions),
        },
    }


STATE = _column("STATE", ".status.apply.state")
DEFINITIONS = (
    _definition(
        "Configuration",
        "configurations",
        ("conf", "terraform-conf"),
        _version("v1beta1", FIRST, STATUS, STATE, storage=False),
        _version(
            "v1beta2",
            SECOND,
            STATUS,
            _column("APPLY", ".status.apply.state"),
            _column("DESTROY", ".status.destroy.state"),
        ),
    ),
    _definition(
        "Provider",
        "providers",
        (),
        _version("v1beta1", PROVIDER, _object(**PHASE), _column("STATE", ".status.state")),
    ),
)
