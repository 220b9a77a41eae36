"""What every snapshot store must do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.service.ports import Conflict
from tests.builders import closed_round, snapshot
from tests.contract.conftest import Stores


def test_a_new_subnet_has_no_snapshot(stores: Stores, netuid: int) -> None:
    """An empty store answers None."""
    assert stores.snapshots.load(netuid) is None


def test_a_saved_snapshot_is_found_again_with_its_revision(stores: Stores, netuid: int) -> None:
    """What was saved comes back, together with the token for the next save."""
    revision = stores.snapshots.save(netuid, snapshot(), [], None)

    found = stores.snapshots.load(netuid)

    assert found is not None
    assert snapshot() == replace(found, revision=None)
    assert revision == found.revision


def test_two_writers_cannot_both_be_first(stores: Stores, netuid: int) -> None:
    """The second creation is a conflict and changes nothing."""
    stores.snapshots.save(netuid, snapshot(1), [], None)

    with pytest.raises(Conflict):
        stores.snapshots.save(netuid, snapshot(9), [closed_round()], None)

    found = stores.snapshots.load(netuid)
    assert found is not None
    assert found.version == 1
    assert stores.snapshots.load_round(netuid, 4) is None


def test_a_save_over_an_outdated_revision_writes_nothing(stores: Stores, netuid: int) -> None:
    """Neither the snapshot nor its rounds are written when somebody else was faster."""
    outdated = stores.snapshots.save(netuid, snapshot(1), [], None)
    stores.snapshots.save(netuid, snapshot(2), [], outdated)

    with pytest.raises(Conflict):
        stores.snapshots.save(netuid, snapshot(3), [closed_round()], outdated)

    found = stores.snapshots.load(netuid)
    assert found is not None
    assert found.version == 2
    assert stores.snapshots.load_round(netuid, 4) is None


def test_a_snapshot_and_its_rounds_are_written_together(stores: Stores, netuid: int) -> None:
    """After one save both are there."""
    stores.snapshots.save(netuid, snapshot(), [closed_round(4), closed_round(5)], None)

    assert closed_round(4) == stores.snapshots.load_round(netuid, 4)
    assert closed_round(5) == stores.snapshots.load_round(netuid, 5)


def test_a_round_is_closed_once(stores: Stores, netuid: int) -> None:
    """A round that exists is never written again, and the snapshot that came with it neither."""
    revision = stores.snapshots.save(netuid, snapshot(1), [closed_round(4)], None)

    with pytest.raises(Conflict):
        stores.snapshots.save(netuid, snapshot(2), [closed_round(4)], revision)

    found = stores.snapshots.load(netuid)
    assert found is not None
    assert found.version == 1
