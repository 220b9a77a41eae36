"""Types of the fields that a request's body may have, and their bounds."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field, Strict
from pydantic_core import PydanticCustomError

from shared import ss58

_GREATEST = 1e15
"""Largest stake, load or capacity: sums over any number of validators stay exact enough."""


@lru_cache(maxsize=16_384)
def _hotkey(address: str) -> str:
    try:
        ss58.decode(address)
    except ss58.BadAddress as error:
        raise PydanticCustomError("hotkey", "{why}", {"why": str(error)}) from None
    return address


@lru_cache(maxsize=16_384)
def _address(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise PydanticCustomError("ip", "Input should be an IPv4 or IPv6 address") from None
    if "%" in text:
        raise PydanticCustomError("ip", "An address with a zone means something on one host only")
    return str(address)


Uid = Annotated[int, Strict(), Field(ge=0, le=65_535)]
Count = Annotated[int, Strict(), Field(ge=0, le=2**53 - 1)]
Port = Annotated[int, Strict(), Field(ge=1, le=65_535)]
Flag = Annotated[bool, Strict()]
Share = Annotated[float, Strict(), Field(ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Strict(), Field(ge=0, le=_GREATEST, allow_inf_nan=False)]
Capacity = Annotated[float, Strict(), Field(ge=1, le=_GREATEST, allow_inf_nan=False)]
Hotkey = Annotated[str, Strict(), AfterValidator(_hotkey)]
Address = Annotated[str, Strict(), Field(max_length=45), AfterValidator(_address)]
ShortText = Annotated[str, Strict(), Field(max_length=64)]
