"""An ordinary body is read in one go; whatever a body holds, it is read as in steps."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import schemas
from shared.schemas import JSON, BodyError
from tests.builders import MINER, status

COMPLETE = status(
    max_capacity=5,
    ip="203.0.113.7",
    port=8091,
    external_ip="2001:db8::1",
    external_port=8092,
    last_seen="2026-11-22T10:00:00Z",
    task_type_specialization={"text": {"total": 9, "successful": 8, "success_rate": 0.9}},
)
"""Every field of a status but `metadata`."""

WHOLE = json.dumps({"validator_uid": 48, "epoch": 1, "miner_statuses": [COMPLETE]})


def in_steps(raw: bytes) -> Any:
    """What the careful way says of a body: a batch, or why not."""
    return outcome(lambda: schemas._read_in_steps(JSON, raw))


def outcome(read: Any) -> Any:
    try:
        return repr(read())  # 1, 1.0 and True are not the same
    except BodyError as error:
        return type(error), str(error), getattr(error, "problems", ())


def test_an_ordinary_body_is_read_at_once() -> None:
    """With every field that a validator sends about a miner."""
    assert set(COMPLETE) == schemas._KNOWN - {"metadata"}
    assert in_steps(WHOLE.encode()) == repr(schemas._read_at_once(WHOLE.encode()))


@pytest.mark.parametrize(
    ("plain", "unusual"),
    [
        ('"stake": 100.0', '"stake": 100.0, "stake": 1'),
        ('"stake": 100.0', '"stake" : 100.0, "stake":1'),
        ('"stake": 100.0', '"stake": 100.0, "st\\u0061ke": 1'),
        ('"stake": 100.0', '"stake": null'),
        ('"stake": 100.0', '"stake": NaN'),
        ('"stake": 100.0', '"stake": 0.' + "1" * 100),
        ('"stake": 100.0', '"colour": null'),
        ('"stake": 100.0', '"colour": 1e999'),
        ('"stake": 100.0', '"metadata": {"a": 1e999}'),
        ('"stake": 100.0', '"metadata": {"a": 1, "a": 2}'),
        ('"total": 9', '"total": 9, "total": 8'),
        ('"total": 9', '"total": 9, "other": "x"'),
        ('"epoch": 1', '"epoch": 1, "epoch": 2'),
        ('"epoch": 1', '"epoch": 1, "note": "twice"'),
        ('"epoch": 1', '"epoch": ' + "9" * 50),
        ('"ip": "203.0.113.7"', '"ip": "203.0.113.7"\ud800'),
        (MINER, MINER + "\\n"),
        ('"uid": 7', '"uid": 7.0'),
        ('"uid": 7', '"uid": -0'),
        ("[{", "[[{"),
        ("}]}", "}]} "),
        ("}]}", "}]}x"),
        ('[{"uid"', f'[{json.dumps(COMPLETE)}, {{"uid"'),
    ],
)
def test_what_is_unusual_is_read_in_steps(plain: str, unusual: str) -> None:
    """Duplicates, escapes, nulls, long numbers and strangers end as they always did."""
    raw = WHOLE.replace(plain, unusual, 1).encode(errors="surrogatepass")

    assert WHOLE.encode() != raw
    assert in_steps(raw) == outcome(lambda: schemas.parse_batch(JSON, raw))


NAMES = st.sampled_from([*COMPLETE, "metadata", "colour"])
NUMBERS = st.integers() | st.floats() | st.just(10**50)
TEXTS = st.sampled_from(["203.0.113.9", "::1", MINER, '"', "\\", "a:b", "", "é"])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | NAMES, inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(st.dictionaries(NAMES, VALUES, max_size=2), max_size=3),
    st.lists(st.tuples(NAMES, VALUES), max_size=2),
    st.booleans(),
)
def test_both_ways_agree_on_every_body(
    changes: list[dict[str, Any]], again: list[tuple[str, Any]], escaped: bool
) -> None:
    """Statuses with other values and more fields, and some keys written a second time."""
    statuses = [{**COMPLETE, "uid": uid, **some} for uid, some in enumerate(changes)]
    whole = {"validator_uid": 48, "epoch": 1, "miner_statuses": statuses}
    text = json.dumps(whole, ensure_ascii=escaped)
    for name, value in again:
        text = text.replace('{"uid"', f'{{"{name}": {json.dumps(value)}, "uid"', 1)
    raw = text.encode()

    assert in_steps(raw) == outcome(lambda: schemas.parse_batch(JSON, raw))
