"""ss58 addresses of the Substrate format with Bittensor's prefix 42.

address = base58(prefix ‖ key ‖ first 2 bytes of blake2b-512("SS58PRE" ‖ prefix ‖ key)).
Only the canonical spelling of an address is accepted, so that a hotkey has exactly one name.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import base58

PREFIX = b"\x2a"
_LONGEST = 48  # 35 bytes in base58
_SHORTEST = 46


class BadAddress(ValueError):  # noqa: N818 - names what is wrong, as the codec errors do
    """Not an ss58 address with prefix 42."""


def encode(public_key: bytes) -> str:
    """The address of a 32-byte public key; raises `BadAddress` at any other length."""
    if len(public_key) != 32:
        raise BadAddress(f"a public key has 32 bytes, not {len(public_key)}")
    payload = PREFIX + public_key
    return base58.b58encode(payload + _checksum(payload)).decode("ascii")


@lru_cache(maxsize=16_384)
def decode(address: str) -> bytes:
    """The 32-byte public key of an address; raises `BadAddress` for everything else."""
    if not (_SHORTEST <= len(address) <= _LONGEST and address.isascii()):
        raise BadAddress("an ss58 address has 46 to 48 base58 characters")
    try:
        raw = base58.b58decode(address)
    except ValueError:
        raise BadAddress("an ss58 address has base58 characters only") from None
    if len(raw) != 35 or raw[:1] != PREFIX:
        raise BadAddress("not an ss58 address of 32 bytes with prefix 42")
    if encode(raw[1:33]) != address:  # also refuses second spellings, such as trailing blanks
        raise BadAddress("the checksum of the ss58 address does not match")
    return raw[1:33]


def _checksum(payload: bytes) -> bytes:
    return hashlib.blake2b(b"SS58PRE" + payload, digest_size=64).digest()[:2]
