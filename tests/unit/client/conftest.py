"""Two real servers: one that answers by a script, and the real functions over in-memory stores."""

from __future__ import annotations

import http.server
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from devtools.in_process import Quiet, load_apps, site
from functions import _wiring
from shared.adapters.memory import MemoryReportLog
from shared.domain.registry import Neuron, Registry
from tests.unit.client.services import (
    API_KEYS,
    MINER,
    OTHER_MINER,
    VALIDATORS,
    WALLET,
    ScriptedHandler,
    ScriptedService,
    report_all_from,
    serving,
    status_of_miner,
    status_of_other_miner,
)


@pytest.fixture
def scripted() -> Iterator[ScriptedService]:
    """A service that answers by the script that the test gives."""
    service = ScriptedService()
    handler = type("Handler", (ScriptedHandler,), {"service": service})
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)) as url:
        service.url = url
        yield service


@pytest.fixture(scope="session")
def apps() -> Any:
    """The functions, loaded once; their state is not in them."""
    return load_apps()


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, apps: Any) -> Iterator[str]:
    """URL of the real functions: three validators may report, a recompute follows each report."""
    monkeypatch.setenv("STORE", "memory")
    monkeypatch.setenv("API_KEYS", API_KEYS)
    monkeypatch.setenv("LOG_LEVEL", "error")  # the functions' log shares the commands' stdout here
    _wiring.forget()
    stores = _wiring.stores()
    neurons = [Neuron(i, k.ss58_address, 5000.0, True) for i, k in enumerate([*VALIDATORS, WALLET])]
    neurons += [Neuron(9, MINER.ss58_address, 1.0), Neuron(10, OTHER_MINER.ss58_address, 1.0)]
    stores.registry.save(Registry(1, _wiring.clock(), tuple(neurons)))
    assert isinstance(stores.reports, MemoryReportLog)
    recompute: Callable[[int, str], object] = _wiring.recompute()
    stores.reports.on_create.append(lambda netuid, report: (recompute(netuid, report), None)[1])
    server = make_server("127.0.0.1", 0, site(apps), threaded=True, request_handler=Quiet)
    with serving(server) as url:
        yield url
    _wiring.forget()


@pytest.fixture
def dispatching(live: str) -> str:
    """URL of the real functions; two miners serve, uid 9 better than uid 10."""
    for validator in range(len(VALIDATORS)):
        statuses = [status_of_miner(), status_of_other_miner(performance_score=0.5)]
        report_all_from(live, validator, statuses)
    return live
