"""What is deployed: as little as can be may be done and written, and every path, port and setting in it is one there is."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.sandbox.server import Sandbox
from bot.settings import read
from tests.patience import PATIENCE
from tests.scenarios.company import ROOT

DEPLOY = ROOT / "deploy"
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OBSERVABILITY = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
VARIANTS = (
    (),
    ("sqlite",),
    ("kubeconfig",),
    ("monitoring",),
    ("sqlite", "kubeconfig", "monitoring"),
)
GROUPS = {"v1": "api/v1"}
UNSERVED = {"ServiceMonitor", "PrometheusRule"}
"""Kinds that an operator brings."""

Object = dict[str, Any]


def of_file(name: str) -> dict[str, Object]:
    found = yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8"))
    return {each["kind"]: each for each in found if each}


def objects() -> dict[str, Object]:
    return of_file("shipmate.yaml")


def pod(of: Object | None = None) -> Object:
    found: Object = (of or objects()["Deployment"])["spec"]["template"]["spec"]
    return found


def built(folder: Path, *variants: str) -> list[Object]:
    """Build a variant, as `kubectl apply -k` does, of a copy in which its line has lost its sign."""
    if shutil.which("kubectl") is None:
        pytest.skip("needs kubectl")
    copy = folder / "deploy"
    shutil.copytree(DEPLOY, copy)
    file = copy / "kustomization.yaml"
    text = file.read_text(encoding="utf-8")
    for each in variants:
        text = text.replace("# components:", "components:")
        assert f"#   - {each} " in text
        text = text.replace(f"#   - {each} ", f"  - {each} ")
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(["kubectl", "kustomize", str(copy)], capture_output=True, check=True)
    return list(yaml.safe_load_all(done.stdout))


def settings_of(container: Object) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container["env"]}


@pytest.mark.kubectl
@pytest.mark.parametrize("variants", VARIANTS, ids=lambda each: "+".join(each) or "as it is")
def test_each_variant_fits_together(variants: tuple[str, ...], tmp_path: Path) -> None:
    found = {each["kind"]: each for each in built(tmp_path, *variants)}
    deployment = found["Deployment"]
    spec, whole = deployment["spec"], pod(deployment)
    [container] = whole["containers"]
    is_restricted(whole)
    settings = settings_of(container)
    assert all(f"`{name}`" in README for name in settings)
    volumes = {each["name"]: each for each in whole["volumes"]}
    assert {each["name"] for each in container["volumeMounts"]} == volumes.keys()
    if "sqlite" in variants:
        # One process at a time has the file.
        assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
        claim = volumes["state"]["persistentVolumeClaim"]["claimName"]
        assert claim == found["PersistentVolumeClaim"]["metadata"]["name"]
        assert "PodDisruptionBudget" not in found
    else:
        assert spec["replicas"] >= 2
        assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        assert found["PodDisruptionBudget"]["spec"]["maxUnavailable"] < spec["replicas"]
    if "kubeconfig" in variants:
        assert not {"ClusterRole", "ClusterRoleBinding"} & found.keys()
        assert not whole["automountServiceAccountToken"]
        mounted = [each["mountPath"] for each in container["volumeMounts"]]
        assert str(Path(settings["KUBECONFIG"]).parent) in mounted
    else:
        assert whole["automountServiceAccountToken"]
    for kind in ("PodDisruptionBudget", "Service", "NetworkPolicy"):
        chosen = found.get(kind, {}).get("spec", {})
        selector = chosen.get("podSelector") or chosen.get("selector") or spec["selector"]
        labels = selector.get("matchLabels", selector)
        assert labels.items() <= spec["template"]["metadata"]["labels"].items()
    assert ("PrometheusRule" in found) == ("monitoring" in variants)


def is_restricted(whole: Object) -> None:
    """Check what the Pod Security Standard `restricted` asks for, and more."""
    [container] = whole["containers"]
    assert whole["securityContext"]["runAsNonRoot"]
    assert whole["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC"} & whole.keys()
    allowed = {"configMap", "emptyDir", "secret", "persistentVolumeClaim"}
    assert all(len(each.keys() & allowed) == 1 for each in whole["volumes"])


def test_it_may_as_little_as_can_be() -> None:
    is_restricted(pod())
    user = re.search(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)
    assert user is not None
    assert pod()["securityContext"]["runAsUser"] == int(user[1])
    labels = of_file("rbac.yaml")["Namespace"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_alerts_are_those_of_the_documentation_and_about_numbers_that_there_are() -> None:
    block = OBSERVABILITY.partition("What to alert on:")[2].split("```")[1].removeprefix("yaml")
    documented = {each["alert"]: each["expr"] for each in yaml.safe_load(block)}
    [group] = of_file("monitoring/prometheus.yaml")["PrometheusRule"]["spec"]["groups"]
    alerts = {each["alert"]: each["expr"] for each in group["rules"]}
    assert alerts.items() <= documented.items()
    assert documented.keys() - alerts.keys() == {"ShipmateNotReady"}
    for expr in alerts.values():
        for name in re.findall(r"shipmate_\w+", expr):
            assert f"`{re.sub('_(bucket|count|sum)$', '', name)}`" in OBSERVABILITY
    assert all(each["annotations"]["summary"] for each in group["rules"])


def test_what_is_let_in_and_out_is_what_is_listened_on_and_called() -> None:
    policy = objects()["NetworkPolicy"]["spec"]
    [container] = pod()["containers"]
    ports = {each["name"] for each in container["ports"]}
    assert {each["port"] for rule in policy["ingress"] for each in rule["ports"]} == ports
    assert {53, 443, 5432, 6443} <= {each["port"] for each in policy["egress"][0]["ports"]}


def test_a_token_that_does_not_end_is_made_only_by_who_wants_one() -> None:
    assert "Secret" not in of_file("rbac.yaml")
    assert of_file("token.yaml")["Secret"]["type"] == "kubernetes.io/service-account-token"


def test_what_it_asks_for_is_there() -> None:
    [container] = pod()["containers"]
    probes = [container[f"{each}Probe"]["httpGet"] for each in ("startup", "liveness", "readiness")]
    assert [each["path"].partition("?")[0] for each in probes] == [
        "/healthz",
        "/healthz",
        "/readyz",
    ]
    settings = settings_of(container)
    assert all(f"`{name}`" in README for name in settings)
    http = read(settings).http
    assert http is not None
    assert {each["name"]: each["containerPort"] for each in container["ports"]} == {
        "http": http.port
    }
    mounted = {each["mountPath"] for each in container["volumeMounts"]}
    assert {settings["SHIPMATE_STATE"], settings["SHIPMATE_WORKFLOWS"]} < mounted
    account = of_file("rbac.yaml")["ServiceAccount"]["metadata"]["name"]
    assert pod()["serviceAccountName"] == account


def test_the_image_has_what_is_copied_and_what_is_set() -> None:
    lines = [each for each in (ROOT / ".dockerignore").read_text().splitlines() if each[:1] != "#"]
    assert lines[0] == "*", "state, secrets and all else is left out first"
    allowed = {each[1:] for each in lines if each[:1] == "!"}
    build = DOCKERFILE.rpartition("\nFROM ")[0]
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", build, re.MULTILINE)
        for name in line.split()[:-1]
    }
    assert copied == allowed
    assert all((ROOT / each).exists() for each in copied)
    settings = dict(re.findall(r"\b(SHIPMATE_\w+)=(\S+)", DOCKERFILE))
    assert all(f"`{name}`" in README for name in settings)
    assert read(settings).workflows == Path("/etc/shipmate/workflows")


@pytest.mark.kubectl
async def test_an_api_server_takes_all_of_it(sandbox: Sandbox, tmp_path: Path) -> None:
    base = f"{sandbox.url}/clusters/east"
    found = built(tmp_path, "sqlite", "monitoring")
    for name in ("shipmate.yaml", "token.yaml", "control-cluster.yaml"):
        found += of_file(name).values()
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE) as client:
        for each in found:
            if each["kind"] in UNSERVED:
                continue
            version, plural = each["apiVersion"], plural_of(each["kind"])
            path = f"/{GROUPS.get(version, f'apis/{version}')}"
            if "namespace" in each["metadata"]:
                path += f"/namespaces/{each['metadata']['namespace']}"
            answer = await client.patch(
                f"{path}/{plural}/{each['metadata']['name']}",
                content=yaml.safe_dump(each),
                params={"fieldValidation": "Strict", "fieldManager": "test", "force": "true"},
                headers={"Content-Type": "application/apply-patch+yaml"},
            )
            assert answer.status_code in {200, 201}, answer.text


def plural_of(kind: str) -> str:
    name = kind.lower()
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
