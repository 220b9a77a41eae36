"""Instances that are killed, SIGKILL, at each of their calls: before it passes, and after."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any, Literal

import pytest

from tests.faults.edge import Validators, environment, post_alone
from tests.faults.harm import Strike, at
from tests.faults.instances import Site, outcome, recompute, start
from tests.faults.proxy import Proxy
from tests.faults.subnets import assert_whole, with_history

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.parametrize("when", ["before", "after"]),
]

When = Literal["before", "after"]


def is_killed(proxy: Proxy, number: int, when: When, work: Callable[[], BaseProcess]) -> bool:
    """Run a process that dies at its call with this number; False where it makes fewer calls."""
    victim: Future[BaseProcess] = Future()
    proxy.harm(at(number, Strike(lambda: victim.result().kill(), when)))
    victim.set_result(work())
    code = outcome(victim.result())
    assert code in {0, -signal.SIGKILL}
    return code != 0


def test_a_validator_whose_instance_was_killed_sends_again(
    when: When,
    validators: Validators,
    proxy: Proxy,
    project: str,
    emulator: str,
    netuid: int,
) -> None:
    """It had no answer; the very same request is kept once, wherever the first one ended."""
    sent: dict[str, bytes] = {}
    harmed, healthy = (environment(host, project, netuid) for host in (proxy.address, emulator))
    for number in itertools.count(1):
        request = validators.request(number)
        sent[request.nonce] = request.body
        if not is_killed(proxy, number, when, partial(start, post_alone, harmed, request)):
            break

        assert 0 == outcome(start(post_alone, healthy, request))
    assert number > 3
    assert sent == validators.kept()


def test_a_killed_recompute_leaves_no_trace(
    when: When, direct: Any, proxy: Proxy, project: str, netuid: int
) -> None:
    """Another instance gets the events again, and makes what the dead one would have made."""
    for number in itertools.count(1):
        subnet, new = with_history(direct, 1000 * netuid + number)
        site = Site(proxy.address, project, subnet.netuid, subnet.now)
        if not is_killed(proxy, number, when, partial(start, recompute, site, new[:1])):
            break
        for event in new:
            subnet.instance()(subnet.netuid, event)

        assert_whole(direct, subnet, new)
    assert number > 4
