"""Everything but numbers and labels, for many miners by one look at the matrices.

It says what `recency` and `addresses` say of one miner's votes. Where that look does not settle a
field of a miner, because its votes differ or come in several kinds, they are asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from shared.domain.addresses import BACKERS
from shared.domain.cases import Case
from shared.domain.columns import Bools, Floats, Ints
from shared.domain.electorate import Electorate
from shared.domain.estimate import Estimate
from shared.domain.estimates import estimate
from shared.domain.fields import ADDRESSES
from shared.domain.observations import SLACK, canonical
from shared.domain.votes import NONE, Votes

Found = Iterator[tuple[int, str, Estimate]]
"""Place of the case, field, estimate."""


def estimate_remainder(
    cases: Sequence[Case], electorate: Electorate, without: frozenset[str]
) -> list[dict[str, Estimate]]:
    """Per case: field → estimate. All cases are decided; fields in `without` are left out."""
    found: list[dict[str, Estimate]] = [{} for _ in cases]
    if not cases:
        return found
    poll = _poll(cases, electorate)
    asked: list[set[str]] = [set() for _ in cases]
    for place, name, estimated in _recent(poll, cases, without):
        found[place][name] = estimated
    for place, name, estimated in _addresses(poll, without, asked):
        found[place][name] = estimated
    _ask_for_the_rest(poll, without, asked)
    for case, names, of_case in zip(cases, asked, found, strict=True):
        if names:
            of_case.update(estimate(case.resting, electorate.policy, only=names))
    return found


@dataclass(frozen=True, slots=True)
class _Poll:
    """The votes that the C cases rest on; matrices are [K, C]."""

    votes: Votes
    at: Ints
    """[C]: the columns of the cases."""
    resting: Bools
    weights: Floats
    signed_at: Floats
    bar: float


def _poll(cases: Sequence[Case], electorate: Electorate) -> _Poll:
    votes = electorate.votes
    at = np.array([case.column for case in cases], dtype=np.int64)
    resting = np.zeros((len(votes.validators), len(cases)), dtype=bool)
    for place, case in enumerate(cases):
        resting[case.rows, place] = True
    bar = electorate.policy.high_confidence_share * (1 - SLACK)
    return _Poll(votes, at, resting, electorate.weights[:, at], votes.signed_at[:, at], bar)


def _mixed(poll: _Poll, without: frozenset[str]) -> set[str]:
    """Fields that come as numbers or labels, and that nobody else decides."""
    return {*poll.votes.fields("numbers"), *poll.votes.fields("labels")} - without


def _recent(poll: _Poll, cases: Sequence[Case], without: frozenset[str]) -> Found:
    mixed = _mixed(poll, without)
    for name in poll.votes.fields("recent"):
        if name in without or name in mixed:
            continue
        given = poll.resting & poll.votes.recent(name)[:, poll.at]
        heaviest = np.where(given, poll.weights, 0.0).max(0)
        heavy = given & (poll.weights >= poll.bar * heaviest)
        newest = np.where(heavy, poll.signed_at, -np.inf).max(0)
        chosen = heavy & (poll.signed_at == newest)
        for place in np.flatnonzero(given.any(0)).tolist():
            rows = np.flatnonzero(chosen[:, place])
            values = poll.votes.told(rows, cases[place].column, name)
            value = values[0] if len(values) == 1 else min(values, key=canonical)
            yield place, name, Estimate(value)


def _addresses(poll: _Poll, without: frozenset[str], asked: Sequence[set[str]]) -> Found:
    """Addresses that all votes give alike; the others are put down in `asked`."""
    for name in ADDRESSES.keys() - without:
        coded = poll.votes.addresses(name)
        codes = coded.codes[:, poll.at]
        given = poll.resting & (codes != NONE)
        alike = (codes == codes.max(0, initial=NONE, where=given)) | ~poll.resting
        settled = alike.all(0) & (given.sum(0) >= BACKERS)
        first = given.argmax(0)
        for place in np.flatnonzero(given.any(0)).tolist():
            if settled[place]:
                yield place, name, Estimate(coded.values[codes[first[place], place]])
            else:
                asked[place].add(name)


def _ask_for_the_rest(poll: _Poll, without: frozenset[str], asked: Sequence[set[str]]) -> None:
    for name in _mixed(poll, without):
        given = ~np.isnan(poll.votes.numbers(name)) | (poll.votes.labels(name).codes != NONE)
        given |= poll.votes.recent(name)
        for place in np.flatnonzero((poll.resting & given[:, poll.at]).any(0)).tolist():
            asked[place].add(name)
