"""Quorum and timeout of a round by how many validators take part, where a subnet asks for it.

From the memory of the last closed round, p being the participation 0–1 of each validator that may
report and is remembered, and s its stake (1 without `stake_weighting`):

    quorum  = ⌈`dynamic_quorum_share` × (Σ s p)² / Σ s² p⌉, within `dynamic_quorum_least` and
              `…_most`
    timeout = `dynamic_timeout_reports` × round_seconds / p̃, within `dynamic_timeout_least` and
              `…_most` (and the reporting window), p̃ the median of p by s

Of equal stakes the quotient is Σ p, how many reports a round brings. Both count stake, not heads: a
minority that reports in bursts times out nobody, and validators of little stake put no quorum out
of reach. Nobody takes part: the fixed numbers stay.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from shared.domain.memory import Memory
from shared.domain.observations import reaches, shares
from shared.domain.policy import Policy
from shared.domain.registry import Registry

NOBODY = 1e-6
"""Participation below which a validator takes no part."""


def in_force(policy: Policy, memory: Memory, registry: Registry) -> Policy:
    """The policy with the quorum and timeout that hold given this memory.

    Applying it to its own result changes nothing, so a snapshot that echoes it can be recomputed.
    """
    if not policy.dynamic_thresholds:
        return policy
    taking_part = _taking_part(policy, memory, registry)
    mean = math.fsum(part * share for part, share in taking_part)
    if mean < NOBODY:
        return policy
    expected = mean**2 / math.fsum(part**2 * share for part, share in taking_part)
    return replace(
        policy,
        min_consensus_validators=_quorum(expected, policy),
        consensus_timeout=_timeout(_median(taking_part), policy),
    )


def _taking_part(policy: Policy, memory: Memory, registry: Registry) -> list[tuple[float, float]]:
    """(share of the stake, participation) of the validators that may report and are remembered."""
    eligible = registry.eligible(policy)
    known = [
        (eligible[hotkey].stake if policy.stake_weighting else 1.0, validator.participation)
        for hotkey, validator in sorted(memory.validators.items())
        if hotkey in eligible
    ]
    parts = shares([stake for stake, _ in known]) if known else []
    return [(part, share) for part, (_, share) in zip(parts, known, strict=True)]


def _median(taking_part: Sequence[tuple[float, float]]) -> float:
    """The least participation that half of the stake does not exceed."""
    ascending = sorted(taking_part, key=lambda pair: pair[1])
    below = accumulate(part for part, _ in ascending)
    return next(
        share for held, (_, share) in zip(below, ascending, strict=True) if reaches(held, 0.5)
    )


def _quorum(expected: float, policy: Policy) -> int:
    # Rounded first: 2.0000000001 reports are two.
    wanted = math.ceil(round(policy.dynamic_quorum_share * expected, 6))
    return max(policy.dynamic_quorum_least, min(policy.dynamic_quorum_most, wanted))


def _timeout(participation: float, policy: Policy) -> float:
    reports = max(participation, NOBODY)
    wanted = policy.dynamic_timeout_reports * policy.round_seconds / reports
    most = min(policy.dynamic_timeout_most, policy.reporting_window)
    return min(most, max(policy.dynamic_timeout_least, wanted))
