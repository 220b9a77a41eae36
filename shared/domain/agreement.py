"""How far each validator agrees with the consensus that it took part in.

What is compared: the numbers and labels of its current votes on miners that have a quorum, with
the consensus values. A number agrees within the field's tolerance, a label if it is the same. A
fact of the chain counts only against: everyone can read it, so repeating it proves nothing. A vote
about another hotkey than the miner's is one observation that does not agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from shared.domain.columns import Bools, Floats, Ints
from shared.domain.fields import kind_of
from shared.domain.observations import SLACK, canonical
from shared.domain.policy import Policy
from shared.domain.results import MinerResult, Resolution
from shared.domain.standing import Deviation
from shared.domain.votes import NONE, OTHER, Votes


@dataclass(frozen=True, slots=True)
class Agreement:
    """One validator's observations, counted."""

    agreeing: int = 0
    observations: int = 0
    miners: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Miner uid → (agreeing, observations), for the miners with any observation."""
    furthest: Deviation | None = None
    """The number furthest from its consensus; None while all are within tolerance."""


MOST_TOLERANCES = 1000.0
"""No deviation is given as more, also where nothing but equality is tolerated."""


def agreements(
    resolution: Resolution, votes: Votes, policy: Policy, now: float
) -> dict[str, Agreement]:
    """Hotkey → agreement of every validator with a current vote on a miner that has a quorum.

    `votes` as `resolve` got them, `now` in seconds. Ties for the furthest number: the smaller miner
    uid, then the field's name.
    """
    comparison = _comparison(resolution, votes, policy, now)
    for name in sorted({*votes.fields("numbers"), *votes.fields("labels")}):
        _compare_labels(name, comparison)
        _compare_numbers(name, comparison, policy)
    return dict(_counted(comparison))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Votes beside the consensus; matrices are [K, M], `miners` the results of the M miners."""

    votes: Votes
    miners: Sequence[MinerResult | None]
    current: Bools
    """Votes on miners that have a quorum."""
    own: Bools
    """Those of them that are about the miner."""
    observations: Ints
    agreeing: Ints
    furthest: dict[str, Deviation] = field(default_factory=dict)

    def count(self, observed: Bools, agree: Bools) -> None:
        """One more observation each."""
        self.observations[observed] += 1
        self.agreeing[observed & agree] += 1

    def held(self, name: str, kind: str) -> list[Any]:
        """[M]: the consensus value of a field if it is of this kind, else None."""
        values = [miner.values.get(name) if miner else None for miner in self.miners]
        return [v if v is not None and kind_of(name, v) == kind else None for v in values]


def _comparison(resolution: Resolution, votes: Votes, policy: Policy, now: float) -> _Comparison:
    """About another hotkey: one observation that does not agree."""
    miners = [resolution.miners.get(uid) for uid in votes.uids]
    decided = np.array([miner is not None and miner.has_quorum for miner in miners], dtype=bool)
    current = votes.is_current(policy, now) & decided
    about = votes.about({uid: miner.hotkey for uid, miner in resolution.miners.items()})
    observations = (current & ~about).astype(np.int64)
    return _Comparison(
        votes, miners, current, current & about, observations, np.zeros_like(observations)
    )


def _compare_labels(name: str, comparison: _Comparison) -> None:
    coded = comparison.votes.labels(name)
    known = {value: code for code, value in enumerate(coded.values)}
    held = comparison.held(name, "label")
    codes = [NONE if v is None else known.get(canonical(v), OTHER) for v in held]
    consensus = np.array(codes, dtype=np.int64)
    observed = comparison.own & (consensus != NONE) & (coded.codes != NONE)
    comparison.count(observed, coded.codes == consensus)


def _compare_numbers(name: str, comparison: _Comparison, policy: Policy) -> None:
    values = comparison.votes.numbers(name)
    held = np.array(comparison.held(name, "number"), dtype=np.float64)
    tolerance = np.array([policy.tolerance(name, value) for value in held.tolist()])
    is_fact = [
        miner is not None and miner.sources.get(name) == "chain" for miner in comparison.miners
    ]
    with np.errstate(over="ignore"):
        distance = values - held
    near = np.abs(distance) <= tolerance * (1 + SLACK)
    observed = comparison.own & ~np.isnan(distance)
    comparison.count(observed & ~(near & np.array(is_fact, dtype=bool)), near)
    _note(name, observed & ~near, _tolerances(distance, tolerance), comparison)


def _tolerances(distance: Floats, tolerance: Floats) -> Floats:
    """Distances in tolerances, at most `MOST_TOLERANCES` of them."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        beyond = ~(np.abs(distance) < MOST_TOLERANCES * tolerance)
        return np.where(beyond, np.copysign(MOST_TOLERANCES, distance), distance / tolerance)


def _note(name: str, off: Bools, tolerances: Floats, comparison: _Comparison) -> None:
    """Remember the furthest number of every validator; `off` are the votes outside tolerance."""
    furthest, votes = comparison.furthest, comparison.votes
    sizes = np.where(off, np.abs(tolerances), NONE)
    for row in np.flatnonzero(off.any(1)).tolist():
        column, hotkey = int(sizes[row].argmax()), votes.validators[row]
        found = Deviation(votes.uids[column], name, float(tolerances[row, column]))
        furthest[hotkey] = min(furthest.get(hotkey, found), found, key=_nearness)


def _nearness(deviation: Deviation) -> tuple[float, int, str]:
    return (-abs(deviation.tolerances), deviation.miner_uid, deviation.field)


def _counted(comparison: _Comparison) -> Iterator[tuple[str, Agreement]]:
    votes = comparison.votes
    for row in np.flatnonzero(comparison.current.any(1)).tolist():
        agreeing = comparison.agreeing[row].tolist()
        observations = comparison.observations[row].tolist()
        by_miner = {
            uid: (agree, seen)
            for uid, agree, seen in zip(votes.uids, agreeing, observations, strict=True)
            if seen
        }
        hotkey = votes.validators[row]
        furthest = comparison.furthest.get(hotkey)
        yield hotkey, Agreement(sum(agreeing), sum(observations), by_miner, furthest)
