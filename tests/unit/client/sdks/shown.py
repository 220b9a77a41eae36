"""What the client makes of any SDK's objects, as plain values. Runs in the SDKs' environments."""

from __future__ import annotations

from typing import Any

from quorate_client.exchange import Exchange, Send
from quorate_client.keys import SeedKeypair
from quorate_client.reporter import Reporter
from quorate_client.transport import Transport

MNEMONIC = "bottom drive obey lake curtain smoke basket hold race lonely fit walk"
"""Of development chains, and of the hotkey that the tests' service knows as validator 3."""
SEED = bytes.fromhex("fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e")
"""What the mnemonic stands for."""
HOTKEYS = [SeedKeypair(bytes([seed]) * 32).ss58_address for seed in (1, 9, 10)]
MINERS = [
    (HOTKEYS[0], 0, 0, 4, 1000.0),
    (HOTKEYS[1], 0x08080808, 8091, 4, 2.5),
    (HOTKEYS[2], 0x20010DB8000000000000000000000001, 80, 6, 0.0),
]
"""hotkey, ip as the chain has it, port, type of ip and stake, by uid."""


class FirstRequest(Transport):
    """Gives an exchange's first request instead of sending it."""

    def run(self, exchange: Exchange[Any]) -> Any:
        """The request."""
        step = next(exchange)
        assert isinstance(step, Send)
        return step


def reported(statuses: list[dict[str, Any]], **keys: Any) -> dict[str, dict[str, Any]]:
    """Kind of key → the request with which a reporter that has such a key reports."""
    return {kind: _request(key, statuses) for kind, key in keys.items()}


def _request(key: Any, statuses: list[dict[str, Any]]) -> dict[str, Any]:
    reporter = Reporter("http://127.0.0.1", key, validator_uid=3, transport=FirstRequest())
    sent: Any = reporter.report(statuses, 1)
    return {"headers": dict(sent.headers), "body": sent.body.decode()}
