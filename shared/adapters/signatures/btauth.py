"""`btauth/1`: the signed requests of Bittensor's SDK 11 (`bittensor.http_auth`).

Signed bytes, UTF-8, joined by newlines: `btauth/1`, curve, METHOD, target as sent, hex SHA-256 of
the body, nonce in nanoseconds, sender, receiver or `-`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.adapters.signatures import curves
from shared.adapters.signatures.errors import BadSignature, MalformedSignature, WrongReceiver
from shared.adapters.signatures.request import (
    SignatureRules,
    SignedRequest,
    canonical_decimal,
    public_key,
    require_fresh,
    required,
    signature,
)
from shared.service.ports import Verified

PREFIX = "x-bittensor-"
VERSION = f"{PREFIX}version"
HOTKEY = f"{PREFIX}hotkey"
RECEIVER = f"{PREFIX}receiver"
NONCE = f"{PREFIX}nonce"
CRYPTO = f"{PREFIX}crypto"
SIGNATURE = f"{PREFIX}signature"
_KEPT = (VERSION, HOTKEY, RECEIVER, NONCE, CRYPTO, SIGNATURE)


@dataclass(frozen=True, slots=True)
class _Claim:
    curve: curves.Curve
    hotkey: str
    public_key: bytes
    receiver: str | None
    nonce: int
    signature: bytes


def verify(
    request: SignedRequest, headers: Mapping[str, str], rules: SignatureRules, now: float
) -> Verified:
    """Check shape, receiver, freshness and signature, in this order.

    Raises a `SignatureError`. Replays are the business of whoever stores the nonce.
    """
    claim = _read(headers)
    _require_receiver(claim.receiver, rules.receiver_hotkey)
    require_fresh(claim.nonce, now, rules.max_age)
    body_sha256 = request.body_sha256()
    target = _signed_target(claim, request, body_sha256)
    return Verified(
        scheme=f"btauth/1 {claim.curve}",
        hotkey=claim.hotkey,
        nonce=str(claim.nonce),
        signed_at=claim.nonce / 1e9,
        body=request.body,
        body_sha256=body_sha256,
        kept={
            **{name: headers[name] for name in _KEPT if name in headers},
            "method": request.method,
            "target": target,
        },
    )


def signed_bytes(  # noqa: PLR0913 - the protocol's eight lines
    *,
    curve: str,
    method: str,
    target: str,
    body_sha256: str,
    nonce: int,
    sender: str,
    receiver: str | None,
) -> bytes:
    """The bytes that a sender signs."""
    lines = ("btauth/1", curve, method.upper(), target, body_sha256, str(nonce), sender)
    return "\n".join((*lines, receiver or "-")).encode()


def _read(headers: Mapping[str, str]) -> _Claim:
    if required(headers, VERSION) != "1":
        raise MalformedSignature(f"{VERSION} should be 1")
    if RECEIVER in headers:
        public_key(headers, RECEIVER)
    return _Claim(
        curve=_curve(headers.get(CRYPTO, "sr25519")),
        hotkey=required(headers, HOTKEY),
        public_key=public_key(headers, HOTKEY),
        receiver=headers.get(RECEIVER),
        nonce=canonical_decimal(headers, NONCE, digits=19),
        signature=signature(headers, SIGNATURE),
    )


def _curve(name: str) -> curves.Curve:
    if name == "sr25519":
        return "sr25519"
    if name == "ed25519":
        return "ed25519"
    raise MalformedSignature(f"{CRYPTO} should be sr25519 or ed25519")


def _require_receiver(receiver: str | None, expected: str | None) -> None:
    if expected is None or receiver == expected:
        return
    raise WrongReceiver(f"{RECEIVER} should name this receiver: {expected}")


def _signed_target(claim: _Claim, request: SignedRequest, body_sha256: str) -> str:
    for target in request.targets:
        message = signed_bytes(
            curve=claim.curve,
            method=request.method,
            target=target,
            body_sha256=body_sha256,
            nonce=claim.nonce,
            sender=claim.hotkey,
            receiver=claim.receiver,
        )
        if curves.holds(claim.curve, claim.public_key, claim.signature, message):
            return target
    raise BadSignature(
        "the signature is not this hotkey's for this method, path, query, body and nonce"
    )
