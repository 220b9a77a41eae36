"""The demo succeeds only by what it has seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devtools.findings import Findings

EVERYONE = (0, 1, 2, 3)
SILENT = 3


def findings() -> Findings:
    """Of four validators and three miners; validator 3 will fall silent."""
    return Findings(miners=frozenset({10, 11, 12}), silent=SILENT, validators=len(EVERYONE))


def answer(
    validators: Sequence[int], *, miners: Sequence[int] = (10, 11, 12), state: str = "consensus"
) -> dict[str, Any]:
    """A network status in which these validators count for these miners."""
    rows = [{"uid": uid, "state": state, "consensus_validators": validators} for uid in miners]
    return {"miners": rows, "consensus_stats": {"active_validators": len(validators)}}


def test_quorum_and_expiry_are_all_that_is_asked() -> None:
    """All miners settled, then the silent validator gone: nothing is missing."""
    seen = findings()
    seen.see(5, answer(EVERYONE))
    seen.silent_at = 20
    seen.see(25, answer(EVERYONE))
    seen.see(37, answer(EVERYONE[:3]))

    assert seen.shortcomings() == []
    assert seen.expired_at == 37


def test_a_miner_without_quorum_is_named() -> None:
    """One that one validator alone reported on does not count."""
    seen = findings()
    seen.see(5, answer(EVERYONE, miners=(10, 11)))
    seen.see(6, answer((0,), miners=(12,), state="pending"))
    seen.silent_at = 20
    seen.see(37, answer(EVERYONE[:3], miners=(10, 11)))

    assert seen.shortcomings() == [
        "1 of 3 miners never had a quorum of 2 validators: uids 12",
    ]


def test_a_validator_that_still_counts_has_not_expired() -> None:
    """The message says since when it should have."""
    seen = findings()
    seen.see(5, answer(EVERYONE))
    seen.silent_at = 20
    seen.see(60, answer(EVERYONE))

    assert seen.shortcomings() == ["validator 3, silent since 20 s, was not seen to expire"]


def test_a_consensus_that_vanished_is_no_expiry() -> None:
    """The others must still count when the silent one no longer does."""
    seen = findings()
    seen.see(5, answer(EVERYONE))
    seen.silent_at = 20
    seen.see(37, answer((), state="stale"))

    assert seen.expired_at is None


def test_a_validator_that_never_counted_cannot_expire() -> None:
    """Absence proves nothing by itself."""
    seen = findings()
    seen.silent_at = 20
    seen.see(37, answer(EVERYONE[:3]))

    assert seen.shortcomings() == ["validator 3 was never seen to count"]
