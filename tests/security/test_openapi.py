"""Requests generated from our own description, valid and broken: no answer is a server error."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from devtools.in_process import Site, load_apps, site
from functions import _wiring
from functions._routes import PUBLIC_PATHS
from tests.builders import registry, signed, status

EXAMPLES = int(os.environ.get("QUORATE_FUZZ_EXAMPLES", "40"))
"""Requests per endpoint, of each kind; nightly runs ask for more."""
KEY = "s"
SCOPES = ["read", "dispatch", "audit"]
API_KEYS = [{"name": "a", "sha256": hashlib.sha256(KEY.encode()).hexdigest(), "scopes": SCOPES}]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def service() -> Iterator[Site]:
    """All endpoints over a subnet with a snapshot, in memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORE", "memory")
        patch.setenv("API_KEYS", json.dumps(API_KEYS))
        _wiring.forget()
        now = _wiring.clock()
        _wiring.stores().registry.save(registry(synced_at=now))
        for uid in (48, 49, 50):
            entry = status(ip="93.184.216.34", port=8091, max_capacity=1e6)
            _wiring.stores().reports.create(1, signed(uid, round(now, 3), [entry]))
        _wiring.recompute()(1)
        yield site(load_apps())
    _wiring.forget()


@pytest.mark.timeout(1200)  # the nightly run takes its time
@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize("function", PUBLIC_PATHS)
def test_what_openapi_describes_is_what_is_answered(
    function: str, mode: str, service: Site
) -> None:
    """With a key and without: never 5xx, always a described status, media type and shape."""
    schema = schemathesis.openapi.from_wsgi(PUBLIC_PATHS["get-openapi"], service)
    requests = schema.find_operation_by_id(function).as_strategy(GenerationMode(mode))

    @BOUNDED
    @given(st.data(), st.booleans(), st.integers(0, 3))
    def answers_as_described(data: st.DataObject, with_key: bool, subnet: int) -> None:
        case = data.draw(requests)
        if subnet:  # of the others, most are not served, and nothing more is learnt from them
            case.query.pop("netuid", None)
        headers = {"Authorization": f"Bearer {KEY}"} if with_key else {}
        response = case.call(headers=headers)
        if not names_nothing(response):
            case.validate_response(response, checks=CHECKS)

    answers_as_described()


def names_nothing(response: schemathesis.Response) -> bool:
    """Whether the framework itself, or the hosting, answered: the path is no endpoint's."""
    return response.status_code == 404 and b"<title>404 Not Found</title>" in response.content
