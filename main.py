"""Every entry point, loaded when asked for, so that a cold start imports one function only."""

from __future__ import annotations

import importlib
from typing import Any

ENTRY_POINTS = frozenset(
    {
        "assign_tasks",
        "complete_task",
        "get_consensus_stats",
        "get_health",
        "get_history",
        "get_metrics",
        "get_miner_consensus",
        "get_network_status",
        "get_openapi",
        "get_snapshot",
        "list_validators",
        "recompute_consensus",
        "submit_miner_status",
        "sweep_timeouts",
        "sync_metagraph",
    }
)


def __getattr__(name: str) -> Any:
    """Import `functions/{name}.py` and give its function of the same name."""
    if name not in ENTRY_POINTS:
        raise AttributeError(f"main has no entry point {name!r}; it has {sorted(ENTRY_POINTS)}")
    return getattr(importlib.import_module(f"functions.{name}"), name)
