"""The reading endpoints, through the framework."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions import _wiring
from shared.domain.standing import Copying
from shared.service.snapshots import decode_payload, encode_payload
from tests.builders import MINER, signed, status
from tests.unit.functions.conftest import Load

READERS = [
    ("get_consensus_stats", "/"),
    ("get_network_status", "/"),
    ("list_validators", "/"),
    ("get_miner_consensus", "/api/v1/miners/7/consensus"),
]


def report(*uids: int) -> None:
    """Reports of these validators now, and a recompute."""
    for uid in uids:
        entry = status(ip="93.184.216.34", port=8091)
        now = round(_wiring.clock(), 3)
        _wiring.stores().reports.create(1, signed(uid, now, [entry]))
    _wiring.recompute()(1)


def test_an_empty_network_is_an_answer(load: Load) -> None:
    """Before the first report: zeros, no miners, 200."""
    answer = load("get_network_status").get("/").get_json()

    assert answer.pop("timestamp").endswith("Z")
    assert answer == {
        "success": True,
        "processing_mode": "empty",
        "network_status": {
            "total_miners": 0,
            "active_miners": 0,
            "total_stake": 0,
            "average_consensus_confidence": 0.0,
            "last_updated": None,
        },
        "consensus_stats": {
            "total_validator_reports": 0,
            "total_observations": 0,
            "consensus_miners": 0,
            "active_validators": 0,
            "eligible_validators": 0,
            "average_consensus_confidence": 0.0,
            "consensus_timeout_minutes": 5.0,
            "min_consensus_validators": 2,
            "consensus_coverage": 0.0,
            "conflict_rate": 0.0,
            "processing_latency_ms": None,
        },
        "miners": [],
    }


def test_the_consensus_about_a_miner_has_the_documented_shape(load: Load) -> None:
    """Every documented key is there, and what two validators agreed on."""
    report(48, 49)

    answer = load("get_miner_consensus").get("/api/v1/miners/7/consensus").get_json()

    found = answer["consensus_status"]
    assert answer["success"] is True
    assert answer["miner_uid"] == 7
    assert answer["state"] == "consensus"
    assert found["hotkey"] == MINER
    assert found["performance_score"] == pytest.approx(0.8)
    assert found["is_serving"] is True
    assert (found["ip"], found["port"]) == ("93.184.216.34", 8091)
    assert found["consensus_validators"] == [48, 49]
    assert found["consensus_confidence"] >= 0.7
    assert found["conflicts_detected"] == []
    assert found["validator_reports_count"] == 2


def test_statistics_count_what_was_accepted(load: Load) -> None:
    """Reports, validators and miners, from the snapshot alone."""
    report(48, 49)

    found = load("get_consensus_stats").get("/").get_json()["consensus_statistics"]

    assert found["total_validator_reports"] == 2
    assert found["consensus_miners"] == 1
    assert found["active_validators"] == 2
    assert found["consensus_coverage"] == 1.0
    assert found["conflict_rate"] == 0.0
    assert found["processing_latency_ms"] >= 0


def test_validators_are_listed_with_their_agreement(load: Load) -> None:
    """The one that disagrees, the one that agrees and the one that is silent."""
    for uid, score in ((48, 0.8), (49, 0.2)):
        entry = status(performance_score=score)
        _wiring.stores().reports.create(1, signed(uid, round(_wiring.clock(), 3), [entry]))
    _wiring.recompute()(1)

    answer = load("list_validators").get("/").get_json()

    found = {each["uid"]: each for each in answer["validators"]}
    assert [7] == answer["miners"]
    assert [True, True, False] == [each["is_active"] for each in found.values()]
    shares = [found[48]["agreement"], found[49]["agreement"]]
    assert pytest.approx([2 / 3, 2 / 3]) == shares
    furthest = {"miner_uid": 7, "field": "performance_score", "tolerances": -3}
    assert furthest == found[49]["furthest"]
    assert (found[50]["last_report"], found[50]["agreement"]) == (None, None)


def test_a_copied_vote_is_told_on_both_sides(load: Load) -> None:
    """With whom it is shared, and how sure that is; the third validator's votes are its own."""
    report(48, 49, 50)
    stores = _wiring.stores()
    stored = stores.snapshots.load(1)
    assert stored is not None
    payload = decode_payload(stored.payload)
    first, second, third = payload.standings
    copies = (
        replace(first, copying=Copying((49,), 0.9712, 34.4)),
        replace(second, copying=Copying((48,), 0.9712, 34.4)),
        third,
    )
    told = replace(
        stored,
        version=stored.version + 1,
        payload=encode_payload(replace(payload, standings=copies)),
    )
    stores.snapshots.save(1, told, [], stored.revision)
    _wiring.views.forget()

    answer = load("list_validators").get("/").get_json()

    expected = {"agreement": 0.971, "observations": 34}
    assert [
        {"validators": [49], **expected},
        {"validators": [48], **expected},
        None,
    ] == [each["copying"] for each in answer["validators"]]


def test_nobody_is_listed_before_the_first_report(load: Load) -> None:
    """Who may report is known from the snapshot alone."""
    answer = load("list_validators").get("/").get_json()

    assert ([], []) == (answer["validators"], answer["miners"])


def test_a_conflict_names_values_and_weights(load: Load) -> None:
    """Half say yes and half say no: the conflict lists both with their shares."""
    for uid, serving in ((48, True), (49, False)):
        entry = status(is_serving=serving)
        _wiring.stores().reports.create(1, signed(uid, round(_wiring.clock(), 3), [entry]))
    _wiring.recompute()(1)

    answer = load("get_miner_consensus").get("/api/v1/miners/7/consensus").get_json()

    conflict = answer["consensus_status"]["conflicts_detected"][0]
    assert answer["state"] == "disputed"
    assert (conflict["field"], conflict["kind"]) == ("is_serving", "no_majority")
    assert {True, False} == {entry["value"] for entry in conflict["detail"]}
    assert sum(entry["weight"] for entry in conflict["detail"]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/miners/8/consensus", 404),
        ("/miners/8/consensus", 404),
        ("/api/v1/miners/65536/consensus", 400),
        ("/api/v1/miners/-1/consensus", 400),
        ("/api/v1/miners/0000007/consensus", 400),
        ("/api/v1/miners/seven/consensus", 400),
        ("/api/v1/miners/7", 404),
        ("/api/v1/miners/7/consensus?netuid=2", 404),
        ("/api/v1/miners/7/consensus?netuid=1&netuid=1", 400),
    ],
)
def test_what_is_not_there_is_a_problem(load: Load, path: str, expected: int) -> None:
    """An unknown miner, a uid that is none, a path that is none, a subnet that is none."""
    report(48, 49)

    answer = load("get_miner_consensus").get(path)

    assert expected == answer.status_code
    assert answer.mimetype == "application/problem+json"
    assert expected == answer.get_json()["status"]


@pytest.mark.parametrize(("target", "path"), READERS)
def test_an_unchanged_snapshot_is_not_sent_again(load: Load, target: str, path: str) -> None:
    """If-None-Match with the last ETag gives 304 and no body, until the snapshot changes."""
    report(48, 49)
    client = load(target)
    first = client.get(path)

    second = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["ETag"].startswith('W/"')
    assert first.headers["Cache-Control"] == "public, max-age=2, s-maxage=5"
    assert (second.status_code, second.data) == (304, b"")


@pytest.mark.parametrize(("target", "path"), READERS)
def test_readers_answer_get_alone(load: Load, target: str, path: str) -> None:
    """405 names what is allowed."""
    answer = load(target).post(path)

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(("target", "path"), READERS)
def test_private_reading_needs_a_key(
    in_memory: pytest.MonkeyPatch, load: Load, target: str, path: str
) -> None:
    """With READ_ACCESS=key: 401 without, 403 without the scope, and no shared cache with."""
    keys = [
        {"name": "reader", "sha256": hashlib.sha256(b"good").hexdigest(), "scopes": ["read"]},
        {"name": "sender", "sha256": hashlib.sha256(b"other").hexdigest(), "scopes": ["dispatch"]},
    ]
    in_memory.setenv("READ_ACCESS", "key")
    in_memory.setenv("API_KEYS", json.dumps(keys))
    _wiring.settings.forget()
    report(48, 49)
    client = load(target)

    answers = {secret: bearer(client, path, secret) for secret in ("good", "other", "bad")}

    assert client.get(path).status_code == 401
    assert [200, 403, 401] == [answer.status_code for answer in answers.values()]
    assert answers["good"].headers["Cache-Control"] == "private, no-store"


def bearer(client: FlaskClient, path: str, secret: str) -> TestResponse:
    """A GET with a key."""
    return client.get(path, headers={"Authorization": f"Bearer {secret}"})


def test_health_is_idle_before_the_first_report(load: Load) -> None:
    """Nothing to measure is no failure."""
    answer = load("get_health").get("/api/v1/health")

    assert answer.status_code == 200
    assert answer.get_json()["status"] == "idle"


def test_health_is_ok_when_most_validators_agree(load: Load) -> None:
    """All four checks hold, each with value, threshold and reason."""
    report(48, 49, 50)

    answer = load("get_health").get("/api/v1/health")

    checks = answer.get_json()["checks"]
    assert answer.status_code == 200
    assert ["validator_activity", "consensus_health", "data_quality", "system_performance"] == [
        check["name"] for check in checks
    ]
    assert all(check["healthy"] and check["reason"] for check in checks)


def test_health_fails_when_too_few_report(load: Load) -> None:
    """One validator of three makes no quorum: 503, and the reason says so."""
    report(48)

    answer = load("get_health").get("/api/v1/health")

    failing = [check for check in answer.get_json()["checks"] if not check["healthy"]]
    assert answer.status_code == 503
    assert failing[0]["name"] == "validator_activity"
    assert failing[0]["reason"].startswith("1 of 3")


@pytest.mark.parametrize(("function", "path"), READERS)
def test_an_answer_is_written_once_per_snapshot(load: Load, function: str, path: str) -> None:
    """Every further reader of the same gets the same text; it goes when the snapshot does."""
    report(48, 49)
    answers = {load(function).get(path).get_data(as_text=True) for _ in range(2)}
    view = _wiring.views()(1)

    assert view is not None
    assert answers == set(view.texts.values())
