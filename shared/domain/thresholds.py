"""Quorum and timeout of a round by how many validators take part, where a subnet asks for it.

From the memory of the last closed round, p being the participation 0–1 of each validator that may
report and is remembered:

    quorum  = ⌈`dynamic_quorum_share` × Σ p⌉, within `dynamic_quorum_least` and `…_most`
    timeout = `dynamic_timeout_reports` × round_seconds / p̄, within `dynamic_timeout_least` and
              `…_most` (and the reporting window), p̄ = Σ p² / Σ p

Σ p is how many reports a round brings, p̄ the participation behind a typical one of them: who has
left long ago does not count. Nobody is remembered: the fixed numbers stay.
"""

from __future__ import annotations

import math
from dataclasses import replace

from shared.domain.memory import Memory
from shared.domain.policy import Policy
from shared.domain.registry import Registry

NOBODY = 1e-6
"""Reports a round below which nobody takes part."""


def in_force(policy: Policy, memory: Memory, registry: Registry) -> Policy:
    """The policy with the quorum and timeout that hold given this memory.

    Applying it to its own result changes nothing, so a snapshot that echoes it can be recomputed.
    """
    if not policy.dynamic_thresholds:
        return policy
    eligible = registry.eligible(policy)
    taking_part = [
        known.participation for hotkey, known in memory.validators.items() if hotkey in eligible
    ]
    expected = math.fsum(taking_part)
    if expected < NOBODY:
        return policy
    typical = math.fsum(share**2 for share in taking_part) / expected
    return replace(
        policy,
        min_consensus_validators=_quorum(expected, policy),
        consensus_timeout=_timeout(typical, policy),
    )


def _quorum(expected: float, policy: Policy) -> int:
    # Rounded first: 2.0000000001 reports are two.
    wanted = math.ceil(round(policy.dynamic_quorum_share * expected, 6))
    return max(policy.dynamic_quorum_least, min(policy.dynamic_quorum_most, wanted))


def _timeout(participation: float, policy: Policy) -> float:
    wanted = policy.dynamic_timeout_reports * policy.round_seconds / participation
    most = min(policy.dynamic_timeout_most, policy.reporting_window)
    return min(most, max(policy.dynamic_timeout_least, wanted))
