"""Assigning and completing tasks, through the framework."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions import _wiring
from tests.builders import MINER, signed, status
from tests.unit.functions.conftest import Load, recorded

PATH = "/api/v1/tasks/assignments"
SENDER = {"Authorization": "Bearer sender"}
KEYS = [
    {"name": name, "sha256": hashlib.sha256(name.encode()).hexdigest(), "scopes": [scope]}
    for name, scope in (("sender", "dispatch"), ("other", "dispatch"), ("reader", "read"))
]


@pytest.fixture
def keys(in_memory: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Two senders and a reader hold keys, and two validators have reported on miner 7."""
    in_memory.setenv("API_KEYS", json.dumps(KEYS))
    _wiring.settings.forget()
    for uid in (48, 49):
        entry = status(ip="93.184.216.34", port=8091, max_capacity=2.0)
        report = signed(uid, round(_wiring.clock(), 3), [entry])
        _wiring.stores().reports.create(1, report)
    _wiring.recompute()(1)
    return in_memory


@pytest.fixture
def sender(keys: pytest.MonkeyPatch, load: Load) -> FlaskClient:  # noqa: ARG001 - it sets the stage
    """The function `assign-tasks`."""
    return load("assign_tasks")


def ask(client: FlaskClient, body: Any = None, **headers: str) -> TestResponse:
    """Ask for miners."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(PATH, json={} if body is None else body, headers={**SENDER, **named})


def tell(client: FlaskClient, assignment_id: str, *results: dict[str, Any]) -> TestResponse:
    """Report results."""
    path = f"{PATH}/{assignment_id}/results"
    return client.post(path, json={"results": list(results)}, headers=SENDER)


def test_an_assignment_has_the_documented_shape(sender: FlaskClient) -> None:
    """Who, where, how good, and the lease."""
    answer = ask(sender)

    content = answer.get_json()
    lease = content["miners"][0]
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert content["success"] is True
    assert content["processing_mode"] == "consensus"
    assert content["requested"] == 3
    assert content["timestamp"] < lease["expires_at"]
    assert set(lease) == {
        "uid",
        "hotkey",
        "ip",
        "port",
        "availability_score",
        "consensus_confidence",
        "lease_id",
        "expires_at",
    }
    assert (lease["uid"], lease["hotkey"], lease["ip"]) == (7, MINER, "93.184.216.34")


def test_nobody_left_is_an_answer(sender: FlaskClient) -> None:
    """200 with an empty list and no assignment."""
    answer = ask(sender, {"exclude": [7]})

    assert answer.status_code == 200
    assert answer.get_json()["miners"] == []
    assert answer.get_json()["assignment_id"] is None


def test_the_same_idempotency_key_answers_the_same(sender: FlaskClient) -> None:
    """To the same sender; another one's key is another, and other words under it are refused."""
    first = ask(sender, {"seed": 1}, Idempotency_Key="order-1")
    second = ask(sender, {"seed": 1}, Idempotency_Key="order-1")
    others = ask(sender, {"seed": 1}, Idempotency_Key="order-1", Authorization="Bearer other")
    changed = ask(sender, {"seed": 2}, Idempotency_Key="order-1")

    assert first.get_json() == second.get_json()
    assert first.get_json()["assignment_id"] != others.get_json()["assignment_id"]
    assert (409, "idempotency_key_reused") == (changed.status_code, changed.get_json()["code"])


@pytest.mark.parametrize("key", ["", "x" * 129, "white space"])
def test_what_cannot_be_an_idempotency_key_is_refused(sender: FlaskClient, key: str) -> None:
    """Before anything is leased."""
    answer = ask(sender, Idempotency_Key=key)

    assert (400, "bad_idempotency_key") == (answer.status_code, answer.get_json()["code"])
    assert len(ask(sender).get_json()["miners"]) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"count": 0}, "/count"),
        ({"count": 101}, "/count"),
        ({"count": "3"}, "/count"),
        ({"mode": "fastest"}, "/mode"),
        ({"lease_seconds": 0.5}, "/lease_seconds"),
        ({"lease_seconds": 3601}, "/lease_seconds"),
        ({"exclude": [-1]}, "/exclude/0"),
        ({"task_type": ""}, "/task_type"),
        ({"tasktype": "text"}, "/tasktype"),
        ([], ""),
    ],
)
def test_a_request_that_breaks_a_rule_is_told_where(
    sender: FlaskClient, body: Any, pointer: str
) -> None:
    """422 with a pointer into the body."""
    answer = ask(sender, body)

    assert answer.status_code == 422
    assert [pointer] == [problem["pointer"] for problem in answer.get_json()["errors"]]


def test_a_body_that_is_no_json_is_refused(sender: FlaskClient) -> None:
    """400; and 415 where it does not say that it is JSON."""
    broken = sender.post(PATH, data=b"{", headers={**SENDER, "Content-Type": "application/json"})
    form = sender.post(PATH, data={"count": "3"}, headers=SENDER)

    assert [400, 415] == [broken.status_code, form.status_code]


def test_assigning_needs_a_key_with_the_scope_dispatch(sender: FlaskClient) -> None:
    """Whatever `READ_ACCESS` says."""
    reader = {"Authorization": "Bearer reader"}
    answers = [sender.post(PATH, json={}, headers=headers) for headers in ({}, reader)]

    assert [401, 403] == [answer.status_code for answer in answers]


def test_private_addresses_are_handed_out_where_the_operator_allows_it(
    keys: pytest.MonkeyPatch, load: Load
) -> None:
    """`ALLOW_PRIVATE_AXONS`, for local networks."""
    for uid in (48, 49):
        entry = status(ip="10.1.2.3", port=8091)
        report = signed(uid, round(_wiring.clock() + 0.01, 3), [entry])
        _wiring.stores().reports.create(1, report)
    _wiring.recompute()(1)
    _wiring.views.forget()
    client = load("assign_tasks")
    assert ask(client).get_json()["miners"] == []

    keys.setenv("ALLOW_PRIVATE_AXONS", "true")
    _wiring.settings.forget()
    _wiring.assign.forget()

    assert ["10.1.2.3"] == [miner["ip"] for miner in ask(client).get_json()["miners"]]


def test_results_free_the_leases_and_are_taken_once(sender: FlaskClient, load: Load) -> None:
    """The first result of a miner stands, however often results come."""
    made = [ask(sender).get_json() for _ in range(3)]
    complete = load("complete_task")

    first = tell(complete, made[0]["assignment_id"], {"uid": 7, "outcome": "success"})
    again = tell(complete, made[0]["assignment_id"], {"uid": 7, "outcome": "failure"})

    assert [1, 1, 0] == [len(each["miners"]) for each in made]
    assert [[7], []] == [answer.get_json()["accepted"] for answer in (first, again)]
    assert [{"uid": 7, "outcome": "success"}] == again.get_json()["results"]
    assert [] == again.get_json()["outstanding"]
    assert 1 == len(ask(sender).get_json()["miners"])


@pytest.mark.parametrize(
    ("results", "pointer"),
    [
        ([], "/results"),
        ([{"uid": 7, "outcome": "late"}], "/results/0/outcome"),
        ([{"uid": 7, "outcome": "success", "latency_ms": -1}], "/results/0/latency_ms"),
        ([{"uid": 7, "outcome": "success"}, {"uid": 7, "outcome": "failure"}], "/results/1/uid"),
        ([{"uid": 7, "outcome": "success"}, {"uid": 8, "outcome": "failure"}], "/results/1/uid"),
    ],
)
def test_results_that_break_a_rule_are_told_where(
    sender: FlaskClient, load: Load, results: list[dict[str, Any]], pointer: str
) -> None:
    """422, and nothing is taken: strangers, repetitions, unknown outcomes."""
    assignment_id = ask(sender).get_json()["assignment_id"]

    complete = load("complete_task")
    answer = tell(complete, assignment_id, *results)

    assert answer.status_code == 422
    assert [pointer] == [problem["pointer"] for problem in answer.get_json()["errors"]]
    right = {"uid": 7, "outcome": "success", "latency_ms": 80.5}
    assert [7] == tell(complete, assignment_id, right).get_json()["accepted"]


@pytest.mark.parametrize("assignment_id", ["0" * 32, "nonsense", "..%2F..%2Fslots"])
@pytest.mark.usefixtures("keys")
def test_an_unknown_assignment_is_not_found(load: Load, assignment_id: str) -> None:
    """What cannot be an id is not looked up."""
    answer = tell(load("complete_task"), assignment_id, {"uid": 7, "outcome": "success"})

    assert answer.status_code == 404


def test_the_sweep_says_what_ran_out(
    sender: FlaskClient, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """An assignment without a result is in the next sweep's line, and in the sum of all."""
    ask(sender, {"lease_seconds": 1})
    lease_end = _wiring.clock() + 2
    _wiring.bury.forget()
    buried = _wiring.stores().leases.overdue(1, lease_end, 10)
    _wiring.stores().leases.bury(1, buried)

    load("sweep_timeouts").post("/", **recorded("pubsub-published"))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "{" in line]
    sweep = next(line for line in lines if line["message"] == "sweep")
    assert (0, 1) == (sweep["expired_assignments"], sweep["dead_letters"])
