"""What a vote weighs on one field: read from the engine's findings, or from the plain weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from shared.domain import robust
from shared.domain.ballots import Evidence
from shared.domain.cases import Case
from shared.domain.electorate import Electorate
from shared.domain.explanation import notes
from shared.domain.explanation.account import Note, Weighing
from shared.domain.explanation.hearing import Hearing
from shared.domain.observations import SLACK
from shared.domain.policy import Policy
from shared.domain.reports import Vote
from shared.domain.robust.copiers import parrots
from shared.domain.weights import WeighedVote


class Scale(Protocol):
    """Weighs votes on one field of one miner."""

    def weigh(self, vote: Vote) -> Weighing | None:
        """What the vote weighs; None if it takes no part."""


@dataclass(frozen=True, slots=True)
class PlainScale:
    """The product of stake, confidence, freshness and reputation."""

    weighed: Mapping[str, WeighedVote]
    """Report id → vote."""
    cap: float
    """Greatest stake share that counts, 0–1."""
    policy: Policy
    quarantines: Mapping[str, str]
    """Hotkey → reason."""

    def weigh(self, vote: Vote) -> Weighing | None:
        """As the plain estimators got it."""
        found = self.weighed.get(vote.report.report_id)
        if found is None:
            return None
        weight = found.weight
        factors = {
            "stake": weight.stake,
            "confidence": weight.confidence,
            "freshness": weight.freshness,
            "reputation": weight.reputation,
        }
        return Weighing(weight.product, factors, tuple(self._notes(vote, weight.stake)))

    def _notes(self, vote: Vote, stake: float) -> list[Note]:
        reason = self.quarantines.get(vote.validator, "")
        found = [notes.quarantined(reason)] if reason else []
        greatest = self.cap**self.policy.stake_exponent
        if self.policy.stake_weighting and self.cap < 1 and stake >= greatest * (1 - SLACK):
            words = f"its stake counts as {self.cap:.1%} of all, the most that any may have"
            found.append(Note("stake_capped", words))
        return found


@dataclass(frozen=True)
class EngineScale:
    """The engine's weights on one field of one miner."""

    field: robust.Number | robust.Label
    evidence: Evidence
    column: int
    hearing: Hearing

    def weigh(self, vote: Vote) -> Weighing | None:
        """As the engine found it."""
        row = self._rows.get(vote.validator)
        if row is None or self.evidence.report_of(row, self.column) != vote.report.report_id:
            return None
        at = row, self.column
        factors = {name: float(values[at]) for name, values in self.field.factors.items()}
        return Weighing(float(self.field.weights[at]), factors, self._notes(row, factors))

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {hotkey: row for row, hotkey in enumerate(self.evidence.validators)}

    def _notes(self, row: int, factors: Mapping[str, float]) -> tuple[Note, ...]:
        policy = self.hearing.premises.policy
        found = [*self._of_stake(row, policy)]
        if factors["standing"] <= 0:
            return (*found, notes.quarantined(self._reason(row)))
        return (*found, *notes.of_factors(factors, policy, bool(self._parrots[row])))

    def _of_stake(self, row: int, policy: Policy) -> list[Note]:
        stakes = self.evidence.ballot.stake
        share = float(stakes[row] / stakes.sum())
        cap = policy.greatest_share(policy.stake_cap, stakes.size)
        is_capped = policy.stake_weighting and share > cap * (1 + SLACK)
        return [notes.capped(share, cap)] if is_capped else []

    def _reason(self, row: int) -> str:
        found = self.hearing.estimates.found
        return robust.REASONS[int(found.reason[row])] if found else ""

    @cached_property
    def _parrots(self) -> robust.Bools:
        record = self.hearing.memory.record
        arrays = record.at(self.evidence.validators, self.evidence.miners)
        return parrots(arrays, self.hearing.premises.policy)


def scale_of(name: str, case: Case, hearing: Hearing) -> Scale:
    """Who weighed the votes on a field of this miner."""
    if name == "hotkey":
        return _of_identity(case, hearing)
    if case.is_decided:
        return engine_scale(name, case, hearing) or plain_scale(_standing(case), hearing)
    return plain_scale(case.resting, hearing, cap=1.0)


def engine_scale(name: str, case: Case, hearing: Hearing) -> EngineScale | None:
    """The engine's, where it has a say on the field."""
    evidence, found = hearing.estimates.evidence, hearing.estimates.found
    if evidence is None or found is None or case.uid in hearing.estimates.unheard:
        return None
    known = found.numbers.get(name) or (
        found.labels.get(name) if name in evidence.classes else None
    )
    if known is None:
        return None
    column = evidence.miners.index((case.uid, case.identity.hotkey or ""))
    return EngineScale(known, evidence, column, hearing)


def plain_scale(
    weighed: Sequence[WeighedVote], hearing: Hearing, cap: float | None = None
) -> PlainScale:
    """The plain weights of these votes; `cap` as among the validators with a current vote."""
    policy = hearing.premises.policy
    if cap is None:
        cap = policy.greatest_share(policy.stake_cap, len(hearing.electorate.active))
    known = hearing.memory.validators.items()
    quarantines = {hotkey: each.quarantine for hotkey, each in known if each.quarantine}
    by_report = {each.vote.report.report_id: each for each in weighed}
    return PlainScale(by_report, cap, policy, quarantines)


def _of_identity(case: Case, hearing: Hearing) -> PlainScale:
    """Who a miner is, is decided by all votes at its uid."""
    electorate: Electorate = hearing.electorate
    if case.current:
        return plain_scale(case.current, hearing)
    return plain_scale(electorate.weigh_individually(case.votes), hearing, cap=1.0)


def _standing(case: Case) -> list[WeighedVote]:
    """The votes that the values rest on, and those in quarantine, whose weight is 0."""
    aside = [each for each in case.current if not each.counts and case.identity.is_of(each.vote)]
    return [*case.resting, *aside]
