"""How each validator stands."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.memory import EMPTY, Memory, ValidatorMemory
from shared.domain.policy import Policy
from shared.domain.reports import Report
from shared.domain.resolve import resolve
from shared.domain.standing import Standing
from shared.domain.standings import Scene, standings_of
from shared.domain.votes import votes_at
from tests.unit.domain.makers import NOW, registry, report, status

STAKES = {1: 4000.0, 2: 3000.0, 3: 2000.0}


def standings(
    reports: Sequence[Report], memory: Memory = EMPTY, policy: Policy | None = None
) -> dict[int, Standing]:
    """uid → standing, as of now."""
    policy = policy or Policy()
    chain = registry(STAKES)
    votes = votes_at(reports, chain, policy, NOW)
    resolution = resolve(votes, chain, memory, policy, NOW)
    scene = Scene(resolution, votes, reports, chain, memory, policy, NOW)
    return {each.uid: each for each in standings_of(scene)}


def test_the_silent_ones_are_listed_too() -> None:
    """Everyone who may report, with the stake that the chain knows."""
    found = standings([report(1, status())])

    assert STAKES == {uid: each.stake for uid, each in found.items()}
    assert [True, False, False] == [each.is_active for each in found.values()]
    assert found[2].last_report_at is None


def test_the_last_report_is_the_one_received_last() -> None:
    """In whatever order they are known."""
    told = [report(1, status(), signed_at=NOW - age) for age in (30.0, 10.0, 20.0)]

    assert NOW - 10.0 == standings(told)[1].last_report_at


def test_a_long_silent_validator_is_dated_by_its_round() -> None:
    """The memory keeps the round of its last report: at 60 s a round, 101 of them later."""
    remembered = ValidatorMemory(first_round=90, last_round=100, reports=11, participation=0.7)

    found = standings([], Memory(round=166, validators={"v3": remembered}))[3]

    assert (6060.0, 11, 0.7) == (found.last_report_at, found.reports, found.participation)


def test_the_map_has_a_character_per_miner() -> None:
    """Ninths of the fields that agree, `.` where there is nothing to compare."""
    both = [status(10, is_serving=True, performance_score=0.9), status(12, is_serving=True)]
    told = [
        *(report(uid, *both, status(11)) for uid in (1, 2)),
        report(3, status(10, is_serving=True, performance_score=0.7)),
    ]

    found = standings(told)

    assert {1: "9.9", 2: "9.9", 3: "4.."} == {uid: s.agreement_map for uid, s in found.items()}
    assert found[3].agreement == 0.5


def test_the_peer_map_has_a_character_per_validator() -> None:
    """In the order of the standings; empty for who is silent."""
    told = [report(uid, status(10, is_serving=True)) for uid in (1, 3)]

    assert {1: "..9", 2: "", 3: "9.."} == {uid: s.peer_map for uid, s in standings(told).items()}


def test_without_observations_there_is_no_agreement() -> None:
    """Neither zero nor one would be true."""
    assert standings([])[1].agreement is None
