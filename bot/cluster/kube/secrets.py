"""Which login a Secret holds: in Cluster API's, KubeVela's or Argo CD's form. Pure.

Cluster API's `NAME-kubeconfig` has a kubeconfig under `value`; KubeVela's cluster-gateway has `endpoint`, `ca.crt` (or
`ca`), `tls.crt` and `tls.key` or `token`; Argo CD has `server` and a JSON under `config`. One that names a command to
run is refused: who may write a Secret may not therefore run commands here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.cluster.kube.files import Files
from bot.cluster.kube.logins import Document, Login, basic, bearer, decoded, of_kubeconfig, table
from bot.cluster.port import Manifest
from bot.errors import Permanent

KUBECONFIG = ("value", "kubeconfig", "kubeconfig.yaml", "config")
"""The keys under which a kubeconfig is looked for."""
ENDPOINT_TYPE = "cluster.core.oam.dev/cluster-endpoint-type"
"""A label of cluster-gateway's Secrets."""
COMMAND = "it names a command that brings the credentials, which only a kubeconfig in a file may"

Parse = Callable[[str], Mapping[str, Any]]
"""Reads YAML or JSON. Raises Permanent without showing what stands there."""


def of_secret(secret: Manifest, key: str, parse: Parse) -> Login:
    """Answer the login that a Secret holds; of a kubeconfig its current context. Raises Permanent."""
    data = {name: decoded(str(value), name) for name, value in table(secret, "data").items()}
    if key:
        if key not in data:
            raise Permanent(f"it has no key {key} (it has: {', '.join(sorted(data)) or 'none'})")
        return _of_text(data[key], parse)
    if "endpoint" in data:
        return _of_gateway(secret, data)
    if "server" in data:
        return _of_argo(data, parse)
    found = next((each for each in KUBECONFIG if each in data), None)
    if found is None:
        raise Permanent(
            f"it holds no kubeconfig (expected {', '.join(KUBECONFIG[:2])}), "
            f"nor a cluster of KubeVela or Argo CD (it has: {', '.join(sorted(data)) or 'none'})"
        )
    return _of_text(data[found], parse)


def _of_text(content: bytes, parse: Parse) -> Login:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise Permanent("it holds no text") from error
    login = of_kubeconfig([Document(parse(text), None)], "", Files())
    if login.plugin or login.provider:
        raise Permanent(COMMAND)
    return login


def _of_gateway(secret: Manifest, data: Mapping[str, bytes]) -> Login:
    labels = table(table(secret, "metadata"), "labels")
    if labels.get(ENDPOINT_TYPE) == "ClusterProxy":
        raise Permanent("it is reached through a cluster proxy only, which Shipmate cannot use")
    if "exec" in data:
        raise Permanent(COMMAND)
    authority = data.get("ca.crt") or data.get("ca") or b""
    return Login(
        server=data["endpoint"].decode().strip().rstrip("/"),
        authority=authority,
        insecure=not authority,  # as cluster-gateway takes it
        proxy=data.get("proxy-url", b"").decode().strip(),
        authorization=bearer(data.get("token", b"")),
        certificate=data.get("tls.crt", b""),
        key=data.get("tls.key", b""),
    )


def _of_argo(data: Mapping[str, bytes], parse: Parse) -> Login:
    config = parse(data["config"].decode()) if "config" in data else {}
    tls = table(config, "tlsClientConfig")
    token, name = config.get("bearerToken"), config.get("username")
    authorization = bearer(str(token)) if token else ""
    if not authorization and name:
        authorization = basic(str(name), str(config.get("password", "")))
    if config.get("awsAuthConfig") or config.get("execProviderConfig"):
        raise Permanent(COMMAND)
    return Login(
        server=data["server"].decode().strip().rstrip("/"),
        authority=_material(tls, "caData"),
        insecure=bool(tls.get("insecure")),
        server_name=str(tls.get("serverName") or ""),
        proxy=str(config.get("proxyUrl") or ""),
        authorization=authorization,
        certificate=_material(tls, "certData"),
        key=_material(tls, "keyData"),
    )


def _material(tls: Mapping[str, Any], key: str) -> bytes:
    return decoded(str(tls[key]), key) if tls.get(key) else b""
