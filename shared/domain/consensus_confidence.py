"""How sure the consensus about one miner is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from shared.domain.observations import shares
from shared.domain.weights import WeighedVote


def consensus_confidence(
    votes: Sequence[WeighedVote], agreements: Iterable[float], stake_share: float
) -> float:
    """Confidence 0–1 = agreement² × support × quality × stake factor.

    - agreement: mean of `agreements`, per field voted the share 0–1 of the weight that agrees;
      none voted: 1. Squared, since a value disputed by a tenth is worse than a tenth less sure.
    - support: n / (n + ½) for n distinct validators: 0.67 for one, 0.8 for two, 0.97 for sixteen.
    - quality: mean of report confidence × reputation, by weight. Freshness is left out: a vote
      that is valid but old says the same with less weight, not with less truth.
    - stake factor: 0.9 + 0.1 × `stake_share`, the share 0–1 of the eligible stake that voted.

    So two agreeing complete reports give at least 1 × 0.8 × 1 × 0.9 = 0.72, and a single one never
    more than 0.67: below the threshold of task selection, 0.7. No votes: 0.
    """
    if not votes:
        return 0.0
    fields = list(agreements)
    agreement = math.fsum(fields) / len(fields) if fields else 1.0
    voters = len({each.vote.validator for each in votes})
    support = voters / (voters + 0.5)
    return agreement**2 * support * _quality(votes) * (0.9 + 0.1 * stake_share)


def _quality(votes: Sequence[WeighedVote]) -> float:
    parts = shares([each.weight.product for each in votes])
    return math.fsum(
        part * each.weight.confidence * each.weight.reputation
        for part, each in zip(parts, votes, strict=True)
    )
