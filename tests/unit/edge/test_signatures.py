from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.adapters import signatures
from shared.adapters.signatures import SignatureRules, errors
from tests.builders import signed
from tests.unit.edge.hotkeys import OTHER, SERVICE, VALIDATOR, Hotkey
from tests.unit.edge.signed_requests import BODY, BOUND, NONCE, NOW, PUBLIC, RULES, request

OFFICIAL = sorted((Path(__file__).parents[2] / "vectors" / "btauth").glob("*.json"))


@pytest.mark.parametrize("path", OFFICIAL, ids=lambda path: path.stem)
def test_what_the_official_signer_signs_verifies(path: Path) -> None:
    """Vectors made by `bittensor.http_auth.sign` 11.3.0 of both curves are accepted."""
    vector = json.loads(path.read_text())
    sent = request(
        vector["headers"],
        method=vector["method"].upper(),
        targets=("/elsewhere", vector["path"]),
        body=vector["body"].encode(),
    )

    verified = signatures.verify(sent, RULES, int(vector["nonce"]) / 1e9)

    assert (vector["sender"], vector["nonce"]) == (verified.hotkey, verified.nonce)
    assert vector["body_sha256"] == verified.body_sha256
    assert vector["path"] == verified.kept["target"]


def test_the_published_ed25519_vector_verifies() -> None:
    """The golden vector of the protocol's own description."""
    headers = {
        "X-Bittensor-Version": "1",
        "X-Bittensor-Hotkey": "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu",
        "X-Bittensor-Receiver": "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty",
        "X-Bittensor-Nonce": "1752076800000000000",
        "X-Bittensor-Crypto": "ed25519",
        "X-Bittensor-Signature": "0x1a6b631988bf1f7ea093ab9d5acf61f05c316d0b0e428b24b487b75a5f6e"
        "e0e1a56a26918fdf871b6cf09437e6588023a4ce423cf622621b2a7feee17612f704",
    }
    sent = request(headers, targets=("/generate?stream=false",), body=b'{"prompt": "hello"}')
    rules = SignatureRules(receiver_hotkey=headers["X-Bittensor-Receiver"])

    verified = signatures.verify(sent, rules, 1_752_076_800.0)

    assert "btauth/1 ed25519" == verified.scheme
    assert (
        "341c57448e531310fbbe83f44cea2a5e838bd9e8a6b82b269f01d0dbbc23c3cc" == verified.body_sha256
    )


@pytest.mark.parametrize("curve", ["sr25519", "ed25519"])
def test_both_curves_prove_their_hotkey(curve: str) -> None:
    """A fresh signature of a real key names its key, nonce and time."""
    hotkey = Hotkey(bytes(range(32)), curve)

    verified = signatures.verify(request(hotkey.btauth(BODY, NONCE)), RULES, NOW)

    assert (hotkey.address, str(NONCE), NOW) == (
        verified.hotkey,
        verified.nonce,
        verified.signed_at,
    )


def test_header_names_have_no_case() -> None:
    """Proxies change the case of header names at will."""
    headers = {name.upper(): value for name, value in VALIDATOR.btauth(BODY, NONCE).items()}

    assert VALIDATOR.address == signatures.verify(request(headers), RULES, NOW).hotkey


def test_any_of_the_paths_that_lead_here_may_be_signed() -> None:
    """The target that verified is the one that is kept."""
    sent = request(
        VALIDATOR.btauth(BODY, NONCE, target="/f?netuid=1"), targets=("/a", "/f?netuid=1")
    )

    assert "/f?netuid=1" == signatures.verify(sent, RULES, NOW).kept["target"]


@pytest.mark.parametrize(
    "changed",
    [
        {"body": BODY + b" "},
        {"method": "PUT"},
        {"targets": (PUBLIC + "?netuid=2",)},
        {"targets": ("/other",)},
        {"targets": ()},
    ],
    ids=["body", "method", "query", "path", "nowhere"],
)
def test_a_request_that_was_changed_on_the_way_is_refused(changed: dict[str, Any]) -> None:
    """The signature covers method, path, query and body."""
    with pytest.raises(errors.BadSignature):
        signatures.verify(request(VALIDATOR.btauth(BODY, NONCE), **changed), RULES, NOW)


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("Version", None, errors.MalformedSignature),
        ("Version", "2", errors.MalformedSignature),
        ("Hotkey", None, errors.MalformedSignature),
        ("Hotkey", "5abc", errors.MalformedSignature),
        ("Hotkey", OTHER.address, errors.BadSignature),
        ("Hotkey", f"{VALIDATOR.address},{VALIDATOR.address}", errors.DuplicatedHeader),
        ("Nonce", None, errors.MalformedSignature),
        ("Nonce", f"0{NONCE}", errors.MalformedSignature),
        ("Nonce", f"+{NONCE}", errors.MalformedSignature),
        ("Nonce", "1_800_000_000_000_000_000", errors.MalformedSignature),
        ("Nonce", "１８００００００００００００００００００", errors.MalformedSignature),
        ("Nonce", "0", errors.MalformedSignature),
        ("Nonce", "9" * 20, errors.MalformedSignature),
        ("Nonce", str(NONCE + 1), errors.BadSignature),
        ("Nonce", f"{NONCE}, {NONCE}", errors.DuplicatedHeader),
        ("Crypto", "ed25519", errors.BadSignature),
        ("Crypto", "ecdsa", errors.MalformedSignature),
        ("Receiver", "", errors.MalformedSignature),
        ("Receiver", "-", errors.MalformedSignature),
        ("Receiver", SERVICE.address, errors.BadSignature),
        ("Signature", None, errors.MalformedSignature),
        ("Signature", "0x1234", errors.MalformedSignature),
        ("Signature", "0x" + "zz" * 64, errors.MalformedSignature),
        ("Signature", "0x" + "00" * 64, errors.BadSignature),
        ("Signature", "0x" + "ff" * 64, errors.BadSignature),
    ],
)
def test_every_bad_header_has_its_reason(
    header: str, value: str | None, reason: type[errors.SignatureError]
) -> None:
    """One class per reason, whatever the library below says of such bytes."""
    headers = VALIDATOR.btauth(BODY, NONCE) | {f"X-Bittensor-{header}": value or ""}
    if value is None:
        del headers[f"X-Bittensor-{header}"]

    with pytest.raises(reason):
        signatures.verify(request(headers), RULES, NOW)


@pytest.mark.parametrize("age", [120.0, 0.0, -2.0])
def test_a_request_is_fresh_for_120_seconds_and_may_be_2_ahead(age: float) -> None:
    """The limits themselves are inside."""
    sent = request(VALIDATOR.btauth(BODY, NONCE))

    assert NOW == signatures.verify(sent, RULES, NOW + age).signed_at


@pytest.mark.parametrize("age", [120.001, -2.001])
def test_outside_the_window_a_request_is_stale(age: float) -> None:
    """Old requests and clocks that run ahead are refused."""
    with pytest.raises(errors.StaleRequest):
        signatures.verify(request(VALIDATOR.btauth(BODY, NONCE)), RULES, NOW + age)


def test_staleness_is_judged_before_the_signature() -> None:
    """The cheap check comes first."""
    sent = request(VALIDATOR.btauth(BODY, NONCE), body=b"changed")

    with pytest.raises(errors.StaleRequest):
        signatures.verify(sent, RULES, NOW + 500)


@pytest.mark.parametrize("receiver", [None, OTHER.address])
def test_a_bound_service_refuses_what_is_not_bound_to_it(receiver: str | None) -> None:
    """A request to somebody else cannot be passed on to this service."""
    sent = request(VALIDATOR.btauth(BODY, NONCE, receiver=receiver))

    with pytest.raises(errors.WrongReceiver, match=SERVICE.address):
        signatures.verify(sent, BOUND, NOW)


def test_an_unbound_service_takes_requests_bound_to_anyone() -> None:
    """Without a hotkey of its own it has nothing to compare with; the signature still covers it."""
    sent = request(VALIDATOR.btauth(BODY, NONCE, receiver=OTHER.address))

    assert VALIDATOR.address == signatures.verify(sent, RULES, NOW).hotkey


def test_an_unsigned_request_is_refused() -> None:
    """No header, no sender."""
    with pytest.raises(errors.MissingSignature):
        signatures.verify(request({"Content-Type": "application/json"}), RULES, NOW)


@pytest.mark.parametrize("scheme", ["btauth", "epistula"])
def test_what_is_kept_is_enough_to_verify_again(scheme: str) -> None:
    """Years later anyone can check a stored report; a changed body is found out."""
    headers = (
        VALIDATOR.btauth(BODY, NONCE, receiver=SERVICE.address)
        if scheme == "btauth"
        else VALIDATOR.epistula(BODY, int(NOW * 1000), SERVICE.address)
    )
    verified = signatures.verify(request(headers), BOUND, NOW)
    stored = replace(
        signed(), signature=verified.kept, body=verified.body, signed_at=verified.signed_at
    )

    assert verified.hotkey == signatures.verify_again(stored).hotkey
    with pytest.raises(errors.BadSignature):
        signatures.verify_again(replace(stored, body=b"changed"))


def test_no_message_holds_the_signature() -> None:
    """Refusals are shown to whoever sent the request."""
    headers = VALIDATOR.btauth(BODY, NONCE)

    with pytest.raises(errors.BadSignature) as refused:
        signatures.verify(request(headers, body=b"x"), RULES, NOW)

    assert headers["X-Bittensor-Signature"][2:20] not in str(refused.value)
