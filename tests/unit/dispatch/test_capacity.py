from __future__ import annotations

import pytest

from shared.domain.dispatch.capacity import TRUSTED, grown, places, shrunk


@pytest.mark.parametrize(("declared", "expected"), [(1, 1), (5, 5), (8, 8), (9, 8), (10_000, 8)])
def test_small_claims_are_taken_at_their_word(declared: int, expected: int) -> None:
    """Up to eight places; the rest has to be earned."""
    assert expected == places(declared, None)


def test_a_success_at_full_use_earns_one_place() -> None:
    """With places to spare nothing was shown."""
    assert TRUSTED + 1 == grown(None, 100, concurrent=TRUSTED)
    assert TRUSTED == grown(None, 100, concurrent=TRUSTED - 1)


def test_no_capacity_grows_beyond_what_the_consensus_says() -> None:
    """Declared 5 stays 5."""
    assert 5.0 == grown(5.0, 5, concurrent=5)


def test_failures_shrink_it_to_one_place_and_no_further() -> None:
    """Each takes a fifth."""
    held: float | None = None
    shown = []
    for _ in range(12):
        held = shrunk(held, 5, concurrent=1)
        shown.append(places(5, held))

    assert [4, 3, 2, 2, 1, 1] == shown[:6]
    assert 1.0 == held


def test_a_shrunk_miner_grows_back_with_what_it_serves() -> None:
    """One place per success at full use."""
    held = 1.0
    for _ in range(6):
        held = grown(held, 5, concurrent=places(5, held))

    assert 5.0 == held


def test_a_lower_claim_holds_at_once() -> None:
    """What was verified of a larger one does not count."""
    assert 3 == places(3, 20.0)
