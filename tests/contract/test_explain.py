"""Explaining, and handing out what recomputing needs, over every store."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from shared.adapters.bodies import as_report
from shared.service.archive import Archive
from shared.service.audit import Audit
from shared.service.explain import Explain
from shared.service.round_documents import memory_of
from tests.builders import T0, signed, status
from tests.contract.conftest import Stores
from tests.subnets import Subnet

ROUND = int(T0 // 60)


@pytest.fixture
def subnet(stores: Stores, netuid: int) -> Subnet:
    """Two closed rounds, in which one of three validators disagrees."""
    made = Subnet(stores.log, stores.snapshots, stores.registries, netuid)
    for minute in range(2):
        for uid, score in ((48, 0.8), (49, 0.8), (50, 0.2)):
            at = T0 + 60 * minute + uid / 10
            made.post(signed(uid, at, [status(performance_score=score)]))
        made.now = T0 + 60 * (minute + 1) + 31
        made.instance()(netuid)
    return made


def archive(subnet: Subnet) -> Archive:
    """Of the subnet's stores."""
    return Archive(subnet.snapshots, subnet.registries)


def scores(answer: dict[str, Any]) -> dict[str, Any]:
    """The explanation of the performance score."""
    found: dict[str, Any] = answer["explanation"]["fields"]["performance_score"]
    return found


def test_the_present_is_explained_from_the_stored_snapshot(subnet: Subnet) -> None:
    """The value is the snapshot's, and every validator's vote is there."""
    stored = subnet.snapshots.load(subnet.netuid)
    assert stored is not None
    explain = Explain(subnet.log, archive(subnet), lambda: subnet.now)

    found = explain.present(subnet.netuid, stored, 7, sees_all=True)

    known = subnet.payload.resolution.miners[7].values["performance_score"]
    assert known == pytest.approx(scores(found.answer)["value"], abs=1e-6)
    votes = scores(found.answer)["votes"]
    assert [(48, 0.8), (49, 0.8), (50, 0.2)] == [(v["validator_uid"], v["value"]) for v in votes]
    assert math.fsum(v["share"] for v in votes) == pytest.approx(1.0)


def test_a_closed_round_is_explained_as_of_its_end(subnet: Subnet) -> None:
    """With the memory of the round before, and without the reports that came later."""
    explain = Explain(subnet.log, archive(subnet), lambda: subnet.now)

    first, second = (
        explain.past(subnet.netuid, ROUND + number, 7, sees_all=True) for number in (0, 1)
    )

    assert [T0 + 60, T0 + 120] == [first.at, second.at]
    reputations = [
        scores(each.answer)["votes"][2]["factors"]["reputation"] for each in (first, second)
    ]
    assert reputations[1] < reputations[0]


def test_a_file_holds_all_inputs_and_the_memory_before(subnet: Subnet) -> None:
    """Byte for byte as they are stored."""
    audit = Audit(subnet.log, archive(subnet), as_report)

    file = json.loads("".join(audit.past(subnet.netuid, ROUND + 1).chunks()))

    before = subnet.snapshots.load_round(subnet.netuid, ROUND)
    closed = subnet.snapshots.load_round(subnet.netuid, ROUND + 1)
    assert before
    assert closed
    assert sorted(report.report_id for report in subnet.posted[3:]) == file["inputs"]
    assert [each.body.decode() for each in subnet.posted[3:]] == [
        report["body"] for report in file["reports"]
    ]
    assert (closed.payload_sha256, before.payload_sha256) == (file["hash"], file["before"]["hash"])
    assert memory_of(before).total_reports == file["before"]["document"]["memory"]["total_reports"]
