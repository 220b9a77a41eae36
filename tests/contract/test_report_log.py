"""What every report log must do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.service.ports import AlreadyExists
from tests.builders import ALICE, T0, signed, status
from tests.contract.conftest import Stores


def test_a_created_report_is_found_again_as_it_was(stores: Stores, netuid: int) -> None:
    """The stored report equals the created one to the byte, but for the time of storing."""
    report = signed(body=b"\x00\xff any bytes \r\n", recent=(T0 - 1.5, T0))

    stores.log.create(netuid, report)
    found = stores.log.get(netuid, report.report_id)

    assert found is not None
    assert found.stored_at is not None
    assert report == replace(found, stored_at=None)


def test_a_taken_id_is_refused_and_nothing_changes(stores: Stores, netuid: int) -> None:
    """Two writers of one id: the first stays."""
    first = signed(epoch=1)
    stores.log.create(netuid, first)

    with pytest.raises(AlreadyExists):
        stores.log.create(netuid, replace(first, epoch=2))

    found = stores.log.get(netuid, first.report_id)
    assert found is not None
    assert found.epoch == 1


def test_subnets_do_not_see_each_other(stores: Stores, netuid: int) -> None:
    """A report of one subnet is unknown in the next."""
    stores.log.create(netuid, signed())

    assert stores.log.get(netuid + 1, signed().report_id) is None
    assert stores.log.since(netuid + 1, 0.0) == []


def test_an_unknown_report_is_none(stores: Stores, netuid: int) -> None:
    """Asking for what is not there is no error."""
    assert stores.log.get(netuid, "48_1") is None


def test_the_latest_report_of_a_validator_is_the_last_received(stores: Stores, netuid: int) -> None:
    """Neither the signing time nor the order of writing decides, and others do not count."""
    late = signed(48, T0 + 2, signed_at=T0 - 5)
    for report in (late, signed(48, T0 + 1), signed(49, T0 + 9)):
        stores.log.create(netuid, report)

    latest = stores.log.latest_of(netuid, ALICE)

    assert latest is not None
    assert late.report_id == latest.report_id
    assert late.recent == latest.recent
    assert latest.body == b""


def test_a_validator_without_reports_has_no_latest(stores: Stores, netuid: int) -> None:
    """Nothing was received, so nothing is the latest."""
    assert stores.log.latest_of(netuid, ALICE) is None


def test_loading_parses_bodies_and_leaves_out_what_is_gone(stores: Stores, netuid: int) -> None:
    """A deleted report is simply absent; the others come with their statuses."""
    report = signed(statuses=[status(7), status(8, hotkey=ALICE)])
    stores.log.create(netuid, report)

    loaded = stores.log.load(netuid, [report.report_id, "48_404"])

    assert [report.report_id] == [r.report_id for r in loaded]
    assert [entry["uid"] for entry in loaded[0].statuses] == [7, 8]
    assert report.signed_at == loaded[0].signed_at


def test_loading_nothing_reads_nothing(stores: Stores, netuid: int) -> None:
    """An empty list of ids is a valid question."""
    assert stores.log.load(netuid, []) == []


def test_since_takes_its_own_moment_along(stores: Stores, netuid: int) -> None:
    """Reports received exactly at the given microsecond are included, earlier ones are not."""
    times = [T0, T0 + 0.000001, T0 + 5]
    for at in times:
        stores.log.create(netuid, signed(48, at))

    found = stores.log.since(netuid, T0 + 0.000001)

    assert times[1:] == sorted(report.received_at for report in found)


def test_reports_are_counted_without_reading_them(stores: Stores, netuid: int) -> None:
    """From the start to before the end."""
    for at in (T0, T0 + 1, T0 + 2):
        stores.log.create(netuid, signed(48, at))

    assert stores.log.count(netuid, T0, T0 + 2) == 2
    assert stores.log.count(netuid, T0 + 3, T0 + 9) == 0


def test_originals_come_as_they_were_signed(stores: Stores, netuid: int) -> None:
    """Every byte and header of each, however many; those that are gone are left out."""
    reports = [signed(48, T0 + second, body=b"\xff any bytes") for second in range(40)]
    for report in reports:
        stores.log.create(netuid, report)
    ids = [report.report_id for report in reports]

    found = list(stores.log.originals(netuid, [*ids, "48_404"]))

    plain = {each.report_id: replace(each, stored_at=None) for each in found}
    assert {report.report_id: report for report in reports} == plain
