"""What is deployed: as little as can be may be done and written, and every path, port and setting in it is one there is."""

import re
from pathlib import Path
from typing import Any

import httpx
import yaml

from bot.sandbox.server import Sandbox
from bot.settings import read
from tests.patience import PATIENCE
from tests.scenarios.company import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
TEXT = (ROOT / "deploy" / "shipmate.yaml").read_text(encoding="utf-8")


def objects() -> dict[str, Any]:
    return {each["kind"]: each for each in yaml.safe_load_all(TEXT) if each}


def pod() -> dict[str, Any]:
    found: dict[str, Any] = objects()["Deployment"]["spec"]["template"]["spec"]
    return found


def test_it_may_as_little_as_can_be() -> None:
    [container] = pod()["containers"]
    assert pod()["securityContext"]["runAsNonRoot"]
    assert pod()["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    user = re.search(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)
    assert user is not None
    assert pod()["securityContext"]["runAsUser"] == int(user[1])


def test_what_it_asks_for_is_there() -> None:
    [container] = pod()["containers"]
    probes = [container[f"{each}Probe"]["httpGet"] for each in ("startup", "liveness", "readiness")]
    assert [each["path"].partition("?")[0] for each in probes] == [
        "/healthz",
        "/healthz",
        "/readyz",
    ]
    settings = {each["name"]: each["value"] for each in container["env"]}
    assert all(f"`{name}`" in README for name in settings)
    http = read(settings).http
    assert http is not None
    assert {each["name"]: each["containerPort"] for each in container["ports"]} == {
        "http": http.port
    }
    mounted = {each["mountPath"] for each in container["volumeMounts"]}
    assert {settings["SHIPMATE_STATE"], settings["SHIPMATE_WORKFLOWS"]} < mounted
    rbac = list(yaml.safe_load_all((ROOT / "deploy" / "rbac.yaml").read_text(encoding="utf-8")))
    accounts = [each["metadata"]["name"] for each in rbac if each["kind"] == "ServiceAccount"]
    assert pod()["serviceAccountName"] in accounts


def test_one_process_at_a_time_has_the_file() -> None:
    deployment = objects()["Deployment"]["spec"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})


def test_the_image_has_what_is_copied_and_what_is_set() -> None:
    allowed = {
        each[1:] for each in (ROOT / ".dockerignore").read_text().splitlines() if each[:1] == "!"
    }
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


async def test_an_api_server_takes_it(sandbox: Sandbox) -> None:
    base = f"{sandbox.url}/clusters/east"
    paths = {"Deployment": "apis/apps/v1", "Service": "api/v1", "PersistentVolumeClaim": "api/v1"}
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE) as client:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shipmate"}}
        assert (await client.post("/api/v1/namespaces", json=namespace)).status_code == 201
        for kind, each in objects().items():
            path = f"/{paths[kind]}/namespaces/shipmate/{kind.lower()}s"
            answer = await client.post(path, json=each, params={"fieldValidation": "Strict"})
            assert answer.status_code == 201, answer.text
