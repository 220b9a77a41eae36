"""Learning whom to believe, once per round: the engine's record, kept under names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shared.domain import robust
from shared.domain.memory import ValidatorMemory
from shared.domain.record import Record

if TYPE_CHECKING:
    from shared.domain.ballots import Evidence
    from shared.domain.memory import Memory
    from shared.domain.policy import Policy
    from shared.domain.results import Resolution


LEAST = 0.01
"""Reputation of whoever is not in quarantine: only a reason that can be read takes a vote away."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a round leaves of a validator's name."""

    reputation: float
    """0–`reputation_cap`: the lowest over the fields that it voted on; 0 in quarantine."""
    quarantine: str
    """Why its votes are set aside; "" if they are not."""


def learn_record(
    memory: Memory, resolution: Resolution, received: frozenset[str], policy: Policy
) -> tuple[Record, dict[str, Verdict]]:
    """The record after a round, and hotkey → verdict of every validator in it.

    `memory` is as of the end of the round before; `received` are the ids of the reports received
    in the round. Without votes nothing is learnt.
    """
    evidence = resolution.evidence
    if evidence is None or not evidence.voted.any():
        return memory.record, {}
    arrays = memory.record.at(evidence.validators, evidence.miners)
    observed = evidence.observed(received)
    learnt = robust.learn(arrays, evidence.ballot, observed, policy, evidence.lifted)
    learnt_round = memory.round + 1
    after = Record(evidence.validators, evidence.miners, learnt, evidence.classes, learnt_round)
    return after, _verdicts(after, memory, evidence, policy)


def fade(record: Record, rounds: int, policy: Policy) -> Record:
    """The record after so many empty rounds."""
    if rounds <= 0 or not record.validators:
        return record
    arrays = robust.decay(record.arrays, rounds, policy)
    return replace(record, arrays=arrays)


def released(
    validators: Mapping[str, ValidatorMemory], record: Record
) -> dict[str, ValidatorMemory]:
    """The same validators, without the verdict on those whose quarantine has run out."""
    rounds = record.arrays.of_validators("quarantine/rounds")
    held = {hotkey for hotkey, left in zip(record.validators, rounds, strict=True) if left > 0}
    return {
        hotkey: validator
        if not validator.quarantine or hotkey in held
        else replace(validator, reputation=1.0, quarantine="")
        for hotkey, validator in validators.items()
    }


def _verdicts(
    record: Record, memory: Memory, evidence: Evidence, policy: Policy
) -> dict[str, Verdict]:
    found = robust.resolve(evidence.ballot, record.arrays, policy)
    verdicts: dict[str, Verdict] = {}
    for row, hotkey in enumerate(evidence.validators):
        reason = robust.REASONS[int(found.reason[row])]
        known = memory.validators.get(hotkey)
        is_unheard = not evidence.voted[row] and known is not None and not known.quarantine
        reputation = known.reputation if is_unheard and known else float(found.reputation[row])
        verdicts[hotkey] = Verdict(0.0 if reason else max(LEAST, reputation), reason)
    return verdicts
