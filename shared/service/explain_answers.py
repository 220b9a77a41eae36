"""Explanations as answers: JSON types under the wire names of the public contract."""

from __future__ import annotations

from typing import Any

from shared.domain.explanation import ExplainedField, ExplainedVote, Hearing, explain
from shared.service.answers import UnknownMiner
from shared.service.times import rfc3339

Answer = dict[str, Any]


def explanation(hearing: Hearing, uid: int, shows_values: bool) -> Answer:
    """Every field with its votes; `shows_values` False leaves out what each vote says.

    Raises `UnknownMiner`.
    """
    if uid not in hearing.cases:
        raise UnknownMiner(f"no validator has reported on uid {uid}")
    now = hearing.premises.now
    audience = hearing.estimates.unheard.get(uid)
    return {
        "computed_at": rfc3339(now),
        **({} if audience is None else {"audience": audience}),
        "fields": {
            name: _field(found, now, shows_values) for name, found in explain(hearing, uid).items()
        },
    }


def _field(found: ExplainedField, now: float, shows_values: bool) -> Answer:
    interval: Answer = {}
    if found.interval is not None:
        interval = {"low": found.interval[0], "high": found.interval[1]}
    return {
        "method": found.method,
        "value": found.value,
        **interval,
        "votes": [_vote(each, now, shows_values) for each in found.votes],
    }


def _vote(found: ExplainedVote, now: float, shows_values: bool) -> Answer:
    report = found.report
    value = {"value": found.value} if shows_values else {"withheld": True}
    band = {} if found.band is None else {"band": found.band}
    return {
        "validator_uid": report.validator_uid,
        "hotkey": report.hotkey,
        "report_id": report.report_id,
        "signed_at": rfc3339(report.signed_at),
        "age_seconds": round(max(0.0, now - report.signed_at), 3),
        **value,
        "weight": found.weight,
        "share": found.share,
        **band,
        "factors": dict(found.factors),
        "notes": [{"code": note.code, "detail": note.detail} for note in found.notes],
    }
