"""Generated ballots."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from shared.domain.robust import Ballot, Labels

SCORE, SERVING = "performance_score", "is_serving"


@st.composite
def ballots(draw: st.DrawFn, agreeing: bool = False, least: int = 1) -> Ballot:
    """1 to 9 validators, 1 to 7 miners, with gaps; `agreeing`: scores within 0.02 of each other."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (draw(st.integers(least, 9)), draw(st.integers(1, 7)))
    scores = rng.choice([0.0, 0.2, 0.5, 0.52, 0.9, 1.0], shape) + rng.normal(0, 0.02, shape)
    if agreeing:
        scores = rng.random(shape[1]) + rng.uniform(-0.01, 0.01, shape)
    silent = rng.random(shape) < draw(st.sampled_from([0.0, 0.2, 0.6]))
    labels = np.where(silent, -1, rng.integers(0, 2, shape))
    return Ballot(
        stake=np.exp(rng.normal(0, draw(st.sampled_from([0.0, 1.0, 3.0])), shape[0])),
        confidence=rng.uniform(0.1, 1.0, shape),
        age_rounds=rng.integers(0, 4, shape).astype(float),
        numbers={SCORE: np.where(silent, np.nan, scores)},
        labels={SERVING: Labels(labels, 2)},
    )
