from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from shared.adapters.memory import MemoryReportLog
from shared.schemas import BodyError
from shared.service import refusals
from shared.service.ports import AlreadyExists, SignedReport
from tests.unit.edge.hotkeys import MINER, VALIDATOR
from tests.unit.edge.intake import NETUID, T0, CountedLog, Subnet, verified


def test_a_report_is_kept_with_all_that_it_takes_to_check_it(subnet: Subnet) -> None:
    """The stored report holds the signed bytes, the signature and who, when and until when."""
    sent = verified(nonce=17, miner_statuses=[{"uid": 7, "hotkey": MINER.address}])

    report = subnet.submit(sent)

    assert report == replace(_stored(subnet, "48_17"), stored_at=None)
    assert (sent.body, sent.body_sha256, sent.kept) == (
        report.body,
        report.body_sha256,
        report.signature,
    )
    assert (48, VALIDATOR.address, 5, 1) == (
        report.validator_uid,
        report.hotkey,
        report.epoch,
        report.miner_count,
    )
    assert (T0, T0 + 7 * 86_400) == (report.received_at, report.expire_at)


def _stored(subnet: Subnet, report_id: str) -> SignedReport:
    found = MemoryReportLog.get(subnet.log, NETUID, report_id)
    assert found is not None
    return found


def test_a_report_costs_one_read_and_one_write_beside_the_cached_registry(subnet: Subnet) -> None:
    """The registry is read for the first of several reports only."""
    for nonce in (1, 2, 3):
        subnet.submit(verified(nonce))

    assert ["latest_of", "create"] * 3 == subnet.log.calls
    assert 1 == subnet.chain.reads


def test_the_same_request_again_gets_the_same_report_and_stores_nothing(subnet: Subnet) -> None:
    """A retry after a lost answer is safe, and cheap."""
    first = subnet.submit(verified())
    subnet.now += 30
    again = subnet.submit(verified())

    assert (first.received_at, first.report_id) == (again.received_at, again.report_id)
    assert ["latest_of", "create", "latest_of"] == subnet.log.calls


def test_the_same_request_is_known_again_after_later_reports(subnet: Subnet) -> None:
    """Even when a later report has a later epoch, a repeat is no step backwards."""
    first = subnet.submit(verified(1, epoch=5))
    subnet.submit(verified(2, epoch=6))
    again = subnet.submit(verified(1, epoch=5))

    assert first.report_id == again.report_id
    assert ["latest_of", "create"] * 2 + ["latest_of", "get"] == subnet.log.calls


def test_a_nonce_stands_for_one_body(subnet: Subnet) -> None:
    """A used nonce with another body is a replay, wherever the first report is by now."""
    subnet.submit(verified(1))

    with pytest.raises(refusals.Replayed):
        subnet.submit(verified(1, miner_statuses=[{"uid": 7, "hotkey": MINER.address}]))
    subnet.submit(verified(2))
    with pytest.raises(refusals.Replayed):
        subnet.submit(verified(1, epoch=4))


@dataclass
class RacedLog(CountedLog):
    """A log in which another instance is first: its report appears just before ours is created."""

    other: SignedReport | None = None

    def create(self, netuid: int, report: SignedReport) -> None:
        """Somebody else wins the race for this id."""
        assert self.other is not None
        MemoryReportLog.create(self, netuid, self.other)
        raise AlreadyExists(report.report_id)


def test_two_instances_that_get_one_request_give_one_answer(subnet: Subnet) -> None:
    """Whoever loses the race answers with the winner's report."""
    winner = Subnet().submit(verified())
    log = RacedLog(subnet.log.clock, other=winner)

    subnet.now += 1
    assert T0 == subnet.submit(verified(), reports=log).received_at


def test_two_bodies_that_race_for_one_nonce_give_one_report(subnet: Subnet) -> None:
    """The loser is told that its nonce is taken."""
    log = RacedLog(subnet.log.clock, other=Subnet().submit(verified(epoch=9)))

    with pytest.raises(refusals.Replayed):
        subnet.submit(verified(), reports=log)


def test_an_epoch_does_not_go_backwards_within_an_hour(subnet: Subnet) -> None:
    """An old epoch after a new one is refused; after an hour the chain may have been reset."""
    subnet.submit(verified(1, epoch=5))
    with pytest.raises(refusals.EpochBackwards, match=r"epoch 4 .*after .* 5"):
        subnet.submit(verified(2, epoch=4))

    subnet.now += 3600
    assert 4 == subnet.submit(verified(2, epoch=4)).epoch


def test_an_epoch_may_be_reported_twice(subnet: Subnet) -> None:
    """A validator reports several times in an epoch."""
    subnet.submit(verified(1, epoch=5))

    assert 5 == subnet.submit(verified(2, epoch=5)).epoch


def test_the_fourth_report_of_a_minute_waits_when_three_are_allowed(subnet: Subnet) -> None:
    """The refusal says after how many seconds the next report fits, and then it does."""
    for nonce in (1, 2, 3):
        subnet.submit(verified(nonce))
        subnet.now += 10
    with pytest.raises(refusals.RateLimited) as refused:
        subnet.submit(verified(4))

    assert 30.0 == pytest.approx(refused.value.retry_after)
    subnet.now += refused.value.retry_after
    assert (T0 + 10, T0 + 20, T0 + 60) == subnet.submit(verified(4)).recent


def test_a_repeat_is_answered_even_over_the_limit(subnet: Subnet) -> None:
    """The limit is about reports, not about answers."""
    first = subnet.submit(verified(1))
    subnet.submit(verified(2))
    subnet.submit(verified(3))

    assert first.report_id == subnet.submit(verified(1)).report_id


def test_a_body_that_breaks_a_rule_costs_no_read(subnet: Subnet) -> None:
    """The body is read before the log is."""
    with pytest.raises(BodyError):
        subnet.submit(verified(epoch=-1))

    assert [] == subnet.log.calls


def test_a_body_that_does_not_compress_into_an_event_is_refused(subnet: Subnet) -> None:
    """An event carries the document, so that its body is limited as it will be stored."""
    noise = "".join(hashlib.sha256(bytes([i % 256, i // 256])).hexdigest() for i in range(15_000))

    with pytest.raises(refusals.TooLarge):
        subnet.submit(verified(noise=noise))
    assert 5 == subnet.submit(verified(padding="x" * 900_000)).epoch


def test_received_at_is_never_ahead_of_the_clock(subnet: Subnet) -> None:
    """Milliseconds are cut, not rounded: a recompute at this very moment sees the report."""
    subnet.now = T0 + 0.0017

    assert T0 + 0.001 == pytest.approx(subnet.submit(verified()).received_at, abs=1e-6)


def test_a_report_names_itself_by_uid_and_nonce(subnet: Subnet) -> None:
    """The document id is what makes a repeat collide."""
    headers: Mapping[str, str] = subnet.submit(verified(nonce=123)).signature

    assert {"method": "POST"} == headers
    assert "123" == _stored(subnet, "48_123").nonce
