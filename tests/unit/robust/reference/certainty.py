"""How sure: the normal distribution, dissent by silence, and what both make of an error."""

from __future__ import annotations

import math

from tests.unit.robust.reference.past import Attendance

NINETY = 1.645


def normal(z: float) -> float:
    """The normal distribution function as Page (1977) approximates it."""
    return 0.5 + 0.5 * math.tanh(0.7988 * z * (1 + 0.04417 * z * z))


def majority_is_right(doubt: float) -> float:
    return normal((0.5 - doubt) / 0.05)


def within_unit(error: float, doubt: float) -> float:
    """Probability that a number with this error, in units, is within one unit of the truth."""
    if math.isnan(error):
        return 0.0
    return (2 * normal(1 / max(error, 1e-9)) - 1) * majority_is_right(doubt)


def usual(seen: Attendance, m: int, present: float) -> float:
    """Share of the stake that usually votes on the miner; who votes now, of a new one."""
    return 1 - seen.missing[m] / seen.known[m] if seen.known[m] > 0 else present


def demanded(seen: Attendance, m: int) -> float:
    """Share of the stake that must be heard before a row teaches."""
    return 1 - seen.missing[m]


def dissent(differing: float, present: float, expected: float) -> float:
    """Who differs and who is unexpectedly silent, as a share of all who should be heard."""
    silent = (expected - present) / expected if expected > present else 0.0
    return silent + (1 - silent) * differing


def attended(seen: Attendance, present: list[float]) -> Attendance:
    """After a round: the running means follow at a tenth."""
    return Attendance(
        [old + 0.1 * (1 - old) for old in seen.known],
        [old + 0.1 * (1 - now - old) for old, now in zip(seen.missing, present, strict=True)],
    )
