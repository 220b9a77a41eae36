"""The ports that the emulators listen on."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import psutil

LOOPBACK = "127.0.0.1"
PUBLIC = {"hosting": 5000, "functions": 5001, "firestore": 8080, "pubsub": 8085}
"""What people use, with its default; each is overridden by `{NAME}_PORT`."""

QUIET_RANGE = range(20_000, 30_000)
"""Where free ports are looked for: below the ports that systems hand to outgoing connections."""


class PortTakenError(Exception):
    """A port that is needed is in use; the message says by whom and how to choose another."""


@dataclass(frozen=True, slots=True)
class Ports:
    """One port for each listener; those below `pubsub` serve the emulators among themselves."""

    hosting: int
    functions: int
    firestore: int
    pubsub: int
    hub: int
    logging: int
    websocket: int
    eventarc: int
    tasks: int
    ui: int

    def environment(self) -> dict[str, str]:
        """What points Google's client libraries, and our tests, at these emulators."""
        return {
            "FIRESTORE_EMULATOR_HOST": f"{LOOPBACK}:{self.firestore}",
            "PUBSUB_EMULATOR_HOST": f"{LOOPBACK}:{self.pubsub}",
            "QUORATE_URL": f"http://{LOOPBACK}:{self.hosting}",
            "QUORATE_FUNCTIONS_URL": f"http://{LOOPBACK}:{self.functions}",
        }

    def numbers(self) -> dict[str, int]:
        """Listener → port."""
        return asdict(self)


def from_environment(environment: Mapping[str, str] = os.environ) -> Ports:
    """The ports people know, as `{NAME}_PORT` says, checked to be free; all others chosen free."""
    public = {name: _public(environment, name) for name in PUBLIC}
    if len(set(public.values())) < len(public):
        given = ", ".join(f"{name.upper()}_PORT={port}" for name, port in public.items())
        raise PortTakenError(f"two of the ports are the same: {given}")
    return _completed(public)


def hosting_from_environment() -> int:
    """The port of the public URL alone, as HOSTING_PORT says, checked to be free."""
    return _public(os.environ, "hosting")


def all_free() -> Ports:
    """Ports that nobody uses, for tests."""
    return _completed({})


def is_taken(port: int) -> bool:
    """Whether somebody listens on this port."""
    with socket.socket() as probe:
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return True
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closing one is free
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def _completed(known: Mapping[str, int]) -> Ports:
    free = _free_ports(set(known.values()))
    return Ports(**{name: known.get(name) or next(free) for name in Ports.__dataclass_fields__})


def _free_ports(unwanted: set[int]) -> Iterator[int]:
    for port in random.sample(QUIET_RANGE, len(QUIET_RANGE)):
        if port not in unwanted and not is_taken(port):
            yield port


def _public(environment: Mapping[str, str], name: str) -> int:
    port = _number(environment, name)
    if is_taken(port):
        raise PortTakenError(
            f"port {port} ({name}) is taken{_holder(port)};"
            f" choose another with {name.upper()}_PORT={port + 100}"
        )
    return port


def _number(environment: Mapping[str, str], name: str) -> int:
    text = environment.get(f"{name.upper()}_PORT", "") or str(PUBLIC[name])
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise PortTakenError(f"{name.upper()}_PORT={text}: a port lies in 1–65535")
    return int(text)


def _holder(port: int) -> str:
    """ " by NAME (pid N)", as far as this user may know."""
    try:
        sockets = psutil.net_connections("tcp")
        listening = (c for c in sockets if c.status == psutil.CONN_LISTEN)
        pid = next((c.pid for c in listening if tuple(c.laddr)[1:] == (port,)), None)
        return f" by {psutil.Process(pid).name()} (pid {pid})" if pid else ""
    except psutil.Error:
        return ""
