"""A report as text says what it said as objects."""

from __future__ import annotations

import pytest

from shared.domain.packed import PackedStatuses, PackedValues, packed
from shared.domain.policy import Policy
from shared.domain.reports import Report
from shared.domain.votes import votes_at
from tests.builders import ALICE, T0, registry, status

STATUSES = (
    status(7, metadata={"ü": [None, 1, 1.0, -0.0, {"\n": "\U0001f600"}]}),
    status(8, ip="203.0.113.8", port=8091),
    {"uid": 9},
)


@pytest.fixture
def report() -> Report:
    """Three statuses that have little in common."""
    return Report(f"48_{T0 * 1e9:.0f}", 48, ALICE, 1, T0, T0, STATUSES)


def test_statuses_come_back_as_they_were(report: Report) -> None:
    """Keys in their order, and numbers of their type."""
    back = packed(report).statuses

    assert repr(list(STATUSES)) == repr(list(back))
    assert (STATUSES[-1], list(STATUSES[1:])) == (back[-1], back[1:])
    with pytest.raises(IndexError):
        _ = back[3]


def test_a_packed_report_votes_like_itself(report: Report) -> None:
    """Columns, uids and the values that are asked for by name."""
    whole, text = (
        votes_at([each], registry(), Policy(), T0 + 1) for each in (report, packed(report))
    )

    assert report.uids == packed(report).uids
    assert [whole[uid][0].status for uid in whole] == [text[uid][0].status for uid in text]
    for name in ("stake", "is_serving", "metadata", "ip"):
        assert whole.gives(name).tolist() == text.gives(name).tolist()
    assert [[True, True, False]] == text.gives("is_serving").tolist()
    assert [[False, True, False]] == text.gives("ip").tolist()
    assert [[True, False, False]] == text.gives("metadata").tolist()


def test_nothing_is_packed_as_nothing() -> None:
    """An empty report is one, too."""
    assert (0, []) == (len(PackedStatuses.of([])), list(PackedStatuses.of([])))


def test_values_are_texts_and_pairs() -> None:
    """A pair stays hashable."""
    values = ["ü", '"a"', ("203.0.113.8", 8091), ("::1", None)]
    kept = PackedValues.of(values)

    assert values == list(kept)
    assert (4, values[2], tuple(values[:2])) == (len(kept), kept[2], kept[:2])
