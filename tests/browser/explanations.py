"""Why a miner is what it is, as `?explain=true` answers it: recorded, a vote of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ORDINARY = {
    "stake": 0.35,
    "confidence": 1.0,
    "freshness": 0.93,
    "standing": 1.0,
    "originality": 1.0,
    "reputation": 1.1,
    "precision": 1.4,
    "timeliness": 0.98,
    "impartiality": 1.0,
    "robustness": 1.0,
    "coherence": 1.0,
}
"""Factor → value of a vote that counts in full."""


def vote(uid: int, value: Any, weight: float, share: float, **factors: float) -> dict[str, Any]:
    """One vote; `factors` differ from the ordinary ones."""
    return {
        "validator_uid": uid,
        "hotkey": f"5Validator{uid}",
        "report_id": f"{uid}_1",
        "signed_at": "2026-01-02T03:04:05.000Z",
        "age_seconds": 12.0,
        "value": value,
        "weight": weight,
        "share": share,
        "factors": {**ORDINARY, **factors},
        "notes": [],
    }


def note(voted: Mapping[str, Any], code: str, detail: str) -> dict[str, Any]:
    """The vote with a remark."""
    return {**voted, "notes": [{"code": code, "detail": detail}]}


def withheld(field: Mapping[str, Any]) -> dict[str, Any]:
    """The field as someone without a key sees it while the window is open."""
    votes = [{**each, "withheld": True} for each in field["votes"]]
    for each in votes:
        del each["value"]
    return {**field, "votes": votes}


QUARANTINED = note(
    vote(7, 0.99, 0.0, 0.0, standing=0.0), "quarantined", "in quarantine: gross_error"
)
VOTES_CAST = [
    vote(1, 0.8, 0.5, 0.42),
    vote(2, 0.82, 0.5, 0.41),
    note(vote(3, 0.9, 0.2, 0.17, robustness=0.4), "clipped", "4.2 spreads from the centre"),
    note(vote(4, 0.4, 0.0, 0.0, robustness=0.0), "excluded", "12 spreads from the centre"),
    QUARANTINED,
]
PERFORMANCE = {
    "method": "robust_average",
    "value": 0.81,
    "low": 0.78,
    "high": 0.84,
    "votes": VOTES_CAST,
}
SERVING = {
    "method": "weighted_majority",
    "value": True,
    "low": None,
    "high": None,
    "votes": [
        vote(1, True, 0.5, 0.5),
        vote(2, True, 0.31, 0.31),
        vote(3, False, 0.19, 0.19),
    ],
}
STAKE = {"method": "chain", "value": 120.5, "low": None, "high": None, "votes": []}
FIELDS: Mapping[str, Any] = {
    "stake": STAKE,
    "is_serving": SERVING,
    "performance_score": PERFORMANCE,
}


def explanation(fields: Mapping[str, Any] = FIELDS) -> dict[str, Any]:
    """The member `explanation` of the answer."""
    return {
        "round": 29_000_000,
        "version": 17,
        "computed_at": "2026-01-02T03:04:17.000Z",
        "fields": dict(fields),
    }


WITHHELD = explanation({name: withheld(field) for name, field in FIELDS.items()})
