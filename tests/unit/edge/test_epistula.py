"""Epistula v2: where it counts, and every way to be refused."""

from __future__ import annotations

from typing import Any

import pytest

from shared.adapters import signatures
from shared.adapters.signatures import SignatureRules, errors
from tests.unit.edge.hotkeys import OTHER, SERVICE, VALIDATOR
from tests.unit.edge.signed_requests import BODY, BOUND, NONCE, NOW, RULES, request

UUID = "6f1c2d34-5a6b-4c7d-8e9f-0a1b2c3d4e5f"


def test_two_schemes_at_once_are_refused() -> None:
    """Which of two senders it was is nobody's guess."""
    both = VALIDATOR.btauth(BODY, NONCE) | OTHER.epistula(BODY, int(NOW * 1000), SERVICE.address)

    with pytest.raises(errors.AmbiguousSignature):
        signatures.verify(request(both), BOUND, NOW)


def test_epistula_counts_where_the_receiver_is_bound() -> None:
    """Its nonce begins with nanoseconds, like that of btauth."""
    headers = VALIDATOR.epistula(BODY, int(NOW * 1000), SERVICE.address, UUID)

    verified = signatures.verify(request(headers), BOUND, NOW)

    assert (VALIDATOR.address, f"{NONCE}-{UUID}", NOW) == (
        verified.hotkey,
        verified.nonce,
        verified.signed_at,
    )


@pytest.mark.parametrize(
    ("rules", "fields", "receiver", "reason"),
    [
        (RULES, {}, SERVICE.address, errors.SchemeNotAccepted),
        (RULES, {}, "", errors.SchemeNotAccepted),
        (BOUND, {"netuid": 2}, SERVICE.address, errors.SchemeNotAccepted),
        (BOUND, {}, "", errors.WrongReceiver),
        (BOUND, {}, OTHER.address, errors.WrongReceiver),
        (BOUND, {"body": b"changed"}, SERVICE.address, errors.BadSignature),
    ],
    ids=["no receiver", "nobody", "another subnet", "unbound", "another's", "changed"],
)
def test_epistula_is_refused_where_it_does_not_bind_enough(
    rules: SignatureRules,
    fields: dict[str, Any],
    receiver: str,
    reason: type[errors.SignatureError],
) -> None:
    """It covers neither path nor subnet, so receiver and subnet must be beyond doubt."""
    headers = VALIDATOR.epistula(BODY, int(NOW * 1000), receiver)

    with pytest.raises(reason):
        signatures.verify(request(headers, **fields), rules, NOW)


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("Version", "1", errors.MalformedSignature),
        ("Timestamp", "01800000000000", errors.MalformedSignature),
        ("Timestamp", "1800000000", errors.StaleRequest),
        ("Uuid", UUID.upper(), errors.MalformedSignature),
        ("Uuid", UUID.replace("-", ""), errors.MalformedSignature),
        ("Uuid", "../../x", errors.MalformedSignature),
        ("Signed-By", OTHER.address, errors.BadSignature),
        ("Request-Signature", "0x", errors.MalformedSignature),
        ("Request-Signature", "0x" + "00" * 64, errors.BadSignature),
    ],
)
def test_every_bad_epistula_header_has_its_reason(
    header: str, value: str, reason: type[errors.SignatureError]
) -> None:
    """One UUID has one spelling, so one request has one nonce."""
    headers = VALIDATOR.epistula(BODY, int(NOW * 1000), SERVICE.address, UUID)

    with pytest.raises(reason):
        signatures.verify(request(headers | {f"Epistula-{header}": value}), BOUND, NOW)
