"""Who may vote in a subnet at one time, and what each of their votes weighs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shared.domain.columns import Bools, Floats
from shared.domain.memory import Memory
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Vote
from shared.domain.robust.stake import freshness
from shared.domain.votes import Votes
from shared.domain.weights import WeighedVote, stake_factors, weigh


@dataclass(frozen=True)
class Electorate:
    """The validators of one subnet at `now` (seconds).

    A vote counts towards consensus while it is younger than the consensus timeout, and its stake
    share is among the validators with such a vote on any miner. An individual report may serve for
    the whole reporting window, and is compared among all validators with a vote in that.
    """

    registry: Registry
    policy: Policy
    now: float
    votes: Votes
    """All votes in the reporting window."""
    reputations: Mapping[str, float]
    """Hotkey → reputation; who is not in it has 1."""

    @property
    def registry_is_fresh(self) -> bool:
        """Whether the chain's hotkeys, stakes and axons are facts."""
        return self.registry.is_fresh(self.policy, self.now)

    @cached_property
    def eligible(self) -> Mapping[str, float]:
        """Hotkey → raw stake (TAO) of everyone who may report."""
        known = self.registry.eligible(self.policy)
        return {hotkey: neuron.stake for hotkey, neuron in known.items()}

    @cached_property
    def eligible_stake(self) -> float:
        """What all eligible validators hold, TAO."""
        return math.fsum(self.eligible.values())

    @cached_property
    def current(self) -> Bools:
        """[K, M]: which votes count towards quorum and consensus."""
        return self.votes.is_current(self.policy, self.now)

    @cached_property
    def counts(self) -> Bools:
        """[K]: whose votes count towards a quorum: validators that are not in quarantine."""
        return self._reputation > 0

    @cached_property
    def active(self) -> tuple[int, ...]:
        """uids of the validators with a vote younger than the consensus timeout, ascending."""
        held = np.unique(self.votes.source[self.current]).tolist()
        return tuple(sorted({self.votes.reports[place].validator_uid for place in held}))

    @cached_property
    def weights(self) -> Floats:
        """[K, M]: what each current vote weighs; 0 elsewhere."""
        votes = self.votes
        known = self._current_factors
        stake = np.array([known.get(hotkey, 0.0) for hotkey in votes.validators])
        fresh = freshness(votes.ages(self.now) / self.policy.round_seconds, self.policy)
        factor = (stake * self._reputation)[:, None]
        return np.where(self.current, factor * votes.confidence * fresh, 0.0)

    def weigh_current(self, votes: Iterable[Vote]) -> list[WeighedVote]:
        """Those of the votes that count towards quorum and consensus, with their weights."""
        current = [vote for vote in votes if vote.age(self.now) < self.policy.consensus_timeout]
        return weigh(current, self._current_factors, self.policy, self.now, self.reputations)

    def weigh_individually(self, votes: Iterable[Vote]) -> list[WeighedVote]:
        """All of the votes, weighed as individual reports."""
        return weigh(votes, self._reporting_factors, self.policy, self.now, self.reputations)

    @cached_property
    def _reputation(self) -> Floats:
        known = [self.reputations.get(hotkey, 1.0) for hotkey in self.votes.validators]
        return np.array(known, dtype=np.float64)

    @cached_property
    def _current_factors(self) -> Mapping[str, float]:
        return stake_factors(self._stakes(self.current), self.policy)

    @cached_property
    def _reporting_factors(self) -> Mapping[str, float]:
        return stake_factors(self._stakes(self.votes.given), self.policy)

    def _stakes(self, among: Bools) -> dict[str, float]:
        """Hotkey → stake of the validators with one of these votes."""
        voters = np.asarray(among.any(1)).tolist()
        held = zip(self.votes.validators, self.votes.stakes.tolist(), voters, strict=True)
        return {hotkey: stake for hotkey, stake, is_voter in held if is_voter}


def electorate_at(
    votes: Votes, registry: Registry, memory: Memory, policy: Policy, now: float
) -> Electorate:
    """The validators as of the memory; `votes` are those in the reporting window."""
    reputations = {hotkey: known.reputation for hotkey, known in memory.validators.items()}
    return Electorate(registry, policy, now, votes, reputations)
