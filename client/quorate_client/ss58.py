"""Addresses: ss58 = base58(prefix ‖ 32-byte key ‖ first 2 bytes of blake2b-512("SS58PRE" ‖ …))."""

from __future__ import annotations

import hashlib

import base58

PREFIX = 42
"""Bittensor's address format."""


def encode(public_key: bytes, prefix: int = PREFIX) -> str:
    """The address of a 32-byte public key; `prefix` lies in 0–63."""
    payload = bytes([prefix]) + public_key
    checksum = hashlib.blake2b(b"SS58PRE" + payload, digest_size=64).digest()[:2]
    return base58.b58encode(payload + checksum).decode()


def decode(address: str) -> bytes:
    """The 32-byte public key of an address of Bittensor's; raises `ValueError` for all else."""
    try:
        raw = base58.b58decode(address)
    except ValueError:
        raise ValueError(f"{address!r} is no ss58 address: not base58") from None
    if len(raw) != 35 or raw[0] != PREFIX:
        raise ValueError(f"{address!r} is no ss58 address of 32 bytes with prefix {PREFIX}")
    if encode(raw[1:33]) != address:
        raise ValueError(f"{address!r} is no ss58 address: its checksum does not match")
    return raw[1:33]
