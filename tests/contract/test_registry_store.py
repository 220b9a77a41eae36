"""What every registry store must do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.domain.registry import Neuron, Overrides
from shared.service.ports import Conflict, StoredRegistry
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


def test_the_block_of_a_sync_is_kept_and_an_import_has_none(stores: Stores, netuid: int) -> None:
    """What an import replaces leaves nothing behind."""
    synced = replace(registry(netuid), block=4_769_998)
    stores.registries.save(synced)
    assert synced == stores.registries.load(netuid)

    stores.registries.save(registry(netuid))

    assert registry(netuid) == stores.registries.load(netuid)


def test_an_empty_subnet_has_no_revisions(stores: Stores, netuid: int) -> None:
    """None says that there is nothing to replace."""
    assert StoredRegistry(None, Overrides(), None, None) == stores.registries.read(netuid)


def test_what_was_read_can_be_replaced_once(stores: Stores, netuid: int) -> None:
    """The second of two who read the same revision is told; the first one's words stand."""
    stores.registries.save(registry(netuid))
    read = stores.registries.read(netuid)
    first = replace(registry(netuid, synced_at=T0 + 60), block=7)
    stores.registries.replace(first, read.revision)

    with pytest.raises(Conflict):
        stores.registries.replace(registry(netuid, synced_at=T0 + 90), read.revision)

    assert first == stores.registries.load(netuid)


def test_nobody_creates_a_registry_that_is_there(stores: Stores, netuid: int) -> None:
    """Who read that there is none is told that there is one by now."""
    stores.registries.replace(registry(netuid), None)

    with pytest.raises(Conflict):
        stores.registries.replace(registry(netuid, synced_at=T0 + 90), None)


def test_of_two_decisions_at_once_none_is_lost(stores: Stores, netuid: int) -> None:
    """The second operator is told, reads again, and both decisions stand."""
    stores.registries.save_overrides(netuid, Overrides(frozenset({ALICE})))
    mine, theirs = stores.registries.read(netuid), stores.registries.read(netuid)
    both = Overrides(frozenset({ALICE, BOB}))
    stores.registries.save_overrides(netuid, both, theirs.overrides_revision)

    with pytest.raises(Conflict):
        stores.registries.save_overrides(netuid, Overrides(), mine.overrides_revision)

    assert both == stores.registries.read(netuid).overrides


def test_a_sync_and_a_decision_do_not_disturb_each_other(stores: Stores, netuid: int) -> None:
    """Each document has its own revision."""
    stores.registries.save(registry(netuid))
    read = stores.registries.read(netuid)
    decided = Overrides(frozenset({ALICE}))
    stores.registries.save_overrides(netuid, decided, read.overrides_revision)

    stores.registries.replace(registry(netuid, synced_at=T0 + 60), read.revision)

    expected = replace(registry(netuid, synced_at=T0 + 60), overrides=decided)
    assert expected == stores.registries.load(netuid)
