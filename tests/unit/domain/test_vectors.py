"""Golden vectors of `resolve`: one file pair per defect or rule, worked out by hand."""

from __future__ import annotations

import pytest

from tests.unit.domain.vectors import DIRECTORY, NAMES, as_json, load, rounded


@pytest.mark.parametrize("name", NAMES)
def test_resolves_as_worked_out_by_hand(name: str) -> None:
    """Every key that a result file states is what `resolve` gives; no other miner comes out."""
    vector = load(name)

    miners = vector.resolve(vector.reports).miners
    actual = {
        str(uid): {key: as_json(result)[key] for key in vector.expected[str(uid)]}
        for uid, result in miners.items()
        if str(uid) in vector.expected
    }

    assert set(vector.expected) == {str(uid) for uid in miners}
    assert rounded(vector.expected) == rounded(actual)


@pytest.mark.parametrize("name", NAMES)
def test_order_and_duplication_change_nothing(name: str) -> None:
    """Reports that arrive backwards, each twice, give the very same resolution."""
    vector = load(name)

    backwards = [report for report in reversed(vector.reports) for _ in range(2)]

    assert vector.resolve(vector.reports) == vector.resolve(backwards)


def test_every_case_has_both_of_its_files() -> None:
    """A case without a result, or a result without a case, would never be looked at."""
    results = {path.name.removesuffix(".result.json") for path in DIRECTORY.glob("*.result.json")}

    assert results == set(NAMES)
    assert len(results) >= 40
