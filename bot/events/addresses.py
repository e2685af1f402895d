"""Which addresses Baton calls: public ones over https, or this very machine.

A name is resolved for each connection and what it resolves to is checked then, so that a name that changes
its address gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult

Address = IPv4Address | IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address within
_LOOPBACK_NAME = "localhost"
ALLOW: Final = "set allow_private = true to call it anyway"
"""What to do where a private address is meant."""


class AddressRefused(OSError):
    """An address that Baton does not call, in words."""


def fault_of(
    url: str, *, allow_private: bool, secure: str = "https", plain: str = "http", remedy: str = ALLOW
) -> str | None:
    """What is wrong with the address as it is written, and what to do; None if nothing is.

    `remedy` is for a private one. `secure` is its scheme with encryption, `plain` the one without, which only
    this machine is called by.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != secure and not (parts.scheme == plain and is_loopback(host)):
        return f"is not {secure}; only this machine itself is called without it."
    if parts.username or parts.password:
        return "has a password in it; give the secret by secret_env."
    literal = _literal(host)
    if literal is not None and not is_loopback(host) and not allow_private and not is_public(literal):
        return f"is a private address ({host}); {remedy}."
    return None


def is_loopback(host: str) -> bool:
    """Whether a host, as written, is this very machine."""
    literal = _literal(host)
    return host == _LOOPBACK_NAME or (literal is not None and literal.is_loopback)


def is_public(address: Address) -> bool:
    """Whether anybody in the world would reach the same host: not private, link-local, or a cloud's metadata.

    Addresses that carry another (mapped, 6to4, NAT64) are judged by that.
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses any that leads, also among others, to an address that is not public."""

    def __init__(
        self, resolver: AbstractResolver, *, host: str, allow_private: bool, remedy: str = ALLOW
    ) -> None:
        self._resolver, self._remedy = resolver, remedy
        self._any = allow_private or is_loopback(host)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises OSError, and AddressRefused if one of them is not public."""
        found = await self._resolver.resolve(host, port, family)
        if not self._any and (private := _first_private(entry["host"] for entry in found)):
            raise AddressRefused(f"{host} resolves to a private address ({private}); {self._remedy}")
        return found

    async def close(self) -> None:
        """Let go of the resolver."""
        await self._resolver.close()


def _first_private(hosts: Iterable[str]) -> str | None:
    return next((each for each in hosts if not is_public(ipaddress.ip_address(each.split("%")[0]))), None)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
