from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.dispatch.breaker import Breaker
from shared.domain.dispatch.candidates import Candidate, Subnet, candidates
from shared.domain.dispatch.records import Record
from shared.domain.policy import Policy
from shared.domain.ranking import rank
from shared.domain.registry import Neuron, Registry
from shared.domain.results import MinerResult, Resolution
from tests.builders import T0
from tests.dispatching import hotkey, miner


def subnet(*miners: MinerResult, **changes: Any) -> Subnet:
    """A subnet of these miners."""
    ranking = rank(Resolution({m.uid: m for m in miners}, (48, 49), 2), Policy())
    values: dict[str, Any] = {
        "ranking": ranking,
        "policy": Policy(),
        "registry": None,
        "record_of": Record,
        "now": T0 + 1,
    }
    return Subnet(**{**values, **changes})


def uids(found: list[Candidate]) -> list[int]:
    """Who was found."""
    return [candidate.uid for candidate in found]


def test_consensus_miners_come_alone_while_there_are_any() -> None:
    """Individual reports only when there is no consensus; the boost only with one."""
    both = subnet(miner(1), miner(2, state="fallback"))
    alone = subnet(miner(2, state="fallback"))

    assert [1] == uids(candidates(both))
    assert [2] == uids(candidates(alone))
    assert [0.9] == [c.boost for c in candidates(both)]
    assert [None] == [c.boost for c in candidates(alone)]


@pytest.mark.parametrize(
    "changes",
    [
        {"is_serving": False},
        {"stake": 0.0},
        {"ip": None},
        {"port": None},
        {"ip": "10.0.0.1"},
        {"state": "disputed"},
    ],
)
def test_who_cannot_serve_is_left_out(changes: dict[str, Any]) -> None:
    """Not serving, without stake, without an address that work may be sent to, disputed."""
    assert [1] == uids(candidates(subnet(miner(1), miner(2, **changes))))


def test_local_networks_may_hand_out_private_addresses() -> None:
    """By the operator's word."""
    local = subnet(miner(1, ip="10.0.0.1"), allow_private=True)

    assert [1] == uids(candidates(local))


def test_excluded_miners_are_left_out() -> None:
    """By uid."""
    assert [2] == uids(candidates(subnet(miner(1), miner(2)), exclude=[1, 3]))


def test_nobody_is_handed_out_on_the_word_of_an_old_snapshot() -> None:
    """When recomputes have stopped, miners go stale by the age of their newest report."""
    young, old = T0 + 299, T0 + 300

    assert [1] == uids(candidates(subnet(miner(1), now=young)))
    assert [] == uids(candidates(subnet(miner(1), now=old)))
    assert [1] == uids(candidates(subnet(miner(1, state="fallback"), now=old)))


def test_an_open_circuit_leaves_out_and_a_half_open_one_leaves_one_place() -> None:
    """A probe is one task at a time, and is drawn now and then whatever the score."""
    broken = Record(1, hotkey(1), updated_at=T0, breaker=Breaker(5, 1, T0 + 30))
    known = subnet(miner(1), record_of=lambda _uid, _hotkey: broken)

    assert [] == candidates(known)
    probe = candidates(replace(known, now=T0 + 30))[0]
    assert (1, True) == (probe.places, probe.needs_floor)


def test_the_owner_is_the_registry_s_for_the_same_hotkey() -> None:
    """A recycled uid does not inherit its predecessor's coldkey."""
    neurons = (Neuron(1, hotkey(1), 1.0, coldkey="a"), Neuron(2, "another", 1.0, coldkey="b"))
    known = subnet(miner(1), miner(2), registry=Registry(1, T0, neurons))

    assert {1: "a", 2: None} == {c.uid: c.coldkey for c in candidates(known)}


def test_a_specialist_in_other_tasks_does_not_fit() -> None:
    """Without a specialisation, or without a task type, everybody does."""
    text = {"text": {"total": 3}}
    known = subnet(
        miner(1, task_type_specialization=text),
        miner(2, task_type_specialization={"image": {}, **text}),
        miner(3),
    )

    assert {1: False, 2: True, 3: True} == {c.uid: c.fits for c in candidates(known, "image")}
    assert {True} == {c.fits for c in candidates(known)}


def test_missing_values_are_those_of_the_ranking() -> None:
    """Performance 0.5, load 0, capacity 1."""
    found = candidates(
        subnet(miner(1, performance_score=None, current_load=None, max_capacity=None))
    )[0]

    assert (0.5, 0.0, 1) == (found.performance, found.load, found.places)
    assert 0.5 + 0.2 * 0.9 == pytest.approx(found.score(0))


def test_an_absurd_capacity_is_no_more_than_any() -> None:
    """A claim of 10¹⁵ places gives the eight that nobody has to earn."""
    found = candidates(subnet(miner(1, max_capacity=1e15)))[0]

    assert (8, 10_000) == (found.places, found.declared)
