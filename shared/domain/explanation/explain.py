"""One miner, field by field."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from shared.domain.estimates import observations
from shared.domain.explanation import notes
from shared.domain.explanation.account import ExplainedField, ExplainedVote, Note, Weighing
from shared.domain.explanation.hearing import Hearing
from shared.domain.explanation.outsiders import Outsider, outsiders_of
from shared.domain.explanation.scales import scale_of
from shared.domain.explanation.subjects import Subject
from shared.domain.explanation.values import HOST_OF, fields_of, value_of
from shared.domain.fields import hotkey_of
from shared.domain.observations import reaches, shares
from shared.domain.reports import Vote

LEFT_OUT = "counted"
"""The factor, 0, of a vote that takes no part."""


def explain(hearing: Hearing, uid: int) -> dict[str, ExplainedField]:
    """Field → its account, fields ascending; raises `KeyError` for a uid that is not resolved."""
    outsiders = outsiders_of(hearing, uid)
    return {
        subject.name: _account(subject, outsiders) for subject in _subjects(hearing, uid, outsiders)
    }


def _subjects(hearing: Hearing, uid: int, outsiders: Iterable[Outsider]) -> Iterator[Subject]:
    case, result = hearing.cases[uid], hearing.resolution.miners[uid]
    statuses = [vote.status for vote in case.votes] + [each.status for each in outsiders]
    named = {"hotkey"} if result.hotkey is not None else set()
    kinds = {name: kind for name, (kind, _) in observations(case.resting).items()}
    for name in sorted(fields_of(statuses) | set(result.values) | named):
        scale = scale_of(name, case, hearing)
        yield Subject(name, case, result, hearing, scale, kinds.get(name))


def _account(subject: Subject, outsiders: Iterable[Outsider]) -> ExplainedField:
    method = subject.method
    votes = [found for vote in subject.case.votes if (found := _vote(subject, vote))]
    if method == "most_recent":
        votes = _with_recency(votes, subject.hearing.premises.policy.high_confidence_share)
    votes = _with_shares(votes, decided=subject.value is not None and method != "chain")
    votes += [found for each in outsiders if (found := _outside(subject.name, each))]
    votes.sort(key=lambda each: (each.report.validator_uid, each.report.report_id))
    return ExplainedField(method, subject.value, subject.interval, tuple(votes))


def _vote(subject: Subject, vote: Vote) -> ExplainedVote | None:
    """The vote's account; None where it is silent and its silence backs nothing."""
    value, weighing = value_of(vote.status, subject.name), subject.scale.weigh(vote)
    if value is None:
        if weighing is None or subject.method != "address":
            return None
        return _explained(vote, None, _silent(subject, vote, weighing))
    if weighing is None or not subject.takes(value):
        weighing = _left_out(_why_left_out(subject, vote))
    elif subject.contradicts(value):
        contradicting = Note("contradicts_chain", "the chain says otherwise")
        weighing = replace(weighing, notes=(*weighing.notes, contradicting))
    return _explained(vote, value, weighing)


def _explained(vote: Vote, value: Any, weighing: Weighing) -> ExplainedVote:
    return ExplainedVote(vote.report, value, weighing.weight, 0.0, weighing.factors, weighing.notes)


def _silent(subject: Subject, vote: Vote, weighing: Weighing) -> Weighing:
    """The weight of a vote without this part of an address."""
    if value_of(vote.status, HOST_OF.get(subject.name, subject.name)) is not None:
        return weighing  # an IP without a port
    note = Note("no_address", "names none: its weight backs no address")
    return replace(weighing, notes=(*weighing.notes, note))


def _left_out(why: str) -> Weighing:
    return Weighing(0.0, {LEFT_OUT: 0.0}, (Note("excluded", why),))


def _why_left_out(subject: Subject, vote: Vote) -> str:
    """Why an eligible validator's vote takes no part."""
    case, policy = subject.case, subject.hearing.premises.policy
    if subject.name != "hotkey" and not case.identity.is_of(vote):
        return f"about another miner, {hotkey_of(vote.status)}"
    age = vote.age(subject.hearing.premises.now)
    if subject.is_put_together and age >= policy.consensus_timeout:
        return f"signed {age:.0f} s ago; a vote counts for {policy.consensus_timeout:.0f} s"
    if not subject.is_put_together and case.resting:
        best = case.resting[0].vote.report
        if best.report_id != vote.report.report_id:
            return f"no quorum, and the report of validator {best.validator_uid} weighs more"
    return "of another type than most votes on this field"


def _counted(votes: Iterable[ExplainedVote]) -> list[ExplainedVote]:
    return [each for each in votes if LEFT_OUT not in each.factors]


def _with_shares(votes: list[ExplainedVote], decided: bool) -> list[ExplainedVote]:
    """The votes with their shares; where votes without any weight decided, all alike."""
    counted = _counted(votes)
    if not decided and math.fsum(each.weight for each in counted) <= 0:
        return votes
    parts = shares([each.weight for each in counted])
    known = {each.report.report_id: part for each, part in zip(counted, parts, strict=True)}
    return [replace(each, share=known.get(each.report.report_id, 0.0)) for each in votes]


def _with_recency(votes: list[ExplainedVote], share: float) -> list[ExplainedVote]:
    """Of the heavy votes the newest was taken: say of the others why not."""
    bar = share * max((each.weight for each in _counted(votes)), default=0.0)
    heavy = [each for each in _counted(votes) if reaches(each.weight, bar)]
    newest = max((each.report.signed_at for each in heavy), default=0.0)
    lighter = Note("lighter", f"weighs less than {share:.0%} of the heaviest vote")
    older = Note("older", "a heavy vote was signed later")

    def noted(each: ExplainedVote) -> ExplainedVote:
        is_heavy = reaches(each.weight, bar)
        if LEFT_OUT in each.factors or (is_heavy and each.report.signed_at == newest):
            return each
        return replace(each, notes=(*each.notes, older if is_heavy else lighter))

    return [noted(each) for each in votes]


def _outside(name: str, outsider: Outsider) -> ExplainedVote | None:
    """The account of a vote whose validator may not report."""
    value = value_of(outsider.status, name)
    if value is None:
        return None
    out = _left_out(notes.INELIGIBLE[outsider.reason])
    return ExplainedVote(outsider.report, value, out.weight, 0.0, out.factors, out.notes)
