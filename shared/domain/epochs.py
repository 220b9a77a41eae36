"""The epoch of a miner's reporters, which no single one of them decides."""

from __future__ import annotations

import numpy as np

from shared.domain.columns import Bools
from shared.domain.observations import SLACK
from shared.domain.votes import Votes

RAO = 1e-9
"""The smallest stake, TAO: what a validator without stake counts for here."""


def median_epochs(own: Bools, votes: Votes) -> list[int]:
    """[M]: the stake-weighted median of the epochs that validators are in.

    Each validator is in the epoch of the last report that holds a vote of its; on a miner those
    count that have a vote about it (`own` [K, M]). The lower of two medians. Without any such vote
    the number means nothing.
    """
    latest = votes.source.max(1).tolist()
    epochs = np.array([votes.reports[place].epoch for place in latest], dtype=np.int64)
    order = np.argsort(epochs, kind="stable")
    stakes = np.maximum(votes.stakes, RAO)[order]
    reached = np.cumsum(own[order] * stakes[:, None], axis=0)
    places = np.argmax(reached >= reached[-1] * (0.5 * (1 - SLACK)), axis=0)
    found: list[int] = epochs[order][places].tolist()
    return found
