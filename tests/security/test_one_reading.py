"""A signed body says one thing: `Content-Type` is not signed, and cannot change what it says."""

from __future__ import annotations

import json
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.schemas import FORM, JSON, Batch, BodyError, MalformedBody, parse_batch
from tests.security.conftest import Submit, report
from tests.unit.edge.hotkeys import MINER

INNER = quote_plus(json.dumps([{"uid": 7, "hotkey": MINER.address, "is_serving": False}]), "[]{}:,")
HIDDEN = f"&validator_uid=48&epoch=9&miner_statuses={INNER}&y="
"""The end of one form field, three whole ones, and the beginning of another."""
REST = json.loads(report(is_serving=True))

BETWEEN = st.text("\t\n\r ", max_size=3)
NAMES = st.text(max_size=6) | st.sampled_from(["x=", "=", "&", "a=1&b", "%7B", "+", "-1="])
KEYS = st.builds("{}={}{}".format, NAMES, st.text(max_size=3), st.just(HIDDEN))


def read(media_type: str, body: bytes) -> Batch | None:
    """What the body says, None if it is refused."""
    try:
        return parse_batch(media_type, body)
    except BodyError:
        return None


@given(before=BETWEEN, within=BETWEEN, name=NAMES | KEYS, value=KEYS | st.integers())
def test_no_body_is_both_json_and_a_form(
    before: str, within: str, name: str, value: str | int
) -> None:
    """A whole form in a string of the JSON, in a name or a value, wherever blanks may stand."""
    first = f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(value, ensure_ascii=False)}"
    batch = json.dumps(REST)
    body = f"{before}{{{within}{first},{batch[1:]}".encode()

    if read(JSON, body) is not None:
        assert read(FORM, body) is None


FIELDS = st.fixed_dictionaries(
    {
        "validator_uid": st.sampled_from(["48", "49"]),
        "epoch": st.sampled_from(["1", "9"]),
        "miner_statuses": st.sampled_from([INNER, "[]"]),
    },
    optional={name: st.text(max_size=9).map(quote_plus) for name in ("signature", "x-1", "A_b")},
)


@given(fields=FIELDS, encoded=st.booleans())
def test_what_is_read_as_a_form_is_no_json(fields: dict[str, str], encoded: bool) -> None:
    """However its names are spelled."""
    named = {f"%{ord(name[0]):x}{name[1:]}" if encoded else name: fields[name] for name in fields}
    body = "&".join(f"{name}={value}" for name, value in named.items()).encode()

    assert isinstance(read(FORM, body), Batch)
    assert read(JSON, body) is None


def test_a_form_within_json_is_refused(submit: Submit) -> None:
    """The same bytes under the same signature: one report, or none."""
    body = json.dumps({f"x={HIDDEN}": 1, **REST}).encode()

    answers = [submit.post(body, content_type=kind) for kind in (FORM, JSON)]

    assert [400, 200] == [answer.status_code for answer in answers]
    assert "a field's name has other characters" in answers[0].get_json()["detail"]
    [kept] = submit.stored
    assert parse_batch(kept.content_type, kept.body).statuses[0]["is_serving"]


@pytest.mark.parametrize(
    "name", ["", "{", '{"x', " x", "x+", "%7b", "x[]", "a.b", "é", "%00", "x\n"]
)
def test_a_field_has_a_plain_name(name: str) -> None:
    """Letters, digits, `_` and `-`, however they are escaped."""
    fields = f"validator_uid=48&epoch=1&miner_statuses=[]&{name}=1".encode()

    with pytest.raises(MalformedBody, match="a field's name has other characters"):
        parse_batch(FORM, fields)
