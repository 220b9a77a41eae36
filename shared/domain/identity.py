"""Who the miner at a uid is: the chain if its facts are fresh, else the votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.fields import hotkey_of
from shared.domain.observations import Observation, Tally, conflict_of, reaches, tally
from shared.domain.policy import Policy
from shared.domain.registry import Neuron
from shared.domain.reports import Vote
from shared.domain.results import Conflict
from shared.domain.weights import WeighedVote


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the votes at a uid are about."""

    hotkey: str | None
    """None: no vote names a hotkey; identity is the uid alone."""
    chain: Neuron | None = None
    """The chain's entry while it is a fact."""
    agreement: float | None = None
    """Share 0–1 of the weight naming this hotkey among the votes that name one; None: none do."""
    conflict: Conflict | None = None

    @property
    def is_unresolved(self) -> bool:
        """Whether no hotkey has the majority that it needs."""
        return self.conflict is not None and self.conflict.kind == "identity"

    def is_of(self, vote: Vote) -> bool:
        """Whether the vote is about this miner; one that names no hotkey is about the uid."""
        named = hotkey_of(vote.status)
        return named is None or named == self.hotkey


def identify(
    votes: Sequence[WeighedVote], neuron: Neuron | None, is_fresh: bool, policy: Policy
) -> Identity:
    """Decide by the registry's `neuron` at this uid (None: no entry) and by the votes on it.

    Fresh: the chain's hotkey is a fact; `majority` of the weight against it is the conflict
    `chain_mismatch` all the same. Older, or no entry: the heaviest hotkey wins; below `majority`
    it is the conflict `identity`, otherwise `chain_mismatch` if the old entry has another.
    """
    named = tally(
        [
            Observation(hotkey, each.weight.product, each.vote.report.signed_at)
            for each in votes
            if (hotkey := hotkey_of(each.vote.status)) is not None
        ]
    )
    if neuron is not None and is_fresh:
        return _by_chain(neuron, named, policy.majority)
    return _by_vote(named, neuron, policy.majority) if named else Identity(None)


def identify_unanimous(hotkey: str | None, neuron: Neuron | None, is_fresh: bool) -> Identity:
    """The same where all current votes name this hotkey; None: where none of them names any."""
    named = [Tally(hotkey, 1.0, 0.0, 1)] if hotkey is not None else []
    if neuron is not None and is_fresh:
        return _by_chain(neuron, named, 1.0)
    return _by_vote(named, neuron, 1.0) if named else Identity(None)


def _by_chain(neuron: Neuron, named: Sequence[Tally], majority: float) -> Identity:
    if not named:
        return Identity(neuron.hotkey, neuron)
    agreement = sum(counted.share for counted in named if counted.value == neuron.hotkey)
    mismatch = reaches(1 - agreement, majority)
    conflict = conflict_of("hotkey", "chain_mismatch", named) if mismatch else None
    return Identity(neuron.hotkey, neuron, agreement, conflict)


def _by_vote(named: Sequence[Tally], neuron: Neuron | None, majority: float) -> Identity:
    winner = named[0]
    conflict = None
    if not reaches(winner.share, majority):
        conflict = conflict_of("hotkey", "identity", named)
    elif neuron is not None and neuron.hotkey != winner.value:
        conflict = conflict_of("hotkey", "chain_mismatch", named)
    return Identity(winner.value, None, winner.share, conflict)
