"""How much of the voting stake speaks of each miner.

What only a few speak of says nothing about them: were it learnt from, whoever invents miners would
agree with himself on all of them, and make all others' votes look scattered.
"""

from __future__ import annotations

import numpy as np

from shared.domain.columns import Bools, Floats
from shared.domain.electorate import Electorate
from shared.domain.observations import SLACK
from shared.domain.robust.stake import capped_share

ENOUGH = 0.5
"""Of the voting stake."""
ALMOST_TYPICAL = 0.85
"""Of the stake that speaks of the typical miner, where that is little: validators may each watch
other miners. A minority that watches nothing but its own remains below it up to 46 %."""


def audience(own: Bools, electorate: Electorate) -> Floats:
    """[M]: the stake that speaks of a miner over what it takes to be heard, at most 1.

    `own` [K, M] are the current votes about the miner that was found at each uid. Shares of the
    stake are those of the engine's anchor, among validators that count. It takes half of them, or
    almost as much as speaks of the typical miner: the median over all votes, every validator's
    stake spread evenly over its own, so that who votes on more miners has no more say in it.
    """
    voters = own.any(1) & electorate.counts
    share = np.zeros(voters.size)
    share[voters] = _shares(electorate.votes.stakes[voters], electorate)
    present = share @ own
    if not present.any():
        return np.ones(present.size)
    spread = (share / np.maximum(own.sum(1), 1)) @ own
    needed = min(ENOUGH * float(share.sum()), ALMOST_TYPICAL * _median(present, spread))
    return np.minimum(1.0, present / needed)


def is_heard(audience: Floats) -> Bools:
    """[M]: whether enough of the stake speaks of it."""
    return np.asarray(audience >= 1 - SLACK)


def _shares(stakes: Floats, electorate: Electorate) -> Floats:
    if not stakes.any():
        return np.ones(stakes.size)
    return capped_share(stakes, electorate.policy.anchor_cap, electorate.policy)


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
