"""Who agrees with whom."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.memory import EMPTY
from shared.domain.peers import peer_maps
from shared.domain.policy import Policy
from shared.domain.reports import Report
from shared.domain.resolve import resolve
from shared.domain.votes import votes_at
from tests.unit.domain.makers import NOW, registry, report, status

STAKES = {1: 4000.0, 2: 3000.0, 3: 2000.0}
HOTKEYS = ("v1", "v2", "v3")


def maps(reports: Sequence[Report]) -> dict[str, str]:
    """Hotkey → map, as of now."""
    policy, chain = Policy(), registry(STAKES)
    resolution = resolve(votes_at(reports, chain, policy, NOW), chain, EMPTY, policy, NOW)
    return dict(peer_maps(resolution, HOTKEYS, policy))


def test_each_pair_is_compared_field_by_field() -> None:
    """Two of three fields agree: six ninths; with oneself there is nothing to compare."""
    told = [
        report(1, status(7, is_serving=True, performance_score=0.8, current_load=2)),
        report(2, status(7, is_serving=True, performance_score=0.82, current_load=2)),
        report(3, status(7, is_serving=True, performance_score=0.2, current_load=2)),
    ]

    assert {"v1": ".96", "v2": "9.6", "v3": "66."} == maps(told)


def test_two_against_the_rest_still_agree_with_each_other() -> None:
    """The consensus has no say in it beyond the scale."""
    told = [
        report(1, status(7, is_serving=True)),
        report(2, status(7, is_serving=False)),
        report(3, status(7, is_serving=False)),
    ]

    assert {"v1": ".00", "v2": "0.9", "v3": "09."} == maps(told)


def test_only_what_both_have_said_is_compared() -> None:
    """On other miners or other fields there is nothing to compare; who is silent is left out."""
    told = [
        report(1, status(7, performance_score=0.8), status(8, performance_score=0.5)),
        report(2, status(7, performance_score=0.8, current_load=3)),
    ]

    assert {"v1": ".9.", "v2": "9.."} == maps(told)


def test_where_there_is_no_quorum_nothing_is_compared() -> None:
    """Nor before the first vote."""
    assert {} == maps([report(1, status(7, performance_score=0.8))])
    assert {} == maps([])
