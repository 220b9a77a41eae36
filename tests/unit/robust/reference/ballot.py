"""A ballot on paper: what each validator said about each miner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Grid = list[list[float]]  # [validator][miner]
Votes = list[dict[int, float]]  # [miner] of validator -> what it said
Codes = list[dict[int, int]]  # the same, of labels


@dataclass(frozen=True)
class LabelVotes:
    """votes: codes below `classes`. facts: miner -> the code that the chain proves."""

    votes: Codes
    classes: int
    facts: Mapping[int, int]


@dataclass(frozen=True)
class Ballot:
    """stake: [K]. confidence, age: [K][M], age in rounds. facts: field -> miner -> what the chain
    proves. A vote or a fact that is not there has no key.
    """

    stake: list[float]
    confidence: Grid
    age: Grid
    numbers: Mapping[str, Votes]
    labels: Mapping[str, LabelVotes]
    facts: Mapping[str, Mapping[int, float]]

    @property
    def validators(self) -> range:
        return range(len(self.stake))

    @property
    def miners(self) -> range:
        return range(len(self.confidence[0]))

    def voted(self, k: int, m: int) -> bool:
        """On any field."""
        numbers = any(k in votes[m] for votes in self.numbers.values())
        return numbers or any(k in labels.votes[m] for labels in self.labels.values())
