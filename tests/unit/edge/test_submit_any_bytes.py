"""Whatever bytes and headers arrive, the service answers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions import _wiring
from tests.unit.edge.submitting import FORM, JSON, Service, assert_problem, body


class Endless(io.RawIOBase):
    """A body without end that counts what was read of it."""

    read_bytes = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """More of the same."""
        buffer[:] = b"x" * len(buffer)
        self.read_bytes += len(buffer)
        return len(buffer)


@pytest.mark.parametrize(
    ("framing", "at_most"),
    [
        ({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}, 2**20 + 2**17),
        ({"CONTENT_LENGTH": str(2**40)}, 0),
    ],
    ids=["chunked", "announced"],
)
def test_an_endless_body_is_not_read_to_its_end(
    framing: dict[str, Any], at_most: int, service: Service
) -> None:
    """At most 1 MiB and the buffer around it are read, nothing if its length says too much."""
    endless = Endless()
    response = service.client.post("/", environ_overrides={"wsgi.input": endless, **framing})

    assert_problem(response, 413, "body_too_large")
    assert endless.read_bytes <= at_most


def test_a_body_of_exactly_1_mib_is_read(service: Service) -> None:
    """The limit itself is inside."""
    raw = body()

    assert 200 == service.post(raw + b" " * (2**20 - len(raw))).status_code


@pytest.fixture(scope="module")
def shared_service() -> Iterator[Service]:
    """One service for many generated requests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORE", "memory")
        patch.setenv("RATE_LIMIT_PER_MINUTE", "600")  # hundreds of them are refused
        _wiring.forget()
        yield Service()
        _wiring.forget()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["uid", "hotkey", "ip", "port", "metadata", "x"]), inner)
    ),
    max_leaves=12,
)
BATCHES = st.fixed_dictionaries(
    {"validator_uid": st.just(48) | VALUES, "epoch": VALUES, "miner_statuses": VALUES}
)
BODIES = (
    st.binary(max_size=300)
    | VALUES.map(lambda v: json.dumps(v).encode())
    | BATCHES.map(lambda v: json.dumps(v).encode())
)


@given(BODIES, st.sampled_from([JSON, FORM, "text/plain", ""]), st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_body_makes_the_service_fail(
    shared_service: Service, raw: bytes, content_type: str, signed: bool
) -> None:
    """Signed or not, whatever is sent is answered with 200 or a client's error."""
    response = (
        shared_service.post(raw, content_type=content_type)
        if signed
        else shared_service.client.post("/", data=raw, content_type=content_type)
    )

    assert response.status_code in {200, 400, 401, 403, 409, 415, 422, 429}


@given(
    st.dictionaries(
        st.sampled_from(["Version", "Hotkey", "Nonce", "Signature", "Crypto", "Receiver"]),
        st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=140),
    )
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_header_makes_the_service_fail(shared_service: Service, changed: dict[str, str]) -> None:
    """Whatever the signature headers hold, the sender is merely not believed."""
    headers = {f"X-Bittensor-{name}": value for name, value in changed.items()}
    response = shared_service.client.post("/", data=b"{}", headers=headers)

    assert 401 == response.status_code
