from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import schemas
from shared.schemas import FORM, JSON, Batch, parse_batch
from tests.unit.edge.hotkeys import MINER

STATUS: dict[str, Any] = {
    "uid": 7,
    "hotkey": MINER.address,
    "stake": 100,
    "is_serving": True,
    "performance_score": 0.8,
    "current_load": 2,
    "max_capacity": 10,
    "ip": "203.0.113.9",
    "port": 8091,
    "external_ip": "2001:DB8:0::1",
    "external_port": 443,
    "last_seen": "2026-01-02T03:04:05Z",
    "task_type_specialization": {"text": {"total": 9, "successful": 8, "avg_time": 1.5}},
    "metadata": {"version": "1.2"},
}


def body(*statuses: Any, **fields: Any) -> bytes:
    batch = {"validator_uid": 48, "epoch": 3, "miner_statuses": list(statuses), **fields}
    return json.dumps(batch).encode()


def with_field(name: str, value: Any) -> bytes:
    return body({**STATUS, name: value})


def test_a_complete_status_comes_out_as_it_went_in() -> None:
    """All documented fields survive; addresses become canonical."""
    batch = parse_batch(JSON, body(STATUS))

    assert Batch(48, 3, ({**STATUS, "external_ip": "2001:db8::1"},)) == batch


def test_a_form_says_the_same_as_json() -> None:
    """The two content types of one report give equal batches."""
    form = urlencode(
        {"validator_uid": "48", "epoch": "3", "miner_statuses": json.dumps([STATUS])}
    ).encode()

    assert parse_batch(JSON, body(STATUS)) == parse_batch(f"{FORM}; charset=UTF-8", form)


def test_an_empty_report_abstains_from_everything() -> None:
    """No status is a report too."""
    assert Batch(48, 3, ()) == parse_batch(JSON, body())


def test_null_is_absent() -> None:
    """A field that is null is as if it were not there."""
    batch = parse_batch(JSON, body({"uid": 1, "hotkey": MINER.address, "stake": None}))

    assert ({"uid": 1, "hotkey": MINER.address},) == batch.statuses


def test_unknown_fields_move_into_the_metadata() -> None:
    """What the schema does not know is kept; the sender's own metadata wins a clash of names."""
    batch = parse_batch(
        JSON, body({"uid": 1, "hotkey": MINER.address, "a": 1, "b": 2, "metadata": {"b": 3}})
    )

    assert {"a": 1, "b": 3} == batch.statuses[0]["metadata"]


def test_unknown_fields_beside_the_statuses_are_ignored() -> None:
    """A sender may say more than is asked."""
    assert parse_batch(JSON, body()) == parse_batch(JSON, body(sender="me"))


def test_a_malformed_last_seen_is_kept() -> None:
    """It is the sender's word; it only earns no confidence."""
    batch = parse_batch(JSON, with_field("last_seen", "yesterday"))

    assert "yesterday" == batch.statuses[0]["last_seen"]


def test_metadata_may_have_1024_bytes_and_5_levels() -> None:
    """The limits themselves are allowed."""
    largest = {"k": "x" * (1024 - len('{"k":""}'))}
    deepest = {"1": {"2": {"3": {"4": {"5": 0}}}}}

    assert largest == parse_batch(JSON, with_field("metadata", largest)).statuses[0]["metadata"]
    assert deepest == parse_batch(JSON, with_field("metadata", deepest)).statuses[0]["metadata"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("uid", None, "missing"),
        ("uid", -1, "greater_than_equal"),
        ("uid", 65_536, "less_than_equal"),
        ("uid", 7.0, "int_type"),
        ("uid", True, "int_type"),
        ("uid", "7", "int_type"),
        ("hotkey", None, "missing"),
        ("hotkey", "5abc", "hotkey"),
        ("hotkey", MINER.address + " ", "hotkey"),
        ("stake", -1, "greater_than_equal"),
        ("stake", 1e308, "less_than_equal"),
        ("stake", "100", "float_type"),
        ("stake", True, "float_type"),
        ("is_serving", 1, "bool_type"),
        ("is_serving", "true", "bool_type"),
        ("performance_score", 1.01, "less_than_equal"),
        ("performance_score", "0.5", "float_type"),
        ("performance_score", [0.5], "float_type"),
        ("current_load", -0.1, "greater_than_equal"),
        ("max_capacity", 0, "greater_than_equal"),
        ("ip", "example.org", "ip"),
        ("ip", "10.0.0.256", "ip"),
        ("ip", "fe80::1%eth0", "ip"),
        ("ip", 167_772_161, "string_type"),
        ("external_ip", "", "ip"),
        ("port", 0, "greater_than_equal"),
        ("port", 65_536, "less_than_equal"),
        ("external_port", "80", "int_type"),
        ("last_seen", 1_800_000_000, "string_type"),
        ("last_seen", "x" * 65, "string_too_long"),
        ("task_type_specialization", ["text"], "dict_type"),
        ("task_type_specialization", {str(i): {} for i in range(33)}, "too_long"),
        ("metadata", "free text", "dict_type"),
        ("metadata", {"k": "x" * 1024}, "too_large"),
        ("metadata", {"1": {"2": {"3": {"4": {"5": {}}}}}}, "too_deep"),
    ],
)
def test_a_field_that_breaks_its_rule_is_named_by_its_pointer(
    field: str, value: Any, code: str
) -> None:
    """The pointer leads to the very field in the body that was sent."""
    with pytest.raises(schemas.InvalidBody) as refused:
        parse_batch(JSON, with_field(field, value))

    assert [(f"/miner_statuses/0/{field}", code)] == [
        (problem.pointer, problem.code) for problem in refused.value.problems
    ]


@pytest.mark.parametrize(
    ("raw", "pointer", "code"),
    [
        (b"[]", "", "dict_type"),
        (body(validator_uid=True), "/validator_uid", "int_type"),
        (body(validator_uid="48"), "/validator_uid", "int_type"),
        (body(epoch=-1), "/epoch", "greater_than_equal"),
        (body(epoch=2**53), "/epoch", "less_than_equal"),
        (body(miner_statuses="[]"), "/miner_statuses", "list_type"),
        (body(miner_statuses=[{}] * 1025), "/miner_statuses", "too_long"),
        (body(7), "/miner_statuses/0", "dict_type"),
        (body(STATUS, STATUS), "/miner_statuses/1/uid", "duplicate_uid"),
        (
            with_field("task_type_specialization", {"a/b~": {"total": 1.5}}),
            "/miner_statuses/0/task_type_specialization/a~1b~0/total",
            "int_type",
        ),
        (body({**STATUS, "extra": "x" * 1024}), "/miner_statuses/0/metadata", "too_large"),
    ],
)
def test_a_broken_rule_of_the_batch_is_named_by_its_pointer(
    raw: bytes, pointer: str, code: str
) -> None:
    """Pointers follow RFC 6901, with its escapes."""
    with pytest.raises(schemas.InvalidBody) as refused:
        parse_batch(JSON, raw)

    first = refused.value.problems[0]
    assert (pointer, code) == (first.pointer, first.code)


def test_at_most_32_problems_are_named() -> None:
    """A thousand mistakes make one short answer that says how many there are."""
    with pytest.raises(schemas.InvalidBody, match="2000 invalid") as refused:
        parse_batch(JSON, body(*[{"a": 1}] * 1000))

    assert 32 == len(refused.value.problems)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff", b'{"epoch":1,"epoch":2}', b'{"epoch":NaN}', b'{"epoch":1e999}'],
)
def test_what_is_not_json_is_malformed(raw: bytes) -> None:
    """Unreadable bytes are told apart from readable nonsense."""
    with pytest.raises(schemas.MalformedBody):
        parse_batch(JSON, raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"epoch",
        b"epoch=1&epoch=2",
        b"epoch=%ff",
        b"epoch=1&miner_statuses=%7B",
        b"&".join(b"f%d=1" % i for i in range(40)),
    ],
)
def test_what_is_not_a_form_is_malformed(raw: bytes) -> None:
    """A form has each field once, in UTF-8, and JSON in `miner_statuses`."""
    with pytest.raises(schemas.MalformedBody):
        parse_batch(FORM, raw)


@pytest.mark.parametrize("uid", ["048", "+48", " 48", "4_8", "٤٨", "48.0", ""])
def test_numbers_of_a_form_have_one_spelling(uid: str) -> None:
    """Python would read some of these as 48; nobody else has to."""
    form = urlencode({"validator_uid": uid, "epoch": "3", "miner_statuses": "[]"}).encode()

    with pytest.raises(schemas.InvalidBody, match="/validator_uid"):
        parse_batch(FORM, form)


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "multipart/form-data; boundary=x", f"{JSON}; charset=latin-1", "é", "/"],
)
def test_another_content_type_is_not_read(content_type: str) -> None:
    """Only JSON and forms, only in UTF-8."""
    with pytest.raises(schemas.UnsupportedMediaType):
        parse_batch(content_type, body())


@given(st.sampled_from([JSON, FORM]), st.binary(max_size=200))
def test_random_bytes_are_refused_with_a_reason(content_type: str, raw: bytes) -> None:
    """Whatever arrives, the answer is an error of the body and nothing else."""
    with pytest.raises(schemas.BodyError):
        parse_batch(content_type, raw)


@given(
    st.dictionaries(
        st.sampled_from([*STATUS, "other"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    )
)
def test_random_statuses_are_read_or_refused_and_never_twice_differently(
    fields: dict[str, Any],
) -> None:
    """Reading is a function of the bytes: a stored body says again what it said at first."""
    raw = with_field("metadata", {}) if not fields else body({**STATUS, **fields})

    assert _outcome(raw) == _outcome(raw)


def _outcome(raw: bytes) -> Batch | str:
    try:
        return parse_batch(JSON, raw)
    except schemas.BodyError as error:
        return str(error)
