"""Where steps may connect to: names are resolved here, each address is judged, and what was judged is what is connected to.

Whoever answers for a name cannot have it mean one address to the judge and another one to the call. The name stays what TLS
checks and what the request says. A proxy of the environment (`HTTPS_PROXY` …) is used as everywhere; it resolves names itself,
so that there only names and written-out addresses are judged here, and the rest is the proxy's to refuse.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

import httpcore
import httpx
from typing_extensions import override

from bot.addresses import Addresses
from bot.errors import Permanent, Temporary

LEAST = 2.0
"""Seconds for one of several addresses of a name."""
MOST = 100
"""Calls at once: as httpx has it, for the pool below it has room for ten only."""


class Egress:
    """The way out for steps."""

    def __init__(self, addresses: Addresses, proxies: Mapping[str, str] | None = None) -> None:
        """`proxies`: URLs by scheme (`http`, `https`, `all`), and under `no` what is called without one."""
        self._addresses = addresses
        self._proxies = proxies or {}

    async def resolve(self, host: str, port: int) -> list[str]:
        """Answer the addresses of a host that may be connected to.

        Raises Permanent when there are none but refused ones, Temporary when the name cannot be resolved.
        """
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:  # the latter for a name that can be none
            raise Temporary(f"{host} cannot be resolved") from error
        given = list(dict.fromkeys(str(each[4][0]) for each in found))
        refusals = {each: self._addresses.refusal(host, each, port) for each in given}
        allowed = [each for each in given if not refusals[each]]
        if not allowed:
            raise Permanent(f"it may not be called: {refusals[given[0]]}")
        return allowed

    async def connect(self, host: str, port: int) -> socket.socket:
        """Connect to the first address of a host that answers. Raises as `resolve`, and OSError."""
        loop, failed = asyncio.get_running_loop(), OSError(f"{host} has no address")
        for address in await self.resolve(host, port):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            made = socket.socket(family, socket.SOCK_STREAM)
            made.settimeout(0)  # to be waited for on the event loop
            try:
                await loop.sock_connect(made, (address, port))
            except OSError as error:
                made.close()
                failed = error
            except asyncio.CancelledError:
                made.close()
                raise
            else:
                return made
        raise failed

    def proxy_for(self, url: httpx.URL) -> str:
        """Answer the proxy by way of which a URL is called; empty: it is called directly."""
        if any(_is_meant(each, url.host) for each in self._proxies.get("no", "").split(",")):
            return ""
        return self._proxies.get(url.scheme, "") or self._proxies.get("all", "")

    def check_by_name(self, host: str, port: int) -> None:
        """Judge a host that a proxy resolves. Raises Permanent."""
        refusal = self._addresses.refusal_unresolved(host, port)
        if refusal:
            raise Permanent(f"it may not be called: {refusal}")

    async def check(self, url: str) -> None:
        """Judge a URL as a call would, and call nothing. Raises Permanent; Temporary when its name cannot be resolved."""
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise Permanent("the URL cannot be read") from error
        host, port = _asked(parsed), port_of(parsed)
        if self.proxy_for(parsed):
            self.check_by_name(host, port)
        else:
            await self.resolve(host, port)


def _is_meant(written: str, host: str) -> bool:
    """Say whether an entry of `NO_PROXY` means a host: `*`, a name and all below it, an address or a network."""
    name = written.strip().lower().removeprefix("*.").lstrip(".")
    if name in {"*", host}:
        return True
    try:
        return ip_address(host) in ip_network(name)
    except ValueError:
        return bool(name) and host.endswith(f".{name}")


def _asked(url: httpx.URL) -> str:
    """Answer the host of a URL as it is asked for: names beyond ASCII as DNS has them (`xn--…`)."""
    return url.raw_host.decode("ascii")


def port_of(url: httpx.URL) -> int:
    """Answer the port that a URL means."""
    return url.port or (443 if url.scheme == "https" else 80)


class EgressTransport(httpx.AsyncBaseTransport):
    """Carries httpx's requests out by an `Egress`."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._tls = httpx.create_ssl_context()
        self._direct = _Direct(egress, self._tls)
        self._proxied: dict[str, httpx.AsyncHTTPTransport] = {}

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        proxy = self._egress.proxy_for(request.url)
        if not proxy:
            return await self._direct.handle_async_request(request)
        self._egress.check_by_name(_asked(request.url), port_of(request.url))
        if proxy not in self._proxied:
            self._proxied[proxy] = httpx.AsyncHTTPTransport(verify=self._tls, proxy=proxy)
        return await self._proxied[proxy].handle_async_request(request)

    @override
    async def aclose(self) -> None:
        for each in (self._direct, *self._proxied.values()):
            await each.aclose()


class _Direct(httpx.AsyncHTTPTransport):
    """httpx's own transport on a pool of ours; it gets nothing else, so that there is no way past the judge."""

    def __init__(self, egress: Egress, tls: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=MOST,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=_Judging(egress),
        )


class _Judging(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were judged."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._below = httpcore.AnyIOBackend()

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._egress.resolve(host, port)
        each_has = None if timeout is None else max(LEAST, timeout / len(addresses))
        failed: httpcore.NetworkError | httpcore.TimeoutException = httpcore.ConnectError(host)
        for address in addresses:
            try:
                return await self._below.connect_tcp(
                    address, port, each_has, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    @override
    async def sleep(self, seconds: float) -> None:
        await self._below.sleep(seconds)
