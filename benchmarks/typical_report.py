"""How large a complete report is: a made-up one, compressed as the functions compress it."""

from __future__ import annotations

import json
import random
from typing import Any

from shared.adapters.bodies import deflate

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
HEADERS = 1024
"""Bytes of a report's scalars and signature headers, and of its index entries."""


def report_bytes(miners: int) -> int:
    """Size of a report about so many miners as it is stored."""
    chosen = random.Random(0)
    body = json.dumps([_status(uid, chosen) for uid in range(miners)])
    return len(deflate(body.encode())) + HEADERS


def _status(uid: int, chosen: random.Random) -> dict[str, Any]:
    return {
        "uid": uid,
        "hotkey": "5" + "".join(chosen.choices(BASE58, k=47)),
        "stake": round(chosen.lognormvariate(6, 2), 4),
        "is_serving": chosen.random() < 0.85,
        "performance_score": round(chosen.random(), 4),
        "current_load": chosen.randrange(20),
        "max_capacity": 20,
        "ip": ".".join(str(chosen.randrange(256)) for _ in range(4)),
        "port": 8091,
        "last_seen": f"2026-01-01T00:00:{chosen.randrange(60):02d}Z",
        "task_type_specialization": {
            "text": {"total": chosen.randrange(999), "success_rate": round(chosen.random(), 3)}
        },
    }
