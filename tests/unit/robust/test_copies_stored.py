"""Evidence on copies is stored in half precision, which ends at 65,504."""

from __future__ import annotations

import numpy as np
import pytest

from shared.domain.robust.ballot import Ballot
from shared.domain.robust.copiers import MOST_MET, learn_copies
from shared.domain.robust.memory import Memory, from_bytes, to_bytes
from shared.domain.robustness import Robustness

POLICY = Robustness()


def learnt(same: float, met: float) -> Memory:
    """What a round without votes leaves of the evidence on two validators."""
    pair = 1.0 - np.eye(2)
    peers = {"copies/same": same * pair, "copies/met": met * pair}
    ballot = Ballot(
        stake=np.ones(2),
        confidence=np.ones((2, 1)),
        age_rounds=np.zeros((2, 1)),
        numbers={},
        labels={},
    )
    before = Memory((2, 1), peers=peers)
    after = learn_copies(ballot, {}, np.zeros((2, 1), bool), np.full(2, 0.5), before, POLICY)
    return Memory((2, 1), peers={name: after[name] for name in peers})


@pytest.mark.parametrize("met", [100.0, 20_000.0, 40_000.0, 1e6, 1e9])
def test_a_pairs_kappa_survives_any_amount_of_evidence(met: float) -> None:
    """What exceeds the most is scaled down on both sides, and comes back as it was stored."""
    memory = learnt(0.9 * met, met)

    stored = from_bytes(to_bytes(memory))
    same, most = (float(stored.of_peers(f"copies/{name}")[0, 1]) for name in ("same", "met"))
    assert most <= MOST_MET
    assert 0.9 == pytest.approx(same / most, abs=1e-3)
    assert same == memory.of_peers("copies/same")[0, 1]
