from __future__ import annotations

import hashlib
import json

import flask
import pytest
from flask.testing import FlaskClient

from functions._http import Access, Call, Handler, cached_reply, encoded, endpoint, reply
from shared.service.ports import Conflict, Unavailable
from shared.service.times import rfc3339
from shared.settings import BadSettings

pytestmark = pytest.mark.usefixtures("instance")

T0 = 1_800_000_000.0
KEYS = {"read": "r-secret", "audit": "a-secret"}
API_KEYS = json.dumps(
    [
        {"name": name, "sha256": hashlib.sha256(key.encode()).hexdigest(), "scopes": [name]}
        for name, key in KEYS.items()
    ]
)


def client(
    handler: Handler, function: str = "get-network-status", access: Access = "read"
) -> FlaskClient:
    """A handler behind the edge, as the framework calls it: one function for every path."""
    serve = endpoint(function, "GET", access)(handler)
    app = flask.Flask("edge")
    app.add_url_rule("/", "root", lambda: serve(flask.request), methods=["GET", "POST", "OPTIONS"])
    app.add_url_rule("/<path:_path>", "run", lambda _path: serve(flask.request))
    return app.test_client()


def hello(call: Call) -> flask.Response:
    return cached_reply(call, 7, lambda: encoded({"success": True, "netuid": call.netuid}, T0))


def explained(call: Call) -> flask.Response:
    if call.flag("explain"):
        call.require("audit")
    return reply({"uid": call.path.get("uid")}, T0)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_reader_gets_json_with_the_time_of_the_snapshot() -> None:
    """`timestamp` is what the handler says, in UTC; caches may keep the answer for seconds."""
    response = client(hello).get("/")

    assert {"success": True, "netuid": 1, "timestamp": "2027-01-15T08:00:00.000Z"} == response.json
    assert "public, max-age=2, s-maxage=5" == response.headers["Cache-Control"]
    assert 'W/"7"' == response.headers["ETag"]


@pytest.mark.parametrize("held", ['W/"7"', '"7"', 'W/"6", W/"7"', "*"])
def test_who_has_the_version_gets_304_and_nothing_is_built(held: str) -> None:
    """A conditional request that matches costs no encoding."""

    def text() -> str:
        raise AssertionError("built for a 304")

    response = client(lambda call: cached_reply(call, 7, text)).get(
        "/", headers={"If-None-Match": held}
    )

    assert (304, b"") == (response.status_code, response.data)
    assert 'W/"7"' == response.headers["ETag"]


def test_who_has_another_version_gets_the_answer() -> None:
    """An old ETag is not a match."""
    assert 200 == client(hello).get("/", headers={"If-None-Match": 'W/"6"'}).status_code


def test_head_is_get_without_the_body() -> None:
    """HEAD has the headers that GET would have."""
    response = client(hello).head("/")

    assert (200, b"", 'W/"7"') == (response.status_code, response.data, response.headers["ETag"])


def test_options_names_the_methods(instance: pytest.MonkeyPatch) -> None:
    """No key is needed to ask what is allowed."""
    instance.setenv("READ_ACCESS", "key")
    response = client(hello).options("/")

    assert (204, "GET, HEAD, OPTIONS") == (response.status_code, response.headers["Allow"])


def test_a_reader_does_not_take_posts() -> None:
    """405 names the methods that are answered."""
    response = client(hello).post("/")

    assert (405, "GET, HEAD, OPTIONS") == (response.status_code, response.headers["Allow"])


def test_netuid_picks_among_the_served_subnets(instance: pytest.MonkeyPatch) -> None:
    """Without it the first is meant; another one is not found."""
    instance.setenv("NETUIDS", "15,4")
    reader = client(hello)

    assert 15 == reader.get("/").get_json()["netuid"]
    assert 4 == reader.get("/?netuid=4").get_json()["netuid"]
    refused = reader.get("/?netuid=1").get_json()
    assert "unknown_subnet" == refused["code"]
    assert "netuid should be one of those served here: 15, 4" == refused["detail"]


def test_path_parameters_reach_the_handler() -> None:
    """As they stand in the path; whether they make sense is the handler's business."""
    reader = client(explained, "get-miner-consensus")

    assert "49" == reader.get("/api/v1/miners/49/consensus").get_json()["uid"]
    assert "not_found" == reader.get("/x").get_json()["code"]


@pytest.mark.parametrize("query", ["explain=1", "explain=true&explain=true"])
def test_a_flag_is_true_or_false_once(query: str) -> None:
    """Anything else is asked for again, not guessed."""
    assert 400 == client(explained).get(f"/?{query}").status_code


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "key_missing"),
        ({"Authorization": "Basic abc"}, 401, "key_missing"),
        ({"Authorization": "Bearer "}, 401, "key_missing"),
        (bearer("guess"), 401, "key_unknown"),
        (bearer("sch\xf6n"), 401, "key_unknown"),
        (bearer(KEYS["audit"]), 403, "scope_missing"),
        (bearer(KEYS["read"]), 200, None),
    ],
)
def test_where_reading_needs_a_key_only_its_holder_reads(
    headers: dict[str, str], status: int, code: str | None, instance: pytest.MonkeyPatch
) -> None:
    """No answer to a question that needed a key is kept by anyone on the way."""
    instance.setenv("READ_ACCESS", "key")
    instance.setenv("API_KEYS", API_KEYS)
    response = client(hello).get("/", headers=headers)

    assert (status, code) == (response.status_code, response.get_json().get("code"))
    assert "private, no-store" == response.headers["Cache-Control"]
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


def test_one_question_may_need_more_than_another(instance: pytest.MonkeyPatch) -> None:
    """A handler may ask for a scope by itself, `explain` for example."""
    instance.setenv("API_KEYS", API_KEYS)
    reader = client(explained)

    assert 200 == reader.get("/?explain=false").status_code
    assert 401 == reader.get("/?explain=true").status_code
    assert 200 == reader.get("/?explain=true", headers=bearer(KEYS["audit"])).status_code


def test_an_open_endpoint_asks_nobody_for_a_key(instance: pytest.MonkeyPatch) -> None:
    """Health is for every monitor."""
    instance.setenv("READ_ACCESS", "key")

    assert 200 == client(hello, "get-health", "open").get("/").status_code


def test_an_endpoint_of_a_scope_needs_it_always() -> None:
    """Public reading opens no snapshot to strangers."""
    assert 401 == client(hello, access="audit").get("/").status_code


@pytest.mark.parametrize("error", [Unavailable("deadline of 10.1.2.3"), Conflict("revision")])
def test_a_store_that_does_not_answer_is_503_with_retry_after(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    """The caller learns when to come back; what the store said is in the log alone."""

    def failing(_call: Call) -> flask.Response:
        raise error

    response = client(failing).get("/")

    assert (503, "5") == (response.status_code, response.headers["Retry-After"])
    assert str(error) not in response.get_data(as_text=True)
    assert str(error) in capsys.readouterr().out


def test_an_unexpected_error_is_500_with_its_trace_in_the_log_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The answer holds nothing of the error, the log all of it, as Error Reporting wants it."""

    def failing(_call: Call) -> flask.Response:
        return flask.Response(str(1 // 0))

    response = client(failing).get("/")

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (500, "internal") == (response.status_code, response.get_json()["code"])
    assert "ZeroDivisionError" not in response.get_data(as_text=True)
    assert ("ERROR", "unexpected_error") == (first["severity"], first["what"])
    assert "Traceback" in first["message"]
    assert "ZeroDivisionError" in first["message"]
    assert ("ERROR", 500) == (second["severity"], second["status"])


def test_the_log_line_says_what_happened_and_no_secret(
    instance: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON line per request, joined to its trace; a key appears by its name."""
    instance.setenv("READ_ACCESS", "key")
    instance.setenv("API_KEYS", API_KEYS)
    instance.setenv("GCLOUD_PROJECT", "demo")
    headers = bearer(KEYS["read"]) | {"X-Cloud-Trace-Context": "abc123/1;o=1"}
    client(hello).get("/?x=%0Aforged", headers=headers)

    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert KEYS["read"] not in line
    assert ("INFO", "request", "get-network-status", "GET", 1, 200, "read", 0, 0) == tuple(
        entry[name]
        for name in (
            "severity",
            "message",
            "function",
            "method",
            "netuid",
            "status",
            "key",
            "reads",
            "writes",
        )
    )
    assert "projects/demo/traces/abc123" == entry["logging.googleapis.com/trace"]


def test_bad_settings_do_not_serve(instance: pytest.MonkeyPatch) -> None:
    """A function with settings that nobody understands does not start."""
    instance.setenv("CONSENSUS_TIMEOUT", "never")

    with pytest.raises(BadSettings, match="CONSENSUS_TIMEOUT"):
        client(hello)


def test_times_are_rfc_3339_with_milliseconds() -> None:
    """Also where the seconds have no exact binary form."""
    assert "2027-01-15T08:00:00.123Z" == rfc3339(T0 + 0.123)
