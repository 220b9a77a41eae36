"""Signed requests: btauth/1, byte for byte that of bittensor 11's `http_auth`, and Epistula v2.

Both prove who sent a body and when. Only btauth/1 binds method and path as well.
"""

from __future__ import annotations

import hashlib
import time
import uuid as uuids
from typing import TYPE_CHECKING, Literal

from quorate_client.keys import SCHEMES, SR25519, Keypair, SeedKeypair, hotkey_of

if TYPE_CHECKING:
    from uuid import UUID

Scheme = Literal["btauth", "epistula"]

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
"""What a body is that was posted as a form; goes with the headers that sign it."""

__all__ = [
    "FORM",
    "Keypair",
    "Scheme",
    "SeedKeypair",
    "btauth_payload",
    "epistula_payload",
    "hotkey_of",
    "sign_btauth",
    "sign_epistula",
]


def btauth_payload(  # noqa: PLR0913, PLR0917 - the protocol signs that many things
    keypair: Keypair,
    method: str,
    path_with_query: str,
    body: bytes,
    nonce: int,
    receiver: str | None = None,
) -> bytes:
    """The bytes that a btauth/1 signature covers.

    Raises `ValueError` for a crypto type that the protocol has no name for.
    """
    if keypair.crypto_type not in SCHEMES:
        raise ValueError(f"btauth/1 knows no crypto type {keypair.crypto_type}, only {SCHEMES}")
    lines = (
        "btauth/1",
        SCHEMES[keypair.crypto_type],
        method.upper(),
        path_with_query,
        hashlib.sha256(body).hexdigest(),
        str(nonce),
        keypair.ss58_address,
        receiver or "-",
    )
    return "\n".join(lines).encode()


def sign_btauth(  # noqa: PLR0913 - the protocol signs that many things
    keypair: Keypair,
    method: str,
    path_with_query: str,
    body: bytes,
    *,
    receiver: str | None = None,
    nonce: int | None = None,
) -> dict[str, str]:
    """Headers that sign one request.

    `path_with_query` and `body` exactly as sent; `receiver` is the hotkey of the service, where it
    has one; `nonce` is nanoseconds since 1970, now by default.
    """
    nonce = time.time_ns() if nonce is None else nonce
    signature = keypair.sign(
        btauth_payload(keypair, method, path_with_query, body, nonce, receiver)
    )
    headers = {
        "X-Bittensor-Version": "1",
        "X-Bittensor-Hotkey": keypair.ss58_address,
        "X-Bittensor-Nonce": str(nonce),
        "X-Bittensor-Signature": "0x" + bytes(signature).hex(),
    }
    if keypair.crypto_type != SR25519:
        headers["X-Bittensor-Crypto"] = SCHEMES[keypair.crypto_type]
    if receiver is not None:
        headers["X-Bittensor-Receiver"] = receiver
    return headers


def epistula_payload(body: bytes, uuid: str, timestamp_ms: int, receiver: str | None) -> bytes:
    """The bytes that an Epistula v2 signature covers."""
    digest = hashlib.sha256(body).hexdigest()
    return f"{digest}.{uuid}.{timestamp_ms}.{receiver or ''}".encode()


def sign_epistula(
    keypair: Keypair,
    body: bytes,
    *,
    receiver: str | None,
    uuid: UUID | str | None = None,
    timestamp_ms: int | None = None,
) -> dict[str, str]:
    """Headers that sign one body with Epistula v2; a service accepts them with its `receiver` only.

    `uuid` is random and `timestamp_ms` (milliseconds since 1970) now by default. Raises
    `ValueError` for a key that is not sr25519.
    """
    if keypair.crypto_type != SR25519:
        raise ValueError("Epistula v2 is sr25519 only")
    identifier = str(uuids.uuid4() if uuid is None else uuid)
    timestamp_ms = time.time_ns() // 1_000_000 if timestamp_ms is None else timestamp_ms
    signature = keypair.sign(epistula_payload(body, identifier, timestamp_ms, receiver))
    headers = {
        "Epistula-Version": "2",
        "Epistula-Timestamp": str(timestamp_ms),
        "Epistula-Uuid": identifier,
        "Epistula-Signed-By": keypair.ss58_address,
        "Epistula-Request-Signature": "0x" + bytes(signature).hex(),
    }
    if receiver is not None:
        headers["Epistula-Signed-For"] = receiver
    return headers
