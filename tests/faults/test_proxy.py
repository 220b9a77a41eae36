"""The proxy does the harm that it is asked for: what all other faults rest on."""

from __future__ import annotations

from typing import Any

import pytest
from google.api_core import exceptions

from tests.faults.harm import ONCE, Lose, at
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.emulator

EXPECTED: dict[str, tuple[type[Exception], bool]] = {
    "cut": (exceptions.ServiceUnavailable, False),
    "answer_lost": (exceptions.ServiceUnavailable, True),
    "aborted": (exceptions.Aborted, False),
    "exhausted": (exceptions.ResourceExhausted, False),
    "internal": (exceptions.InternalServerError, False),
    "unavailable": (exceptions.ServiceUnavailable, False),
    "unknown": (exceptions.Unknown, False),
    "cancelled": (exceptions.Cancelled, False),
    "deadline": (exceptions.DeadlineExceeded, False),
    "denied": (exceptions.DeadlineExceeded, True),
    "denied_unknown": (exceptions.Unknown, True),
}
"""Harm → what a client without retries sees of its write, and whether the write took effect."""


def test_every_harm_is_known() -> None:
    """So that none is added that does nothing."""
    assert ONCE.keys() - {"answer_torn"} == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_harmed_write_fails_as_it_should(
    name: str, direct: Any, harmed: Any, proxy: Proxy, netuid: int
) -> None:
    """It takes effect, or not; the next one is not harmed."""
    kind, takes_effect = EXPECTED[name]
    path = f"proxy/{netuid}"
    proxy.harm(at(1, ONCE[name]))

    with pytest.raises(kind):
        harmed.document(path).create({"a": 1}, retry=None)

    assert takes_effect == direct.document(path).get().exists
    harmed.document(path).set({"a": 2})
    assert 2 == proxy.calls


def test_a_torn_answer_is_none(direct: Any, harmed: Any, proxy: Proxy, netuid: int) -> None:
    """What is longer than what gets through."""
    torn = ONCE["answer_torn"]
    assert isinstance(torn, Lose)
    reference = harmed.document(f"proxy/{netuid}")
    direct.document(reference.path).set({"a": "x" * 20 * torn.after})
    proxy.harm(at(1, torn))

    with pytest.raises(exceptions.ServiceUnavailable):
        reference.get(retry=None)
