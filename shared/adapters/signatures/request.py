"""What a signature scheme gets to see of a request, and the checks that all schemes share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from shared import ss58
from shared.adapters.signatures.errors import (
    DuplicatedHeader,
    MalformedSignature,
    StaleRequest,
)

MAX_LEAD = 2.0
"""Seconds that a sender's clock may be ahead."""

LOCKED = 2047
"""Bytes that are hashed without letting go of the interpreter's lock, which costs more than that
while other requests wait for it."""
SHORT = 64 * 1024
"""Bytes of a body up to which it is hashed in such pieces."""
_HEX_SIGNATURE = re.compile(r"(?:0x)?([0-9a-fA-F]{128})")


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it was received."""

    method: str
    targets: tuple[str, ...]
    """Request targets (path with ?query) that the sender may have signed, likeliest first."""
    headers: Mapping[str, str]
    """Header → value, any case; a repeated header's values joined by commas, as WSGI does."""
    body: bytes
    netuid: int
    default_netuid: int

    def body_sha256(self) -> str:
        """Lowercase hex; computed anew at each call."""
        if len(self.body) > SHORT:
            return hashlib.sha256(self.body).hexdigest()
        digest, body = hashlib.sha256(), memoryview(self.body)
        for start in range(0, len(body), LOCKED):
            digest.update(body[start : start + LOCKED])
        return digest.hexdigest()

    def signature_headers(self, prefix: str) -> dict[str, str]:
        """Lower-case name → value of the headers with this prefix (lower case).

        Raises `DuplicatedHeader`: no value of any scheme holds a comma.
        """
        found = {
            lower: value
            for name, value in self.headers.items()
            if (lower := name.lower()).startswith(prefix)
        }
        for name, value in found.items():
            if "," in value:
                raise DuplicatedHeader(f"{name} stands twice")
        return found


@dataclass(frozen=True, slots=True)
class SignatureRules:
    """What the operator decided about signatures."""

    receiver_hotkey: str | None = None
    """Address that requests must be bound to, if any."""
    max_age: float = 120.0
    """Seconds after which a signed request is stale."""


def required(headers: Mapping[str, str], name: str) -> str:
    """A header's value; raises `MalformedSignature` if it is missing or empty."""
    value = headers.get(name, "")
    if not value:
        raise MalformedSignature(f"{name} is missing")
    return value


def public_key(headers: Mapping[str, str], name: str) -> bytes:
    """The key of the address in a header."""
    try:
        return ss58.decode(required(headers, name))
    except ss58.BadAddress as error:
        raise MalformedSignature(f"{name}: {error}") from None


def signature(headers: Mapping[str, str], name: str) -> bytes:
    """The 64 bytes in a header of hex digits."""
    found = _HEX_SIGNATURE.fullmatch(required(headers, name))
    if found is None:
        raise MalformedSignature(f"{name} should be 0x and 128 hex digits")
    return bytes.fromhex(found[1])


def canonical_decimal(headers: Mapping[str, str], name: str, digits: int) -> int:
    """The number in a header: ASCII decimal with exactly one spelling, at most `digits` long."""
    text = required(headers, name)
    if not re.fullmatch(rf"[1-9][0-9]{{0,{digits - 1}}}", text):
        raise MalformedSignature(f"{name} should be a decimal of at most {digits} digits")
    return int(text)


def require_fresh(nanoseconds: int, now: float, max_age: float) -> None:
    """Raise `StaleRequest` unless it was signed within `max_age` back and `MAX_LEAD` ahead."""
    age = (int(now * 1e9) - nanoseconds) / 1e9
    if age > max_age:
        raise StaleRequest(f"signed more than {max_age:g} s ago; check the clock and send again")
    if age < -MAX_LEAD:
        raise StaleRequest(f"signed more than {MAX_LEAD:g} s in the future; check the clock")
