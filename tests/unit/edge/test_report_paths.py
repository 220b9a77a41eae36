"""What a report may be signed for: submit and `quorate verify` say the same of every target."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from gunicorn.util import split_request_uri
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.verification import SnapshotFile, read
from cli.verification.originals import hear
from functions import _wiring
from shared.adapters.memory import MemoryReportLog
from shared.domain.registry import Neuron, Registry
from shared.report_paths import PATHS, emulated, takes_reports
from shared.service.ports import SignedReport
from tests.signed_rounds import SignedRounds
from tests.unit.edge.hotkeys import MINER, VALIDATOR
from tests.unit.edge.submitting import JSON, PATH, Service, assert_problem, body

EMULATED = emulated("demo-quorate", "us-central1")
ODD = (
    "//",
    "//[x",
    "/whatever",
    "/submit-miner-status/",
    "/submit-miner-status/../x",
    "/x/submit-miner-status",
    "/a/b/c/submit-miner-status",
    "/api/v1/validators",
    f"{PATH}/",
    f"http://quorate.example{PATH}",
    f"{PATH}#",
    f"/{PATH}",
)
QUERIES = ("", "?", "?netuid=1", "?netuid=2", "?netuid=%31&x=%7e", "?netuid=1#&netuid=2", "?x=%ff")
GIVEN = st.sampled_from([*PATHS, EMULATED])
ANY = GIVEN | st.sampled_from(ODD) | st.from_regex(r"/[!-~]{0,20}", fullmatch=True)
ASKED = st.sampled_from(QUERIES) | st.from_regex(r"\?[!-~]{0,20}", fullmatch=True)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Service]:
    """Two subnets on the emulator, where every path that may be signed counts."""
    values = {
        "STORE": "memory",
        "NETUIDS": "1,2",
        "RATE_LIMIT_PER_MINUTE": "600",
        "FUNCTIONS_EMULATOR": "true",
        "GCLOUD_PROJECT": "demo-quorate",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        _wiring.forget()
        service = Service()
        neurons = (
            Neuron(48, VALIDATOR.address, 5000.0, True),
            Neuron(7, MINER.address, 1.0),
        )
        _wiring.stores().registry.save(Registry(2, time.time(), neurons))
        yield service
        _wiring.forget()


@pytest.fixture(scope="module")
def file() -> SnapshotFile:
    """A record of subnet 1, which is the default, without its reports."""
    return replace(read(SignedRounds().play(1).file(0)), originals=(), inputs=())


def sent(service: Service, received: str, signed: str) -> int:
    """Send a report for one target that is signed for another; gives the status."""
    try:
        parts = split_request_uri(received)  # what the server makes of it
    except ValueError:
        return 400
    raw, nonce = body(), time.time_ns()
    answer = service.client.post(
        "/",
        data=raw,
        headers=VALIDATOR.btauth(raw, nonce, signed),
        content_type=JSON,
        environ_overrides={
            "RAW_URI": received,
            "REQUEST_URI": received,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
        },
    )
    return answer.status_code


def kept() -> list[tuple[int, SignedReport]]:
    """(subnet, report) of all that was accepted; it is forgotten with that."""
    log = _wiring.stores().reports
    assert isinstance(log, MemoryReportLog)
    found = [(netuid, report) for (netuid, _), report in log._reports.items()]
    log._reports.clear()
    return found


def test_the_paths_are_these() -> None:
    """On the hosting domain, on a function's own URL, on the emulator; others take no reports."""
    assert (PATH, "/submit-miner-status", "/") == PATHS
    assert all(map(takes_reports, (*PATHS, EMULATED)))
    assert not any(map(takes_reports, ODD))


@pytest.mark.parametrize("path", [path for path in ODD if "#" not in path])
def test_no_other_path_may_be_signed(path: str, service: Service) -> None:
    """Not even the one that the request came to."""
    raw = body()
    headers = VALIDATOR.btauth(raw, time.time_ns(), path)
    answer = service.client.post(
        "/", data=raw, headers=headers, content_type=JSON, environ_overrides={"RAW_URI": path}
    )

    assert_problem(answer, 401, "signature_invalid")
    assert 0 == service.stored


def test_a_report_for_one_subnet_is_not_taken_for_the_default_one(emulator: Service) -> None:
    """A server cuts off what follows a `#`, and a query in it with that."""
    assert 401 == sent(emulator, f"{PATH}#?netuid=2", f"{PATH}?netuid=2")
    assert [] == kept()


@given(received=ANY, signed=st.none() | GIVEN | ANY, query=ASKED)
@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_submit_accepts_verify_accepts(
    emulator: Service, file: SnapshotFile, received: str, signed: str | None, query: str
) -> None:
    """Whichever path it came to and was signed for, with whatever query."""
    status = sent(emulator, received + query, (signed or received) + query)
    reports = kept()

    assert len(reports) == (status == 200)
    for netuid, report in reports:
        record = replace(file, netuid=netuid, originals=(report,), inputs=(report.report_id,))
        assert ((), 1) == (hear(record).findings, hear(record).signatures)


@pytest.mark.parametrize("path", [*PATHS, EMULATED])
@pytest.mark.parametrize("query", ["?netuid=1", "?netuid=2", "?netuid=%31&x=%7e", "", "?"])
def test_every_path_that_takes_reports_is_accepted(
    path: str, query: str, emulator: Service
) -> None:
    """Wherever the request came to."""
    assert 200 == sent(emulator, f"/whatever{query}", path + query)
    assert 1 == len(kept())
