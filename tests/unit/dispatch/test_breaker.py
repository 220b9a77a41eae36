from __future__ import annotations

import pytest

from shared.domain.dispatch.breaker import COOLDOWN, FAILURES, LONGEST_COOLDOWN, Breaker


def failed(breaker: Breaker, times: int, now: float = 0.0) -> Breaker:
    """The breaker after so many failures."""
    for _ in range(times):
        breaker = breaker.after(succeeded=False, now=now)
    return breaker


def test_fewer_failures_than_five_in_a_row_open_nothing() -> None:
    """A success in between starts the count anew."""
    breaker = failed(Breaker(), FAILURES - 1).after(succeeded=True, now=0)

    assert "closed" == failed(breaker, FAILURES - 1).circuit(0)


def test_five_failures_in_a_row_open_it_for_the_cooldown() -> None:
    """Then it is half open, for as long as nobody knows better."""
    breaker = failed(Breaker(), FAILURES)

    circuits = [breaker.circuit(now) for now in (0, COOLDOWN - 0.1, COOLDOWN, 1e9)]
    assert ["open", "open", "half_open", "half_open"] == circuits


def test_failures_while_it_is_open_do_not_prolong_it() -> None:
    """They were sent before it opened."""
    breaker = failed(Breaker(), FAILURES)

    assert COOLDOWN == failed(breaker, 7, now=COOLDOWN / 2).open_until


def test_each_failed_probe_doubles_the_cooldown_up_to_the_longest() -> None:
    """30 s, 60 s, 120 s, and no longer: one task in two minutes is what a probe may cost."""
    breaker, cooldowns = failed(Breaker(), FAILURES), []
    for _ in range(6):
        now = breaker.open_until
        breaker = breaker.after(succeeded=False, now=now)
        cooldowns.append(breaker.open_until - now)

    assert pytest.approx([60, 120, *[LONGEST_COOLDOWN] * 4]) == cooldowns


def test_a_success_closes_it_and_forgets() -> None:
    """The next failures have to be five again."""
    breaker = failed(Breaker(), FAILURES).after(succeeded=True, now=COOLDOWN)

    assert Breaker() == breaker
