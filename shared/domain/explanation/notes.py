"""What happened to a vote, in words."""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.explanation.account import Note
from shared.domain.policy import Policy

DOUBTED = 0.5
"""Factors below this are worth a word."""

QUARANTINE = {
    "gross_error": "its errors were gross for many rounds",
    "wrong_labels": "most of its labels were wrong",
    "no_signal": "its values are the same whatever the miner",
    "pushing": "it pushed several miners in one direction",
    "chain_contradiction": "it contradicted the chain",
}
"""Why votes are set aside: reason → words."""

INELIGIBLE = {
    "not_registered": "its hotkey is not registered",
    "no_permit": "its hotkey has no validator permit",
    "stake_below_minimum": "its stake is below the minimum",
    "disabled": "the operator has disabled it",
}
"""Why a validator may not report: reason → words."""


def quarantined(reason: str) -> Note:
    """The validator's votes are set aside."""
    words = QUARANTINE.get(reason, "see its reputation")
    return Note("quarantined", f"in quarantine, {reason}: {words}")


def capped(share: float, cap: float) -> Note:
    """The stake counts only in part; both are shares 0–1."""
    return Note("stake_capped", f"holds {share:.1%} of the stake and counts as {cap:.1%}")


def of_factors(factors: Mapping[str, float], policy: Policy, is_parrot: bool) -> list[Note]:
    """What the engine's factors say about a vote that takes part."""
    notes = [*_of_originality(factors["originality"], policy, is_parrot)]
    if factors["reputation"] * factors["precision"] <= 0:
        notes.append(Note("unreliable", "by its record, its word on this field says nothing"))
    if factors.get("impartiality", 1.0) < DOUBTED:
        notes.append(Note("pushing", "keeps erring in one direction on this miner"))
    robustness = factors.get("robustness", 1.0)
    if robustness <= 0:
        notes.append(Note("excluded", "too far from where most of the stake is"))
    elif robustness < 1:
        words = f"far from where most of the stake is: keeps {robustness:.0%} of its weight"
        notes.append(Note("clipped", words))
    if factors["coherence"] < DOUBTED:
        notes.append(Note("incoherent", "disagrees with most of the stake on many miners now"))
    return notes


def _of_originality(own: float, policy: Policy, is_parrot: bool) -> list[Note]:
    if is_parrot:
        words = f"repeats the last public consensus: keeps {policy.parrot_weight:.0%}"
        return [Note("parrot", words)]
    if own < 1:
        return [Note("copied", f"shares one vote with its copies: keeps {own:.0%}")]
    return []
