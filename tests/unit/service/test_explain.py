"""Who may see what of an explanation, when, and how much an instance does for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.domain.reports import Report
from shared.service.answers import TooManyRounds, UnknownMiner, UnknownRound
from shared.service.explain import (
    KEPT_ROUNDS,
    OPEN_A_MINUTE,
    PRESENT_SECONDS,
    Explain,
    Explained,
)
from shared.service.ports import ReportLog
from tests.builders import T0
from tests.signed_rounds import SignedRounds

ROUND = int(T0 // 60)


@dataclass
class CountedLog:
    """A report log that knows which reports were read."""

    inner: ReportLog
    read: list[str] = field(default_factory=list)

    def load(self, netuid: int, report_ids: Sequence[str]) -> list[Report]:
        """As the inner one."""
        self.read += report_ids
        return self.inner.load(netuid, report_ids)


@pytest.fixture
def played() -> SignedRounds:
    """Six closed rounds."""
    return SignedRounds().play(6)


@pytest.fixture
def log(played: SignedRounds) -> CountedLog:
    """The log, counted."""
    return CountedLog(played.log)


@pytest.fixture
def explain(played: SignedRounds, log: CountedLog) -> Explain:
    """A new instance."""
    return Explain(log, played.audit.archive, lambda: played.now)  # type: ignore[arg-type] # it only loads


def miner_of(played: SignedRounds) -> int:
    return played.subnet.miners[0].uid


def votes(found: Explained) -> list[dict[str, Any]]:
    """All votes on all fields."""
    fields = found.answer["explanation"]["fields"].values()
    return [vote for each in fields for vote in each["votes"]]


def test_values_of_the_open_window_are_withheld(played: SignedRounds, explain: Explain) -> None:
    """Weights, factors and notes are there all the same."""
    found = explain.present(1, played.stored, miner_of(played), sees_all=False)

    assert all(vote["withheld"] is True and "value" not in vote for vote in votes(found))
    assert any(vote["weight"] > 0 and vote["factors"] for vote in votes(found))
    assert not found.is_final


def test_an_auditor_sees_the_values_of_the_open_window(
    played: SignedRounds, explain: Explain
) -> None:
    """And is told apart from the others by the tag, so that no cache mixes them up."""
    uid = miner_of(played)

    found = explain.present(1, played.stored, uid, sees_all=True)

    assert all("value" in vote and "withheld" not in vote for vote in votes(found))
    assert found.tag != explain.present(1, played.stored, uid, sees_all=False).tag


def test_a_round_is_withheld_until_its_reporting_window_is_over(
    played: SignedRounds, explain: Explain
) -> None:
    """From then on it is complete, and will never change."""
    uid, end = miner_of(played), T0 + 60

    played.now = end + played.policy.reporting_window - 0.001
    early = explain.past(1, ROUND, uid, sees_all=False)
    played.now = end + played.policy.reporting_window
    late = explain.past(1, ROUND, uid, sees_all=False)

    assert (False, True) == (early.is_final, late.is_final)
    assert all("withheld" in vote for vote in votes(early))
    assert all("value" in vote for vote in votes(late))


def test_a_round_has_no_version(played: SignedRounds, explain: Explain) -> None:
    """A snapshot has one, and both name their round."""
    uid = miner_of(played)
    past = explain.past(1, ROUND, uid, sees_all=True).answer["explanation"]
    present = explain.present(1, played.stored, uid, sees_all=True).answer["explanation"]

    assert (ROUND, False) == (past["round"], "version" in past)
    assert (ROUND + 6, played.stored.version) == (present["round"], present["version"])


def test_few_rounds_a_minute_are_resolved_without_a_key(
    played: SignedRounds, explain: Explain
) -> None:
    """The next one is refused with the time to wait; a key, or a round that is kept, is not."""
    uid = miner_of(played)
    for number in range(OPEN_A_MINUTE):
        explain.past(1, ROUND + number, uid, sees_all=False)

    with pytest.raises(TooManyRounds) as refused:
        explain.past(1, ROUND + OPEN_A_MINUTE, uid, sees_all=False)

    assert refused.value.retry_after == pytest.approx(60.0)
    explain.past(1, ROUND + OPEN_A_MINUTE - 1, uid, sees_all=False)
    explain.past(1, ROUND + OPEN_A_MINUTE, uid, sees_all=True)
    played.now += 60
    explain.past(1, ROUND, uid, sees_all=False)


def test_the_last_rounds_are_kept(played: SignedRounds, explain: Explain, log: CountedLog) -> None:
    """Another miner of a kept round costs nothing, an evicted round is read again."""
    uid = miner_of(played)
    for number in range(KEPT_ROUNDS):
        explain.past(1, ROUND + number, uid, sees_all=True)
    log.read.clear()

    explain.past(1, ROUND, uid + 1, sees_all=True)
    assert [] == log.read

    explain.past(1, ROUND + KEPT_ROUNDS, uid, sees_all=True)
    explain.past(1, ROUND, uid, sees_all=True)
    assert 2 * 5 == len(log.read)


def test_the_present_is_resolved_at_most_every_ten_seconds(
    played: SignedRounds, explain: Explain, log: CountedLog
) -> None:
    """Then with the new reports alone; what is answered meanwhile is one snapshot throughout."""
    uid = miner_of(played)
    first = explain.present(1, played.stored, uid, sees_all=True)
    log.read.clear()

    played.now += 1
    fresh = played.report(0)
    played.recompute(1)
    soon = explain.present(1, played.stored, uid, sees_all=True)
    assert ([], first.answer) == (log.read, soon.answer)

    played.now += PRESENT_SECONDS
    later = explain.present(1, played.stored, uid, sees_all=True)
    assert [fresh.report_id] == log.read
    assert played.stored.version == later.answer["explanation"]["version"]


def test_what_is_not_there_is_unknown(played: SignedRounds, explain: Explain) -> None:
    """A round that is not closed, one before the first, a miner that nobody reported on."""
    for number in (ROUND - 1, ROUND + 6, 0):
        with pytest.raises(UnknownRound):
            explain.past(1, number, miner_of(played), sees_all=True)
    with pytest.raises(UnknownMiner):
        explain.past(1, ROUND, 999, sees_all=True)


def test_a_round_whose_reports_are_gone_is_unknown(played: SignedRounds) -> None:
    """Half of an explanation would be a wrong one."""
    empty = CountedLog(SignedRounds().log)
    explain = Explain(empty, played.audit.archive, lambda: played.now)  # type: ignore[arg-type] # it only loads

    with pytest.raises(UnknownRound, match="no longer kept"):
        explain.past(1, ROUND, miner_of(played), sees_all=True)
