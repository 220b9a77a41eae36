"""Recorded streams, line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from shared.domain.policy import Policy
from shared.service.replay import replay

Answer = dict[str, Any]


def line(t: float, validator_uid: int, *statuses: Any, stake: float = 1000.0) -> str:
    """A report."""
    return json.dumps(
        {"t": t, "validator_uid": validator_uid, "stake": stake, "miner_statuses": statuses}
    )


def tick(t: float) -> str:
    """A tick."""
    return json.dumps({"t": t, "tick": True})


def score(value: float, uid: int = 7, **fields: Any) -> dict[str, Any]:
    """A status with a performance score."""
    return {"uid": uid, "performance_score": value, **fields}


def replayed(*lines: str, policy: Policy | None = None) -> list[Answer]:
    """All answers of a stream."""
    return list(replay(lines, policy or Policy()))


def votes_as_stream(votes: Iterable[tuple[int, int, str]]) -> Iterator[str]:
    """(item, worker, label) as one report per worker, all at once, and a tick."""
    by_worker: dict[int, list[dict[str, Any]]] = {}
    for item, worker, label in votes:
        by_worker.setdefault(worker, []).append({"uid": item, "label": label})
    for worker, statuses in by_worker.items():
        yield line(0.0, worker, *statuses, stake=1.0)
    yield tick(0.0)
