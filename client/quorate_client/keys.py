"""Keys that sign: a raw seed, an unencrypted key file, or what a wallet brings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import sr25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from quorate_client import ss58

ED25519 = 0
SR25519 = 1
SCHEMES = {ED25519: "ed25519", SR25519: "sr25519"}
"""Crypto type, as wallets number it → the scheme's name in signed text."""


@runtime_checkable
class Keypair(Protocol):
    """What signing needs of a key; those of bittensor 10 and 11 and bittensor-wallet have it."""

    @property
    def ss58_address(self) -> str:
        """The hotkey's address."""

    @property
    def crypto_type(self) -> int:
        """0 for ed25519, 1 for sr25519."""

    def sign(self, data: bytes, /) -> bytes:
        """The 64-byte signature of `data`."""


class SeedKeypair:
    """A keypair from its 32-byte seed; it never shows the seed.

    Raises `ValueError` on a seed of another length, text that is not hex, or an unknown scheme.
    """

    def __init__(self, seed: bytes, crypto_type: int = SR25519) -> None:
        """Take the raw seed; `from_seed` also takes hex."""
        if len(seed) != 32:
            raise ValueError(f"a seed has 32 bytes, this one {len(seed)}")
        if crypto_type not in SCHEMES:
            raise ValueError(f"crypto type {crypto_type} is none of {SCHEMES}")
        self.crypto_type = crypto_type
        if crypto_type == SR25519:
            self._pair: tuple[bytes, bytes] = sr25519.pair_from_seed(seed)
            self.public_key = self._pair[0]
        else:
            self._private = Ed25519PrivateKey.from_private_bytes(seed)
            self.public_key = self._private.public_key().public_bytes(
                Encoding.Raw, PublicFormat.Raw
            )
        self.ss58_address = ss58.encode(self.public_key)

    @classmethod
    def from_seed(cls, seed: bytes | str, crypto_type: int = SR25519) -> SeedKeypair:
        """From 32 raw bytes or 64 hex digits, with or without 0x."""
        if isinstance(seed, bytes):
            return cls(seed, crypto_type)
        try:
            raw = bytes.fromhex(seed.removeprefix("0x"))
        except ValueError:
            raise ValueError("a seed in text is 64 hex digits, with or without 0x") from None
        return cls(raw, crypto_type)

    @classmethod
    def from_keyfile(cls, path: str | Path) -> SeedKeypair:
        """From an unencrypted key file, as `~/.bittensor/wallets/NAME/hotkeys/HOTKEY`.

        Raises `OSError` when it cannot be read and `ValueError` when it is encrypted, is no key
        file, keeps no private key, or keeps that of another address than it says.
        """
        raw = Path(path).read_bytes()
        if raw.startswith((b"$NACL", b"$ANSIBLE_VAULT", b"gAAAAA")):
            raise ValueError(
                f"{path} is encrypted; open it with bittensor-wallet and pass the wallet"
            )
        return _of_keyfile(raw, path)

    @classmethod
    def from_expanded(cls, public_key: bytes, private_key: bytes) -> SeedKeypair:
        """From an sr25519 pair of 32 and 64 bytes: a derived key has no seed of its own."""
        signature = sr25519.sign((public_key, private_key), b"")
        if not sr25519.verify(signature, b"", public_key):
            raise ValueError("the private key is not that of the public key")
        made = cls.__new__(cls)
        made.crypto_type, made.public_key = SR25519, public_key
        made._pair = (public_key, private_key)  # noqa: SLF001 - one of its own
        made.ss58_address = ss58.encode(public_key)
        return made

    def sign(self, data: bytes, /) -> bytes:
        """The 64-byte signature of `data`."""
        if self.crypto_type == SR25519:
            signature: bytes = sr25519.sign(self._pair, data)
            return signature
        return self._private.sign(data)

    def __repr__(self) -> str:
        """Address and scheme."""
        return f"SeedKeypair({self.ss58_address}, {SCHEMES[self.crypto_type]})"


def hotkey_of(key: Any) -> Keypair:
    """The hotkey's keypair of a wallet, a keypair itself, or a raw 32-byte seed.

    Raises `TypeError` saying what is missing of any other object.
    """
    if isinstance(key, bytes):
        return SeedKeypair.from_seed(key)
    candidate = key if hasattr(key, "sign") else getattr(key, "hotkey", key)
    missing = [n for n in ("ss58_address", "crypto_type", "sign") if not hasattr(candidate, n)]
    if missing:
        raise TypeError(
            f"{type(key).__name__} is no wallet, keypair or 32-byte seed: no {', '.join(missing)}"
        )
    keypair: Keypair = candidate
    return keypair


def _of_keyfile(raw: bytes, path: str | Path) -> SeedKeypair:
    """The key in a file, which must be that of the address that the file says."""
    try:
        content = json.loads(raw)
    except ValueError:
        raise ValueError(f"{path} is no key file: not JSON") from None
    made = _kept_in(content, path)
    said = content.get("ss58Address")
    if said is not None and said != made.ss58_address:
        raise ValueError(f"{path} says {said}, and its key is that of {made.ss58_address}")
    return made


def _kept_in(content: Any, path: str | Path) -> SeedKeypair:
    """An sr25519 file has the expanded pair, which every wallet writes alike; ed25519 the seed."""
    match content:
        case {"cryptoType": int(crypto_type), "secretSeed": str(seed)} if crypto_type != SR25519:
            return SeedKeypair.from_seed(seed, crypto_type)
        case {"publicKey": str(public_key), "privateKey": str(private_key)}:
            return SeedKeypair.from_expanded(_hex(public_key, path), _hex(private_key, path))
        case {"secretSeed": str(seed)}:
            return SeedKeypair.from_seed(seed)
    raise ValueError(f"{path} keeps no private key; open it as a wallet and pass that")


def _hex(text: str, path: str | Path) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raise ValueError(f"{path} has a key that is not hex") from None
