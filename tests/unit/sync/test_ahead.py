"""Blocks that nothing vouches for: ahead of time, or the first one of all."""

from __future__ import annotations

import pytest

from shared.adapters.memory import MemoryRegistryStore
from shared.service.sync import MARGIN, ChainDoubtful, NotSynced, Sync
from tests.builders import T0

from .endpoints import BusyStore, Endpoint, kept, sync_of
from .metagraphs import BLOCK

ELAPSED = 50
"""Blocks in the ten minutes since what is kept was synced."""
LATEST = BLOCK + ELAPSED + MARGIN
FUTURE = BLOCK + 10**6


@pytest.fixture
def store() -> MemoryRegistryStore:
    """One in which a block is kept that was synced ten minutes ago."""
    made = MemoryRegistryStore()
    made.save(kept())
    return made


def block_in(store: MemoryRegistryStore) -> int | None:
    return store.read(1).block


def test_a_block_may_be_as_late_as_time_allows_and_half_an_hour_more(
    store: MemoryRegistryStore,
) -> None:
    """One block per 12 s since the last sync, and 150."""
    sync_of(store, Endpoint(block=LATEST))(1)

    assert LATEST == block_in(store)


def test_a_block_that_cannot_be_reached_yet_is_not_believed(store: MemoryRegistryStore) -> None:
    """The last good registry stays, and the reason has the numbers."""
    with pytest.raises(NotSynced) as caught:
        sync_of(store, Endpoint(block=LATEST + 1))(1)

    said = f"its block {LATEST + 1} is ahead of {LATEST}, the latest that {BLOCK} allows"
    assert f"first: {said}" == str(caught.value)
    assert BLOCK == block_in(store)


def test_an_operator_may_believe_it(store: MemoryRegistryStore) -> None:
    """`force` is for whoever has looked, and asks no second endpoint."""
    second = Endpoint(block=FUTURE, name="second")

    sync_of(store, Endpoint(block=FUTURE), second)(1, force=True)

    assert (FUTURE, 0) == (block_in(store), second.asked)


def test_the_next_endpoint_is_asked_instead(store: MemoryRegistryStore) -> None:
    """The honest one is believed, and why not the first is told."""
    done = sync_of(store, Endpoint(block=FUTURE), Endpoint(block=BLOCK + 50, name="second"))(1)

    assert ("second", BLOCK + 50) == (done.source, block_in(store))
    assert [f"first: its block {FUTURE} is ahead of {LATEST}"] == [
        reason.partition(",")[0] for reason in done.passed_over
    ]


def test_two_endpoints_that_are_about_as_far_are_believed(store: MemoryRegistryStore) -> None:
    """Finality stood still and came back, or what is kept came from a node that lagged."""
    liar, one, other = (
        Endpoint(block=block, name=name)
        for name, block in (("liar", FUTURE), ("one", LATEST + 9), ("other", LATEST + 9 + MARGIN))
    )

    done = sync_of(store, liar, one, other)(1)

    assert ("one", LATEST + 9) == (done.source, block_in(store))
    assert ["liar"] == [reason.partition(":")[0] for reason in done.passed_over]


def test_two_endpoints_that_are_further_apart_are_not(store: MemoryRegistryStore) -> None:
    """Nobody knows which of them is right."""
    other = Endpoint(block=FUTURE + MARGIN + 1, name="other")

    with pytest.raises(NotSynced, match=r"first: .* ahead .*; other: .* ahead"):
        sync_of(store, Endpoint(block=FUTURE), other)(1)


def test_an_endpoint_does_not_vouch_for_itself(store: MemoryRegistryStore) -> None:
    """One host may be named twice, with two keys."""
    with pytest.raises(NotSynced):
        sync_of(store, Endpoint(block=FUTURE), Endpoint(block=FUTURE))(1)

    assert BLOCK == block_in(store)


def test_a_chain_that_halted_and_came_back_is_believed(store: MemoryRegistryStore) -> None:
    """A day without a block leaves it behind what time allows."""
    sync_of(store, Endpoint(block=BLOCK + 3), at=T0 + 86_400)(1)

    assert BLOCK + 3 == block_in(store)


def test_a_clock_that_was_ahead_leaves_the_margin(store: MemoryRegistryStore) -> None:
    """Time that runs backwards allows nothing, and takes nothing away."""
    sync_of(store, Endpoint(block=BLOCK + 1), at=T0 + 86_400)(1)

    sync_of(store, Endpoint(block=BLOCK + 1 + MARGIN), at=T0 + 60)(1)

    assert BLOCK + 1 + MARGIN == block_in(store)


def test_beyond_the_margin_two_endpoints_bring_back_who_had_a_wrong_clock(
    store: MemoryRegistryStore,
) -> None:
    """One does not, until the clock has reached what it once said."""
    sync_of(store, Endpoint(block=BLOCK + 1), at=T0 + 86_400)(1)
    one, other = (Endpoint(block=BLOCK + 2 + MARGIN, name=name) for name in ("one", "other"))

    with pytest.raises(NotSynced):
        sync_of(store, one, at=T0 + 60)(1)
    sync_of(store, one, other, at=T0 + 60)(1)

    assert BLOCK + 2 + MARGIN == block_in(store)


def test_fast_blocks_are_believed_where_they_are_set(store: MemoryRegistryStore) -> None:
    """A development chain makes four a second."""
    Sync((Endpoint(block=BLOCK + 2400),), store, lambda: T0, block_seconds=0.25)(1)

    assert BLOCK + 2400 == block_in(store)


def test_the_first_block_needs_two_of_several_endpoints() -> None:
    """With nothing to go by, one is passed over that no other is near."""
    store = MemoryRegistryStore()
    honest = [Endpoint(name=name) for name in ("one", "other")]

    done = sync_of(store, Endpoint(block=FUTURE), *honest)(1)

    assert ("one", BLOCK) == (done.source, block_in(store))
    said = f"first: no other endpoint is near its block {FUTURE}, and none is kept"
    assert (said,) == done.passed_over


def test_the_first_block_is_nobodys_where_two_endpoints_disagree() -> None:
    """Somebody has to look; nothing is written."""
    store = MemoryRegistryStore()

    with pytest.raises(NotSynced, match=f"near its block {FUTURE}, .* near its block {BLOCK}, "):
        sync_of(store, Endpoint(block=FUTURE), Endpoint(name="second"))(1)

    assert store.load(1) is None


def test_the_first_block_is_believed_where_nobody_contradicts() -> None:
    """One of two endpoints does not answer: a subnet can begin."""
    store = MemoryRegistryStore()

    done = sync_of(store, Endpoint(name="first"), Endpoint(None, name="second"))(1)

    assert ("first", ("second: answered 429",)) == (done.source, done.passed_over)


def test_after_an_import_it_is_as_with_the_first_block() -> None:
    """What was imported has no block to compare with."""
    store = MemoryRegistryStore()
    store.save(kept(block=None))

    with pytest.raises(NotSynced, match="and none is kept"):
        sync_of(store, Endpoint(block=FUTURE), Endpoint(name="second"))(1)


def test_what_somebody_else_wrote_meanwhile_is_what_counts() -> None:
    """A block that was due by what was kept is judged anew by what is."""
    store = BusyStore(others=[kept(block=BLOCK - MARGIN - ELAPSED - 1)])
    store.save(kept(block=BLOCK - 5))

    with pytest.raises(ChainDoubtful, match="is ahead of"):
        sync_of(store)(1)
