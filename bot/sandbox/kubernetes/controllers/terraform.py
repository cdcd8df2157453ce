"""The Terraform controller: a Configuration becomes Available after a while, and its Secret is written.

States, messages and the shape of the status are those of oam-dev/terraform-controller; nothing is provisioned. The
faults `terraform-fail` and `terraform-slow` keep a Configuration from it.
"""

import base64

from bot.sandbox.kubernetes import hcl
from bot.sandbox.kubernetes.controllers.context import Context, Target, hash_of
from bot.sandbox.kubernetes.errors import StatusError
from bot.sandbox.kubernetes.registry import BY_KIND
from bot.sandbox.kubernetes.storage import Object
from bot.sandbox.kubernetes.terraform_kinds import GROUP

SECRET = BY_KIND["v1", "Secret"]
CONTROLLER = "terraform-controller"
FINALIZER = "configuration.finalizers.terraform-controller"
OWNED_BY, OWNED_NAMESPACE = f"{GROUP}/owned-by", f"{GROUP}/owned-namespace"
INPUTS = ("hcl", "remote", "path", "gitRef", "variable", "backend", "providerRef")

PROVISIONING = "ProvisioningAndChecking"
MESSAGES = {
    PROVISIONING: "Cloud resources are being provisioned and provisioning status is checking...",
    "ConfigurationReloading": "Configuration's HCL has changed, and starts reloading",
    "Available": "Cloud resources are deployed and ready to use",
    "Destroying": "Cloud resources is being destroyed...",
    "Authorizing": "provider not found",
}
REFUSED = (
    "creating the database: InvalidParameterCombination: the pretended cloud refuses this as told "
    "by a fault"
)
PROVISION, DESTROY, RETRY = 4.0, 2.0, 3.0
"""Seconds, divided by the speed."""
FOREVER = 1e6


def reconcile_configuration(context: Context, configuration: Object) -> None:
    """Bring a Configuration one state further."""
    meta = configuration["metadata"]
    if meta.get("deletionTimestamp"):
        _destroy(context, configuration)
    elif FINALIZER not in meta.get("finalizers", []):
        _touch(context, configuration, finalizers=[*meta.get("finalizers", []), FINALIZER])
    elif _may_begin(context, configuration):
        _apply(context, configuration)


def _may_begin(context: Context, configuration: Object) -> bool:
    """Look whether a Configuration is sound and its provider ready; say what is missing."""
    spec = configuration["spec"]
    wrong = _wrong(spec)
    if wrong:
        _say(context, configuration, "ConfigurationSpecNotValid", wrong)
        return False
    if spec.get("inlineCredentials"):
        return True
    reference = spec.get("providerRef") or {"name": "default", "namespace": "default"}
    kind = context.storage.kinds.named(f"providers.{GROUP}")
    place = reference.get("namespace", "default"), reference["name"]
    provider = context.storage.find(kind, *place) if kind is not None else None
    if provider is None:
        _say(context, configuration, "Authorizing")
        context.again(_target(context, configuration), RETRY / context.speed)
        return False
    if provider.get("status", {}).get("state") != "ready":
        context.again(_target(context, configuration), RETRY / context.speed)
        return False
    if not spec.get("customRegion") and provider["spec"].get("region"):
        # As the real one does: the region is written into the spec, which raises its generation.
        made = {**spec, "customRegion": provider["spec"]["region"]}
        context.write({**configuration, "spec": made}, CONTROLLER)
        return False
    return True


def _wrong(spec: Object) -> str:
    given, remote = spec.get("hcl"), spec.get("remote")
    if not given and not remote:
        return "spec.HCL or spec.Remote should be set"
    if given and remote:
        return "spec.HCL and spec.Remote cloud not be set at the same time"
    return ""


def _apply(context: Context, configuration: Object) -> None:
    status = configuration.get("status") or {}
    state = status.get("apply", {}).get("state", "")
    meta = configuration["metadata"]
    uid = meta["uid"]
    wanted = hash_of([configuration["spec"].get(field) for field in INPUTS])
    if context.memory.get(uid) != wanted and state not in {"", PROVISIONING, "Authorizing"}:
        known = uid in context.memory
        context.memory[uid] = wanted
        if known:
            _say(context, configuration, "ConfigurationReloading")
            return
    context.memory[uid] = wanted
    if state == PROVISIONING:
        _provision(context, configuration, wanted)
    elif state == "Available":
        if status.get("observedGeneration") != meta["generation"]:
            _finish(context, configuration)
    elif state == "ApplyFailed":
        _retry(context, configuration)
    elif state == "GeneratingTerraformOutputs":
        if context.waited(_target(context, configuration), meta["uid"], "again", RETRY):
            _finish(context, configuration)
    else:
        _say(context, configuration, PROVISIONING)


def _provision(context: Context, configuration: Object, wanted: str) -> None:
    if not _done(context, configuration, wanted, PROVISION):
        return
    fault = context.fault("terraform-fail", configuration["metadata"]["name"])
    if fault is not None:
        said = hcl.failure(configuration["spec"], str(fault.details.get("message") or REFUSED))
        _say(context, configuration, "ApplyFailed", said)
    else:
        _finish(context, configuration)


def _done(context: Context, configuration: Object, stage: str, seconds: float) -> bool:
    """Say whether Terraform has been at it for long enough; if not, come back."""
    target = _target(context, configuration)
    slow = context.fault("terraform-slow", configuration["metadata"]["name"])
    more = float(slow.details.get("seconds", FOREVER)) if slow is not None else 0
    if context.waited(target, configuration["metadata"]["uid"], stage, seconds + more):
        return True
    if slow is not None:  # it may be cleared any time
        context.again(target, RETRY / context.speed)
    return False


def _retry(context: Context, configuration: Object) -> None:
    """The job of a failed apply is run again and again, until it succeeds."""
    target = _target(context, configuration)
    if context.fault("terraform-fail", configuration["metadata"]["name"]):
        context.again(target, RETRY / context.speed)
    elif context.waited(target, configuration["metadata"]["uid"], "failed", RETRY):
        _say(context, configuration, PROVISIONING)


def _finish(context: Context, configuration: Object) -> None:
    meta, spec = configuration["metadata"], configuration["spec"]
    values = hcl.outputs(spec, f"{context.cluster}/{meta['namespace']}/{meta['name']}")
    problem = _write_secret(context, configuration, values)
    if problem:
        said = f"Hit an issue to generate outputs: {problem}"
        _say(context, configuration, "GeneratingTerraformOutputs", said)
        context.again(_target(context, configuration), RETRY / context.speed)
        return
    _say(
        context,
        configuration,
        "Available",
        outputs={name: {"value": value} for name, value in values.items()},
    )


def _write_secret(context: Context, configuration: Object, values: dict[str, str]) -> str:
    """Write the connection Secret; answer what kept it from being written."""
    meta = configuration["metadata"]
    place = _secret_place(configuration)
    if place is None:
        return ""
    namespace, name = place
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    found = context.storage.find(SECRET, namespace, name)
    if found is not None:
        labels = found["metadata"].get("labels") or {}
        owner = labels.get(OWNED_NAMESPACE, ""), labels.get(OWNED_BY, "")
        if owner not in {("", ""), (meta["namespace"], meta["name"])}:
            return (
                f"configuration(namespace: {meta['namespace']} ; name: {meta['name']}) cannot update "
                f"secret(namespace: {namespace} ; name: {name}) whose owner is "
                f"configuration(namespace: {owner[0]} ; name: {owner[1]})"
            )
        context.write({**found, "data": data}, CONTROLLER)
        return ""
    try:
        _create_secret(context, configuration, namespace, name, data)
    except StatusError as error:
        return str(error)
    return ""


def _create_secret(
    context: Context, configuration: Object, namespace: str, name: str, data: dict[str, str]
) -> None:
    meta = configuration["metadata"]
    labels = {
        f"{GROUP}/created-by": "terraform-controller",
        OWNED_BY: meta["name"],
        OWNED_NAMESPACE: meta["namespace"],
    }
    context.create(
        SECRET,
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "type": "Opaque",
            "data": data,
        },
        CONTROLLER,
    )


def _secret_place(configuration: Object) -> tuple[str, str] | None:
    reference = configuration["spec"].get("writeConnectionSecretToRef")
    if not reference or not reference.get("name"):
        return None
    namespace = reference.get("namespace") or configuration["metadata"]["namespace"]
    return namespace, reference["name"]


def _destroy(context: Context, configuration: Object) -> None:
    meta, spec = configuration["metadata"], configuration["spec"]
    if FINALIZER not in meta.get("finalizers", []):
        return
    apply = (configuration.get("status") or {}).get("apply", {})
    if apply.get("state") == PROVISIONING and not spec.get("forceDelete"):
        _apply(context, configuration)  # what is being made is made before it is destroyed
        return
    if apply.get("outputs") and spec.get("deleteResource", True) and not spec.get("forceDelete"):
        _say(context, configuration, "Destroying", part="destroy")
        if not _done(context, configuration, "ending", DESTROY):
            return
        if context.fault("terraform-fail", meta["name"]):
            said = hcl.failure(spec, "deleting the database: DependencyViolation")
            _say(context, configuration, "DestroyFailed", said, part="destroy")
            context.again(_target(context, configuration), RETRY / context.speed)
            return
    place = _secret_place(configuration)
    secret = place and context.storage.find(SECRET, *place)
    if secret is not None and secret["metadata"].get("labels", {}).get(OWNED_BY) == meta["name"]:
        context.storage.remove(SECRET, secret)
    rest = [each for each in meta["finalizers"] if each != FINALIZER]
    _touch(context, configuration, finalizers=rest)


def _say(
    context: Context,
    configuration: Object,
    state: str,
    message: str = "",
    *,
    part: str = "apply",
    outputs: Object | None = None,
) -> None:
    """Write the state of applying or destroying, as the real controller's status has it."""
    meta, spec = configuration["metadata"], configuration["spec"]
    found: Object = {"state": state, "message": message or MESSAGES[state]}
    if outputs is not None:
        found["outputs"] = outputs
    status = {"apply": {}, "destroy": {}, **(configuration.get("status") or {})}
    if part == "apply":
        status["observedGeneration"] = meta["generation"]
        if spec.get("customRegion"):
            found["region"] = spec["customRegion"]
    current = context.storage.get(context.kind_of(configuration), meta["namespace"], meta["name"])
    context.set_status(current, {**status, part: found}, CONTROLLER)


def _touch(context: Context, configuration: Object, **metadata: object) -> None:
    meta = {**configuration["metadata"], **metadata}
    context.write({**configuration, "metadata": meta}, CONTROLLER)


def _target(context: Context, subject: Object) -> Target:
    meta = subject["metadata"]
    return context.kind_of(subject), meta["namespace"], meta["name"]


def reconcile_provider(context: Context, provider: Object) -> None:
    """Say whether the credentials of a Provider are there."""
    credentials = provider["spec"]["credentials"]
    reference = credentials.get("secretRef") or {}
    ready = credentials["source"] == "InjectedIdentity"
    if credentials["source"] == "Secret" and reference:
        secret = context.storage.find(SECRET, reference["namespace"], reference["name"])
        ready = secret is not None and reference["key"] in (secret.get("data") or {})
    context.set_status(provider, {"state": "ready" if ready else "ProviderNotReady"}, CONTROLLER)
    if not ready:
        context.again(_target(context, provider), RETRY / context.speed)
