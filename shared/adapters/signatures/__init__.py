"""Who sent a request: the signature schemes that validators use."""

from __future__ import annotations

from shared.adapters.signatures import btauth, epistula
from shared.adapters.signatures.errors import (
    AmbiguousSignature,
    MissingSignature,
    SignatureError,
)
from shared.adapters.signatures.request import SignatureRules, SignedRequest
from shared.service.ports import SignedReport, Verified

__all__ = ["SignatureError", "SignatureRules", "SignedRequest", "verify", "verify_again"]


def verify(request: SignedRequest, rules: SignatureRules, now: float) -> Verified:
    """Who signed this request, by the scheme whose headers it carries; `now` in seconds.

    Raises a `SignatureError`, one class per reason.
    """
    by_btauth = request.signature_headers(btauth.PREFIX)
    by_epistula = request.signature_headers(epistula.PREFIX)
    if by_btauth and by_epistula:
        raise AmbiguousSignature("sign with btauth or with Epistula, not with both")
    if by_btauth:
        return btauth.verify(request, by_btauth, rules, now)
    if by_epistula:
        return epistula.verify(request, by_epistula, rules, now)
    raise MissingSignature("sign the request with your hotkey (btauth/1)")


def verify_again(report: SignedReport) -> Verified:
    """Check the signature of a stored report anew, from what was kept beside its body.

    Its receiver and freshness were judged when it was accepted. Raises a `SignatureError`.
    """
    request = SignedRequest(
        method=report.signature.get("method", ""),
        targets=(report.signature.get("target", ""),),
        headers=report.signature,
        body=report.body,
        netuid=0,
        default_netuid=0,
    )
    signed_for = report.signature.get(epistula.SIGNED_FOR)
    return verify(request, SignatureRules(receiver_hotkey=signed_for), report.signed_at)
