"""Bytes per validator: whoever sends little never notices, whoever sends much waits."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from shared.adapters import documents
from shared.adapters.bodies import as_report
from shared.adapters.memory import MemoryReportLog
from shared.schemas import JSON
from shared.service.pace import BUDGET, DRAIN, Account, Booking, Pace
from shared.service.ports import Unavailable
from shared.service.refusals import OverBudget, TooFast
from shared.service.submit import STATUS_BYTES
from tests.builders import MINER, T0, signed, status
from tests.unit.edge.hotkeys import VALIDATOR
from tests.unit.edge.intake import NETUID, Subnet, verified

ALICE = (1, "alice")
MIB = 1024 * 1024


@pytest.fixture
def subnet() -> Subnet:
    """A subnet with one validator."""
    return Subnet()


@pytest.fixture
def pace() -> Pace:
    """Twelve reports a minute."""
    return Pace(limit=12)


def complete(miners: int, size: int) -> int:
    """What one complete report counts."""
    return size + STATUS_BYTES * miners


def sent_every_minute(pace: Pace, size: int, start: float, minutes: int, known: Account) -> Account:
    """The account after so many reports, none of them refused."""
    for minute in range(minutes):
        known = pace.book(ALICE, Booking(start + 60 * minute, size), known)
    return known


@pytest.mark.parametrize(
    ("miners", "size"), [(256, 67_000), (1024, 300_000)], ids=["256 miners", "1,024 miners"]
)
def test_who_reports_every_minute_never_notices(pace: Pace, miners: int, size: int) -> None:
    """A day of complete reports, and after an hour's outage three of them at once."""
    one = complete(miners, size)
    known = sent_every_minute(pace, one, T0, 1440, Account())
    back = T0 + 86_400 + 3600
    for second in range(3):
        known = pace.book(ALICE, Booking(back + second, one), known)
    known = sent_every_minute(pace, one, back + 60, 1440, known)

    assert one <= known.debt <= BUDGET / 2


def test_three_bodies_as_large_as_can_be_fit_at_once(pace: Pace) -> None:
    """1 MiB each, about as many miners as there can be."""
    known = Account()
    for _ in range(3):
        known = pace.book(ALICE, Booking(T0, complete(1024, MIB)), known)

    assert 3 * (MIB + 1024 * STATUS_BYTES) == known.debt


def test_what_is_over_the_budget_waits_as_long_as_it_is_told(pace: Pace) -> None:
    """Not a second less."""
    known = pace.book(ALICE, Booking(T0, BUDGET), Account())
    with pytest.raises(OverBudget, match=r"4194304 bytes .* at once, and 1118481 a minute") as full:
        pace.book(ALICE, Booking(T0, MIB), known)
    wait = full.value.retry_after

    assert MIB / DRAIN == pytest.approx(wait)
    with pytest.raises(OverBudget):
        pace.book(ALICE, Booking(T0 + wait - 1, MIB), known)
    assert BUDGET == pace.book(ALICE, Booking(T0 + wait, MIB), known).debt


def test_in_fifteen_minutes_nobody_gets_more_through_than_was_meant(pace: Pace) -> None:
    """What fits at once, and what drains meanwhile; whatever somebody tries."""
    through, known = 0, Account()
    for second in range(900):
        try:
            known = pace.book(ALICE, Booking(T0 + second, MIB), known)
        except TooFast:
            continue
        through += MIB

    assert 19 * MIB <= through <= BUDGET + 900 * DRAIN


def test_what_the_log_has_not_seen_is_owed_as_well(pace: Pace) -> None:
    """Requests that arrive at the same time share one budget, as far as one instance sees."""
    for _ in range(4):
        pace.book(ALICE, Booking(T0, MIB), Account())

    with pytest.raises(OverBudget):
        pace.book(ALICE, Booking(T0, 1), Account())


def test_what_stands_in_the_log_is_owed_once(pace: Pace) -> None:
    """The stored report of another instance knows some of what this one booked."""
    pace.book(ALICE, Booking(T0, MIB), Account())
    pace.book(ALICE, Booking(T0 + 1, MIB), Account())
    elsewhere = Account((T0, T0 + 1), 2 * MIB)

    known = pace.book(ALICE, Booking(T0 + 1, MIB), elsewhere)

    assert 3 * MIB == known.debt


def test_a_report_that_another_instance_has_not_seen_is_added_to_what_it_says(pace: Pace) -> None:
    """Two instances took one report each at the same moment."""
    pace.book(ALICE, Booking(T0, MIB), Account())
    elsewhere = Account((T0 - 0.5,), MIB)

    assert 3 * MIB - DRAIN / 2 == pytest.approx(
        pace.book(ALICE, Booking(T0, MIB), elsewhere).debt, abs=1
    )


def test_what_was_not_written_is_given_back(pace: Pace) -> None:
    """A store that does not answer costs nobody its budget."""
    for _ in range(10):
        pace.book(ALICE, Booking(T0, BUDGET), Account())
        pace.cancel(ALICE, Booking(T0, BUDGET))

    assert BUDGET == pace.book(ALICE, Booking(T0, BUDGET), Account()).debt


def test_the_debt_stands_in_the_stored_report(subnet: Subnet) -> None:
    """A new instance goes on from there."""
    first = subnet.submit(heavy(1))
    subnet.now += 1
    second = subnet.submit(heavy(2), pace=Pace(limit=3))

    assert len(heavy(1).body) + STATUS_BYTES == first.debt
    assert first.debt + len(heavy(2).body) + STATUS_BYTES - second.debt == pytest.approx(
        DRAIN, abs=1
    )


def test_five_megabytes_at_once_are_refused_with_what_it_takes(subnet: Subnet) -> None:
    """Nothing is stored; the fourth fits a little later."""
    patient = Pace(limit=12)
    for nonce in range(1, 5):
        subnet.submit(heavy(nonce), pace=patient)
    with pytest.raises(OverBudget) as refused:
        subnet.submit(heavy(5), pace=patient)
    before = len(subnet.log._reports)
    subnet.now += math.ceil(refused.value.retry_after)  # as the header says

    assert 4 == before
    assert "48_5" == subnet.submit(heavy(5), pace=patient).report_id


def test_a_report_of_before_the_budget_owes_nothing() -> None:
    """Documents that older releases wrote have no debt."""
    document = documents.from_report(signed(debt=7))
    stored_at = documents.timestamp(T0)

    assert 7 == documents.to_report("48_1", document, stored_at).debt
    del document["debt"]
    assert 0 == documents.to_report("48_1", document, stored_at).debt


class SilentLog(MemoryReportLog):
    """A log that does not answer."""

    def create(self, netuid: int, report: Any) -> None:  # noqa: ARG002 - the port's arguments
        """Nobody knows whether it was written."""
        raise Unavailable("no answer")


def test_an_outage_of_the_store_costs_no_budget(subnet: Subnet) -> None:
    """Whoever tried ten times may still send four."""
    patient = Pace(limit=12)
    for nonce in range(1, 11):
        with pytest.raises(Unavailable):
            subnet.submit(heavy(nonce), reports=SilentLog(lambda: T0), pace=patient)
    taken = [subnet.submit(heavy(nonce), pace=patient).nonce for nonce in range(1, 5)]

    assert ["1", "2", "3", "4"] == taken


def heavy(nonce: int) -> Any:
    """A report of almost 1 MiB that compresses well, about one miner."""
    return verified(nonce, padding="x" * 1_040_000, miner_statuses=[{"uid": 7, "hotkey": MINER}])


@pytest.mark.parametrize(
    "fields",
    [
        {"metadata": {"a": [{}] * 40, "b": "x" * 800 + "\U0001f600"}},
        {"task_type_specialization": {str(each): {} for each in range(32)}},
        {},
    ],
    ids=["braces", "types", "nothing"],
)
def test_a_report_takes_about_as_much_memory_as_it_counts(fields: dict[str, Any]) -> None:
    """Whatever stands in it; as objects, braces take ten times that."""
    statuses = [status(uid, **fields) for uid in range(1000)]
    sent = signed(statuses=statuses)
    body = json.dumps(json.loads(sent.body), separators=(",", ":"), ensure_ascii=False).encode()
    report = as_report(replace(sent, body=body, content_type=JSON))

    assert statuses == list(report.statuses)
    assert held_by(report) <= len(body) + STATUS_BYTES * len(statuses)


def held_by(report: Any) -> Any:
    """Bytes of the arrays and texts that a report keeps."""
    columns = report.columns
    coded = [columns.hotkeys, *columns.labels.values(), *columns.addresses.values()]
    arrays = [columns.uids, columns.confidence, *columns.numbers.values(), *columns.recent.values()]
    texts = len(report.statuses.text) + len(report.statuses.bounds) * 4
    values = sum(len(each.values.text) + each.codes.nbytes for each in coded)
    return texts + values + sum(array.nbytes for array in arrays)


def test_a_stored_report_says_who_owes(subnet: Subnet) -> None:
    """The latest report is read without its body, and with its debt."""
    subnet.submit(heavy(1))
    latest = subnet.log.latest_of(NETUID, VALIDATOR.address)

    assert latest is not None
    assert (b"", len(heavy(1).body) + STATUS_BYTES) == (latest.body, latest.debt)
