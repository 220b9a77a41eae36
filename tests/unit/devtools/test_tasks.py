"""The demo's tasks, against the functions in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from werkzeug.serving import make_server

from devtools.in_process import Quiet, load_apps, site
from devtools.simulation import Subnet, demo_subnet
from devtools.tasks import BREAKS_AFTER, SETTINGS, Tasks
from functions import _wiring
from shared.domain.results import MinerResult, Resolution
from shared.service.snapshots import Payload, encode_payload
from tests.builders import snapshot

HOST = "127.0.0.1"


@pytest.fixture
def subnet() -> Subnet:
    """Two validators and eight miners."""
    return demo_subnet(1, 2, 8)


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, subnet: Subnet) -> Iterator[str]:
    """The functions behind one port, with a consensus about all miners."""
    for name, value in {**SETTINGS, "STORE": "memory"}.items():
        monkeypatch.setenv(name, value)
    _wiring.forget()
    now = _wiring.clock()
    known = {miner.uid: result(miner.uid, subnet, now) for miner in subnet.miners}
    payload = Payload(Resolution(known, (0, 1), 2), _wiring.settings().policy.as_dict(), now)
    stored = snapshot(payload=encode_payload(payload))
    _wiring.stores().snapshots.save(1, stored, [], None)
    server = make_server(HOST, 0, site(load_apps()), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{HOST}:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    _wiring.forget()


def result(uid: int, subnet: Subnet, now: float) -> MinerResult:
    """The consensus about one simulated miner."""
    miner = next(miner for miner in subnet.miners if miner.uid == uid)
    values = {
        "stake": miner.stake,
        "is_serving": True,
        "performance_score": 0.8,
        "max_capacity": 5.0,
        "ip": miner.axon[0],
        "port": miner.axon[1],
    }
    return MinerResult(uid, miner.hotkey, "consensus", values, 0.9, (0, 1), last_updated=now)


def work(tasks: Tasks, client: httpx.Client, times: int) -> None:
    """Hand out and report so often, without waiting for the miners."""
    for _ in range(times):
        tasks._hand_out(client)
        tasks._pending.append(replace(tasks._pending.pop(), due=0.0))
        tasks._report(client)


def test_tasks_are_done_and_the_busiest_miner_breaks(url: str, subnet: Subnet) -> None:
    """After ninety tasks it fails, and less of the work goes to it."""
    tasks = Tasks(url, subnet)
    headers = {"Authorization": "Bearer demo"}
    with httpx.Client(base_url=url, headers=headers) as client:
        work(tasks, client, BREAKS_AFTER // 3)
        assert tasks.broken == tasks.sent.most_common(1)[0][0]
        work(tasks, client, 3)

    assert BREAKS_AFTER + 9 == tasks.outcomes.total()
    assert [] == tasks.shortcomings()
    assert f"miner {tasks.broken} broke" in tasks.summary()


def test_no_task_done_well_is_a_shortcoming(subnet: Subnet) -> None:
    """With the reason of the last failure, and nothing to sum up."""
    tasks = Tasks("http://nowhere.invalid", subnet, trouble="ConnectError: refused")

    assert ["no task was done well: ConnectError: refused"] == tasks.shortcomings()
    assert "" == tasks.summary()
