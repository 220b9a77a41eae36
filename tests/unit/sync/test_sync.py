"""Syncs over the in-memory store: what is kept, and what is not believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.adapters.memory import MemoryRegistryStore
from shared.domain.registry import Neuron, Overrides, Registry
from shared.service.ports import Conflict, StoredRegistry
from shared.service.sync import NotSynced, Sync
from shared.service.sync_changes import Changes, changes_between
from tests.builders import T0

from .endpoints import BusyStore, Endpoint, kept, sync_of
from .metagraphs import BLOCK, neuron, subnet


@pytest.fixture
def store() -> MemoryRegistryStore:
    """An empty store."""
    return MemoryRegistryStore()


def test_the_first_sync_writes_what_the_chain_says(store: MemoryRegistryStore) -> None:
    """Neurons, block and the time of reading."""
    sync_of(store)(1)

    assert Registry(1, T0, subnet(), block=BLOCK) == store.load(1)


def test_a_sync_keeps_what_operators_decided(store: MemoryRegistryStore) -> None:
    """Disabled validators stay disabled, lifts stay lifted."""
    decided = Overrides(frozenset({subnet()[0].hotkey}), {subnet()[1].hotkey: T0 - 5})
    store.save(kept(block=BLOCK - 1))
    store.save_overrides(1, decided)

    sync_of(store)(1)

    assert Registry(1, T0, subnet(), decided, BLOCK) == store.load(1)


def test_a_plan_writes_nothing(store: MemoryRegistryStore) -> None:
    """It only says what would change."""
    plan = sync_of(store).plan(1)

    assert (True, 8) == (plan.is_news, plan.changes.counts()["joined"])
    assert store.load(1) is None


def test_a_chain_that_stands_still_does_not_make_its_registry_fresh(
    store: MemoryRegistryStore,
) -> None:
    """The block that is kept already is not written again: its facts grow old as they should."""
    store.save(kept())

    done = sync_of(store)(1)

    assert not done.is_news
    assert kept() == store.load(1)


def test_the_next_endpoint_is_asked_where_one_fails(store: MemoryRegistryStore) -> None:
    """The first that answers well is the source; those after it are not asked."""
    store.save(kept(block=BLOCK - 1))
    first, second, third = Endpoint(None), Endpoint(name="second"), Endpoint(name="third")

    done = sync_of(store, first, second, third)(1)

    assert (done.source, third.asked) == ("second", 0)
    assert ("first: answered 429",) == done.passed_over


def test_a_doubtful_endpoint_is_passed_over(store: MemoryRegistryStore) -> None:
    """One that lags behind does not keep us from one that does not."""
    store.save(kept())
    behind, ahead = Endpoint(block=BLOCK - 1), Endpoint(block=BLOCK + 1, name="ahead")

    assert sync_of(store, behind, ahead)(1).source == "ahead"


def test_where_all_fail_every_reason_is_told(store: MemoryRegistryStore) -> None:
    """The registry stays, and the message names each endpoint with its reason."""
    store.save(kept())
    behind = Endpoint(block=BLOCK - 1, name="second")

    with pytest.raises(NotSynced) as caught:
        sync_of(store, Endpoint(None), behind)(1)

    expected = f"first: answered 429; second: its block {BLOCK - 1} is older than {BLOCK}, "
    assert f"{expected}which is kept" == str(caught.value)
    assert kept() == store.load(1)


def others(count: int) -> list[Neuron]:
    """The subnet with so many of its last hotkeys given away."""
    same = subnet()[: 8 - count]
    return [*same, *(neuron(uid, f"stranger {uid}") for uid in range(8 - count, 8))]


SILENCED = [replace(n, validator_permit=False) for n in subnet()]
PENNILESS = [replace(n, stake=0.0) for n in subnet()]
DOUBTFUL: dict[str, tuple[Endpoint, str]] = {
    "nobody has a permit": (Endpoint(SILENCED, BLOCK + 1), "none of its 8 neurons has a permit"),
    "nobody has stake": (Endpoint(PENNILESS, BLOCK + 1), "none of its 8 neurons has a permit"),
    "an older block": (Endpoint(block=BLOCK - 1), "is older than"),
    "more than half gone": (Endpoint(subnet(3), BLOCK + 1), "only 3 of the 8 hotkeys"),
    "more than half replaced": (Endpoint(others(5), BLOCK + 1), "only 3 of the 8 hotkeys"),
}


@pytest.mark.parametrize("name", sorted(DOUBTFUL))
def test_what_nobody_should_believe_is_not_written(store: MemoryRegistryStore, name: str) -> None:
    """The last good registry stays in force."""
    endpoint, reason = DOUBTFUL[name]
    store.save(kept())

    with pytest.raises(NotSynced, match=reason):
        sync_of(store, endpoint)(1)

    assert kept() == store.load(1)


@pytest.mark.parametrize("name", sorted(DOUBTFUL))
def test_an_operator_may_believe_it(store: MemoryRegistryStore, name: str) -> None:
    """`force` is for whoever has looked."""
    endpoint, _ = DOUBTFUL[name]
    store.save(kept())
    sync_of(store, endpoint)(1, force=True)

    registry = store.load(1)

    assert registry is not None
    assert (endpoint.block, tuple(endpoint.neurons or ())) == (registry.block, registry.neurons)


def test_half_of_the_hotkeys_is_enough(store: MemoryRegistryStore) -> None:
    """A subnet may change a lot between two syncs."""
    store.save(kept())

    assert 4 == len(sync_of(store, Endpoint(others(4), BLOCK + 1))(1).changes.recycled)


def test_an_imported_registry_has_no_block_to_be_older_than(store: MemoryRegistryStore) -> None:
    """After an import any block of the chain is news."""
    store.save(kept(block=None))

    assert sync_of(store, Endpoint(block=7))(1).is_news


def test_a_later_block_that_somebody_else_wrote_stays() -> None:
    """Of two syncs at once the later block wins, whoever ends last."""
    later = kept(block=BLOCK + 5)
    store = BusyStore(others=[later])
    store.save(kept(block=BLOCK - 5))

    done = sync_of(store)(1)

    assert not done.is_news
    assert later == store.load(1)


def test_what_somebody_else_imported_meanwhile_is_judged_anew() -> None:
    """The changes that are told are those against what was really replaced."""
    store = BusyStore(others=[kept(subnet(9), block=None)])
    store.save(kept(block=BLOCK - 5))

    done = sync_of(store)(1)

    assert {"joined": 0, "left": 1, "recycled": 0, "altered": 0} == done.changes.counts()
    assert Registry(1, T0, subnet(), block=BLOCK) == store.load(1)


def test_a_store_that_is_never_quiet_is_given_up() -> None:
    """After some attempts the sync fails, and the next one is due soon enough."""
    store = BusyStore(others=[kept(block=BLOCK - 9 + block) for block in range(9)])

    with pytest.raises(Conflict, match="changed 4 times"):
        sync_of(store)(1)


def test_without_an_endpoint_nothing_is_synced(store: MemoryRegistryStore) -> None:
    """It is said, and not passed over."""
    with pytest.raises(NotSynced, match="no endpoint is set"):
        Sync((), store, lambda: T0)(1)


def test_changes_tell_a_new_owner_of_a_uid_from_a_new_stake() -> None:
    """A uid with another hotkey is another neuron; the same hotkey is the same."""
    same, moved, gone = neuron(1), neuron(2), neuron(3)
    richer, stranger, newcomer = replace(same, stake=9.0), neuron(2, "stranger"), neuron(4)

    expected = Changes((newcomer,), (gone,), ((moved, stranger),), ((same, richer),))
    after = [richer, stranger, newcomer, neuron(5)]
    assert expected == changes_between([same, moved, gone, neuron(5)], after)


def test_a_revision_is_that_of_its_document(store: MemoryRegistryStore) -> None:
    """Nothing was written yet: both are None."""
    assert StoredRegistry(None, Overrides(), None, None) == store.read(1)
