"""How far each validator agrees with the consensus that it took part in.

What is compared: the numbers and labels of its current votes on miners that have a quorum, with
the consensus values. A number agrees within the field's tolerance, a label if it is the same. A
fact of the chain counts only against: everyone can read it, so repeating it proves nothing. A vote
about another hotkey than the miner's is one observation that does not agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shared.domain.fields import NOT_VOTED, hotkey_of, is_number, kind_of
from shared.domain.observations import SLACK
from shared.domain.policy import Policy
from shared.domain.reports import Vote
from shared.domain.results import MinerResult, Resolution


class Deviation(NamedTuple):
    """A number that lies outside its tolerance."""

    miner_uid: int
    field: str
    tolerances: float
    """Signed distance from the consensus in tolerances: −8.0 is eight tolerances below."""


@dataclass(slots=True)
class Agreement:
    """One validator's observations, counted."""

    agreeing: int = 0
    observations: int = 0
    miners: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Miner uid → (agreeing, observations), for the miners with any observation."""
    furthest: Deviation | None = None
    """The number furthest from its consensus; None while all are within tolerance."""

    @property
    def share(self) -> float | None:
        """Agreeing per observation, 0–1; None without observations."""
        return self.agreeing / self.observations if self.observations else None


class _Number(NamedTuple):
    """What a number is compared with."""

    value: float
    tolerance: float
    is_fact: bool


class _Label(NamedTuple):
    """What a label is compared with."""

    value: bool | str


_Yardstick = Mapping[str, _Number | _Label]


def agreements(
    resolution: Resolution, votes: Mapping[int, Sequence[Vote]], policy: Policy, now: float
) -> dict[str, Agreement]:
    """Hotkey → agreement of every validator with a current vote; `votes` as `resolve` got them.

    `now` in seconds. Ties for the furthest number: the smaller miner uid, then the field's name.
    """
    found: dict[str, Agreement] = {}
    for uid in sorted(votes):
        miner = resolution.miners.get(uid)
        if miner is None or not miner.has_quorum:
            continue
        yardstick = _yardstick(miner, policy)
        for vote in _current(votes[uid], policy, now):
            _count(found.setdefault(vote.validator, Agreement()), vote, miner, yardstick)
    return found


def _current(votes: Iterable[Vote], policy: Policy, now: float) -> Iterable[Vote]:
    return (vote for vote in votes if vote.age(now) < policy.consensus_timeout)


def _yardstick(miner: MinerResult, policy: Policy) -> _Yardstick:
    """Field → what a vote's value of it is held against, fields ascending."""
    found: dict[str, _Number | _Label] = {}
    for name, value in sorted(miner.values.items()):
        kind = None if name in NOT_VOTED else kind_of(name, value)
        if kind == "number":
            is_fact = miner.sources.get(name) == "chain"
            found[name] = _Number(value, policy.tolerance(name, value), is_fact)
        elif kind == "label":
            found[name] = _Label(value)
    return found


def _count(counted: Agreement, vote: Vote, miner: MinerResult, yardstick: _Yardstick) -> None:
    if hotkey_of(vote.status) not in (None, miner.hotkey):
        agreeing, observations = 0, 1
    else:
        agreeing, observations = _compare(counted, vote.status, miner.uid, yardstick)
    if observations:
        counted.miners[miner.uid] = (agreeing, observations)
        counted.agreeing += agreeing
        counted.observations += observations


def _compare(
    counted: Agreement, status: Mapping[str, Any], uid: int, yardstick: _Yardstick
) -> tuple[int, int]:
    """(agreeing, observations) of one status; notes the furthest number on the way."""
    agreeing = observations = 0
    for name, held in yardstick.items():
        value = status.get(name)
        if isinstance(held, _Label):
            if isinstance(value, bool | str):
                observations += 1
                agreeing += value == held.value and type(value) is type(held.value)
        elif value is not None and is_number(value):
            near = abs(value - held.value) <= held.tolerance * (1 + SLACK)
            agreeing += near and not held.is_fact
            observations += not (near and held.is_fact)
            if not near:
                _note(counted, Deviation(uid, name, _tolerances(value, held)))
    return agreeing, observations


def _tolerances(value: float, held: _Number) -> float:
    """The distance in tolerances; ±1000 at most, also where nothing but equality is tolerated."""
    distance = value - held.value
    most = 1000.0 if distance > 0 else -1000.0
    if abs(distance) >= 1000 * held.tolerance:
        return most
    return distance / held.tolerance


def _note(counted: Agreement, deviation: Deviation) -> None:
    if counted.furthest is None or abs(deviation.tolerances) > abs(counted.furthest.tolerances):
        counted.furthest = deviation
