"""The history endpoint."""

from __future__ import annotations

import time

import pytest

from functions import _wiring
from shared.service.recompute import Recompute
from tests.builders import signed
from tests.unit.functions.conftest import Load


def close_rounds() -> None:
    """Two rounds of the recent past with reports, closed."""
    held, now = _wiring.stores(), time.time()
    for age in (200, 130):
        at = round(now - age, 3)
        for uid in (48, 49):
            held.reports.create(1, signed(uid, at))
        Recompute(
            held.reports, held.snapshots, held.registry, _wiring.settings().policy, lambda at=at: at
        )(1)
    _wiring.recompute()(1)


def test_a_history_is_answered_for_a_miner_and_for_a_validator(load: Load) -> None:
    """One entry per closed round."""
    close_rounds()
    client = load("get_history")

    miner = client.get("/?miner=7").get_json()
    validator = client.get("/?validator=48&rounds=1").get_json()

    assert (7, 2) == (miner["miner_uid"], len(miner["rounds"]))
    assert (48, 1) == (validator["validator_uid"], len(validator["rounds"]))
    assert set(miner["rounds"][0]) == {
        "round",
        "ended_at",
        "state",
        "consensus_confidence",
        "performance_score",
        "is_serving",
        "conflicts",
    }


def test_a_history_changes_when_a_round_is_closed(load: Load) -> None:
    """A snapshot without a new round is a 304."""
    close_rounds()
    client = load("get_history")
    first = client.get("/?miner=7")
    _wiring.recompute()(1)
    _wiring.views.forget()

    second = client.get("/?miner=7", headers={"If-None-Match": first.headers["ETag"]})

    assert second.status_code == 304


@pytest.mark.parametrize(
    "query",
    ["", "?miner=7&validator=48", "?miner=x", "?miner=65536", "?miner=7&rounds=0", "?miner=-1"],
)
def test_what_cannot_be_read_is_refused(load: Load, query: str) -> None:
    """Exactly one of both, by uid, over a number of rounds."""
    assert load("get_history").get(f"/{query}").status_code == 400


def test_before_the_first_report_a_history_is_empty(load: Load) -> None:
    """Nothing to plot is an answer."""
    assert load("get_history").get("/?miner=7").get_json()["rounds"] == []
