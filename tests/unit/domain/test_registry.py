"""Who may report."""

from __future__ import annotations

import pytest

from shared.domain.policy import Policy
from shared.domain.registry import Neuron, Overrides, Registry, with_permits

REGISTRY = Registry(
    netuid=1,
    synced_at=0.0,
    neurons=(
        Neuron(1, "good", 1000.0, validator_permit=True),
        Neuron(2, "poor", 999.9, validator_permit=True),
        Neuron(3, "miner", 5000.0),
        Neuron(4, "barred", 5000.0, validator_permit=True),
    ),
    overrides=Overrides(disabled=frozenset({"barred"})),
)


@pytest.mark.parametrize(
    ("hotkey", "reason"),
    [
        ("good", None),
        ("poor", "stake_below_minimum"),
        ("miner", "no_permit"),
        ("barred", "disabled"),
        ("stranger", "not_registered"),
    ],
)
def test_a_refusal_has_a_reason(hotkey: str, reason: str | None) -> None:
    """Permit and stake are both required, and operators have the last word."""
    assert reason == REGISTRY.why_refused(hotkey, Policy())


def test_only_those_not_refused_are_eligible() -> None:
    """`eligible` and `why_refused` say the same."""
    assert {"good": REGISTRY.of_uid(1)} == REGISTRY.eligible(Policy())


@pytest.mark.parametrize("twin", [Neuron(1, "other", 0.0), Neuron(9, "good", 0.0)])
def test_a_uid_or_hotkey_stands_once(twin: Neuron) -> None:
    """A registry with two of them would give two answers."""
    with pytest.raises(ValueError, match="netuid 1: a uid or a hotkey stands twice"):
        Registry(1, 0.0, (Neuron(1, "good", 1000.0), twin))


@pytest.mark.parametrize(("now", "fresh"), [(7199.0, True), (7200.0, False)])
def test_the_chains_facts_expire(now: float, fresh: bool) -> None:
    """They are facts for two hours."""
    assert fresh == REGISTRY.is_fresh(Policy(), now)


def test_permits_go_to_the_largest_stakes() -> None:
    """Equal stakes: the smaller uid; no stake: no permit, even if places are left."""
    neurons = [Neuron(uid, f"n{uid}", stake) for uid, stake in [(3, 5.0), (2, 5.0), (1, 9.0)]]
    idle = Neuron(4, "n4", 0.0)

    assert [1, 2] == [n.uid for n in with_permits(neurons, places=2) if n.validator_permit]
    assert [1, 2, 3] == [n.uid for n in with_permits([*neurons, idle]) if n.validator_permit]
