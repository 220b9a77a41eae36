"""What the signature tests send, and by which rules it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.adapters.signatures import SignatureRules, SignedRequest
from tests.unit.edge.hotkeys import SERVICE

NOW = 1_800_000_000.0
NONCE = 1_800_000_000_000_000_000
PUBLIC = "/api/v1/validators/miner-status"
BODY = b'{"validator_uid":48}'
RULES = SignatureRules()
BOUND = SignatureRules(receiver_hotkey=SERVICE.address)


def request(headers: Mapping[str, str], **fields: Any) -> SignedRequest:
    values: dict[str, Any] = {
        "method": "POST",
        "targets": (PUBLIC,),
        "headers": headers,
        "body": BODY,
        "netuid": 1,
        "default_netuid": 1,
    }
    return SignedRequest(**{**values, **fields})
