"""Hotkeys that are nobody's, and signatures with two spellings."""

from __future__ import annotations

import hashlib

import pytest
import sr25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared import ss58
from shared.adapters import signatures
from shared.adapters.signatures import SignatureRules, SignedRequest, curves, errors

NEUTRAL = bytes(32)
FORGED_SR25519 = bytes(63) + b"\x80"
"""R = 0, s = 0 and schnorrkel's mark: s·B = R + k·A for every k, if A is the neutral element."""
ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19
SMALL_ORDER = [
    bytes.fromhex(key)
    for key in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    )
]
"""Every spelling of the eight ed25519 points whose order divides 8, canonical or not."""
SEED = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = SEED.public_key().public_bytes_raw()
MESSAGE = b"btauth/1\ned25519"


def test_the_neutral_key_of_sr25519_signs_nothing() -> None:
    """The library below believes it for any message, so that anyone could be this hotkey."""
    assert sr25519.verify(FORGED_SR25519, b"anything", NEUTRAL)

    assert not curves.holds("sr25519", NEUTRAL, FORGED_SR25519, b"anything")


@pytest.mark.parametrize("key", SMALL_ORDER, ids=bytes.hex)
def test_no_key_of_small_order_signs_with_ed25519(key: bytes) -> None:
    """Among 64 messages the library below finds one that R = neutral, s = 0 signs."""
    forged = SMALL_ORDER[0] + bytes(32)
    messages = [b"%d" % number for number in range(64)]
    believed = [message for message in messages if _library_believes(key, forged, message)]

    assert believed
    assert not any(curves.holds("ed25519", key, forged, message) for message in believed)


def _library_believes(key: bytes, signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - where it is caught

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_a_weak_hotkey_is_refused_like_any_bad_signature() -> None:
    """A request in the name of the neutral key, every header as it should be."""
    now = 1_800_000_000.0
    headers = {
        "X-Bittensor-Version": "1",
        "X-Bittensor-Hotkey": ss58.encode(NEUTRAL),
        "X-Bittensor-Nonce": str(int(now * 1e9)),
        "X-Bittensor-Signature": "0x" + FORGED_SR25519.hex(),
    }
    sent = SignedRequest("POST", ("/",), headers, b"{}", netuid=1, default_netuid=1)

    with pytest.raises(errors.BadSignature):
        signatures.verify(sent, SignatureRules(), now)


def test_ordinary_keys_are_not_weak() -> None:
    """Neither curve loses a key that somebody holds."""
    seeds = [hashlib.sha256(b"%d" % number).digest() for number in range(50)]
    of_sr25519 = [bytes(sr25519.pair_from_seed(seed)[0]) for seed in seeds]
    of_ed25519 = [
        Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw() for seed in seeds
    ]

    assert not any(curves.is_weak("sr25519", key) for key in of_sr25519)
    assert not any(curves.is_weak("ed25519", key) for key in of_ed25519)


def test_an_ed25519_signature_has_one_spelling() -> None:
    """s + the group's order is the same number to a lax reader: it is refused (RFC 8032, 5.1.7)."""
    made = SEED.sign(MESSAGE)
    greater = int.from_bytes(made[32:], "little") + ORDER
    respelled = made[:32] + greater.to_bytes(32, "little")

    assert curves.holds("ed25519", PUBLIC, made, MESSAGE)
    assert not curves.holds("ed25519", PUBLIC, respelled, MESSAGE)


@pytest.mark.parametrize("curve", ["sr25519", "ed25519"])
def test_a_public_key_beyond_the_field_is_refused(curve: curves.Curve) -> None:
    """Coordinates of p and more are second spellings of small ones, or none at all."""
    beyond = (PRIME + 3).to_bytes(32, "little")

    assert not curves.holds(curve, beyond, FORGED_SR25519, MESSAGE)


def test_a_signature_of_one_curve_is_none_of_the_other() -> None:
    """The same 32 bytes may be a key on both; the curve is among what is signed."""
    made = SEED.sign(MESSAGE)

    assert not curves.holds("sr25519", PUBLIC, made, MESSAGE)
    assert not curves.holds("ed25519", bytes(sr25519.pair_from_seed(bytes(32))[0]), made, MESSAGE)
