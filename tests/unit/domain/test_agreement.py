"""How far validators agree with the consensus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.agreement import Agreement, agreements
from shared.domain.memory import EMPTY
from shared.domain.policy import Policy
from shared.domain.registry import Neuron
from shared.domain.reports import Report
from shared.domain.resolve import resolve
from shared.domain.standing import Deviation
from shared.domain.votes import votes_at
from tests.unit.domain.makers import NOW, registry, report, status

EQUAL = {1: 1000.0, 2: 1000.0, 3: 1000.0, 4: 1000.0}


def agreed(
    reports: Sequence[Report], *miners: Neuron, policy: Policy | None = None
) -> Mapping[str, Agreement]:
    """Hotkey → agreement, the chain knowing these miners."""
    policy = policy or Policy()
    chain = registry(EQUAL)
    chain = replace(chain, neurons=(*chain.neurons, *miners))
    votes = votes_at(reports, chain, policy, NOW)
    return agreements(resolve(votes, chain, EMPTY, policy, NOW), votes, policy, NOW)


def counts(found: Agreement) -> tuple[int, int]:
    """What agrees, of how many observations."""
    return found.agreeing, found.observations


def one_against_three(told: Any, others: Any, field: str = "performance_score") -> Sequence[Report]:
    """Validator 4 tells something else of one field than 1, 2 and 3."""
    return [
        *(report(uid, status(**{field: others})) for uid in (1, 2, 3)),
        report(4, status(**{field: told})),
    ]


def test_who_says_the_same_agrees_entirely() -> None:
    """Every number and label of every vote counts once."""
    found = agreed([report(uid, status(is_serving=True, current_load=2)) for uid in (1, 2)])

    assert {"v1": (2, 2), "v2": (2, 2)} == {key: counts(each) for key, each in found.items()}
    assert {49: (2, 2)} == found["v1"].miners
    assert found["v1"].furthest is None


@pytest.mark.parametrize(
    ("told", "others", "field"),
    [(True, False, "is_serving"), (0.9, 0.1, "performance_score"), (9, 2, "current_load")],
)
def test_who_says_something_else_does_not_agree(told: Any, others: Any, field: str) -> None:
    """The others do, as far as the consensus stays with them."""
    found = agreed(one_against_three(told, others, field))

    assert (0, 1) == counts(found["v4"])


def test_a_number_agrees_within_its_tolerance() -> None:
    """0.1 for a performance score."""
    wide = Policy(tolerances={"performance_score": (0.5, 0.0)})

    assert counts(agreed(one_against_three(0.6, 0.4), policy=wide)["v4"]) == (1, 1)
    assert counts(agreed(one_against_three(0.6, 0.4))["v4"]) == (0, 1)


def test_the_furthest_number_is_named_in_tolerances() -> None:
    """(0.9 − 0.1) ÷ 0.1, with the sign of the exaggeration; the one does not move the value."""
    found = agreed(one_against_three(0.9, 0.1))["v4"].furthest

    assert found is not None
    assert (found.miner_uid, found.field) == (49, "performance_score")
    assert pytest.approx(8.0, abs=0.01) == found.tolerances


def test_where_nothing_is_tolerated_the_distance_is_bounded() -> None:
    """No division by zero, and no number that JSON cannot hold."""
    exact = Policy(tolerances={"performance_score": (0.0, 0.0)})
    found = agreed(one_against_three(0.0, 0.5), policy=exact)["v4"]

    assert Deviation(49, "performance_score", -1000.0) == found.furthest


def test_repeating_the_chain_proves_nothing() -> None:
    """A stake as the chain has it is no observation; another one is, and does not agree."""
    chain = Neuron(49, "m49", 500.0)
    told = [report(1, status(stake=500.0)), report(2, status(stake=900.0))]

    found = agreed(told, chain)

    assert (0, 0) == counts(found["v1"])
    assert {49: (0, 1)} == found["v2"].miners


def test_a_vote_about_another_hotkey_disagrees_once() -> None:
    """Its other fields are about another miner."""
    told = [*one_against_three(0.4, 0.4)[:3], report(4, status(hotkey="other", is_serving=True))]

    assert {49: (0, 1)} == agreed(told)["v4"].miners


def test_without_a_quorum_there_is_nothing_to_agree_with() -> None:
    """One validator alone is compared with nobody."""
    assert {} == agreed([report(1, status(is_serving=True))])


def test_expired_votes_do_not_count() -> None:
    """A vote serves as fallback longer than it is compared."""
    old = report(3, status(is_serving=False), signed_at=NOW - 301)
    fresh = [report(uid, status(is_serving=True)) for uid in (1, 2)]

    assert {"v1", "v2"} == set(agreed([old, *fresh]))


def test_a_value_of_the_wrong_type_is_no_observation() -> None:
    """1 is not true: it counts as missing, as it does in the consensus."""
    told = [
        *(report(uid, status(is_serving=True)) for uid in (1, 2)),
        report(3, status(is_serving=1)),
    ]

    assert agreed(told)["v3"].observations == 0
