"""How far validators agree with one another, whatever the consensus is.

What is compared: the numbers and labels of the current votes of two validators on the same miner,
where it has a quorum. Numbers agree within the field's tolerance at the consensus value, labels if
they are the same. What the chain knows proves nothing and does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from shared.domain.ballots import Evidence
from shared.domain.observations import SLACK
from shared.domain.policy import Policy
from shared.domain.results import MinerResult, Resolution
from shared.domain.robust import Bools, Floats
from shared.domain.standing import NO_OBSERVATION, character_of


def peer_maps(resolution: Resolution, hotkeys: Sequence[str], policy: Policy) -> Mapping[str, str]:
    """Hotkey → one character per validator of `hotkeys`, in their order.

    It is about the observations that both made: none with itself. Who has no current vote is left
    out.
    """
    evidence = resolution.evidence
    if evidence is None:
        return {}
    agreeing, met = _counted(evidence, resolution, policy)
    rows = {hotkey: row for row, hotkey in enumerate(evidence.validators)}
    places = [rows.get(hotkey) for hotkey in hotkeys]
    return {
        hotkey: "".join(_character(agreeing, met, row, other) for other in places)
        for hotkey, row in zip(hotkeys, places, strict=True)
        if row is not None and met[row].any()
    }


def _counted(evidence: Evidence, resolution: Resolution, policy: Policy) -> tuple[Floats, Floats]:
    """[K, K] observations that two agree on, and [K, K] that both made; 0 with oneself."""
    size = len(evidence.validators)
    agreeing, met = np.zeros((size, size)), np.zeros((size, size))
    for votes, known, tolerance in _fields(evidence, resolution, policy):
        for row in np.flatnonzero(known.any(1)):
            both = known & known[row]
            met[row] += both.sum(1)
            agreeing[row] += (both & (np.abs(votes - votes[row]) <= tolerance)).sum(1)
    np.fill_diagonal(met, 0.0)
    return agreeing, met


def _fields(
    evidence: Evidence, resolution: Resolution, policy: Policy
) -> Iterator[tuple[Floats, Bools, Floats]]:
    """Per field: the votes [K, M], where there is one that counts, and the tolerance [M]."""
    miners = [_judged(resolution, uid, hotkey) for uid, hotkey in evidence.miners]
    for name, numbers in evidence.ballot.numbers.items():
        tolerance = np.array([_tolerance(name, miner, policy) for miner in miners])
        counts = ~np.isnan(numbers) & (tolerance >= 0)
        yield np.where(counts, numbers, 0.0), counts, tolerance * (1 + SLACK)
    for name, labels in evidence.ballot.labels.items():
        if name in evidence.classes:
            stands = np.array([_is_open(name, miner) for miner in miners], dtype=bool)
            yield labels.votes.astype(float), (labels.votes >= 0) & stands, np.zeros(len(miners))


def _judged(resolution: Resolution, uid: int, hotkey: str) -> MinerResult | None:
    """The miner, if it is still at the uid and has a quorum."""
    miner = resolution.miners.get(uid)
    return miner if miner and miner.has_quorum and (miner.hotkey or "") == hotkey else None


def _is_open(name: str, miner: MinerResult | None) -> bool:
    """Whether votes on this field of the miner say anything."""
    return miner is not None and name in miner.values and miner.sources.get(name) != "chain"


def _tolerance(name: str, miner: MinerResult | None, policy: Policy) -> float:
    """In units of the field; −1 where votes say nothing."""
    if miner is None or not _is_open(name, miner):
        return -1.0
    value = miner.values[name]
    return policy.tolerance(name, value) if isinstance(value, int | float) else -1.0


def _character(agreeing: Floats, met: Floats, row: int, other: int | None) -> str:
    return NO_OBSERVATION if other is None else character_of(agreeing[row, other], met[row, other])
