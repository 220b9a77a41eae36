"""What the use cases cost on the wire, counted between client and Firestore: budgets are exact."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from benchmarks.cost_day import Day, Scale, as_one_document_per_status, wrong_claims
from benchmarks.counted_calls import CountedClient
from benchmarks.load_requests import registry_of
from benchmarks.made_reports import intake, keep, recompute
from devtools.simulation import Subnet, demo_subnet
from shared.adapters.firestore import (
    FirestoreRegistryStore,
    FirestoreReportLog,
    FirestoreSnapshotStore,
)
from shared.adapters.operations import Operations, counting
from shared.service.choose import Task
from shared.service.views import Views
from tests.builders import T0
from tests.contract.test_dispatch import firestore_desk
from tests.dispatching import miner

pytestmark = pytest.mark.emulator

VALIDATORS, MINERS = 8, 16
ELSEWHERE = 10**9
"""Further than the netuids of all other tests."""


@dataclass
class Counted:
    """A subnet over a client whose calls are counted, at a time that tests move."""

    client: CountedClient
    subnet: Subnet
    now: float = T0
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def __post_init__(self) -> None:
        """Register everyone, and start one instance of each function."""
        self.registries = FirestoreRegistryStore(self.client)
        self.registries.save(registry_of(self.subnet, self.now))
        log = FirestoreReportLog(self.client)
        self.intake = intake(log, self.registries, lambda: self.now)
        self.recompute = recompute(self.client, lambda: self.now)

    def post(self, number: int) -> str:
        """One validator reports every miner."""
        validator = self.subnet.validators[number]
        return keep(self.intake, self.subnet, validator, self.now, self.rng).report_id

    def cycle(self) -> None:
        """All of them report, and an event follows each report."""
        ids = [self.post(number) for number in range(VALIDATORS)]
        for report_id in ids:
            self.recompute(self.subnet.netuid, report_id)

    def cost(self, work: Callable[[], object]) -> Operations:
        """What a piece of work costs on the wire, after the adapters' own count of it was found
        to be the same.
        """
        before = Operations(self.client.calls.total.reads, self.client.calls.total.writes)
        with counting() as claimed:
            work()
        total = self.client.calls.total
        found = Operations(total.reads - before.reads, total.writes - before.writes)
        assert found == claimed
        return found


@pytest.fixture
def counted(firestore_client: object, netuid: int) -> Counted:  # noqa: ARG001 - there is an emulator
    """Eight validators of sixteen miners, a cycle behind them."""
    client = CountedClient(os.environ.get("GOOGLE_CLOUD_PROJECT", "demo-quorate"))
    counted = Counted(client, demo_subnet(netuid, VALIDATORS, MINERS))
    counted.cycle()
    counted.now += 60
    return counted


def test_a_report_costs_at_most_two_reads_and_a_write(counted: Counted) -> None:
    """The registry's two documents once a minute and instance, the latest report, the report."""
    assert Operations(reads=2 + 1, writes=1) == counted.cost(lambda: counted.post(0))
    assert Operations(reads=1, writes=1) == counted.cost(lambda: counted.post(1))


def test_a_cycle_costs_an_event_for_all_and_not_for_each(counted: Counted) -> None:
    """Eight reports, one recompute: its snapshot, registry and reports, whatever the miners."""
    spent = counted.cost(counted.cycle)

    assert spent.reads <= 2 + VALIDATORS + (3 + 1 + VALIDATORS)
    assert spent.writes <= VALIDATORS + 3


def test_miners_cost_nothing(counted: Counted, netuid: int) -> None:
    """A cycle about four times as many miners takes the very same operations."""
    larger = Counted(counted.client, demo_subnet(netuid + ELSEWHERE, VALIDATORS, 4 * MINERS))
    larger.cycle()
    larger.now += 60

    assert counted.cost(counted.cycle) == larger.cost(larger.cycle)


def test_a_sweep_costs_at_most_five_reads_and_three_writes_when_nothing_came(
    counted: Counted,
) -> None:
    """Snapshot, registry, a count and a look for reports; snapshot and closed rounds written."""
    counted.now += 60

    spent = counted.cost(lambda: counted.recompute(counted.subnet.netuid))

    assert spent.reads <= 3 + 1 + 1
    assert spent.writes <= 3


def test_a_reader_costs_one_read_a_second(counted: Counted) -> None:
    """However many ask within it."""
    views = Views(FirestoreSnapshotStore(counted.client), lambda: counted.now)

    def ask() -> object:
        return [views(counted.subnet.netuid) for _ in range(9)]

    assert Operations(reads=1) == counted.cost(ask)
    counted.now += 0.75
    assert Operations() == counted.cost(ask)
    counted.now += 0.25
    assert Operations(reads=1) == counted.cost(ask)


def test_a_day_costs_no_more_than_is_claimed(firestore_client: object, netuid: int) -> None:  # noqa: ARG001 - there is an emulator
    """An hour of the benchmark's: what full scale is reckoned with is held to what was counted."""
    client = CountedClient(os.environ.get("GOOGLE_CLOUD_PROJECT", "demo-quorate"))
    day, scale = Day(client, demo_subnet(netuid, 3, 4), 300.0), Scale(3, 4, 300.0, hours=1.0)

    day.live(scale.hours)
    other = as_one_document_per_status(day, scale.hours)

    assert [] == wrong_claims(scale, day.total, other)
    works = ["reports", "events", "sweeps", "reads", "assignments and results"]
    assert dict.fromkeys(works, True) == {what: it.operations > 0 for what, it in day.spent.items()}


def test_an_assignment_and_its_results_cost_what_their_logs_say(counted: Counted) -> None:
    """Five places of each of three miners; then the assignment, three places and records."""
    desk = firestore_desk(counted.client, counted.subnet.netuid + ELSEWHERE)
    desk.know(map(miner, range(1, 21)))
    assign = desk.assigner()
    assign(desk.netuid, Task(count=1))
    given = []

    assigned = counted.cost(lambda: given.append(assign(desk.netuid, Task(count=3))))
    completed = counted.cost(lambda: desk.complete(given[0]))

    assert Operations(reads=3 * 5, writes=3 + 1) == assigned
    assert Operations(reads=1 + 3, writes=1 + 3 + 3) == completed
