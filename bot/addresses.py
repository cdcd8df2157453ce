"""Which addresses steps may call: what `SHIPMATE_ALLOWED_ADDRESSES` says, read and judged. Pure: nothing is resolved here.

An address is judged as it is connected to, after a name was resolved, so that a name cannot come to mean another place
between the look and the call. This machine, its link and where clouds hand out credentials are guarded: a name or a wide
network does not open them, only an entry of their own does. Sources of the guarded addresses: RFC 1122, 3927 and 4291, and the
documentation of each cloud's metadata service.
"""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

SETTING = "SHIPMATE_ALLOWED_ADDRESSES"

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

GUARDED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), what)
    for network, what in (
        ("127.0.0.0/8", "this machine itself"),
        ("::1/128", "this machine itself"),
        ("0.0.0.0/8", "this machine itself"),
        ("::/128", "this machine itself"),
        ("169.254.0.0/16", "link-local, where clouds hand out credentials"),
        ("fe80::/10", "link-local"),
        ("fd00:ec2::254/128", "where a cloud hands out credentials"),
        ("fd00:ec2::23/128", "where a cloud hands out credentials"),
        ("fd20:ce::254/128", "where a cloud hands out credentials"),
        ("100.100.100.200/32", "where a cloud hands out credentials"),
        ("168.63.129.16/32", "where a cloud looks after its machines"),
    )
)
"""What only an entry of its own opens, and what it is."""
LOCAL: tuple[Network, ...] = tuple(
    network for network, what in GUARDED if what == "this machine itself"
)
CARRIERS: tuple[tuple[IPv6Network, int], ...] = (
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("::ffff:0:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("64:ff9b:1::/48"), 0),
    (IPv6Network("2002::/16"), 80),
)
"""Networks whose addresses mean one of IPv4, and by how many bits that one is shifted.

Mapped (RFC 4291), translated without a state (RFC 2765), NAT64 (RFC 6052 and, of one's own, RFC 8215: by 96 bits, as there),
6to4 (RFC 3056).
"""
SHORT = re.compile(r"[0-9a-fx.]+")
"""How addresses of IPv4 look that are not written out: `127.1`, `0x7f.1`, `2130706433`."""
NAME = re.compile(
    r"(?:\*\.)?(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*"
)
EXPECTED = (
    "expected a name (hooks.example.com, *.example.com), an address (10.0.0.7), a network (10.0.0.0/8) or * for all, "
    "each with :PORT if wanted ([fd00::/8]:443)"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is allowed: a name or a network, at one port or at any (0)."""

    name: str = ""
    network: Network | None = None
    port: int = 0

    def names(self, host: str, port: int) -> bool:
        """Say whether a host's name is meant."""
        if not self.name or self.port not in {0, port}:
            return False
        if self.name == "*":
            return True
        if self.name.startswith("*."):
            return host.endswith(self.name[1:])
        return host == self.name

    def holds(self, address: Address, port: int) -> bool:
        """Say whether an address is meant."""
        return self.network is not None and self.port in {0, port} and address in self.network

    def opens(self, guarded: Network) -> bool:
        """Say whether this is an entry of a guarded network's own, no wide one that holds it by chance."""
        mine = self.network
        if isinstance(mine, IPv4Network) and isinstance(guarded, IPv4Network):
            return mine.subnet_of(guarded)
        if isinstance(mine, IPv6Network) and isinstance(guarded, IPv6Network):
            return mine.subnet_of(guarded)
        return False


@dataclass(frozen=True, slots=True)
class Addresses:
    """What may be called. Without entries: everything that is not guarded."""

    entries: tuple[Entry, ...] = field(default=())

    def refusal(self, host: str, address: str, port: int) -> str:
        """Say why `host`, found at `address`, may not be called; empty: it may."""
        host, found = plain(host), meant(address)
        opening = [each for each in self.entries if each.holds(found, port)]
        for network, what in GUARDED:
            if found in network and not any(each.opens(network) for each in opening):
                return f"{_said(host, found)} is {what}; only an entry of its own in {SETTING} allows it"
        if not self.entries or opening or self.allows_name(host, port):
            return ""
        return f"{_said(host, found)} is not among those that {SETTING} allows"

    def refusal_unresolved(self, host: str, port: int) -> str:
        """Say why `host` may not be called by way of a proxy, which resolves it; empty: it may."""
        host = plain(host)
        try:
            return self.refusal(host, written_out(host), port)
        except ValueError:
            pass
        if host == "localhost" or host.endswith(".localhost"):
            return self.refusal(host, "127.0.0.1", port)
        if not self.entries or self.allows_name(host, port):
            return ""
        return f"{host} is not among those that {SETTING} allows"

    def allows_name(self, host: str, port: int) -> bool:
        """Say whether a name is allowed, wherever it leads to that is not guarded."""
        return any(each.names(host, port) for each in self.entries)

    def with_this_machine(self) -> "Addresses":
        """Answer the same, and this machine: for the sandbox, whose receivers are here."""
        mine = self.entries or (Entry(name="*"),)
        return Addresses((*mine, *(Entry(network=each) for each in LOCAL)))


EVERYWHERE = Addresses((Entry(name="*"), *(Entry(network=network) for network, _ in GUARDED)))
"""Every address there is: for what a setting names, and no file."""


def read_addresses(text: str) -> tuple[Addresses, list[str]]:
    """Read a comma-separated list; answer it, and what is wrong with it."""
    entries, problems = [], []
    for each in text.split(","):
        written = each.strip()
        if not written:
            continue
        found = _entry(written)
        if isinstance(found, str):
            problems.append(f"{SETTING}: {written!r} {found}")
        else:
            entries.append(found)
    if text.strip() and not entries and not problems:
        problems.append(f"{SETTING} names nothing; {EXPECTED}")
    return Addresses(tuple(entries)), problems


def plain(host: str) -> str:
    """Answer a host's name as it is compared: small, without the dot of the root and the brackets of IPv6."""
    return host.strip("[]").lower().rstrip(".")


def written_out(host: str) -> str:
    """Answer an address of IPv4 in full, as whoever resolves it reads it; another host as it is."""
    if not SHORT.fullmatch(host):
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return host  # a name made of such letters: `cafe.fade`


def meant(address: str) -> Address:
    """Answer the address that is reached: of IPv6 that stands for IPv4, the latter. Raises ValueError for a name."""
    found = ip_address(address.partition("%")[0])  # a zone names an interface
    if isinstance(found, IPv6Address):
        for network, shift in CARRIERS:
            if found in network:
                return IPv4Address((int(found) >> shift) & 0xFFFFFFFF)
    return found


def _entry(written: str) -> Entry | str:
    """Read one entry, or say what is wrong with it."""
    if "://" in written:
        return f"is a URL; {EXPECTED}"
    host, port = _with_port(written.lower())
    if port is None:
        return "has no port from 1 to 65535 after the colon"
    if host == "*":
        return Entry(name="*", port=port)
    readers: Sequence[Callable[[str], Entry | str | None]] = (
        lambda each: _network(each, port),
        lambda each: Entry(name=plain(each), port=port) if NAME.fullmatch(plain(each)) else None,
    )
    for read in readers:
        found = read(host)
        if found is not None:
            return found
    return f"is nothing that can be allowed; {EXPECTED}"


def _with_port(written: str) -> tuple[str, int | None]:
    """Split `HOST:PORT`; an address of IPv6 with a port stands in brackets. The port is None when it is none."""
    if written.startswith("["):
        host, _, rest = written[1:].partition("]")
        if not rest:
            return host, 0
        text = rest.removeprefix(":") if rest.startswith(":") else ""
    elif written.count(":") == 1:
        host, _, text = written.partition(":")
    else:
        return written, 0
    number = int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 0
    return host, number if 1 <= number <= 65535 else None


def _network(host: str, port: int) -> Entry | str | None:
    """Read an address or a network; None: it is meant to be a name."""
    looks_so = "/" in host or ":" in host or re.fullmatch(r"[0-9.]+", host)
    if not looks_so:
        return None
    try:
        return Entry(network=ip_network(host, strict=True), port=port)
    except ValueError as error:
        return f"is no address and no network: {error}"


def _said(host: str, address: Address) -> str:
    return host if host == str(address) else f"{host} ({address})"
