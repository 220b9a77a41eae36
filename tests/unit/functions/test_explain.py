"""`?explain=true` and snapshot files, through the framework."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from functions import _openapi, _wiring
from functions._routes import PUBLIC_PATHS
from shared.service.explain import OPEN_A_MINUTE
from shared.service.recompute import Recompute
from tests.builders import signed
from tests.unit.functions.conftest import Load

MINER = "/api/v1/miners/7/consensus"
EXPLAINED = f"{MINER}?explain=true"
FILE = "/api/v1/snapshots/current"


@pytest.fixture
def load(in_memory: pytest.MonkeyPatch, load: Load) -> Load:
    """With a key for auditors and one for readers."""
    keys = [
        {"name": scope, "sha256": hashlib.sha256(scope.encode()).hexdigest(), "scopes": [scope]}
        for scope in ("audit", "read")
    ]
    in_memory.setenv("API_KEYS", json.dumps(keys))
    _wiring.settings.forget()
    return load


def close_rounds(*ages: float) -> list[int]:
    """A round with reports at each of these ages, closed; gives their numbers."""
    held, now = _wiring.stores(), time.time()
    for age in ages:
        at = round(now - age, 3)
        for uid in (48, 49):
            held.reports.create(1, signed(uid, at))
        later = at + 120
        policy = _wiring.settings().policy
        Recompute(held.reports, held.snapshots, held.registry, policy, lambda t=later: t)(1)
    _wiring.recompute()(1)
    return [int((now - age) // 60) for age in ages]


def ask(client: FlaskClient, path: str, key: str = "", **headers: str) -> TestResponse:
    """A GET, with a key if one is named."""
    bearer = {"Authorization": f"Bearer {key}"} if key else {}
    return client.get(path, headers={**bearer, **headers})


def votes(answer: TestResponse) -> list[dict[str, Any]]:
    """All votes in an explanation."""
    fields = answer.get_json()["explanation"]["fields"].values()
    return [vote for each in fields for vote in each["votes"]]


def misfits(function: str, answer: Any) -> list[str]:
    """Where an answer is not as OpenAPI describes it."""
    document = _openapi.document("1")
    described = document["paths"][PUBLIC_PATHS[function]]["get"]["responses"]["200"]
    schema = {**described["content"]["application/json"]["schema"]}
    whole = {**schema, "components": document["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(answer)]


def test_an_explanation_is_as_described(load: Load) -> None:
    """With and without a key, now and of a round."""
    [number] = close_rounds(200)
    client = load("get_miner_consensus")

    for path in (EXPLAINED, f"{EXPLAINED}&round={number}"):
        for key in ("", "audit"):
            answer = ask(client, path, key)
            assert (200, []) == (answer.status_code, misfits("get-miner-consensus", answer.json))


def test_only_auditors_see_values_of_the_open_window(load: Load) -> None:
    """What a key decides stays out of caches; what none decides says that a key would."""
    close_rounds(200)
    client = load("get_miner_consensus")

    anyone, reader, auditor = (ask(client, EXPLAINED, key) for key in ("", "read", "audit"))

    assert [True, True, False] == [
        all("withheld" in vote for vote in votes(each)) for each in (anyone, reader, auditor)
    ]
    assert ["public, max-age=2, s-maxage=5", "private, no-store", "private, no-store"] == [
        each.headers["Cache-Control"] for each in (anyone, reader, auditor)
    ]
    assert {"Authorization"} == {each.headers["Vary"] for each in (anyone, reader, auditor)}


def test_an_etag_of_what_was_withheld_is_none_of_what_is_shown(load: Load) -> None:
    """A browser that asks again with a key gets the values, not a 304."""
    close_rounds(200)
    client = load("get_miner_consensus")
    tag = ask(client, EXPLAINED).headers["ETag"]

    again = [ask(client, EXPLAINED, key, **{"If-None-Match": tag}) for key in ("", "audit")]

    assert [304, 200] == [each.status_code for each in again]


def test_a_round_whose_window_is_over_may_be_kept_for_long(load: Load) -> None:
    """All values, for everyone, immutable; a younger one is withheld and short-lived."""
    old, young = close_rounds(1200, 200)
    client = load("get_miner_consensus")

    kept, fleeting = (ask(client, f"{EXPLAINED}&round={each}") for each in (old, young))

    assert all("value" in vote for vote in votes(kept))
    assert "public, max-age=604800, immutable" == kept.headers["Cache-Control"]
    assert all("withheld" in vote for vote in votes(fleeting))
    assert "public, max-age=2, s-maxage=5" == fleeting.headers["Cache-Control"]


def test_rounds_are_rationed_without_a_key(load: Load) -> None:
    """429 says when to come back."""
    numbers = close_rounds(*(1500 - 120 * n for n in range(OPEN_A_MINUTE + 1)))
    client = load("get_miner_consensus")

    answers = [ask(client, f"{EXPLAINED}&round={each}") for each in numbers]

    assert [200] * OPEN_A_MINUTE + [429] == [each.status_code for each in answers]
    assert "too_many_rounds" == answers[-1].get_json()["code"]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert 200 == ask(client, f"{EXPLAINED}&round={numbers[-1]}", "audit").status_code


@pytest.mark.parametrize(
    ("path", "expected", "code"),
    [
        (f"{EXPLAINED}&round=1", 404, "unknown_round"),
        (f"{EXPLAINED}&round=9999999999", 404, "unknown_round"),
        (f"{EXPLAINED}&round=99999999999", 400, "bad_query"),
        (f"{EXPLAINED}&round=-1", 400, "bad_query"),
        (f"{EXPLAINED}&round=", 400, "bad_query"),
        (f"{EXPLAINED}&round=now", 400, "bad_query"),
        (f"{EXPLAINED}&explain=true", 400, "bad_query"),
        (f"{MINER}?explain=yes", 400, "bad_query"),
        (f"{MINER}?round=1", 400, "bad_query"),
        ("/api/v1/miners/8/consensus?explain=true", 404, "unknown_miner"),
    ],
)
def test_what_cannot_be_explained_is_a_problem(
    load: Load, path: str, expected: int, code: str
) -> None:
    """No such round, no such miner, no such flag."""
    close_rounds(200)

    answer = load("get_miner_consensus").get(path)

    assert (expected, code) == (answer.status_code, answer.get_json()["code"])


def test_nothing_is_explained_before_the_first_report(load: Load) -> None:
    """404, as without an explanation."""
    answer = load("get_miner_consensus").get(EXPLAINED)

    assert (404, "unknown_miner") == (answer.status_code, answer.get_json()["code"])


def test_a_key_that_is_none_is_refused(load: Load) -> None:
    """Who sends one means it."""
    close_rounds(200)

    assert 401 == ask(load("get_miner_consensus"), EXPLAINED, "guess").status_code


def test_a_snapshot_file_is_as_described(load: Load) -> None:
    """A closed round and the current snapshot, for auditors' eyes only."""
    [number] = close_rounds(200)
    client = load("get_snapshot")

    for which in (number, "current"):
        answer = ask(client, f"/api/v1/snapshots/{which}", "audit")
        assert [] == misfits("get-snapshot", json.loads(answer.data))
        assert "private, no-store" == answer.headers["Cache-Control"]


def test_a_snapshot_file_is_compressed_for_who_accepts_it(load: Load) -> None:
    """The same file, a fraction of the bytes."""
    close_rounds(200)
    client = load("get_snapshot")

    plain = ask(client, FILE, "audit")
    packed = ask(client, FILE, "audit", **{"Accept-Encoding": "br, gzip"})

    assert (None, "gzip") == tuple(each.headers.get("Content-Encoding") for each in (plain, packed))
    assert plain.data == gzip.decompress(packed.data)
    assert len(packed.data) < len(plain.data)


@pytest.mark.parametrize(
    ("path", "key", "expected"),
    [
        (FILE, "", 401),
        (FILE, "read", 403),
        ("/api/v1/snapshots/1", "audit", 404),
        ("/api/v1/snapshots/first", "audit", 400),
        ("/api/v1/snapshots/current?netuid=9", "audit", 404),
        ("/api/v1/snapshots", "audit", 404),
    ],
)
def test_what_is_no_snapshot_is_a_problem(load: Load, path: str, key: str, expected: int) -> None:
    """Without the key, without the scope, without such a round."""
    close_rounds(200)

    answer = ask(load("get_snapshot"), path, key)

    assert (expected, "application/problem+json") == (answer.status_code, answer.mimetype)


def test_before_the_first_report_there_is_no_snapshot(load: Load) -> None:
    """404."""
    answer = ask(load("get_snapshot"), FILE, "audit")

    assert (404, "unknown_round") == (answer.status_code, answer.get_json()["code"])
