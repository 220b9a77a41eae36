"""A miner before its values are known: who it is, and on which votes its values will rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shared.domain.electorate import Electorate
from shared.domain.identity import Identity, identify
from shared.domain.memory import Memory, MinerMemory
from shared.domain.reports import Vote
from shared.domain.states import has_quorum
from shared.domain.weights import WeighedVote


@dataclass(frozen=True, slots=True)
class Case:
    """One uid with everything that does not depend on the fields of its statuses."""

    uid: int
    identity: Identity
    remembered: MinerMemory | None
    votes: Sequence[Vote]
    """All votes at the uid in the reporting window."""
    own: Sequence[Vote]
    """Those of them that are about this miner."""
    resting: Sequence[WeighedVote]
    """The votes that its values rest on: the current ones, or the best individual report."""
    current: Sequence[WeighedVote]
    """All votes at the uid that are young enough to count, about whichever miner."""
    has_quorum: bool
    is_contested: bool
    """Whether the current votes leave open who the miner is."""


def cases_of(
    votes: Mapping[int, Sequence[Vote]], memory: Memory, electorate: Electorate
) -> list[Case]:
    """One case per uid that is voted on in the reporting window or remembered, uids ascending."""
    hotkeys = _latest_hotkeys(memory)
    return [
        _case(uid, votes.get(uid, ()), hotkeys.get(uid), memory, electorate)
        for uid in sorted({*votes, *hotkeys})
    ]


def _case(
    uid: int,
    votes: Sequence[Vote],
    latest_hotkey: str | None,
    memory: Memory,
    electorate: Electorate,
) -> Case:
    current = electorate.weigh_current(votes)
    identity = identify(
        current or electorate.weigh_individually(votes),
        electorate.registry.of_uid(uid),
        electorate.registry_is_fresh,
        electorate.policy,
    )
    if not votes and identity.chain is None:
        identity = replace(identity, hotkey=latest_hotkey)
    own = [vote for vote in votes if identity.is_of(vote)]
    own_current = [each for each in current if each.counts and identity.is_of(each.vote)]
    quorum = has_quorum([each.vote for each in own_current], electorate.eligible, electorate.policy)
    contested = identity.is_unresolved and bool(current)
    return Case(
        uid=uid,
        identity=identity,
        remembered=memory.miners.get((uid, identity.hotkey or "")),
        votes=votes,
        own=own,
        current=current,
        resting=own_current if quorum or contested else _best_report(own, electorate),
        has_quorum=quorum,
        is_contested=contested,
    )


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
