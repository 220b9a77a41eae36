"""Which epoch a miner is reported for: no single validator decides it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.epochs import median_epochs
from shared.domain.reports import Report
from shared.domain.votes import Votes
from tests.unit.domain.makers import NOW, report, status, votes_on

GREATEST = 2**53 - 1
UIDS = (10, 11, 12)
STAKES = st.dictionaries(
    st.integers(1, 6), st.integers(1000, 9000).map(float), min_size=1, max_size=6
)
SAID = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.sampled_from([0, 3, 4, 5, GREATEST]),
        st.sets(st.sampled_from(UIDS), min_size=1),
        st.integers(0, 200),
    ),
    max_size=12,
    unique_by=lambda said: said[3],
)


def voted(epochs: Mapping[int, int], stakes: Mapping[int, float]) -> int:
    """The epoch of a miner that validators in these epochs vote on."""
    reports = [report(uid, status(), epoch=epoch) for uid, epoch in epochs.items()]
    votes = votes_on(reports, stakes)
    [found] = median_epochs(votes.given, votes)
    return found


@pytest.mark.parametrize(
    ("epochs", "stakes", "expected"),
    [
        ({1: 7}, {1: 1000.0}, 7),
        ({1: 7, 2: 8}, {1: 1000.0, 2: 1000.0}, 7),
        ({1: 7, 2: 8, 3: 9}, {1: 1000.0, 2: 1000.0, 3: 1000.0}, 8),
        ({1: 7, 2: GREATEST}, {1: 6000.0, 2: 5000.0}, 7),
        ({1: 7, 2: 0}, {1: 6000.0, 2: 5000.0}, 7),
        ({1: 7, 2: GREATEST}, {1: 5000.0, 2: 6000.0}, GREATEST),
    ],
)
def test_half_of_the_stake_is_not_beyond_the_epoch(
    epochs: dict[int, int], stakes: dict[int, float], expected: int
) -> None:
    """The lower of two that halve it; a head alone weighs nothing."""
    assert expected == voted(epochs, stakes)


@given(stakes=STAKES, said=SAID)
def test_it_is_the_median_by_hand(
    stakes: dict[int, float], said: list[tuple[int, int, set[int], int]]
) -> None:
    """Of all that have a vote on the miner, each in the epoch of its last report with a vote."""
    reports = [
        report(uid, *map(status, sorted(uids)), signed_at=NOW - age, epoch=epoch)
        for uid, epoch, uids, age in said
    ]
    votes = votes_on(reports, stakes)
    if not votes.uids:
        return

    assert [by_hand(votes, uid) for uid in votes.uids] == median_epochs(votes.given, votes)


def by_hand(votes: Votes, uid: int) -> int:
    """Each epoch as often as its stake; the one in the middle."""
    held = [vote.report for each in votes.values() for vote in each]
    spread: list[int] = []
    for vote in votes[uid]:
        own = [each for each in held if each.hotkey == vote.validator]
        last: Report = max(own, key=lambda each: each.order)
        spread += [last.epoch] * round(vote.stake)
    return sorted(spread)[(len(spread) - 1) // 2]
