"""Failover and work in hand, through the real functions, from a thread and from an event loop."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from quorate_client import errors
from quorate_client.exchange import Retries
from quorate_client.proxy import AsyncProxy, Proxy
from quorate_client.tasks import Miner, Work

from functions import _wiring
from tests.unit.client.services import (
    ASSIGNED,
    DISPATCH_KEY,
    ScriptedService,
    status_of_miner,
    status_of_other_miner,
    stored,
)

ONCE = Retries(patience=0)

Run = Callable[..., Any]
"""(url, what to ask of each miner, options of `run`) → what `run` gives."""
Do = Callable[..., Work]
"""(url, what to do with each piece of work, options of `working`) → the work."""


def run_in_a_thread(url: str, ask: Callable[[Miner], Any], **options: Any) -> Any:
    with Proxy(url, DISPATCH_KEY, retries=ONCE) as proxy:
        return proxy.run(ask, **options)


def run_in_a_loop(url: str, ask: Callable[[Miner], Any], **options: Any) -> Any:
    async def ask_later(miner: Miner) -> Any:
        await asyncio.sleep(0)
        return ask(miner)

    async def run() -> Any:
        async with AsyncProxy(url, DISPATCH_KEY, retries=ONCE) as proxy:
            return await proxy.run(ask_later, **options)

    return asyncio.run(run())


def work_in_a_thread(url: str, do: Callable[[Work], object], **options: Any) -> Work:
    with Proxy(url, DISPATCH_KEY, retries=ONCE) as proxy, proxy.working(**options) as work:
        do(work)
    return work


def work_in_a_loop(url: str, do: Callable[[Work], object], **options: Any) -> Work:
    async def run() -> Work:
        async with (
            AsyncProxy(url, DISPATCH_KEY, retries=ONCE) as proxy,
            proxy.working(**options) as work,
        ):
            do(work)
        return work

    return asyncio.run(run())


@pytest.fixture(params=[run_in_a_thread, run_in_a_loop])
def run(request: pytest.FixtureRequest) -> Run:
    """Either proxy's failover."""
    chosen: Run = request.param
    return chosen


@pytest.fixture(params=[work_in_a_thread, work_in_a_loop])
def working(request: pytest.FixtureRequest) -> Do:
    """Either proxy's assignment in hand."""
    chosen: Do = request.param
    return chosen


def fail_on(uid: int, error: Exception) -> tuple[Callable[[Miner], int], list[int]]:
    """Something to ask that fails for one miner and gives the others' uids; and whom it asked."""
    asked: list[int] = []

    def ask(miner: Miner) -> int:
        asked.append(miner.uid)
        if miner.uid == uid:
            raise error
        return miner.uid

    return ask, asked


def test_the_first_miner_that_answers_gives_the_answer(run: Run, dispatching: str) -> None:
    """Nobody else is asked."""
    ask, asked = fail_on(-1, OSError())

    assert 9 == run(dispatching, ask, mode="best")
    assert [9] == asked


def test_where_a_miner_fails_the_next_is_asked(run: Run, dispatching: str) -> None:
    """The one that failed is not asked again, and the caller hears of no error."""
    ask, asked = fail_on(9, ConnectionError("refused"))

    assert 10 == run(dispatching, ask, mode="best")
    assert [9, 10] == asked


def test_failover_reports_every_outcome(run: Run, dispatching: str) -> None:
    """Whoever was asked has a result and no lease; the records remember who failed."""
    ask, _ = fail_on(9, TimeoutError())
    run(dispatching, ask, mode="best")
    loaded = _wiring.stores().records.load(
        1, [(9, status_of_miner()["hotkey"]), (10, status_of_other_miner()["hotkey"])]
    )

    assert [1, 0] == [record.breaker.streak for record, _ in loaded]
    assert [0.0, 1.0] == [record.successes for record, _ in loaded]


def test_when_everybody_fails_the_error_names_each(run: Run, dispatching: str) -> None:
    """With the last one's error as its cause; more attempts than miners end with the miners."""

    def ask(miner: Miner) -> None:
        raise ConnectionError(f"no {miner.uid}")

    with pytest.raises(errors.AllFailed, match=r"miner 9: .*no 9; miner 10: .*no 10") as failed:
        run(dispatching, ask, mode="best", attempts=5)
    assert "no 10" == str(failed.value.__cause__)
    assert [9, 10] == [miner.uid for miner, _ in failed.value.failures]


def test_attempts_are_limited(run: Run, dispatching: str) -> None:
    """One attempt asks one miner."""
    ask, asked = fail_on(9, ConnectionError())

    with pytest.raises(errors.AllFailed):
        run(dispatching, ask, mode="best", attempts=1)
    assert [9] == asked


def test_without_a_miner_there_is_nobody_to_ask(run: Run, live: str) -> None:
    """An empty network has its own error."""
    ask, asked = fail_on(9, ConnectionError())

    with pytest.raises(errors.NoMiner):
        run(live, ask)
    assert [] == asked


def test_an_error_of_the_caller_is_not_the_miners(run: Run, dispatching: str) -> None:
    """What is none of `failing_on` is raised as it is, and nobody else is asked."""
    ask, asked = fail_on(9, KeyError("my own mistake"))

    with pytest.raises(KeyError, match="my own mistake"):
        run(dispatching, ask, mode="best", failing_on=OSError)
    assert [9] == asked


def test_a_plain_function_may_be_asked_in_an_event_loop(dispatching: str) -> None:
    """What it gives is the answer; nothing is awaited that cannot be."""

    async def run() -> int:
        async with AsyncProxy(dispatching, DISPATCH_KEY, retries=ONCE) as proxy:
            return await proxy.run(lambda miner: miner.uid, mode="best")

    assert 9 == asyncio.run(run())


def test_a_timeout_within_a_call_is_reported_as_one(dispatching: str) -> None:
    """`asyncio.timeout` inside `calling` raises before the call ends."""

    async def run() -> Work:
        async with (
            AsyncProxy(dispatching, DISPATCH_KEY, retries=ONCE) as proxy,
            proxy.working(mode="best") as work,
        ):
            with suppress(TimeoutError), work.calling(next(iter(work))):
                async with asyncio.timeout(0):
                    await asyncio.sleep(60)
        return work

    work = asyncio.run(run())

    assert {9: "timeout"} == stored(work.assignment.assignment_id).results


def test_work_reports_whom_it_called(working: Do, dispatching: str) -> None:
    """A call that ends is a success; who was not called has no result and keeps its lease."""

    def call_the_first(work: Work) -> None:
        with work.calling(next(iter(work))):
            pass

    work = working(dispatching, call_the_first, count=2, mode="best")

    assert {9: "success"} == stored(work.assignment.assignment_id).results


def test_work_that_raises_reports_the_failure(working: Do, dispatching: str) -> None:
    """The error goes on, the result is given all the same."""
    works: list[Work] = []

    def break_down(work: Work) -> None:
        works.append(work)
        for miner in work:
            with work.calling(miner):
                raise ConnectionResetError("half way")

    with pytest.raises(ConnectionResetError, match="half way"):
        working(dispatching, break_down, mode="best")
    assert {9: "failure"} == stored(works[0].assignment.assignment_id).results


def test_an_interrupt_blames_nobody(working: Do, dispatching: str) -> None:
    """Whoever stops the program has not seen the miner fail."""
    works: list[Work] = []

    def interrupt(work: Work) -> None:
        works.append(work)
        with work.calling(next(iter(work))):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        working(dispatching, interrupt, mode="best")
    assert {} == stored(works[0].assignment.assignment_id).results


def test_results_that_cannot_be_given_do_not_cost_the_answer(
    scripted: ScriptedService, caplog: pytest.LogCaptureFixture
) -> None:
    """They are logged; the lease ends by itself."""
    scripted.answers = [(200, {}, ASSIGNED), (404, {}, {"code": "unknown_assignment"})]
    with caplog.at_level(logging.WARNING), Proxy(scripted.url, retries=ONCE) as proxy:
        answer = proxy.run(lambda miner: miner.uid)

    assert 9 == answer
    assert ["results of " + "ab" * 16 + " are lost: HTTP 404"] == caplog.messages


def test_latency_is_measured(scripted: ScriptedService) -> None:
    """In milliseconds, from the call's beginning to its end."""
    scripted.answers = [(200, {}, ASSIGNED), (200, {}, {"accepted": [9], "outstanding": []})]
    with Proxy(scripted.url, retries=ONCE) as proxy, proxy.working(count=1) as work:
        ticks = iter([10.0, 10.25])
        work.clock = lambda: next(ticks)
        with work.calling(next(iter(work))):
            pass

    assert {"results": [{"uid": 9, "outcome": "success", "latency_ms": 250.0}]} == json.loads(
        scripted.requests[1].body
    )
