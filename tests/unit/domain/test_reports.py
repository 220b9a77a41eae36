"""Which reports hold a vote."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.domain.holders import holders
from shared.domain.policy import Policy
from shared.domain.reports import Report, signing_time_of
from tests.unit.domain.makers import NOW, report, status, votes_on

STAKES = {1: 1000.0, 2: 1000.0}


def test_a_report_received_after_now_holds_no_vote() -> None:
    """Resolving as of a round's end must not know what came later."""
    early = report(1, status(), signed_at=NOW - 10)
    late = replace(report(2, status(), signed_at=NOW - 5), received_at=NOW + 1)

    assert ["v1"] == [vote.validator for vote in votes_on([early, late], STAKES)[49]]


def test_the_latest_by_signing_time_is_the_vote() -> None:
    """Whatever arrived last: the sender's own order decides."""
    new = report(1, status(is_serving=True), signed_at=NOW - 10)
    old = replace(report(1, status(is_serving=False), signed_at=NOW - 20), received_at=NOW)
    [vote] = votes_on([new, old], STAKES)[49]

    assert vote.report == new


def test_signed_at_the_same_time_the_greater_id_is_later() -> None:
    """Two nonces may carry one time; the tie has an order all the same."""
    first = replace(report(1, status()), report_id="1_a")
    second = replace(report(1, status()), report_id="1_b")

    assert second == votes_on([second, first], STAKES)[49][0].report


@pytest.mark.parametrize(("age", "counts"), [(899.0, True), (900.0, False)])
def test_votes_leave_the_reporting_window(age: float, counts: bool) -> None:
    """Its end is exclusive, for voting and for holding alike."""
    old = report(1, status(), signed_at=NOW - age)

    assert counts == (49 in votes_on([old], STAKES))
    assert counts == (old.report_id in holders([old], Policy(), [NOW]))


def test_holders_are_those_that_votes_need() -> None:
    """A report all of whose miners were reported again later may be forgotten, no other."""
    covered = report(1, status(49), signed_at=NOW - 30)
    partly = report(1, status(49), status(50), signed_at=NOW - 20)
    newest = report(1, status(49), signed_at=NOW - 10)
    log: list[Report] = [covered, partly, newest]

    assert {partly.report_id, newest.report_id} == holders(log, Policy(), [NOW])
    assert {covered.report_id, partly.report_id, newest.report_id} == holders(
        log, Policy(), [NOW, NOW - 25]
    )


@pytest.mark.parametrize(
    ("report_id", "expected"),
    [
        ("48_1752076800000000000", 1752076800.0),
        ("48_1752076800000000000-uuid", 1752076800.0),
        ("48_abc", None),
        ("48", None),
    ],
)
def test_an_id_tells_when_it_was_signed(report_id: str, expected: float | None) -> None:
    """An event can be dismissed by its document's id alone."""
    assert expected == signing_time_of(report_id)
