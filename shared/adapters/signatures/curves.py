"""Signatures on the two curves that hotkeys have. Malformed input is a signature that fails.

So does a key that is nobody's: for the neutral element of either curve, and for the other points
of small order of ed25519, anyone can write signatures of any message, and anyone can register such
32 bytes as a hotkey. sr25519 lives in a group of prime order, which has no other such points.
"""

from __future__ import annotations

from typing import Literal

import sr25519

Curve = Literal["sr25519", "ed25519"]

_NEUTRAL = bytes(32)
_PRIME = 2**255 - 19
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = frozenset({0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8})
"""The y of the eight points whose order divides 8."""


def holds(curve: Curve, public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this key (32 bytes) made this signature (64 bytes) of this message.

    False for a key whose signatures anyone can make.
    """
    check = _sr25519 if curve == "sr25519" else _ed25519
    return not is_weak(curve, public_key) and check(public_key, signature, message)


def is_weak(curve: Curve, public_key: bytes) -> bool:
    """Whether these 32 bytes are a point of small order, or one that is not spelled canonically."""
    if curve == "sr25519":
        return public_key == _NEUTRAL
    y = int.from_bytes(public_key, "little") & (2**255 - 1)  # the highest bit is the sign of x
    return y >= _PRIME or y in _SMALL_ORDER


def _sr25519(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        return bool(sr25519.verify(signature, message, public_key))
    except ValueError:  # not a point of the curve, not a schnorrkel signature
        return False


def _ed25519(public_key: bytes, signature: bytes, message: bytes) -> bool:
    # Few hotkeys are of this kind, so that most instances never load what checks them.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - see above
        Ed25519PublicKey,
    )

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True
