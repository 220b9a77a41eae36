"""Where keys come from, and that they keep their secret."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from quorate_client.keys import ED25519, Keypair, SeedKeypair, hotkey_of

ALICE_SEED = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"


def test_a_seed_gives_the_chains_address() -> None:
    """Alice's well-known seed gives Alice's well-known address."""
    assert ALICE == SeedKeypair.from_seed(ALICE_SEED).ss58_address


@pytest.mark.parametrize("seed", [ALICE_SEED, "0x" + ALICE_SEED, bytes.fromhex(ALICE_SEED)])
def test_hex_and_bytes_are_the_same_seed(seed: bytes | str) -> None:
    """A seed is taken as bytes or hex, with or without 0x."""
    assert ALICE == SeedKeypair.from_seed(seed).ss58_address


@pytest.mark.parametrize(
    ("seed", "message"),
    [(b"short", "32 bytes, this one 5"), ("0xzz", "64 hex digits"), ("00" * 31, "this one 31")],
)
def test_a_bad_seed_is_refused_without_being_shown(seed: bytes | str, message: str) -> None:
    """The error names the rule, never the seed."""
    with pytest.raises(ValueError, match=message) as refused:
        SeedKeypair.from_seed(seed)

    assert str(seed) not in str(refused.value)


def test_an_unknown_scheme_is_refused() -> None:
    """There are two schemes."""
    with pytest.raises(ValueError, match="crypto type 2"):
        SeedKeypair(bytes(32), 2)


def test_a_keypair_never_shows_its_seed() -> None:
    """What lands in a log is the address."""
    assert f"SeedKeypair({ALICE}, sr25519)" == repr(SeedKeypair.from_seed(ALICE_SEED))


def test_a_key_file_gives_its_key(tmp_path: Path) -> None:
    """A hotkey file as bittensor-wallet writes it is read, scheme included."""
    file = tmp_path / "hotkey"
    file.write_text(json.dumps({"secretSeed": "0x" + ALICE_SEED, "cryptoType": ED25519}))

    assert (
        SeedKeypair.from_seed(ALICE_SEED, ED25519).ss58_address
        == SeedKeypair.from_keyfile(file).ss58_address
    )


def test_a_key_file_without_a_scheme_is_sr25519(tmp_path: Path) -> None:
    """Older key files name none."""
    file = tmp_path / "hotkey"
    file.write_text(json.dumps({"secretSeed": ALICE_SEED}))

    assert ALICE == SeedKeypair.from_keyfile(file).ss58_address


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"$NACL\x00\x01", "is encrypted"),
        (b"not a key", "not JSON"),
        (b"[]", "keeps no private key"),
        (b'{"secretSeed": null}', "keeps no private key"),
        (b'{"publicKey": "0xzz", "privateKey": "0x00"}', "not hex"),
        (
            json.dumps({"publicKey": "00" * 32, "privateKey": "01" * 64}).encode(),
            "not that of the public key",
        ),
        (
            json.dumps({"secretSeed": "07" * 32, "ss58Address": ALICE}).encode(),
            f"says {ALICE}, and its key is that of {SeedKeypair(bytes([7] * 32)).ss58_address}",
        ),
    ],
)
def test_a_key_file_that_cannot_be_used_says_why(
    tmp_path: Path, content: bytes, message: str
) -> None:
    """Encrypted, foreign and seedless files each have their sentence."""
    file = tmp_path / "hotkey"
    file.write_bytes(content)

    with pytest.raises(ValueError, match=message):
        SeedKeypair.from_keyfile(file)


def test_a_wallet_gives_its_hotkey() -> None:
    """Whatever has a `hotkey` that signs is a wallet."""
    keypair = SeedKeypair.from_seed(ALICE_SEED)

    assert keypair is hotkey_of(SimpleNamespace(hotkey=keypair, coldkey=None))


def test_a_keypair_and_a_seed_are_keys_themselves() -> None:
    """No wallet is needed around a key."""
    keypair = SeedKeypair.from_seed(ALICE_SEED)

    assert keypair is hotkey_of(keypair)
    assert ALICE == hotkey_of(bytes.fromhex(ALICE_SEED)).ss58_address


def test_anything_else_is_told_what_it_lacks() -> None:
    """The error names what a keypair has and this object has not."""
    with pytest.raises(TypeError, match=r"object is no wallet.*ss58_address, crypto_type, sign"):
        hotkey_of(object())


def test_our_keypair_is_one_by_the_protocol() -> None:
    """Structure decides, as for the keypairs of any wallet library."""
    assert isinstance(SeedKeypair(bytes(32)), Keypair)
