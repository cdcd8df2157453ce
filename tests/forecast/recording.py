"""Records objects of a real API server, with what people did to them: `python -m tests.forecast.recording`.

Needs kubectl and a cluster that KUBECONFIG names (kube-apiserver 1.34 made what is there). Each case is what was sent
last, what happened then, and what is to be sent; the server's answers go into `live/`, a file a case.
"""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

LIVE = Path(__file__).parent / "live"
NAMESPACE = "shipmate-recording"
Object = dict[str, Any]


def deployment(name: str, image: str, **fields: Any) -> Object:
    """Make a Deployment as Shipmate renders one."""
    labels = {"app.oam.dev/name": "shop", "app.oam.dev/component": name}
    container = {"name": name, "image": image, "env": [{"name": "LOG_LEVEL", "value": "info"}]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **fields},
    }


def container(manifest: Object, **changes: Any) -> Object:
    """Change the container of a Deployment."""
    made = copy.deepcopy(manifest)
    made["spec"]["template"]["spec"]["containers"][0].update(changes)
    return made


def plain(kind: str, name: str, **fields: Any) -> Object:
    """Make an object of the core group."""
    metadata = {"name": name, "namespace": NAMESPACE, "labels": {"app.oam.dev/name": "shop"}}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **fields}


WEB = deployment("web", "registry.shop.example/web:v1.4.1", replicas=3)
API = deployment("api", "registry.shop.example/api:v1.4.1", replicas=2)
AUTO = deployment("auto", "registry.shop.example/auto:v1.4.1")
FILE = "log: info\nworkers: 4\ncache:\n  size: 10\n  ttl: 60s\ndatabase: postgres://shop:pa55@db/shop\n"
CONFIG = plain("ConfigMap", "settings", data={"app.yaml": FILE, "mode": "slow", "API_TOKEN": "t1"})
SECRET = plain("Secret", "db", stringData={"password": "hunter2"}, data={"user": "c2hvcA=="})
PORT = {"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}
SERVICE = plain("Service", "web", spec={"selector": {"app": "web"}, "ports": [PORT]})
PROXY = {"name": "proxy", "image": "docker.io/envoyproxy/envoy:v1.31.0", "args": ["--token", "t2"]}


def with_proxy(manifest: Object) -> Object:
    """Add a second container."""
    made = copy.deepcopy(manifest)
    made["spec"]["template"]["spec"]["containers"].append(PROXY)
    return made


def patched(kind: str, name: str, patch: Any, *more: str, how: str = "json") -> list[str]:
    """Answer the arguments of a `kubectl patch`."""
    return ["patch", kind, name, f"--type={how}", "-p", json.dumps(patch), *more]


CASES: dict[str, tuple[Object | None, list[list[str]], Object]] = {
    "nothing": (WEB, [], WEB),
    "a revision": (
        with_proxy(WEB),
        [],
        container(
            WEB,
            image="registry.shop.example/web:v1.4.2",
            env=[{"name": "DEBUG", "value": "1"}, {"name": "LOG_LEVEL", "value": "warn"}],
            command=["serve", "--db-password", "hunter2", "--url=http://dev:pa55@x/"],
        ),
    ),
    "a sidecar": (WEB, [], with_proxy(WEB)),
    "scaled and set": (
        WEB,
        [["scale", "deploy/web", "--replicas=5"], ["set", "env", "deploy/web", "DEBUG=1"]],
        container(WEB, image="registry.shop.example/web:v1.4.2"),
    ),
    "edited": (
        API,
        [
            patched(
                "deploy", "api", [{"op": "remove", "path": "/spec/template/spec/containers/0/env"}]
            ),
            ["set", "image", "deploy/api", "api=registry.shop.example/api:hotfix"],
            ["label", "deploy/api", "team=blue"],
        ],
        container(API, image="registry.shop.example/api:v1.4.2"),
    ),
    "autoscaled": (
        AUTO,
        [
            patched(
                "deploy",
                "auto",
                {"spec": {"replicas": 7}},
                "--subresource=scale",
                "--field-manager=kube-controller-manager",
                how="merge",
            )
        ],
        container(AUTO, image="registry.shop.example/auto:v1.4.2"),
    ),
    "a file": (
        CONFIG,
        [patched("configmap", "settings", {"data": {"mode": "fast", "extra": "x"}}, how="merge")],
        {
            **CONFIG,
            "data": {
                "app.yaml": FILE.replace("workers: 4", "workers: 8").replace("pa55", "pa66"),
                "mode": "slow",
                "API_TOKEN": "t3",
            },
        },
    ),
    "a secret": (
        SECRET,
        [patched("secret", "db", {"stringData": {"password": "other", "more": "x"}}, how="merge")],
        {**SECRET, "data": {"user": "c2hvcDI="}},
    ),
    "a service": (
        SERVICE,
        [],
        {**SERVICE, "spec": {**SERVICE["spec"], "ports": [{**PORT, "port": 8080}]}},
    ),
    "adopted": (None, [], container(WEB, image="registry.shop.example/web:v1.4.2")),
}


def kubectl(*arguments: str, given: Object | None = None, fails: bool = False) -> str:
    """Ask the server."""
    ran = subprocess.run(
        ["kubectl", "-n", NAMESPACE, *arguments],
        input=json.dumps(given) if given else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode and not fails:
        sys.exit(ran.stderr)
    return ran.stderr if fails else ran.stdout


def record(sent: Object | None, happened: list[list[str]], wanted: Object) -> Object:
    """Let a case happen; answer its versions and what the server says of a conflict."""
    kind, name = wanted["kind"], wanted["metadata"]["name"]
    kubectl("delete", kind, name, "--ignore-not-found", "--wait")
    ours = ["apply", "--server-side", "--field-manager=shipmate", "-f", "-"]
    shown = ["-o", "json", "--show-managed-fields"]
    kubectl(*(ours if sent else ["create", "-f", "-"]), given=sent or WEB)
    for each in happened:
        kubectl(*each)
    trying = [*ours, "--dry-run=server", *shown]
    refused = kubectl(*trying, given=wanted, fails=True)
    becomes = kubectl(*trying, "--force-conflicts", given=wanted)
    return {
        "sent": sent,
        "wanted": wanted,
        "live": json.loads(kubectl("get", kind, name, *shown)),
        "becomes": json.loads(becomes),
        "claims": claims(refused),
    }


def claims(said: str) -> list[list[str]]:
    """Read the fields in conflict, each with its manager, out of what the server says."""
    found: list[list[str]] = []
    manager = ""
    for line in said.splitlines():
        named = re.search(r'conflicts? with "([^"]+)"', line)
        manager = named[1] if named else manager
        field = re.search(r"(?:^- |: )(\.\S+)$", line)
        if field and manager:
            found.append([field[1], manager])
    return found


if __name__ == "__main__":
    subprocess.run(["kubectl", "create", "namespace", NAMESPACE], check=False)
    for case, (sent, happened, wanted) in CASES.items():
        text = json.dumps(record(sent, happened, wanted), indent=1)
        (LIVE / f"{case.replace(' ', '-')}.json").write_text(text + "\n", encoding="utf-8")
