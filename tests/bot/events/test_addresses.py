"""Addresses that Baton calls, and those it does not: as they are written, and as they resolve."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.events.addresses import AddressRefused, PublicResolver, fault_of, is_public


@pytest.mark.parametrize(
    "url",
    [
        "https://tool.example/hook",
        "http://127.0.0.1:9/x",
        "http://localhost/x",
        "https://[::1]/",
        "https://8.8.8.8/",
    ],
)
def test_public_names_over_https_and_this_machine_are_called(url: str) -> None:
    assert fault_of(url, allow_private=False) is None


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://tool.example/hook", "is not https"),
        ("http://10.0.0.5/hook", "is not https"),
        ("https://10.0.0.5/hook", "private address"),
        ("https://169.254.169.254/latest", "private address"),
        ("https://[fd00::1]/", "private address"),
        ("https://[::ffff:192.168.1.1]/", "private address"),
        ("https://user:word@tool.example/", "password"),
    ],
)
def test_others_are_refused_in_words(url: str, says: str) -> None:
    assert says in (fault_of(url, allow_private=False) or "")


def test_a_private_network_may_be_allowed() -> None:
    assert fault_of("https://10.0.0.5/hook", allow_private=True) is None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("172.16.3.4", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
    ],
)
def test_what_an_address_carries_counts(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


class Names(AbstractResolver):
    """Resolves every name to the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in self.addresses
        ]

    async def close(self) -> None:
        """Nothing to close."""


async def test_a_public_name_that_leads_inside_is_refused_when_it_is_called() -> None:
    names = Names("93.184.216.34", "169.254.169.254")
    with pytest.raises(AddressRefused, match=r"tool\.example resolves to a private address \(169"):
        await PublicResolver(names, host="tool.example", allow_private=False).resolve("tool.example", 443)
    allowed = PublicResolver(names, host="tool.example", allow_private=True)
    assert len(await allowed.resolve("tool.example", 443)) == 2


async def test_localhost_may_lead_to_this_machine() -> None:
    resolver = PublicResolver(Names("127.0.0.1"), host="localhost", allow_private=False)
    assert [each["host"] for each in await resolver.resolve("localhost", 80)] == ["127.0.0.1"]
