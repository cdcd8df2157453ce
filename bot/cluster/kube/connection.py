"""One login made into a client of the official library, which does TLS, proxies and connection pools."""

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config import ConfigException
from kubernetes.aio.config.kube_config import KubeConfigLoader

from bot.cluster.kube.logins import Login
from bot.cluster.kube.plugins import Brought, run_plugin
from bot.errors import Permanent

USER_AGENT = "shipmate"
"""By which an audit log tells our requests; the field manager is called so too."""


class Connection:
    """A client, and the login it was made of. Closed when nobody uses it any more and it is not the newest."""

    def __init__(self, login: Login, expires: datetime | None) -> None:
        """Make the client; it connects at its first request. Raises Permanent for certificates that are none."""
        self.login = login
        self.expires = expires
        self._client = _client(login)
        self._uses = 0
        self._retired = False

    @asynccontextmanager
    async def used(self) -> AsyncIterator[ApiClient]:
        """Give the client; it stays open while inside."""
        self._uses += 1
        try:
            yield self._client
        finally:
            self._uses -= 1
            await self._close_if_idle()

    async def retire(self) -> None:
        """Close it as soon as nobody uses it."""
        self._retired = True
        await self._close_if_idle()

    async def close(self) -> None:
        """Close it now."""
        await self._client.close()
        await asyncio.sleep(0)  # sockets that were let go of end in the next turn of the loop

    async def _close_if_idle(self) -> None:
        if self._retired and self._uses == 0:
            await self.close()


async def completed(login: Login) -> Brought:
    """Answer a login with what its plugin brings. Raises Permanent or Temporary when that brings nothing."""
    if login.plugin is not None:
        return await run_plugin(login)
    if login.provider is not None:
        token = await _of_provider(login.provider)
        return Brought(replace(login, authorization=token, provider=None), None)
    return Brought(login, None)


async def _of_provider(provider: Mapping[str, Any]) -> str:
    """Ask one of the old providers (`oidc`, `gcp`), by the official library."""
    only: dict[str, Any] = {
        "current-context": "only",
        "contexts": [{"name": "only", "context": {"cluster": "only", "user": "only"}}],
        "clusters": [{"name": "only", "cluster": {}}],
        "users": [{"name": "only", "user": {"auth-provider": dict(provider)}}],
    }
    configuration = Configuration()
    try:
        await KubeConfigLoader(only).load_and_set(configuration)
    except (ConfigException, ValueError, KeyError) as error:
        raise Permanent(f"the auth-provider {provider.get('name')} brings no token") from error
    return str(configuration.api_key.get("BearerToken", ""))


def _client(login: Login) -> ApiClient:
    """Make the client. Certificates are read when it is made: their files are gone when this returns."""
    # A watch holds its connection: there are as many as there are kinds and namespaces.
    configuration = Configuration(host=login.server, connection_pool_maxsize=0)
    configuration.verify_ssl = not login.insecure
    # Python 3.13 asks more of a cluster's authority than kubectl does, and than many of them have.
    configuration.disable_strict_ssl_verification = True
    configuration.tls_server_name = login.server_name or None
    configuration.proxy = login.proxy or None
    if login.authorization:
        configuration.api_key["BearerToken"] = login.authorization
    try:
        configuration.ca_cert_data = login.authority.decode() or None
        with tempfile.TemporaryDirectory(prefix="shipmate-") as folder:
            if login.certificate:
                configuration.cert_file = _kept(Path(folder) / "client.crt", login.certificate)
                configuration.key_file = _kept(Path(folder) / "client.key", login.key)
            client = ApiClient(configuration)
    except (ssl.SSLError, ValueError, OSError) as error:
        raise Permanent("its certificates cannot be used") from error
    client.user_agent = USER_AGENT
    return client


def _kept(path: Path, content: bytes) -> str:
    path.touch(mode=0o600)
    path.write_bytes(content)
    return str(path)
