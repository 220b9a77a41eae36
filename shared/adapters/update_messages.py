"""Updates as Pub/Sub messages: JSON data, and attributes to filter by without reading it."""

from __future__ import annotations

import json
from typing import Any

from shared.service.times import rfc3339
from shared.service.updates import Update


def data_of(update: Update) -> bytes:
    """The message's data."""
    plain: dict[str, Any] = {
        "netuid": update.netuid,
        "kind": update.kind,
        "version": update.version,
        "previous_version": update.previous_version,
        "snapshot_sha256": update.snapshot_sha256,
        "computed_at": rfc3339(update.computed_at),
        "miners": list(update.miners),
        "removed": list(update.removed),
    }
    return json.dumps(plain, separators=(",", ":"), allow_nan=False).encode()


def attributes_of(update: Update) -> dict[str, str]:
    """The message's attributes."""
    return {
        "netuid": str(update.netuid),
        "kind": update.kind,
        "version": str(update.version),
        "previous_version": str(update.previous_version),
    }


def ordering_key_of(update: Update) -> str:
    """One order per subnet."""
    return f"subnet-{update.netuid}"
