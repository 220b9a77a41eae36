"""Participation: in what share of the recent rounds a validator reported.

Each round weighs half of one that is `memory_rounds` younger:

    p = Σ λ^(n−i) x_i / Σ λ^(n−i),  i = 1 … n,  λ = ½^(1/memory_rounds),

x_i being 1 if it reported in the i-th round since its first one. To go on it needs no more than p
and n, and it takes a run of empty rounds in one step.
"""

from __future__ import annotations

from dataclasses import replace

from shared.domain.memory import ValidatorMemory
from shared.domain.policy import Policy


def silent(
    validator: ValidatorMemory, from_round: int, to_round: int, policy: Policy
) -> ValidatorMemory:
    """What is remembered of it if it is silent in all rounds after `from_round` to `to_round`."""
    kept = _kept(policy)
    rounds = from_round - validator.first_round + 1
    gap = to_round - from_round
    share = kept**gap * (1 - kept**rounds) / (1 - kept ** (rounds + gap))
    return replace(validator, participation=validator.participation * share)


def reported(
    before: ValidatorMemory | None, reports: int, round_number: int, policy: Policy
) -> ValidatorMemory:
    """What is remembered of it after `reports` > 0 reports in `round_number`.

    `before` is as of the round before; None: it is new.
    """
    if before is None:
        return ValidatorMemory(round_number, round_number, reports, participation=1.0)
    kept = _kept(policy)
    rounds = round_number - before.first_round + 1
    after = silent(before, round_number - 1, round_number, policy)
    return replace(
        after,
        last_round=round_number,
        reports=before.reports + reports,
        participation=min(1.0, after.participation + (1 - kept) / (1 - kept**rounds)),
    )


def _kept(policy: Policy) -> float:
    """λ: what a round weighs of the one after it."""
    return float(0.5 ** (1 / policy.memory_rounds))
