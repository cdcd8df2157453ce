"""Credential plugins of a kubeconfig (`exec`): a command is run and prints an ExecCredential."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from kubernetes.aio.config.config_exception import ConfigException
from kubernetes.aio.config.exec_provider import ExecProvider
from kubernetes.aio.config.kube_config import ConfigNode

from bot.cluster.kube.logins import Login, bearer
from bot.errors import Permanent, Temporary

LONGEST = 30.0
"""Seconds that a plugin may take."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a plugin printed."""

    login: Login = field(repr=False)
    expires: datetime | None
    """None: it does not say."""


async def run_plugin(login: Login) -> Brought:
    """Complete a login by its plugin. Raises Permanent for a command that cannot be run, Temporary when it fails.

    What the command writes to standard error is shown in no message: it may hold secrets.
    """
    assert login.plugin is not None
    name = login.plugin.get("command")
    try:
        provider = ExecProvider(ConfigNode("exec", dict(login.plugin)))
        process = await asyncio.create_subprocess_exec(
            *map(str, provider.args),
            env={**provider.env, "KUBERNETES_EXEC_INFO": _asked(login, provider.api_version)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except ConfigException as error:
        raise Permanent("its exec has no command or no apiVersion") from error
    except OSError as error:
        raise Permanent(f"the credential plugin {name} cannot be run: {error.strerror}") from error
    try:
        async with asyncio.timeout(LONGEST):
            printed, _ = await process.communicate()
    except TimeoutError as error:
        raise Temporary(f"the credential plugin {name} did not answer for {LONGEST:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise Temporary(f"the credential plugin {name} ended with code {process.returncode}")
    return _brought(login, name, printed)


def _asked(login: Login, api_version: str) -> str:
    """Answer what the plugin is told; its cluster too when it is to know it."""
    spec: dict[str, Any] = {"interactive": False}
    if login.plugin and login.plugin.get("provideClusterInfo"):
        spec["cluster"] = {"server": login.server}
    return json.dumps({"apiVersion": api_version, "kind": "ExecCredential", "spec": spec})


def _brought(login: Login, name: Any, printed: bytes) -> Brought:
    try:
        found = json.loads(printed)
        status: Mapping[str, Any] = found["status"]
        stamp = status.get("expirationTimestamp")
        return Brought(
            login=replace(
                login,
                authorization=bearer(str(status.get("token") or "")) or login.authorization,
                certificate=str(status.get("clientCertificateData") or "").encode()
                or login.certificate,
                key=str(status.get("clientKeyData") or "").encode() or login.key,
                plugin=None,
            ),
            expires=_moment(str(stamp)) if stamp else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Permanent(f"the credential plugin {name} printed no ExecCredential") from error


def _moment(text: str) -> datetime:
    """Read when something runs out; without a zone it is UTC. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
