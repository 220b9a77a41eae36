"""Compressed JSON for payloads, and the hash that the chain of rounds is made of."""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import Any


def pack(value: Any) -> bytes:
    """Canonical JSON (sorted keys, no NaN), compressed."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return zlib.compress(text.encode(), 6)


def unpack(payload: bytes) -> Any:
    """Undo `pack`. Payloads are written by Quorate alone, so their size is trusted."""
    return json.loads(zlib.decompress(payload))


def digest(data: bytes) -> str:
    """SHA-256 as lowercase hex."""
    return hashlib.sha256(data).hexdigest()
