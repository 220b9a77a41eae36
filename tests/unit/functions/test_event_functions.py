"""The event functions, fed with CloudEvents as the emulators sent them."""

from __future__ import annotations

import pytest

from functions import _wiring
from shared.adapters.memory import MemorySnapshotStore
from shared.service.ports import StoredSnapshot, Unavailable
from shared.service.recompute import Recompute
from tests.builders import signed
from tests.unit.functions.conftest import Load, recorded


def post_report(uid: int = 48) -> str:
    """Accept a report now, and give its document path."""
    report = signed(uid, round(_wiring.clock(), 3))
    _wiring.stores().reports.create(1, report)
    return f"subnets/1/validator_reports/{report.report_id}"


def snapshot() -> StoredSnapshot | None:
    """The current snapshot of subnet 1."""
    return _wiring.stores().snapshots.load(1)


def test_a_written_report_is_recomputed(load: Load) -> None:
    """The event's attribute `document` says which report; the snapshot then names it."""
    client = load("recompute_consensus")
    path = post_report()

    answer = client.post("/", **recorded("firestore-written", document=path))

    assert answer.status_code == 200
    stored = snapshot()
    assert stored is not None
    assert (path.rpartition("/")[2],) == stored.inputs


@pytest.mark.parametrize(
    "path",
    [
        "subnets/1/consensus/current",
        "subnets/99/validator_reports/48_1",
        "subnets/x/validator_reports/48_1",
        "subnets/1/validator_reports/48_1/more/1",
        "",
    ],
)
def test_an_event_about_something_else_is_done_with(load: Load, path: str) -> None:
    """It is answered with 200, so that it is not sent again, and nothing is written."""
    client = load("recompute_consensus")
    post_report()

    assert client.post("/", **recorded("firestore-written", document=path)).status_code == 200
    assert snapshot() is None


def test_a_recorded_event_of_long_ago_changes_nothing(load: Load) -> None:
    """The recorded report is older than the window: a late or a TTL event."""
    client = load("recompute_consensus")

    assert client.post("/", **recorded("firestore-written")).status_code == 200
    assert snapshot() is None


def test_a_failing_store_makes_the_platform_send_again(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is a 500, and the event's next delivery succeeds."""
    client = load("recompute_consensus")
    event = recorded("firestore-written", document=post_report())
    snapshots = _wiring.stores().snapshots
    with monkeypatch.context() as broken:
        held = _wiring.stores()
        policy = _wiring.settings().policy
        away = Recompute(held.reports, Away(), held.registry, policy, _wiring.clock)
        broken.setattr(_wiring, "recompute", lambda: away)
        assert client.post("/", **event).status_code == 500
    assert snapshots.load(1) is None

    assert client.post("/", **event).status_code == 200
    assert snapshots.load(1) is not None


def test_a_sweep_brings_every_subnet_up_to_date(load: Load) -> None:
    """Without any event about the report, the sweep finds it."""
    client = load("sweep_timeouts")
    post_report()

    assert client.post("/", **recorded("pubsub-published")).status_code == 200
    assert snapshot() is not None


def test_a_sweep_of_nothing_is_well(load: Load) -> None:
    """A deployment without reports sweeps without an error and without a write."""
    assert load("sweep_timeouts").post("/", **recorded("pubsub-published")).status_code == 200
    assert snapshot() is None


class Away(MemorySnapshotStore):
    """A snapshot store that does not answer."""

    def load(self, netuid: int) -> StoredSnapshot | None:
        """Fail."""
        raise Unavailable(f"subnet {netuid}: on purpose")
