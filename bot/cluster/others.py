"""How far the other kinds are that have words of their own for it. Pure."""

import re

from bot.cluster.conditions import DONE, brief, condition_of, is_true, waiting, why
from bot.cluster.port import Health, Manifest
from bot.rendering.redaction import redact

FAILING = frozenset(
    {
        "ConfigurationSpecNotValid",
        "SyntaxError",
        "ProviderNotFound",
        "InvalidRegion",
        "TerraformInitError",
        "InvalidGitCredentialsSecretReference",
        "InvalidTerraformCredentialsSecretReference",
        "InvalidTerraformRCConfigMapReference",
        "InvalidTerraformCredentialsHelperConfigMapReference",
        "ApplyFailed",
        "DestroyFailed",
    }
)
"""States of a Terraform `Configuration` that somebody has to do something about."""
DRAWN = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[╷│╵]")
"""The colours and the frame that Terraform puts around an error."""
EXPLAINED = frozenset({"Authorizing", "GeneratingTerraformOutputs"})
"""States whose message says more than they do: what is missing may still come."""


def claim(subject: Manifest, *, on_demand: bool) -> Health:
    """Judge a PersistentVolumeClaim: it is bound. `on_demand`: no volume comes before a pod asks for it.

    kstatus and Helm wait for Bound, which a claim of a class with WaitForFirstConsumer never is before its pod is there.
    """
    phase = (subject.get("status") or {}).get("phase")
    if phase == "Lost":
        return waiting(failed="its volume is lost")
    if phase == "Bound" or on_demand:
        return DONE
    return waiting("not bound to a volume yet")


def definition(subject: Manifest) -> Health:
    """Judge a CustomResourceDefinition: it is established."""
    names = condition_of(subject, "NamesAccepted")
    if names.get("status") == "False":
        return waiting(failed=why(names) or "its names are taken")
    return DONE if is_true(subject, "Established") else waiting("not established yet")


def api_service(subject: Manifest) -> Health:
    """Judge an APIService: its server answers."""
    found = condition_of(subject, "Available")
    return DONE if found.get("status") == "True" else waiting(brief(found) or "not available yet")


def configuration(subject: Manifest) -> Health:
    """Judge a Terraform `Configuration`: its cloud resources are available."""
    applied = (subject.get("status") or {}).get("apply") or {}
    state = str(applied.get("state") or "")
    message = _plain(str(applied.get("message") or ""))
    if state == "Available":
        return DONE
    if state in FAILING:
        return waiting(failed=f"{state}: {message}" if message else state)
    return waiting(f"{state}: {message}" if state in EXPLAINED and message else state)


def _plain(words: str) -> str:
    """Answer what Terraform says without what it draws, blank lines and secrets."""
    lines = redact(DRAWN.sub("", words)).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())
