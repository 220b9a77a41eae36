"""Which fields a status votes on, and with which value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.domain.fields import ADDRESSES, address_of, hotkey_of, kind_of
from shared.domain.reports import Status

HOST_OF = {port: host for host, port in ADDRESSES.items()}
"""Field of a port → field of its IP."""


def value_of(status: Status, name: str) -> Any:
    """What a status says of a field; None where it says nothing usable."""
    if name == "hotkey":
        return hotkey_of(status)
    if name in ADDRESSES or name in HOST_OF:
        address = address_of(status, HOST_OF.get(name, name))
        return address and address[name in HOST_OF]
    value = status.get(name)
    return value if kind_of(name, value) is not None else None


def fields_of(statuses: Iterable[Status]) -> set[str]:
    """The fields on which any of the statuses votes."""
    return {
        name
        for status in statuses
        for name in status
        if name != "uid" and value_of(status, name) is not None
    }
