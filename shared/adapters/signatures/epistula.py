"""Epistula v2, as several subnets sign: `sha256hex(body).uuid.timestamp.signed_for`, sr25519.

It binds neither method nor path, so it counts only where the receiver and the subnet cannot be
mistaken.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from shared.adapters.signatures import curves
from shared.adapters.signatures.errors import (
    BadSignature,
    MalformedSignature,
    SchemeNotAccepted,
    WrongReceiver,
)
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

PREFIX = "epistula-"
VERSION = f"{PREFIX}version"
TIMESTAMP = f"{PREFIX}timestamp"
UUID = f"{PREFIX}uuid"
SIGNED_BY = f"{PREFIX}signed-by"
SIGNED_FOR = f"{PREFIX}signed-for"
SIGNATURE = f"{PREFIX}request-signature"
_KEPT = (VERSION, TIMESTAMP, UUID, SIGNED_BY, SIGNED_FOR, SIGNATURE)


def verify(
    request: SignedRequest, headers: Mapping[str, str], rules: SignatureRules, now: float
) -> Verified:
    """Check whether Epistula counts here, then shape, receiver, freshness and signature.

    Raises a `SignatureError`. The nonce is the timestamp in nanoseconds and the UUID.
    """
    _require_bound(request, rules)
    if required(headers, VERSION) != "2":
        raise MalformedSignature(f"{VERSION} should be 2")
    milliseconds = canonical_decimal(headers, TIMESTAMP, digits=13)
    unique = _canonical_uuid(required(headers, UUID))
    key = public_key(headers, SIGNED_BY)
    made = signature(headers, SIGNATURE)
    signed_for = headers.get(SIGNED_FOR, "")
    if signed_for != rules.receiver_hotkey:
        raise WrongReceiver(f"{SIGNED_FOR} should name this receiver: {rules.receiver_hotkey}")
    nanoseconds = milliseconds * 1_000_000
    require_fresh(nanoseconds, now, rules.max_age)
    body_sha256 = request.body_sha256()
    message = f"{body_sha256}.{unique}.{milliseconds}.{signed_for}".encode()
    if not curves.holds("sr25519", key, made, message):
        raise BadSignature("the signature is not this hotkey's for this body, time and receiver")
    return Verified(
        scheme="epistula/2",
        hotkey=headers[SIGNED_BY],
        nonce=f"{nanoseconds}-{unique}",
        signed_at=nanoseconds / 1e9,
        body=request.body,
        body_sha256=body_sha256,
        kept={name: headers[name] for name in _KEPT} | {"method": request.method},
    )


def _require_bound(request: SignedRequest, rules: SignatureRules) -> None:
    if rules.receiver_hotkey is None:
        raise SchemeNotAccepted(
            "Epistula needs a receiver and this deployment has none; use btauth"
        )
    if request.netuid != request.default_netuid:
        raise SchemeNotAccepted("Epistula does not bind the subnet; use btauth for this one")


def _canonical_uuid(text: str) -> str:
    try:
        canonical = str(uuid.UUID(text))
    except ValueError:
        canonical = ""
    if text != canonical:
        raise MalformedSignature(f"{UUID} should be a UUID in lower case with hyphens")
    return text
