"""How to log in to an API server, and how a kubeconfig says it. Pure but for the files of certificates it names.

A `Login` compares equal to another one that would come to the same, so that credentials which were read anew are known to
be the old ones. Nothing in here shows itself: errors name places, never values.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.cluster.kube.files import Files
from bot.errors import Permanent


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Where an API server is, and who we are to it."""

    server: str
    """Its URL without a slash at the end."""
    authority: bytes = field(default=b"", repr=False)
    """PEM of those who may vouch for it; empty: the system's."""
    insecure: bool = False
    """Whether anybody may pass for it."""
    server_name: str = ""
    proxy: str = field(default="", repr=False)
    authorization: str = field(default="", repr=False)
    """The value of the header: `Bearer …`."""
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)
    plugin: Mapping[str, Any] | None = field(default=None, repr=False)
    """The `exec` of a kubeconfig: a command that brings the rest."""
    provider: Mapping[str, Any] | None = field(default=None, repr=False)
    """The `auth-provider` of an older kubeconfig."""


@dataclass(frozen=True, slots=True)
class Document:
    """One kubeconfig and the folder that its paths are relative to (None: paths are not allowed)."""

    content: Mapping[str, Any]
    folder: Path | None


def of_kubeconfig(documents: Sequence[Document], context: str, files: Files) -> Login:
    """Answer the login of a context (empty: the current one) of one or several kubeconfigs, the first one wins.

    Raises Permanent that says what is missing.
    """
    name = context or next(
        (str(found) for each in documents if (found := each.content.get("current-context"))), ""
    )
    if not name:
        raise Permanent("the kubeconfig has no current context")
    _, chosen = _named(documents, "contexts", "context", name)
    at, cluster = _named(documents, "clusters", "cluster", str(chosen.get("cluster", "")))
    server = str(cluster.get("server") or "").rstrip("/")
    if not server:
        raise Permanent(f"the cluster {chosen.get('cluster')} of the kubeconfig has no server")
    who = str(chosen.get("user") or "")
    by, user = _named(documents, "users", "user", who) if who else (at, {})
    return Login(
        server=server,
        authority=_material(at, cluster, "certificate-authority", files),
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
        server_name=str(cluster.get("tls-server-name") or ""),
        proxy=str(cluster.get("proxy-url") or ""),
        authorization=_authorization(by, user, files),
        certificate=_material(by, user, "client-certificate", files),
        key=_material(by, user, "client-key", files),
        plugin=_plugin(by, user),
        provider=_map(user, "auth-provider"),
    )


def bearer(token: str | bytes) -> str:
    """Answer the header's value for a token; nothing for none. Raises Permanent for what no header takes."""
    text = (token.decode() if isinstance(token, bytes) else token).strip()
    if not text.isprintable():
        raise Permanent("the token has characters that no token has")
    return f"Bearer {text}" if text else ""


def basic(name: str, password: str) -> str:
    """Answer the header's value for a name and a password."""
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


def decoded(text: str, what: str) -> bytes:
    """Decode base64. Raises Permanent that names the place."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Permanent(f"{what} is not base64") from error


def _named(
    documents: Sequence[Document], key: str, part: str, name: str
) -> tuple[Document, Mapping[str, Any]]:
    """Find a named part, in the first document that has it."""
    for document in documents:
        parts = document.content.get(key)
        for each in parts if isinstance(parts, list) else ():
            if isinstance(each, dict) and each.get("name") == name:
                found = each.get(part)
                return document, found if isinstance(found, dict) else {}
    raise Permanent(f"the kubeconfig has no {part} {name}")


def _material(document: Document, given: Mapping[str, Any], key: str, files: Files) -> bytes:
    """Answer a certificate or key that stands there, or in a file."""
    if given.get(f"{key}-data"):
        return decoded(str(given[f"{key}-data"]), f"{key}-data of the kubeconfig")
    return _file(document, str(given[key]), files) if given.get(key) else b""


def _file(document: Document, name: str, files: Files) -> bytes:
    if document.folder is None:
        raise Permanent("it names files, which only a kubeconfig in a file may")
    try:
        path = Path(name).expanduser()
    except RuntimeError as error:
        raise Permanent("it names a file of a user whom this machine does not have") from error
    return files.content(document.folder / path)


def _authorization(document: Document, user: Mapping[str, Any], files: Files) -> str:
    if user.get("tokenFile"):  # it wins, as in kubectl: it is the one that is kept fresh
        return bearer(_file(document, str(user["tokenFile"]), files))
    if user.get("token"):
        return bearer(str(user["token"]))
    if user.get("username") and user.get("password"):
        return basic(str(user["username"]), str(user["password"]))
    return ""


def _plugin(document: Document, user: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Answer the `exec`; a command with a path is relative to its kubeconfig, as in kubectl."""
    found = _map(user, "exec")
    command = str((found or {}).get("command") or "")
    if found is None or document.folder is None or "/" not in command:
        return found
    return {**found, "command": str(document.folder / command)}


def table(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Answer what has keys of its own below a key; nothing for what has none."""
    return _map(given, key) or {}


def _map(user: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    found = user.get(key)
    return found if isinstance(found, dict) else None
