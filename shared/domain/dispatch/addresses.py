"""Which addresses work may be sent to: an address from a report is a stranger's choice."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

_UNICAST_6 = ipaddress.ip_network("2000::/3")
"""All IPv6 that is assigned to hosts of the internet; what lies outside is local or translated."""
_REFUSED = (
    ipaddress.ip_network("192.0.0.0/24"),  # protocol assignments; Oracle Cloud's metadata
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's metadata, from inside Azure
    ipaddress.ip_network("192.88.99.0/24"),  # relays to 6to4
    ipaddress.ip_network("2001::/32"),  # Teredo and 6to4 stand for an IPv4 address, maybe private
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("3fff::/20"),  # documentation
)
"""What `ipaddress` holds to be global, depending on its version, and a task must not reach."""


def is_assignable(ip: object, port: object, *, allow_private: bool = False) -> bool:
    """Whether work may be sent to this address, the parts as the miner's values have them.

    Global unicast addresses only: no private, loopback, link-local, shared, documentation or
    multicast range, no cloud's metadata, and no IPv6 address that stands for an IPv4 one.
    `allow_private` lets every address pass that names one host.
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
    return allow_private or (address.is_global and _is_on_the_internet(address))


def _is_on_the_internet(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if address.version == 6 and address not in _UNICAST_6:
        return False
    return not any(address in network for network in _REFUSED)
