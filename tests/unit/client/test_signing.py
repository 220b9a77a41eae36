"""Our signer against the official one's golden vectors, and what it refuses to sign."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import sr25519
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from quorate_client.keys import ED25519, SR25519, SeedKeypair
from quorate_client.signing import btauth_payload, sign_btauth, sign_epistula

VECTORS = sorted((Path(__file__).parents[2] / "vectors" / "btauth").glob("*.json"))
SEED = bytes(range(32))


@pytest.fixture(params=VECTORS, ids=lambda path: path.stem)
def vector(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One request as bittensor 11 signed it."""
    content: dict[str, Any] = json.loads(request.param.read_text("utf-8"))
    return content


def keypair_of(vector: dict[str, Any]) -> SeedKeypair:
    return SeedKeypair.from_seed(
        vector["seed"], SR25519 if vector["scheme"] == "sr25519" else ED25519
    )


def is_signature_of(keypair: SeedKeypair, payload: bytes, signature: str) -> bool:
    raw = bytes.fromhex(signature.removeprefix("0x"))
    if keypair.crypto_type == SR25519:
        return bool(sr25519.verify(raw, payload, keypair.public_key))
    try:
        Ed25519PublicKey.from_public_bytes(keypair.public_key).verify(raw, payload)
    except InvalidSignature:
        return False
    return True


def signed(vector: dict[str, Any]) -> dict[str, str]:
    return sign_btauth(
        keypair_of(vector),
        vector["method"],
        vector["path"],
        vector["body"].encode(),
        receiver=vector["receiver"],
        nonce=int(vector["nonce"]),
    )


def test_there_are_vectors_of_both_schemes() -> None:
    """The golden files are found, so the tests below compare something."""
    schemes = {json.loads(path.read_text("utf-8"))["scheme"] for path in VECTORS}

    assert {"sr25519", "ed25519"} == schemes


def test_the_payload_is_the_official_one_byte_for_byte(vector: dict[str, Any]) -> None:
    """What we sign is what bittensor 11 signs."""
    payload = btauth_payload(
        keypair_of(vector),
        vector["method"],
        vector["path"],
        vector["body"].encode(),
        int(vector["nonce"]),
        vector["receiver"],
    )

    assert vector["payload"].encode() == payload


def test_the_headers_are_the_official_ones(vector: dict[str, Any]) -> None:
    """Names and values agree, but for the signature, which sr25519 makes anew each time."""
    ours, official = signed(vector), vector["headers"]
    if vector["scheme"] == "sr25519":
        ours, official = (
            {k: v for k, v in h.items() if k != "X-Bittensor-Signature"} for h in (ours, official)
        )

    assert official == ours


def test_both_signatures_verify_under_the_senders_key(vector: dict[str, Any]) -> None:
    """Ours and the official signature cover the same payload."""
    keypair, payload = keypair_of(vector), vector["payload"].encode()
    given = [h["X-Bittensor-Signature"] for h in (signed(vector), vector["headers"])]
    verdicts = [is_signature_of(keypair, payload, signature) for signature in given]

    assert [True, True] == verdicts


def test_a_later_request_has_a_greater_nonce() -> None:
    """Without a given nonce the clock's nanoseconds order requests."""
    keypair = SeedKeypair(SEED)
    first, second = (sign_btauth(keypair, "POST", "/", b"")["X-Bittensor-Nonce"] for _ in range(2))

    assert int(first) < int(second)


def test_an_unknown_crypto_type_is_not_signed_for() -> None:
    """A key whose scheme btauth/1 has no name for is refused before it signs."""
    keypair = SeedKeypair(SEED)
    keypair.crypto_type = 2

    with pytest.raises(ValueError, match="no crypto type 2"):
        sign_btauth(keypair, "POST", "/", b"")


def test_epistula_signs_digest_uuid_time_and_receiver() -> None:
    """The signature covers the four parts of version 2 in their order."""
    keypair = SeedKeypair(SEED)
    headers = sign_epistula(keypair, b"{}", receiver="5R", uuid="u-1", timestamp_ms=7)
    signature = bytes.fromhex(headers.pop("Epistula-Request-Signature").removeprefix("0x"))
    payload = f"{hashlib.sha256(b'{}').hexdigest()}.u-1.7.5R".encode()

    assert sr25519.verify(signature, payload, keypair.public_key)
    assert {
        "Epistula-Version": "2",
        "Epistula-Timestamp": "7",
        "Epistula-Uuid": "u-1",
        "Epistula-Signed-By": keypair.ss58_address,
        "Epistula-Signed-For": "5R",
    } == headers


def test_epistula_without_a_receiver_signs_an_empty_one() -> None:
    """No receiver leaves the header out and the last part empty."""
    keypair = SeedKeypair(SEED)
    headers = sign_epistula(keypair, b"", receiver=None, uuid="u", timestamp_ms=7)
    signature = bytes.fromhex(headers["Epistula-Request-Signature"].removeprefix("0x"))
    payload = f"{hashlib.sha256(b'').hexdigest()}.u.7.".encode()

    assert sr25519.verify(signature, payload, keypair.public_key)
    assert "Epistula-Signed-For" not in headers


def test_epistula_takes_no_ed25519_key() -> None:
    """The protocol has no place for another scheme."""
    with pytest.raises(ValueError, match="sr25519 only"):
        sign_epistula(SeedKeypair(SEED, ED25519), b"", receiver=None)
