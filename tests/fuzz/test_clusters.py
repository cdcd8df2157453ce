"""What clusters say, and how to log in to them: refusals of API servers, kubeconfigs and Secrets with credentials."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from bot.catalog.model import SecretKey
from bot.cluster.kube.credentials import InKubeconfig, InSecret, InSetting, Named
from bot.cluster.kube.errors import refusal
from bot.cluster.kube.logins import Login
from bot.cluster.port import Manifest
from bot.errors import Permanent, Temporary
from bot.steps.reaching import of_ingress
from tests.fuzz.anything import JSON, TEXT, bent, fuzzed, spoilt

STATUS: Final[dict[str, Any]] = {
    "kind": "Status",
    "status": "Failure",
    "message": 'Apply failed with 1 conflict: conflict with "hpa": .spec.replicas',
    "reason": "Conflict",
    "details": {
        "name": "web",
        "kind": "deployments",
        "retryAfterSeconds": 3,
        "causes": [
            {
                "reason": "FieldManagerConflict",
                "message": 'conflict with "kubectl" using apps/v1 at 2026-11-26T10:00:00Z',
                "field": ".spec.replicas",
            },
            {"reason": "FieldValueInvalid", "message": "Invalid value: -1", "field": "spec"},
        ],
    },
    "code": 409,
}
CODES: Final = st.one_of(
    st.sampled_from([400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503]), st.integers(400, 599)
)


@fuzzed
@given(
    CODES,
    st.one_of(
        spoilt(STATUS).map(lambda each: json.dumps(each).encode()),
        JSON.map(lambda each: json.dumps(each).encode()),
        st.binary(max_size=100),
    ),
    st.one_of(st.none(), TEXT),
)
@example(503, b"[" * 99_999, "3")
@example(503, b"{}", "²")
@example(503, b"{}", "9" * 400)
@example(503, b'{"details": {"retryAfterSeconds": 1' + b"0" * 400 + b"}}", None)
@example(403, b'{"details": {"causes": [{"reason": []}]}}', None)
@example(422, b'{"details": {"causes": 5}}', None)
def test_a_refusal_is_for_good_or_passes(status: int, raw: bytes, header: str | None) -> None:
    found = refusal("east", "Deployment web", status, raw, header)
    assert str(found)
    if isinstance(found, Temporary) and found.retry_after is not None:
        assert 0 <= found.retry_after < 1e6
    assert len(str(found)) < 2000 + len(raw)


KUBECONFIG: Final[dict[str, Any]] = {
    "current-context": "east",
    "contexts": [{"name": "east", "context": {"cluster": "east", "user": "shipmate"}}],
    "clusters": [
        {
            "name": "east",
            "cluster": {
                "server": "https://east.example:6443/",
                "certificate-authority-data": b64encode(b"ca").decode(),
                "insecure-skip-tls-verify": False,
                "proxy-url": "http://proxy.example",
            },
        }
    ],
    "users": [
        {"name": "shipmate", "user": {"token": "t0ken-that-nobody-may-see", "tokenFile": ""}}
    ],
}
NAMED: Final = "KUBECONFIG"


async def nothing(_: SecretKey) -> Manifest:
    raise Permanent("there is no such Secret")


async def read(source: Any) -> Login | None:
    """Log in; None: it is said why not, and nothing secret with it."""
    named = Named("east", "somewhere", source)
    try:
        with named.named():
            return await named.read()
    except (Permanent, Temporary) as error:
        assert "t0ken" not in str(error)
        return None


@fuzzed
@given(
    st.one_of(
        spoilt(KUBECONFIG).map(json.dumps),
        JSON.map(json.dumps),
        bent(yaml.safe_dump(KUBECONFIG)),
        TEXT,
    )
)
@example(json.dumps({**KUBECONFIG, "contexts": 5}))
@example("[" * 1200)
@example("a: 2026-99-99")
@example("? {a: [b]}\n: c")
@example(
    json.dumps(
        {**KUBECONFIG, "users": [{"name": "shipmate", "user": {"tokenFile": "~nobody-there/x"}}]}
    )
)
@example(json.dumps({**KUBECONFIG, "users": [{"name": "shipmate", "user": {"tokenFile": "\x00"}}]}))
@example(
    json.dumps({**KUBECONFIG, "users": [{"name": "shipmate", "user": {"token": "a\r\nHost: b"}}]})
)
async def test_a_kubeconfig_is_a_login_or_says_why_not(tmp_path: Path, text: str) -> None:
    file = tmp_path / "kubeconfig"
    file.write_bytes(text.encode(errors="replace"))
    for source in (InKubeconfig([file], ""), InSetting(NAMED, lambda _: text)):
        login = await read(source)
        if login is not None:
            assert login.server.startswith(("https://", "http://"))
            assert "t0ken" not in repr(login)
            assert login.authorization.isprintable()


def coded(value: Any) -> str:
    return b64encode(str(value).encode(errors="replace")).decode()


def secret(**data: Any) -> Manifest:
    return {"metadata": {"name": "s"}, "data": {key: coded(each) for key, each in data.items()}}


GATEWAY: Final = secret(**{"endpoint": "https://east.example", "ca.crt": "c", "token": "t"})
ARGO_CONFIG: Final[dict[str, Any]] = {
    "bearerToken": "t0ken",
    "username": "n",
    "password": "p",
    "tlsClientConfig": {"caData": b64encode(b"c").decode(), "insecure": False, "serverName": "x"},
}


@fuzzed
@given(
    st.one_of(
        spoilt(GATEWAY),
        spoilt(ARGO_CONFIG).map(lambda each: secret(server="x", config=json.dumps(each))),
        spoilt(KUBECONFIG).map(lambda each: secret(value=json.dumps(each))),
        st.dictionaries(
            st.sampled_from(["value", "endpoint", "server", "config", "exec", "token"]), TEXT
        ).map(lambda each: secret(**each)),
    )
)
@example(secret(server="x", config=json.dumps({"tlsClientConfig": "no"})))
@example({"metadata": {"name": "s"}, "data": {"server": "/w==", "config": "e30="}})
async def test_a_secret_is_a_login_or_says_why_not(made: Manifest) -> None:
    async def get(_: SecretKey) -> Manifest:
        return made

    key = SecretKey(namespace="fleet", name="s", key="")
    login = await read(InSecret(key, get))
    if login is not None:
        assert login.plugin is None
        assert login.authorization.isprintable()


@pytest.mark.parametrize("command", ["curl", "/bin/sh"])
@pytest.mark.parametrize("where", ["exec", "auth-provider"])
async def test_no_secret_runs_a_command(command: str, where: str) -> None:
    user = {"name": "shipmate", "user": {where: {"command": command, "name": "x"}}}
    made = secret(value=json.dumps({**KUBECONFIG, "users": [user]}))

    async def get(_: SecretKey) -> Manifest:
        return made

    assert await read(InSecret(SecretKey(namespace="fleet", name="s", key=""), get)) is None


@fuzzed
@given(TEXT)
@example("²")
@example("9" * 5000)
@example("0")
@example("8080")
def test_where_an_ingress_listens_is_a_port_or_the_usual_one(said: str) -> None:
    notes = {"ingress.controller/http-port": said, "ingress.controller/host": "shop.example"}
    rule = {"http": {"paths": [{"path": "/"}]}}
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "web", "namespace": "x", "annotations": notes},
        "spec": {"rules": [rule]},
    }
    [found] = of_ingress(ingress, "east")
    assert 0 < found["endpoint"]["port"] < 10**5
