"""Which ports are used, and what is said when they cannot be."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from devtools import ports
from devtools.ports import LOOPBACK, PortTakenError


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def environment(**numbers: int) -> dict[str, str]:
    """Free public ports, but for those given."""
    free = ports.all_free()
    public = {name: free.numbers()[name] for name in ports.PUBLIC}
    return {f"{name.upper()}_PORT": str(port) for name, port in {**public, **numbers}.items()}


def test_all_listeners_of_a_system_have_ports_of_their_own() -> None:
    """No two are the same and nobody listens on them."""
    chosen = list(ports.all_free().numbers().values())

    assert len(set(chosen)) == len(chosen)
    assert not any(map(ports.is_taken, chosen))


def test_the_environment_chooses_the_ports_that_people_use() -> None:
    """`FIRESTORE_PORT` and its like are taken as they are; the rest is chosen free."""
    wanted = environment()

    chosen = ports.from_environment(wanted)

    assert (
        f"{LOOPBACK}:{wanted['FIRESTORE_PORT']}" == chosen.environment()["FIRESTORE_EMULATOR_HOST"]
    )
    assert int(wanted["HOSTING_PORT"]) == chosen.hosting


def test_a_taken_port_is_named_with_its_holder_and_a_way_out(taken: int) -> None:
    """The message says which port, for what, by whom, and which variable changes it."""
    with pytest.raises(PortTakenError) as caught:
        ports.from_environment(environment(pubsub=taken))

    assert str(caught.value).startswith(f"port {taken} (pubsub) is taken by ")
    assert f"PUBSUB_PORT={taken + 100}" in str(caught.value)


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "80.5"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    """Ports are whole numbers in 1–65535."""
    with pytest.raises(PortTakenError, match=r"HOSTING_PORT=.*1–65535"):
        ports.from_environment({**environment(), "HOSTING_PORT": text})


def test_one_port_for_two_listeners_is_refused() -> None:
    """Both would fail later, and less plainly."""
    wanted = environment()
    wanted["PUBSUB_PORT"] = wanted["FIRESTORE_PORT"]

    with pytest.raises(PortTakenError, match="the same"):
        ports.from_environment(wanted)
