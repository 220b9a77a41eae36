"""What a page may weigh."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devtools.page_weight import LATEST_PAINT, MOST_BYTES, Visit, table, typical

GOOD = Visit("#/validators", requests=22, foreign=0, sent=136_000, paint=150.0, complaints=0)


def test_a_page_within_all_limits_has_no_shortcoming() -> None:
    """It is ticked off, with its figures."""
    assert [] == GOOD.shortcomings()
    assert "✔ #/validators" in table([GOOD])
    assert "✘" not in table([GOOD])


@pytest.mark.parametrize(
    ("visit", "words"),
    [
        (replace(GOOD, sent=MOST_BYTES), "300 KB"),
        (replace(GOOD, paint=LATEST_PAINT), "first paint after 1000 ms"),
        (replace(GOOD, foreign=1), "1 requests to others"),
        (replace(GOOD, complaints=2), "2 complaints on the console"),
    ],
)
def test_each_limit_is_named_where_it_is_reached(visit: Visit, words: str) -> None:
    """And the page is crossed out."""
    assert [words] == visit.shortcomings()
    assert "✘ #/validators" in table([visit])


def test_the_median_of_visits_counts_and_any_fault() -> None:
    """One slow visit is chance; one request to somebody else is not."""
    visits = [GOOD, replace(GOOD, paint=4000.0, sent=1), replace(GOOD, paint=140.0, foreign=1)]

    assert replace(GOOD, foreign=1) == typical(visits)
