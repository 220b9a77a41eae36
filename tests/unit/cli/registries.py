"""A registry in memory for the commands, and how they are run over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typer.testing import Result

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
NEURONS: list[dict[str, Any]] = [
    {"uid": 0, "hotkey": ALICE, "stake": 5000.0, "validator_permit": True},
    {"uid": 1, "hotkey": BOB, "stake": 10.0, "axon": "8.8.8.8:8091"},
]
Quorate = Callable[..., Result]
