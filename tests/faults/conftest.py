"""A database of its own on the shared emulator, and clients that reach it by way of a proxy."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from functions import _wiring
from tests.faults.edge import Validators, environment, register
from tests.faults.proxy import Proxy

_netuids = itertools.count(1)


@pytest.fixture
def netuid() -> int:
    """A subnet that no other fault has, and that may stand in the settings."""
    return next(_netuids)


@pytest.fixture(scope="session")
def emulator(firestore_client: Any) -> str:  # noqa: ARG001 - it fails where there is none
    """`host:port` of Firestore."""
    return os.environ["FIRESTORE_EMULATOR_HOST"]


@pytest.fixture(scope="session")
def project() -> str:
    """A database in which no trigger runs: events come when a test says so."""
    return f"demo-faults-{random.SystemRandom().randrange(10**9)}"


@pytest.fixture
def proxy(emulator: str) -> Iterator[Proxy]:
    """What stands between the functions and Firestore."""
    with Proxy(emulator) as standing:
        yield standing


@pytest.fixture
def connect(project: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Makes clients of Firestore at `host:port`."""
    from shared.adapters import firestore  # noqa: PLC0415 - heavy, and only here

    with ExitStack() as clients:

        def client_of(host: str) -> Any:
            with monkeypatch.context() as environment:
                environment.setenv("FIRESTORE_EMULATOR_HOST", host)
                client = firestore.connect(project)
            clients.callback(client.close)
            return client

        yield client_of


@pytest.fixture
def direct(connect: Callable[[str], Any], emulator: str) -> Any:
    """A client that no harm is done to."""
    return connect(emulator)


@pytest.fixture
def harmed(connect: Callable[[str], Any], proxy: Proxy) -> Any:
    """A client behind the proxy."""
    return connect(proxy.address)


@pytest.fixture
def validators(direct: Any, netuid: int) -> Validators:
    """Those of a registered subnet."""
    return register(direct, netuid)


@pytest.fixture
def _functions(
    proxy: Proxy, project: str, netuid: int, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The functions of this process reach Firestore by way of the proxy."""
    for name, value in environment(proxy.address, project, netuid).items():
        monkeypatch.setenv(name, value)
    yield
    _wiring.forget()
