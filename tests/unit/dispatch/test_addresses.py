from __future__ import annotations

import pytest

from shared.domain.dispatch.addresses import is_assignable


@pytest.mark.parametrize("ip", ["93.184.216.34", "2606:4700:4700::1111"])
def test_public_addresses_are_assignable(ip: str) -> None:
    """Global unicast, IPv4 or IPv6."""
    assert is_assignable(ip, 8091)


@pytest.mark.parametrize(
    "ip",
    [
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "203.0.113.7",
        "198.18.0.1",
        "240.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "2001:0:a00:1::1",
    ],
)
def test_addresses_of_no_public_host_are_not_assignable_but_on_local_networks(ip: str) -> None:
    """Private, link-local, shared, reserved, and what a gateway would translate to one of them."""
    assert not is_assignable(ip, 8091)
    assert is_assignable(ip, 8091, allow_private=True)


@pytest.mark.parametrize(
    ("ip", "port"),
    [
        ("0.0.0.0", 8091),  # noqa: S104 - the chain's way to say "no axon"
        ("::", 8091),
        ("255.255.255.255", 8091),
        ("224.0.0.1", 8091),
        ("ff02::1", 8091),
        ("not an address", 8091),
        (None, 8091),
        ("93.184.216.34", None),
        ("93.184.216.34", 0),
        ("93.184.216.34", 65_536),
    ],
)
def test_what_names_no_host_is_never_assignable(ip: object, port: object) -> None:
    """Not on local networks either."""
    assert not is_assignable(ip, port, allow_private=True)
