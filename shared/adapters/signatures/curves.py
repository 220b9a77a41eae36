"""Signatures on the two curves that hotkeys have. Malformed input is a signature that fails."""

from __future__ import annotations

from typing import Literal

import sr25519

Curve = Literal["sr25519", "ed25519"]


def holds(curve: Curve, public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this key (32 bytes) made this signature (64 bytes) of this message."""
    check = _sr25519 if curve == "sr25519" else _ed25519
    return check(public_key, signature, message)


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
