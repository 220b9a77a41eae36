"""Hotkeys with real keys, and requests that they sign; written from the protocols' texts alone."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

import sr25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared import ss58


@dataclass(frozen=True)
class Hotkey:
    """An sr25519 or ed25519 key of a seed."""

    seed: bytes
    curve: str = "sr25519"

    @property
    def public_key(self) -> bytes:
        """32 bytes."""
        if self.curve == "ed25519":
            return self._ed25519().public_key().public_bytes_raw()
        return bytes(sr25519.pair_from_seed(self.seed)[0])

    @property
    def address(self) -> str:
        """Its ss58 address."""
        return ss58.encode(self.public_key)

    def sign(self, message: bytes) -> str:
        """0x and hex."""
        if self.curve == "ed25519":
            return "0x" + self._ed25519().sign(message).hex()
        return "0x" + bytes(sr25519.sign(sr25519.pair_from_seed(self.seed), message)).hex()

    def btauth(
        self,
        body: bytes,
        nonce: int | str,
        target: str = "/api/v1/validators/miner-status",
        method: str = "POST",
        receiver: str | None = None,
    ) -> dict[str, str]:
        """The headers of btauth/1."""
        digest = hashlib.sha256(body).hexdigest()
        lines = ("btauth/1", self.curve, method, target, digest, str(nonce), self.address)
        headers = {
            "X-Bittensor-Version": "1",
            "X-Bittensor-Hotkey": self.address,
            "X-Bittensor-Nonce": str(nonce),
            "X-Bittensor-Signature": self.sign("\n".join((*lines, receiver or "-")).encode()),
        }
        if self.curve != "sr25519":
            headers["X-Bittensor-Crypto"] = self.curve
        if receiver is not None:
            headers["X-Bittensor-Receiver"] = receiver
        return headers

    def epistula(
        self, body: bytes, milliseconds: int, receiver: str = "", unique: str | None = None
    ) -> dict[str, str]:
        """The headers of Epistula v2."""
        unique = unique or str(uuid.uuid4())
        text = f"{hashlib.sha256(body).hexdigest()}.{unique}.{milliseconds}.{receiver}"
        return {
            "Epistula-Version": "2",
            "Epistula-Timestamp": str(milliseconds),
            "Epistula-Uuid": unique,
            "Epistula-Signed-By": self.address,
            "Epistula-Signed-For": receiver,
            "Epistula-Request-Signature": self.sign(text.encode()),
        }

    def _ed25519(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


VALIDATOR = Hotkey(bytes([1]) * 32)
OTHER = Hotkey(bytes([2]) * 32)
MINER = Hotkey(bytes([3]) * 32)
SERVICE = Hotkey(bytes([4]) * 32)
"""Whom requests may be bound to."""
