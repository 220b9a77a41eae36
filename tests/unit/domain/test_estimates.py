"""The estimate of a field, where the golden vectors do not look."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.numbers import weighted_mean
from shared.domain.observations import DETAIL_LENGTH, Observation, reaches, tally
from shared.domain.results import MinerResult
from tests.unit.domain.makers import report, resolved, status

finite = st.floats(allow_nan=False, allow_infinity=False)
weights = st.floats(0, 1)


def voted(*values: Any) -> MinerResult:
    """The miner to which these values of the field `x` were given by equal validators."""
    reports = [report(uid, status(x=value)) for uid, value in enumerate(values)]
    return resolved(reports, dict.fromkeys(range(len(values)), 1000.0)).miners[49]


@given(st.lists(st.tuples(finite, weights), min_size=1))
def test_no_finite_numbers_average_to_anything_else(pairs: list[tuple[float, float]]) -> None:
    """Not even the largest ones: the mean stays within their range."""
    mean = weighted_mean([Observation(value, weight, 0.0) for value, weight in pairs])

    assert min(value for value, _ in pairs) <= mean <= max(value for value, _ in pairs)


@given(finite, st.lists(weights, min_size=1))
def test_equal_numbers_average_to_themselves(value: float, given_weights: list[float]) -> None:
    """To the last digit, whatever they weigh."""
    assert value == weighted_mean([Observation(value, weight, 0.0) for weight in given_weights])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1.0, 3.0, "red"), 2.0),
        ((1.0, "red", "red"), "red"),
        ((1.0, "red"), 1.0),
        (("red", ["red"]), ["red"]),
        ((None, None), None),
    ],
)
def test_the_heaviest_kind_of_an_unknown_field_wins(values: Any, expected: Any) -> None:
    """Values of the other kinds count as missing; kinds tie by name: label, number, recent."""
    assert expected == voted(*values).values.get("x")


def test_true_is_neither_one_nor_the_word() -> None:
    """Values are told apart by their JSON."""
    observations = [Observation(value, 1.0, 0.0) for value in (True, "true", 1)]

    assert 3 == len(tally(observations))


def test_a_conflict_names_no_more_than_its_heaviest_values() -> None:
    """Sixty-four different numbers must not fill a snapshot."""
    [conflict] = voted(*(10.0**power for power in range(20))).conflicts

    assert ("x", "dispersed", DETAIL_LENGTH) == (
        conflict.field,
        conflict.kind,
        len(conflict.detail),
    )


def test_rounding_does_not_miss_a_threshold() -> None:
    """0.7 + 0.1 is a little less than 0.8 in floats, and reaches it all the same."""
    assert 0.7 + 0.1 < 0.8
    assert reaches(0.7 + 0.1, 0.8)
    assert not reaches(0.799999, 0.8)
