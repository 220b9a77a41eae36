"""Replay: the very engine over a recorded stream, for audits, tuning and outside data.

Who reports may vote, with the stake that its last report names; nothing is known from a chain.
Without ticks, rounds close by `t`, as they do in the service: each at its end + grace, the last
ones after the stream. With ticks, a round is what lies between two of them, and its votes are
resolved as of the second. A round without reports is closed only by a tick.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from shared.domain.learn import decay, learn
from shared.domain.memory import EMPTY, Memory
from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Registry
from shared.domain.reports import Report
from shared.domain.resolve import resolve
from shared.domain.results import MinerResult, Resolution
from shared.domain.rounds import Chain, Known, round_of, step
from shared.domain.thresholds import in_force
from shared.domain.votes import votes_at
from shared.service.answers import conflict_answer
from shared.service.recording import Recorded, Tick, read, validator_name

Entry = Recorded | Tick


def replay(
    lines: Iterable[str | bytes], policy: Policy, has_ticks: bool | None = None
) -> Iterator[dict[str, Any]]:
    """One answer per recompute: `{"t", "miners": {uid: …}, "validators": {uid: …}}`.

    A miner has the values of its fields, `consensus_confidence` (0–1), `state` and
    `conflicts_detected`; a validator its `reputation`, as the round left it. `policy` holds but
    for `min_validator_stake` and `max_miners`. Lines are read as they are needed; `has_ticks`
    spares holding them back until the first tick. Raises `BadLine` when it comes to one.
    """
    entries = read(lines)
    if has_ticks is None:
        has_ticks, entries = _look_for_tick(entries)
    subnet = _Subnet(replace(policy, min_validator_stake=0.0, max_miners=sys.maxsize))
    return _by_ticks(entries, subnet) if has_ticks else _by_time(entries, subnet)


def _look_for_tick(entries: Iterator[Entry]) -> tuple[bool, Iterator[Entry]]:
    held: list[Entry] = []
    for entry in entries:
        held.append(entry)
        if isinstance(entry, Tick):
            return True, itertools.chain(held, entries)
    return False, iter(held)


def _by_time(entries: Iterable[Entry], subnet: _Subnet) -> Iterator[dict[str, Any]]:
    for entry in entries:
        yield from subnet.close_through(entry.t)
        if isinstance(entry, Recorded):
            subnet.take(entry)
    yield from subnet.close_through(sys.float_info.max)


def _by_ticks(entries: Iterable[Entry], subnet: _Subnet) -> Iterator[dict[str, Any]]:
    for entry in entries:
        if isinstance(entry, Tick):
            yield subnet.tick(entry.t)
        else:
            subnet.take(entry)


@dataclass(slots=True)
class _Subnet:
    """What is known at one point of the stream."""

    policy: Policy
    memory: Memory = EMPTY
    closed_through: int = -1
    reports: dict[str, Report] = field(default_factory=dict)
    """Those that hold a vote or are still to be learnt from."""
    unlearnt: set[str] = field(default_factory=set)
    """Ids of the reports received since the last tick."""
    stakes: dict[int, float] = field(default_factory=dict)
    """uid → stake of every validator so far."""
    next_close: float = math.inf
    """When the first open round with reports may be closed."""

    def take(self, recorded: Recorded) -> None:
        """Receive a report."""
        report = recorded.report
        self.reports[report.report_id] = report
        self.unlearnt.add(report.report_id)
        self.stakes[report.validator_uid] = recorded.stake
        self.next_close = min(self.next_close, self._close_of(report))

    def close_through(self, t: float) -> Iterator[dict[str, Any]]:
        """Close what may be closed by `t`, round by round, and recompute after each."""
        while self.next_close <= t:
            now = self.next_close
            known = Known(list(self.reports.values()), self._registry(), self.policy)
            taken = step(Chain(self.memory, self.closed_through), known, now, most_rounds=1)
            self.memory, self.closed_through = taken.chain.memory, taken.chain.closed_through
            self.reports = {key: self.reports[key] for key in taken.inputs}
            self.next_close = min(map(self._close_of, self.reports.values()), default=math.inf)
            yield self._answer(now, taken.resolution)

    def tick(self, t: float) -> dict[str, Any]:
        """Recompute as of `t`, and close the round that ends there."""
        number = max(self.memory.round + 1, math.ceil(t / self.policy.round_seconds) - 1)
        registry = self._registry()
        memory = decay(self.memory, number - 1, self.policy)
        policy = in_force(self.policy, memory, registry)
        votes = votes_at(self.reports.values(), registry, policy, t)
        resolution = resolve(votes, registry, memory, policy, t)
        received = [
            self.reports[key] for key in self.unlearnt if self.reports[key].received_at <= t
        ]
        self.memory = learn(memory, number, received, resolution, votes, policy)
        self.unlearnt -= {report.report_id for report in received}
        held = self.unlearnt | set(votes.held)
        self.reports = {key: self.reports[key] for key in held}
        return self._answer(t, resolution)

    def _close_of(self, report: Report) -> float:
        """When the round that a report belongs to may be closed; ∞ if it is."""
        number = round_of(report.received_at, self.policy)
        if number <= self.closed_through:
            return math.inf
        return self.policy.round_end(number) + self.policy.round_grace

    def _registry(self) -> Registry:
        """Everyone who has reported, under a uid that no miner has."""
        neurons = (
            Neuron(-1 - uid, validator_name(uid), stake, validator_permit=True)
            for uid, stake in sorted(self.stakes.items())
        )
        return Registry(netuid=0, synced_at=-math.inf, neurons=tuple(neurons))

    def _answer(self, t: float, resolution: Resolution) -> dict[str, Any]:
        return {
            "t": t,
            "miners": {str(uid): _miner(found) for uid, found in resolution.miners.items()},
            "validators": {str(uid): self._validator(uid) for uid in sorted(self.stakes)},
        }

    def _validator(self, uid: int) -> dict[str, Any]:
        known = self.memory.validators.get(validator_name(uid))
        return {"reputation": known.reputation if known else 1.0}


def _miner(found: MinerResult) -> dict[str, Any]:
    named = {} if found.hotkey is None else {"hotkey": found.hotkey}
    return {
        **named,
        **found.values,
        "consensus_confidence": found.confidence,
        "state": found.state,
        "conflicts_detected": [conflict_answer(conflict) for conflict in found.conflicts],
    }
