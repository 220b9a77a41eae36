"""Submit through its edge, when the network or Firestore fails at any of its calls."""

from __future__ import annotations

import itertools

import pytest

from tests.faults.edge import Validators, post
from tests.faults.harm import ONCE, at
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("_functions")]


@pytest.mark.parametrize("name", ONCE)
def test_a_failure_at_any_call_of_a_submit_is_a_503_or_nothing(
    name: str, proxy: Proxy, validators: Validators
) -> None:
    """The same request again gets its 200, and is kept once, to the byte."""
    sent: dict[str, bytes] = {}
    for number in itertools.count(1):
        request = validators.request(number)
        sent[request.nonce] = request.body
        proxy.harm(at(number, ONCE[name]))

        first = post(request)
        answer = first if first.status_code == 200 else post(request)

        assert first.status_code in {200, 503}
        assert (first.status_code == 503) == ("Retry-After" in first.headers)
        assert answer.status_code == 200, answer.text
        assert request.nonce == answer.json["report_id"]  # type: ignore[index] # it is JSON
        if proxy.calls < number:
            break
    assert number > 3
    assert sent == validators.kept()
