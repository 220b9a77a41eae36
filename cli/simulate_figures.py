"""How near the consensus of a simulated subnet is to the truth, and what became of the liars."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from devtools.screen import Row
from devtools.simulation import Subnet

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """One round, beside the plain mean of everyone's latest word."""

    round: int
    rmse: float | None
    """Root mean square distance of the performance from the truth; None before a consensus."""
    plain_rmse: float | None
    """The same of the plain mean of all validators, liars included."""
    serving_wrong: int
    """Miners whose `is_serving` is not the truth."""
    states: Mapping[str, int]
    """State → miners in it."""
    confidence: float | None
    """Mean consensus confidence."""
    accepted: int
    """Reports so far."""
    refused: Mapping[str, int]
    """Why reports were not taken, and how often."""


def figures_of(number: int, rows: Sequence[Row], accepted: int, refused: Answer) -> Figures:
    """What one answer says, miner by miner."""
    known = [row for row in rows if row.answer]
    return Figures(
        round=number,
        rmse=_rms([row.error for row in known]),
        plain_rmse=_rms([row.plain_error for row in known]),
        serving_wrong=sum(_is_wrong(row) for row in known),
        states=dict(Counter(row.state for row in rows)),
        confidence=_mean([row.answer["consensus_confidence"] for row in known if row.answer]),
        accepted=accepted,
        refused=dict(refused),
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the service has learnt about those who lie and those who do not; lists are of uids."""

    liars: list[int]
    quarantined: list[int]
    honest_reputation: float | None
    """Mean; None where nobody of them is known."""
    liars_reputation: float | None

    def __str__(self) -> str:
        """The same in a sentence."""
        return (
            f"lied: {_listed(self.liars)}; quarantined: {_listed(self.quarantined)}; mean"
            f" reputation: honest {_shown(self.honest_reputation)},"
            f" liars {_shown(self.liars_reputation)}"
        )


def verdict_on(subnet: Subnet, validators: Sequence[Answer]) -> Verdict:
    """What `GET /api/v1/validators` says about them."""
    liars = {validator.uid for validator in subnet.validators if validator.lie}
    known = {entry["uid"]: entry for entry in validators}
    return Verdict(
        liars=sorted(liars),
        quarantined=sorted(uid for uid, entry in known.items() if entry["quarantine"]),
        honest_reputation=_mean([known[uid]["reputation"] for uid in known.keys() - liars]),
        liars_reputation=_mean([known[uid]["reputation"] for uid in known.keys() & liars]),
    )


def _listed(uids: Sequence[int]) -> str:
    return ", ".join(map(str, uids)) or "nobody"


def _shown(reputation: float | None) -> str:
    return "–" if reputation is None else f"{reputation:.2f}"


def _is_wrong(row: Row) -> bool:
    said = row.answer.get("is_serving") if row.answer else None
    return said is not None and said is not row.truth.serving


def _rms(errors: Sequence[float | None]) -> float | None:
    squares = [error * error for error in errors if error is not None]
    return round(math.sqrt(fmean(squares)), 4) if squares else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(fmean(known), 4) if known else None
