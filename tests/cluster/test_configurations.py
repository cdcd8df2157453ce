"""How far a Configuration of Terraform's controller is, in the controller's own words and without secrets."""

from datetime import UTC, datetime

import pytest

from bot.cluster.health import health_of
from bot.cluster.port import Health

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ERROR = (
    "\x1b[31m╷\x1b[0m\n\x1b[31m│\x1b[0m \x1b[1m\x1b[31mError: \x1b[0mcreating: password=hunter22 is too short\n"
    "│   with alicloud_db_instance.default,\n╵"
)


def judged(state: str, message: str = "", *, seen: int = 2, applied: int = 2) -> Health:
    subject = {
        "apiVersion": "terraform.core.oam.dev/v1beta2",
        "kind": "Configuration",
        "metadata": {"name": "orders-db-prod", "generation": 2},
        "status": {"observedGeneration": seen, "apply": {"state": state, "message": message}},
    }
    return health_of(subject, applied, [], NOW)


@pytest.mark.parametrize(
    ("state", "message", "note"),
    [
        (
            "ProvisioningAndChecking",
            "Cloud resources are being provisioned",
            "ProvisioningAndChecking",
        ),
        ("ConfigurationReloading", "its variable has changed", "ConfigurationReloading"),
        ("Authorizing", "provider not found", "Authorizing: provider not found"),
        (
            "GeneratingTerraformOutputs",
            "Hit an issue: no namespace",
            "GeneratingTerraformOutputs: Hit an issue: no namespace",
        ),
    ],
)
def test_on_its_way_it_says_its_state(state: str, message: str, note: str) -> None:
    assert judged(state, message) == Health(ready=0, wanted=1, done=False, note=note)


def test_available_is_done_when_it_is_of_what_was_applied() -> None:
    assert judged("Available").done
    assert not judged("Available", seen=1).done
    assert judged("ApplyFailed", "no", seen=1).failed == ""


@pytest.mark.parametrize(
    "state",
    [
        "ApplyFailed",
        "InvalidRegion",
        "TerraformInitError",
        "ConfigurationSpecNotValid",
        "InvalidGitCredentialsSecretReference",
    ],
)
def test_a_failure_is_a_verdict_without_colours_and_secrets(state: str) -> None:
    failed = judged(state, ERROR).failed
    assert failed.splitlines() == [
        f"{state}: Error: creating: password=••• is too short",
        "with alicloud_db_instance.default,",
    ]
