"""Which addresses work may be sent to: an address from a report is a stranger's choice."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

_TRANSLATED = (
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("2001::/32"),
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("::ffff:0:0/96"),
)
"""IPv6 ranges that stand for an IPv4 address, a private one if the sender likes."""


def is_assignable(ip: object, port: object, *, allow_private: bool = False) -> bool:
    """Whether work may be sent to this address, the parts as the miner's values have them.

    Global unicast addresses only: no private, loopback, link-local, shared, documentation or
    multicast range, and no IPv6 address that a gateway would translate to IPv4. `allow_private`
    lets every address pass that names one host.
    """
    if not isinstance(ip, str) or not isinstance(port, int) or not 1 <= port <= 65_535:
        return False
    return _names_a_host(ip, allow_private)


@lru_cache(maxsize=8192)  # a subnet's addresses are asked about with every assignment
def _names_a_host(ip: str, allow_private: bool) -> bool:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if address.is_multicast or address.is_unspecified or ip == "255.255.255.255":
        return False
    return allow_private or (address.is_global and not _is_translated(address))


def _is_translated(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in network for network in _TRANSLATED if network.version == address.version)
