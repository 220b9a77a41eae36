"""Assigning and completing tasks by hand, against the real functions and a scripted server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from quorate_client import errors
from quorate_client.exchange import Retries
from quorate_client.proxy import Proxy
from quorate_client.tasks import Miner, Result, outcome_of
from quorate_client.transport import Transport

from tests.unit.client.services import (
    ASSIGNED,
    DISPATCH_KEY,
    READ_KEY,
    ScriptedService,
    stored,
)

ONCE = Retries(patience=0)


@pytest.fixture
def proxy(dispatching: str) -> Iterator[Proxy]:
    """A task sender with its key."""
    with Proxy(dispatching, DISPATCH_KEY, retries=ONCE) as made:
        yield made


def test_an_assignment_names_the_best_first(proxy: Proxy) -> None:
    """Who, where, how good, and until when."""
    assignment = proxy.assign(count=2, mode="best")

    assert ([9, 10], "consensus", 2) == (
        [miner.uid for miner in assignment.miners],
        assignment.processing_mode,
        assignment.requested,
    )
    assert "8.8.8.8:8091" == assignment.miners[0].address


def test_excluded_miners_are_not_assigned(proxy: Proxy) -> None:
    """Fewer than asked for is an answer, and so is none."""
    assert [10] == [miner.uid for miner in proxy.assign(exclude={9}).miners]
    assert (None, ()) == (
        (nobody := proxy.assign(exclude={9, 10})).assignment_id,
        nobody.miners,
    )


def test_results_are_accepted_once(proxy: Proxy) -> None:
    """The first result of a miner stands; the answer says what is missing."""
    assignment = proxy.assign(count=2, mode="best")
    first = proxy.complete(assignment, [Result(9, "success")])
    second = proxy.complete(str(assignment.assignment_id), [Result(9, "failure", 5.0)])

    assert ((9,), (10,)) == (first.accepted, first.outstanding)
    assert ((), "success") == (
        second.accepted,
        stored(assignment.assignment_id).results[9],
    )


def test_an_assignment_of_nobody_cannot_be_completed(proxy: Proxy) -> None:
    """It has no id to complete."""
    with pytest.raises(ValueError, match="without miners"):
        proxy.complete(proxy.assign(exclude={9, 10}), [Result(9, "success")])


def test_tasks_need_a_key_of_their_own(dispatching: str) -> None:
    """Without one, and with one for reads, each has its error."""
    with Proxy(dispatching, retries=ONCE) as anybody, pytest.raises(errors.KeyRefused):
        anybody.assign()
    with Proxy(dispatching, READ_KEY, retries=ONCE) as reader, pytest.raises(errors.ScopeMissing):
        reader.assign()


def test_a_lost_answer_leases_nothing_twice(scripted: ScriptedService) -> None:
    """The attempt is repeated with the same idempotency key; the next task has another."""
    scripted.answers = [None, (200, {}, ASSIGNED)]
    with Proxy(scripted.url, transport=Transport(sleep=lambda _: None)) as proxy:
        proxy.assign(count=1)
        proxy.assign(count=1)
    lost, repeated, another = (r.headers["idempotency-key"] for r in scripted.requests)

    assert lost == repeated != another


def test_a_task_is_sent_as_it_was_given(scripted: ScriptedService) -> None:
    """What was left out is the service's to decide."""
    scripted.answers = [(200, {}, ASSIGNED)]
    with Proxy(scripted.url, "k", 4) as proxy:
        proxy.assign(count=1, task_type="image", exclude={3, 2}, lease_seconds=5.0)
    (request,) = scripted.requests

    assert "/api/v1/tasks/assignments?netuid=4" == request.path
    assert {
        "count": 1,
        "task_type": "image",
        "exclude": [2, 3],
        "lease_seconds": 5.0,
    } == json.loads(request.body)


@pytest.mark.parametrize("content", [{"success": True}, {**ASSIGNED, "miners": [{"uid": 9}]}])
def test_what_is_no_assignment_is_unexpected(scripted: ScriptedService, content: Any) -> None:
    """A 200 from somebody else is not taken for a lease."""
    scripted.answers = [(200, {}, content)]

    with Proxy(scripted.url) as proxy, pytest.raises(errors.UnexpectedAnswer, match="assignment"):
        proxy.assign()


def test_what_is_no_completion_is_unexpected(scripted: ScriptedService) -> None:
    """A 200 from somebody else is not taken for accepted results."""
    scripted.answers = [(200, {}, {"success": True})]

    with Proxy(scripted.url) as proxy, pytest.raises(errors.UnexpectedAnswer, match="results"):
        proxy.complete("ab", [Result(9, "success")])


class ReadTimeout(Exception):  # noqa: N818 - named as HTTP libraries do
    """As httpx has it: no TimeoutError."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, "success"),
        (ConnectionError(), "failure"),
        (TimeoutError(), "timeout"),
        (ReadTimeout(), "timeout"),
    ],
)
def test_a_timeout_is_told_from_a_failure(error: Exception | None, expected: str) -> None:
    """By the names of the error's classes."""
    assert expected == outcome_of(error)


def test_an_ipv6_address_has_brackets() -> None:
    """So that it can stand in a URL."""
    miner = Miner(9, "5F", "2001:db8::1", 80, 0.5, 0.5, "1", "")

    assert "[2001:db8::1]:80" == miner.address
