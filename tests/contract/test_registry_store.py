"""What every registry store must do."""

from __future__ import annotations

from dataclasses import replace

from shared.domain.registry import Neuron, Overrides
from tests.builders import ALICE, BOB, T0, registry
from tests.contract.conftest import Stores


def test_a_new_subnet_has_no_registry(stores: Stores, netuid: int) -> None:
    """An empty store answers None."""
    assert stores.registries.load(netuid) is None


def test_a_saved_registry_is_found_again(stores: Stores, netuid: int) -> None:
    """Every field of every neuron survives, the optional ones too."""
    full = Neuron(1, BOB, 1.5, True, ALICE, 4_000_000, ("2001:db8::1", 8091))
    saved = registry(netuid, neurons=(full, Neuron(2, ALICE, 0.0)))

    stores.registries.save(saved)

    assert saved == stores.registries.load(netuid)


def test_a_sync_keeps_what_operators_decided(stores: Stores, netuid: int) -> None:
    """Saving the chain's registry leaves the overrides in force."""
    decided = Overrides(frozenset({ALICE}), {BOB: T0 + 0.25})
    stores.registries.save(registry(netuid))
    stores.registries.save_overrides(netuid, decided)

    stores.registries.save(registry(netuid, synced_at=T0 + 60))

    expected = replace(registry(netuid, synced_at=T0 + 60), overrides=decided)
    assert expected == stores.registries.load(netuid)


def test_overrides_alone_are_no_registry(stores: Stores, netuid: int) -> None:
    """A subnet of which only overrides are known has no registry yet."""
    stores.registries.save_overrides(netuid, Overrides(frozenset({ALICE})))

    assert stores.registries.load(netuid) is None
