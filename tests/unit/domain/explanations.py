"""Accounts of a miner that these reports lead to, without any memory."""

from __future__ import annotations

from typing import Any

from shared.domain.explanation import ExplainedField, Hearing, Premises, explain, hear
from shared.domain.memory import EMPTY
from shared.domain.policy import Policy
from shared.domain.registry import Registry
from shared.domain.reports import Report
from tests.unit.domain.makers import NOW, registry

STAKES = {1: 1000.0, 2: 1500.0, 3: 2500.0, 4: 40_000.0, 5: 1500.0}
FULL: dict[str, Any] = {"stake": 5.0, "is_serving": True}


def heard(*reports: Report, chain: Registry | None = None, **changes: Any) -> Hearing:
    """What these reports lead to, without any memory."""
    policy = Policy(**changes)
    return hear(Premises(reports, chain or registry(STAKES), policy, EMPTY, -1, NOW))


def field_of(name: str, *reports: Report, **given: Any) -> ExplainedField:
    """The account of one field of miner 49."""
    return explain(heard(*reports, **given), 49)[name]


def codes(found: ExplainedField) -> dict[int, list[str]]:
    """Validator uid → codes of the notes on its vote."""
    return {each.report.validator_uid: [n.code for n in each.notes] for each in found.votes}


def detail(found: ExplainedField, uid: int) -> str:
    """What the first note on a validator's vote says."""
    return next(v.notes[0].detail for v in found.votes if v.report.validator_uid == uid)
