"""What the benchmark of readers makes of what it sees."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from benchmarks.read import Case, table
from benchmarks.readers import Answer, SharedCache, shared_seconds

FULL, UNCHANGED = Answer(200, 100_000, 0.04), Answer(304, 0, 0.01)
PLAIN = Case(False, "plainly", [FULL] * 100, calls=100, reads=100, seconds=10.0)
CACHED = Case(True, "conditionally", [FULL, *[UNCHANGED] * 99], 100, reads=10, seconds=10.0)


def test_figures_are_per_thousand_requests_and_of_the_first_case() -> None:
    """Ten reads of a hundred requests are a hundred of a thousand; 10 ms of 40 are a quarter."""
    *_, row = table([PLAIN, CACHED]).splitlines()

    assert ["cached", "conditionally", "100", "100", "99%", "1.0", "0.25×", "0.25×"] == row.split()


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (PLAIN, ""),
        (CACHED, ""),
        (replace(CACHED, reads=13), "13 reads in 10 s"),
        (replace(PLAIN, answers=[FULL] * 99 + [Answer(503, 0, 0.01)]), "not every request"),
        (replace(CACHED, answers=[FULL] * 60 + [UNCHANGED] * 40), "only 40% of the answers"),
    ],
)
def test_a_broken_promise_is_named(case: Case, words: str) -> None:
    """A read a second at most with the cache, an answer each, and 304 for who has it already."""
    assert case.shortcoming().startswith(words)
    assert bool(words) == bool(case.shortcoming())


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("public, max-age=2, s-maxage=5", 5.0), ("private, no-store", 0.0), ("", 0.0)],
)
def test_a_shared_cache_keeps_what_it_may(header: str, seconds: float) -> None:
    """By `s-maxage` alone: what does not say so is fetched each time."""
    answers = iter([httpx.Response(200, headers={"Cache-Control": header}) for _ in range(2)])
    cache = SharedCache(lambda: next(answers))

    assert seconds == shared_seconds(cache())
    kept = cache()
    assert (seconds > 0) == (next(answers, None) is not None)
    assert kept.status_code == 200
