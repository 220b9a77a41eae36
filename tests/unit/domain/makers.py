"""Small makers of domain values: a subnet of validators with equal or given stakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.memory import EMPTY, Memory
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.domain.reports import Report
from shared.domain.results import MinerResult, Resolution
from shared.domain.votes import Votes, votes_at
from tests.unit.domain.plain import resolve

NOW = 10_020.0
"""A time at the end of round 166."""


def status(uid: int = 49, **fields: Any) -> dict[str, Any]:
    """A status of the miner `uid` with the hotkey `m{uid}`."""
    return {"uid": uid, "hotkey": f"m{uid}", **fields}


def report(
    validator: int, *statuses: Mapping[str, Any], signed_at: float = NOW, epoch: int = 7
) -> Report:
    """A report of the validator `v{validator}`, received when it was signed."""
    return Report(
        report_id=f"{validator}_{int(signed_at * 1e9)}",
        validator_uid=validator,
        hotkey=f"v{validator}",
        epoch=epoch,
        signed_at=signed_at,
        received_at=signed_at,
        statuses=statuses,
    )


def registry(stakes: Mapping[int, float], synced_at: float = NOW) -> Registry:
    """Validators `v{uid}` with these stakes."""
    neurons = (Neuron(uid, f"v{uid}", stake, True) for uid, stake in stakes.items())
    return Registry(1, synced_at, tuple(neurons))


def votes_on(
    reports: Iterable[Report],
    stakes: Mapping[int, float],
    policy: Policy | None = None,
    now: float = NOW,
) -> Votes:
    """uid → votes at `now`."""
    return votes_at(reports, registry(stakes), policy or Policy(), now)


def resolved(
    reports: Iterable[Report],
    stakes: Mapping[int, float],
    policy: Policy | None = None,
    memory: Memory = EMPTY,
    now: float = NOW,
) -> Resolution:
    """The resolution of these reports at `now`; the chain knows the validators only."""
    policy = policy or Policy()
    votes = votes_on(reports, stakes, policy, now)
    return resolve(votes, registry(stakes), memory, policy, now)


SERVING = {"is_serving": True, "stake": 10.0, "performance_score": 0.5}
"""Values of a miner that may be handed work."""


def miner(uid: int = 49, **fields: Any) -> MinerResult:
    """A miner in consensus that may be handed work, except for what `fields` says."""
    given: dict[str, Any] = {
        "hotkey": f"m{uid}",
        "state": "consensus",
        "values": SERVING,
        "confidence": 0.9,
        "validators": (1, 2),
    }
    return MinerResult(uid=uid, **{**given, **fields})


def resolution_of(*miners: MinerResult) -> Resolution:
    """A resolution that consists of these miners."""
    return Resolution({each.uid: each for each in miners}, (1, 2), 2)
