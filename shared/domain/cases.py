"""A miner before its values are known: who it is, and on which votes its values will rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from math import fsum

import numpy as np

from shared.domain.columns import Bools, Ints
from shared.domain.electorate import Electorate
from shared.domain.epochs import median_epochs
from shared.domain.identity import Identity, identify, identify_unanimous
from shared.domain.memory import Memory, MinerMemory
from shared.domain.observations import SLACK, Observation, shares
from shared.domain.reports import Report, Vote
from shared.domain.votes import NONE
from shared.domain.weights import WeighedVote

NOBODY = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Case:
    """One uid with everything that does not depend on the fields of its statuses."""

    uid: int
    column: int
    """Its column in the votes; −1: nobody votes on it."""
    identity: Identity
    remembered: MinerMemory | None
    electorate: Electorate
    has_quorum: bool = False
    is_contested: bool = False
    """Whether the current votes leave open who the miner is."""
    votes_count: int = 0
    """Votes at the uid in the reporting window, about whichever miner."""
    newest: Report | None = None
    """The last one with a vote about this miner."""
    epoch: int | None = None
    """Median epoch, by stake, of the validators with a vote about this miner."""
    rows: Ints = field(default_factory=lambda: NOBODY)
    """Rows of the votes that count together; none unless it is decided."""
    validators: tuple[int, ...] = ()
    """uids of the validators that those are of, ascending."""

    @property
    def is_decided(self) -> bool:
        """Whether its values rest on votes together, not on the best individual report."""
        return self.has_quorum or self.is_contested

    @cached_property
    def votes(self) -> Sequence[Vote]:
        """All votes at the uid in the reporting window."""
        return self.electorate.votes[self.uid] if self.column != NONE else ()

    @cached_property
    def own(self) -> Sequence[Vote]:
        """Those of them that are about this miner."""
        return [vote for vote in self.votes if self.identity.is_of(vote)]

    @cached_property
    def current(self) -> Sequence[WeighedVote]:
        """All votes at the uid that are young enough to count, about whichever miner."""
        return self.electorate.weigh_current(self.votes)

    def observations(self, name: str, given: Bools) -> list[Observation]:
        """One field in the votes that count together, where it is `given` [K, M]."""
        votes, column = self.electorate.votes, self.column
        rows = self.rows[given[self.rows, column]]
        values = votes.told(rows, column, name)
        weights = self.electorate.weights[rows, column].tolist()
        return [*map(Observation, values, weights, votes.signed_at[rows, column].tolist())]

    def heard(self, names: Iterable[str]) -> dict[str, float]:
        """Field → share 0–1 of the weight of the votes that count together which give it."""
        votes, rows = self.electorate.votes, self.rows
        parts = shares(self.electorate.weights[rows, self.column].tolist())
        given = {name: votes.gives(name)[rows, self.column].tolist() for name in names}
        return {name: fsum(compress(parts, mask)) for name, mask in given.items()}

    @cached_property
    def resting(self) -> Sequence[WeighedVote]:
        """The votes that its values rest on: the current ones, or the best individual report."""
        if self.is_decided:
            return [e for e in self.current if e.counts and self.identity.is_of(e.vote)]
        return _best_report(self.own, self.electorate)


def cases_of(memory: Memory, electorate: Electorate) -> list[Case]:
    """One case per uid that is voted on in the reporting window or remembered, uids ascending."""
    hotkeys = _latest_hotkeys(memory)
    columns = electorate.votes.columns
    uids = sorted({*columns, *hotkeys})
    identities = _identities(uids, hotkeys, electorate)
    turnout = _turnout({uid: found.hotkey for uid, found in identities.items()}, electorate)
    return [
        _case(uid, columns.get(uid, NONE), identities[uid], memory, electorate, turnout)
        for uid in uids
    ]


@dataclass(frozen=True, slots=True)
class _Turnout:
    """Who voted on the M miners of the votes, as they were identified; each [M]."""

    has_quorum: list[bool]
    has_current: list[bool]
    votes: list[int]
    newest: list[int]
    epochs: list[int]
    rows: list[Ints]
    validators: list[tuple[int, ...]]


def _case(  # noqa: PLR0913, PLR0917 - what is known of a uid
    uid: int,
    column: int,
    identity: Identity,
    memory: Memory,
    electorate: Electorate,
    turnout: _Turnout,
) -> Case:
    remembered = memory.miners.get((uid, identity.hotkey or ""))
    if column == NONE:
        return Case(uid, NONE, identity, remembered, electorate)
    quorum, newest = turnout.has_quorum[column], turnout.newest[column]
    contested = identity.is_unresolved and turnout.has_current[column]
    return Case(
        uid=uid,
        column=column,
        identity=identity,
        remembered=remembered,
        electorate=electorate,
        has_quorum=quorum,
        is_contested=contested,
        votes_count=turnout.votes[column],
        newest=electorate.votes.reports[newest] if newest != NONE else None,
        epoch=turnout.epochs[column] if newest != NONE else None,
        rows=turnout.rows[column] if quorum or contested else NOBODY,
        validators=turnout.validators[column] if quorum or contested else (),
    )


def _identities(
    uids: Sequence[int], hotkeys: Mapping[int, str | None], electorate: Electorate
) -> dict[int, Identity]:
    """uid → who is there; where all current votes agree there is nothing to weigh."""
    votes = electorate.votes
    agreed = _agreed_hotkeys(electorate)
    found: dict[int, Identity] = {}
    for uid in uids:
        neuron, fresh = electorate.registry.of_uid(uid), electorate.registry_is_fresh
        if uid in agreed:
            found[uid] = identify_unanimous(agreed[uid], neuron, fresh)
            continue
        at_uid = votes.get(uid, [])
        weighed = electorate.weigh_current(at_uid) or electorate.weigh_individually(at_uid)
        identity = identify(weighed, neuron, fresh, electorate.policy)
        if not at_uid and identity.chain is None:
            identity = replace(identity, hotkey=hotkeys.get(uid))
        found[uid] = identity
    return found


def _agreed_hotkeys(electorate: Electorate) -> dict[int, str | None]:
    """uid → the only hotkey that current votes name there; None where they name none."""
    votes = electorate.votes
    if not votes.uids:
        return {}
    codes = votes.hotkeys.codes
    naming = electorate.current & (codes != NONE)
    greatest = np.where(naming, codes, NONE).max(0)
    least = np.where(naming, codes, len(votes.hotkeys.values)).min(0)
    alike = electorate.current.any(0) & ((greatest == least) | ~naming.any(0))
    names = [*map(str, votes.hotkeys.values), None]
    return {
        uid: names[code]
        for uid, code, agree in zip(votes.uids, greatest.tolist(), alike.tolist(), strict=True)
        if agree
    }


def _turnout(hotkeys: Mapping[int, str | None], electorate: Electorate) -> _Turnout:
    """`hotkeys` is uid → the hotkey that was found there."""
    votes = electorate.votes
    if not votes.uids:
        return _Turnout([], [], [], [], [], [], [])
    own = votes.about(hotkeys)
    resting = own & electorate.current & electorate.counts[:, None]
    rows = [np.flatnonzero(column) for column in resting.T]
    return _Turnout(
        has_quorum=_have_quorum(resting, electorate).tolist(),
        has_current=np.asarray(electorate.current.any(0)).tolist(),
        votes=votes.given.sum(0).tolist(),
        newest=np.where(own, votes.source, NONE).max(0).tolist(),
        epochs=median_epochs(own, votes),
        rows=rows,
        validators=_voters(rows, electorate),
    )


def _have_quorum(resting: Bools, electorate: Electorate) -> Bools:
    """[M]: enough distinct validators voted, and hold enough of the eligible stake if asked."""
    policy, stakes = electorate.policy, electorate.votes.stakes
    heads = resting.sum(0)
    if electorate.eligible_stake > 0:
        share = np.minimum(1.0, (resting * stakes[:, None]).sum(0) / electorate.eligible_stake)
    else:
        share = heads / max(1, len(electorate.eligible))
    enough = share >= policy.min_stake_share * (1 - SLACK)
    return np.asarray((heads >= policy.min_consensus_validators) & enough)


def _voters(rows: Sequence[Ints], electorate: Electorate) -> list[tuple[int, ...]]:
    """uids of the validators per miner, ascending; the same tuple for the same voters."""
    votes = electorate.votes
    uids = np.array([report.validator_uid for report in votes.reports], dtype=np.int64)
    voters = uids[votes.source]
    known: dict[bytes, tuple[int, ...]] = {}
    found = []
    for column, rows_of in enumerate(rows):
        uids_of = voters[rows_of, column]
        key = uids_of.tobytes()
        if key not in known:
            known[key] = tuple(sorted(set(uids_of.tolist())))
        found.append(known[key])
    return found


def _best_report(votes: Sequence[Vote], electorate: Electorate) -> list[WeighedVote]:
    """The vote with the greatest weight; ties: signed later, then the smaller report id."""
    return sorted(
        electorate.weigh_individually(votes),
        key=lambda each: (
            -each.weight.product,
            -each.vote.report.signed_at,
            each.vote.report.report_id,
        ),
    )[:1]


def _latest_hotkeys(memory: Memory) -> dict[int, str | None]:
    """uid → the hotkey that was last reported there; None where only the uid was known."""
    newest = sorted(memory.miners, key=lambda key: (memory.miners[key].last_seen_round, key[1]))
    return {uid: hotkey or None for uid, hotkey in newest}
