"""Who may report, by the registry and the operator."""

from __future__ import annotations

import pytest

from shared.domain.registry import Neuron, Overrides
from shared.service import refusals
from shared.service.registries import Registries
from tests.unit.edge.hotkeys import OTHER, VALIDATOR
from tests.unit.edge.intake import NETUID, CountedRegistries, Subnet, verified


@pytest.mark.parametrize(
    ("neuron", "code"),
    [
        (Neuron(48, OTHER.address, 5000.0, True), "not_registered"),
        (Neuron(48, VALIDATOR.address, 5000.0, False), "no_permit"),
        (Neuron(48, VALIDATOR.address, 999.0, True), "stake_below_minimum"),
        (Neuron(49, VALIDATOR.address, 5000.0, True), "validator_uid_mismatch"),
    ],
)
def test_who_may_not_report_is_told_why(neuron: Neuron, code: str, subnet: Subnet) -> None:
    """Registration, permit, stake and uid are judged by the registry before anything is read."""
    subnet.register(neuron)

    with pytest.raises(refusals.NotAllowed) as refused:
        subnet.submit(verified())

    assert code == refused.value.code
    assert [] == subnet.log.calls


def test_a_disabled_validator_may_not_report(subnet: Subnet) -> None:
    """The operator's word is above the chain's."""
    subnet.chain.save_overrides(NETUID, Overrides(disabled=frozenset({VALIDATOR.address})))

    with pytest.raises(refusals.NotAllowed, match="disabled"):
        subnet.submit(verified())


def test_without_a_registry_nobody_may_report(subnet: Subnet) -> None:
    """An empty deployment trusts nobody, and does not ask again for a minute."""
    empty = CountedRegistries()
    registries = Registries(empty, lambda: subnet.now)

    for _ in range(3):
        with pytest.raises(refusals.NotAllowed, match="not registered"):
            subnet.submit(verified(), registries=registries)

    assert 1 == empty.reads


def test_a_registry_is_read_again_after_a_minute(subnet: Subnet) -> None:
    """A validator that lost its permit is out within a minute."""
    subnet.submit(verified(1))
    subnet.register(Neuron(48, VALIDATOR.address, 5000.0, False))
    subnet.now += 59
    subnet.submit(verified(2))
    subnet.now += 1

    with pytest.raises(refusals.NotAllowed, match="permit"):
        subnet.submit(verified(3))
