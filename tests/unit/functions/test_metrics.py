"""What a monitor scrapes."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions import _wiring
from shared.service.metrics import METRICS
from tests.builders import signed
from tests.unit.functions.conftest import Load

DOCUMENT = Path(__file__).parents[3] / "docs" / "metrics.md"
SAMPLE = re.compile(r'([a-z_]+)\{((?:[a-z]+="[^"\\\n]*",?)+)\} (-?[0-9][0-9.e+-]*)')


@pytest.fixture
def client(in_memory: pytest.MonkeyPatch, load: Load) -> FlaskClient:
    """The function, where one key may read."""
    digest = hashlib.sha256(b"monitor").hexdigest()
    keys = [{"name": "monitor", "sha256": digest, "scopes": ["read"]}]
    in_memory.setenv("API_KEYS", json.dumps(keys))
    in_memory.setenv("NETUIDS", "1,2")
    _wiring.settings.forget()
    return load("get_metrics")


def scrape(client: FlaskClient, query: str = "") -> TestResponse:
    """With the key."""
    return client.get(f"/{query}", headers={"Authorization": "Bearer monitor"})


def samples(text: str) -> dict[str, float]:
    """Name with labels → value."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in lines)
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def report() -> None:
    """Two validators report on one miner."""
    for uid in (48, 49):
        _wiring.stores().reports.create(1, signed(uid, round(_wiring.clock(), 3)))
    _wiring.recompute()(1)


def test_key_figures_and_counters_are_exposed(client: FlaskClient) -> None:
    """Two of three validators agree on one miner."""
    report()

    found = samples(scrape(client).text)

    assert found['quorate_consensus_coverage{netuid="1"}'] == 1.0
    assert found['quorate_validator_participation{netuid="1"}'] == pytest.approx(2 / 3)
    assert found['quorate_reports_total{netuid="1"}'] == 2
    assert found['quorate_miners{netuid="1",state="consensus"}'] == 1
    assert found['quorate_healthy{netuid="1",check="validator_activity"}'] == 1
    assert found['quorate_validator_agreement{netuid="1",validator="48"}'] == 1.0
    assert 'quorate_validator_agreement{netuid="1",validator="50"}' not in found


def test_a_subnet_without_a_snapshot_has_no_samples(client: FlaskClient) -> None:
    """What is not known is left out; the metrics themselves are still described."""
    report()

    answer = scrape(client, "?netuid=2")

    assert {} == samples(answer.text)
    assert len(METRICS) == answer.text.count("# HELP ") == answer.text.count("# TYPE ")


def test_metrics_always_need_a_key(client: FlaskClient) -> None:
    """Also where reading is public; and nobody may cache them."""
    assert client.get("/").status_code == 401
    answer = scrape(client)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_every_metric_is_documented() -> None:
    """Name, type and meaning, word by word."""
    rows = re.findall(
        r"^\| `(\w+)` \| (\w+) \| (.+?) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE
    )

    assert [(each.name, each.kind, each.meaning) for each in METRICS] == rows
