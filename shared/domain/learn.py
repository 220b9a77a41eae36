"""What a closed round leaves to the next. Learning happens once per round, in order."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from shared.domain.memory import Memory, MinerMemory, ValidatorMemory
from shared.domain.participation import reported, silent
from shared.domain.policy import Policy
from shared.domain.reports import Report
from shared.domain.reputation import Verdict, fade, learn_record, released
from shared.domain.results import MinerResult, Resolution
from shared.domain.votes import Votes

MEMORIES_PER_MINER = 2
"""Miners remembered per miner that a subnet may have: a displaced one is remembered too."""
FULL_HOUSE = 64
"""Validators that are remembered with `max_miners` miners in a document of 1 MiB."""
OWN_FIGURES = 20
"""What is remembered of a miner alone takes the place of so many validators' errors on it."""
FORGOTTEN_AFTER = 7 * 86_400.0
"""Seconds of silence after which a validator is forgotten: no report of it is kept any more."""


def learn(  # noqa: PLR0913, PLR0917 - what a round is made of; bundling it would only hide it
    memory: Memory,
    round_number: int,
    received: Sequence[Report],
    resolution: Resolution,
    votes: Votes,
    policy: Policy,
) -> Memory:
    """The memory as of the end of `round_number`, learnt from the reports received in it.

    `resolution` and `votes` are those as of the round's end. Rounds between the memory's and this
    one were empty and are decayed first. A report given twice counts once. Raises `ValueError` if
    the memory has learnt from this round or a later one already.
    """
    if round_number <= memory.round:
        raise ValueError(f"round {round_number} is closed: the memory is of {memory.round}")
    before = decay(memory, round_number - 1, policy)
    reports = {report.report_id: report for report in received}
    seen = _seen(resolution, votes, reports)
    record, verdicts = learn_record(before, resolution, frozenset(reports), policy)
    validators = _validators(before, round_number, reports.values(), verdicts, policy)
    miners = _unforgotten(
        _miners(before, round_number, resolution, seen, policy),
        round_number,
        len(validators),
        policy,
    )
    kept = record.only([v for v in record.validators if v in validators], sorted(miners))
    return Memory(
        round=round_number,
        miners=miners,
        validators=validators,
        total_reports=before.total_reports + len(reports),
        total_observations=before.total_observations
        + sum(len(report.statuses) for report in reports.values()),
        record=kept.as_stored(),
    )


def decay(memory: Memory, through_round: int, policy: Policy) -> Memory:
    """The memory as of the end of `through_round`, all rounds since its own being empty.

    Participation falls; a miner unseen for more than `memory_rounds` rounds is forgotten, and so
    is a validator silent for a week. In one step the same as in many. Raises `ValueError` for a
    round before the memory's.
    """
    if through_round < memory.round:
        raise ValueError(f"round {through_round} lies before the memory's, {memory.round}")
    if through_round == memory.round:
        return memory
    record = fade(memory.record, through_round - memory.round, policy)
    forgotten = through_round - FORGOTTEN_AFTER / policy.round_seconds
    validators = {
        hotkey: silent(validator, memory.round, through_round, policy)
        for hotkey, validator in memory.validators.items()
        if validator.last_round >= forgotten
    }
    return replace(
        memory,
        round=through_round,
        miners=_unforgotten(memory.miners, through_round, len(validators), policy),
        validators=released(validators, record),
        record=record,
    )


def _seen(resolution: Resolution, votes: Votes, received: Collection[str]) -> set[int]:
    """uids of the miners on which a vote of the round (report ids `received`) is held."""
    own = votes.about({uid: result.hotkey for uid, result in resolution.miners.items()})
    seen = np.asarray((own & votes.among(received)).any(0))
    return set(itertools.compress(votes.uids, seen.tolist()))


def _miners(
    before: Memory,
    round_number: int,
    resolution: Resolution,
    seen: Collection[int],
    policy: Policy,
) -> dict[tuple[int, str], MinerMemory]:
    """Every miner resolved, and the displaced ones as they were."""
    after = dict(before.miners)
    for uid, result in resolution.miners.items():
        key = (uid, result.hotkey or "")
        known = before.miners.get(key)
        if known is None and result.state != "stale":  # a stale one was never reported by that name
            known = MinerMemory(last_seen_round=round_number)
        if known is not None:
            last_seen = round_number if uid in seen else known.last_seen_round
            after[key] = _remember(known, result, last_seen, policy.round_end(round_number))
    return dict(sorted(after.items()))


def _remember(
    known: MinerMemory, result: MinerResult, last_seen_round: int, round_end: float
) -> MinerMemory:
    return MinerMemory(
        last_seen_round=last_seen_round,
        last_quorum_at=round_end if result.has_quorum else known.last_quorum_at,
        waiting_since=result.waiting_since,
    )


def _unforgotten(
    miners: Mapping[tuple[int, str], MinerMemory],
    round_number: int,
    validators: int,
    policy: Policy,
) -> dict[tuple[int, str], MinerMemory]:
    remembered = {
        key: miner
        for key, miner in miners.items()
        if round_number - miner.last_seen_round <= policy.memory_rounds
    }
    most = _most_miners(validators, policy)
    if len(remembered) <= most:
        return remembered
    kept = sorted(remembered, key=lambda key: _worth(remembered[key], key))[:most]
    return {key: remembered[key] for key in sorted(kept)}


def _most_miners(validators: int, policy: Policy) -> int:
    """Miners that are remembered beside so many validators: a round's document has an end."""
    room = policy.max_miners * (FULL_HOUSE + OWN_FIGURES)
    return min(MEMORIES_PER_MINER * policy.max_miners, room // (validators + OWN_FIGURES))


def _worth(miner: MinerMemory, key: tuple[int, str]) -> tuple[bool, int, tuple[int, str]]:
    """What is kept first: who ever had a quorum, then who was seen last."""
    return (miner.last_quorum_at is None, -miner.last_seen_round, key)


def _validators(
    before: Memory,
    round_number: int,
    reports: Collection[Report],
    verdicts: Mapping[str, Verdict],
    policy: Policy,
) -> dict[str, ValidatorMemory]:
    after = dict(decay(before, round_number, policy).validators)
    for hotkey, count in Counter(report.hotkey for report in reports).items():
        after[hotkey] = reported(before.validators.get(hotkey), count, round_number, policy)
    return {
        hotkey: _judged(validator, verdicts.get(hotkey))
        for hotkey, validator in sorted(after.items())
    }


def _judged(validator: ValidatorMemory, verdict: Verdict | None) -> ValidatorMemory:
    if verdict is None:
        return validator
    return replace(validator, reputation=verdict.reputation, quarantine=verdict.quarantine)
