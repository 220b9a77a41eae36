"""Who may vote in a subnet at one time, and what each of their votes weighs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.domain.memory import Memory
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Vote
from shared.domain.weights import WeighedVote, stake_factors, weigh


@dataclass(frozen=True, slots=True)
class Electorate:
    """The validators of one subnet at `now` (seconds).

    A vote counts towards consensus while it is younger than the consensus timeout, and its stake
    share is among the validators with such a vote on any miner. An individual report may serve for
    the whole reporting window, and is compared among all validators with a vote in that.
    """

    registry: Registry
    policy: Policy
    now: float
    eligible: Mapping[str, float]
    """Hotkey → raw stake (TAO) of everyone who may report."""
    active: tuple[int, ...]
    """uids of the validators with a vote younger than the consensus timeout, ascending."""
    _current_factors: Mapping[str, float]
    _reporting_factors: Mapping[str, float]
    _reputations: Mapping[str, float]

    @property
    def registry_is_fresh(self) -> bool:
        """Whether the chain's hotkeys, stakes and axons are facts."""
        return self.registry.is_fresh(self.policy, self.now)

    def is_current(self, vote: Vote) -> bool:
        """Whether the vote counts towards quorum and consensus."""
        return vote.age(self.now) < self.policy.consensus_timeout

    def weigh_current(self, votes: Iterable[Vote]) -> list[WeighedVote]:
        """The votes that count towards quorum and consensus, with their weights."""
        current = filter(self.is_current, votes)
        return weigh(current, self._current_factors, self.policy, self.now, self._reputations)

    def weigh_individually(self, votes: Iterable[Vote]) -> list[WeighedVote]:
        """All of the votes, weighed as individual reports."""
        return weigh(votes, self._reporting_factors, self.policy, self.now, self._reputations)


def electorate_at(
    votes: Mapping[int, Sequence[Vote]],
    registry: Registry,
    memory: Memory,
    policy: Policy,
    now: float,
) -> Electorate:
    """Everyone's stakes and reputations; `votes` is uid → the votes in the reporting window."""
    everyone = [vote for at_uid in votes.values() for vote in at_uid]
    current = [vote for vote in everyone if vote.age(now) < policy.consensus_timeout]
    return Electorate(
        registry=registry,
        policy=policy,
        now=now,
        eligible={hotkey: neuron.stake for hotkey, neuron in registry.eligible(policy).items()},
        active=tuple(sorted({vote.report.validator_uid for vote in current})),
        _current_factors=stake_factors(_stakes(current), policy),
        _reporting_factors=stake_factors(_stakes(everyone), policy),
        _reputations={h: known.reputation for h, known in memory.validators.items()},
    )


def _stakes(votes: Iterable[Vote]) -> dict[str, float]:
    return {vote.validator: vote.stake for vote in votes}
