"""Text that looks like something else, and JSON that two readers read differently."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import forms
from shared.schemas import FORM, BodyError, InvalidBody, MalformedBody, parse_batch
from tests.security.conftest import JSON, Submit, report
from tests.unit.edge.hotkeys import MINER, VALIDATOR

LOOKALIKES = {
    "Cyrillic letter": MINER.address.replace(MINER.address[5], "а", 1),
    "full width": MINER.address.replace("5", "５", 1),
    "right-to-left mark": "\u202e" + MINER.address,
    "zero width space": MINER.address[:9] + "\u200b" + MINER.address[9:],
    "byte order mark": "\ufeff" + MINER.address,
    "trailing NUL": MINER.address + "\0",
    "trailing blank": MINER.address + " ",
    "trailing newline": MINER.address + "\n",
    "other prefix": "1" + MINER.address[1:],
    "letter case": MINER.address.swapcase(),
}


@pytest.mark.parametrize("case", LOOKALIKES)
def test_a_hotkey_has_one_spelling(case: str) -> None:
    """What looks like an address, or normalises to one, is none."""
    with pytest.raises(InvalidBody, match="/miner_statuses/0/hotkey"):
        parse_batch(JSON, report(hotkey=LOOKALIKES[case]))


@pytest.mark.parametrize(
    "value",
    [
        "8.8.8.8\0",
        "８.8.8.8",
        "٨.8.8.8",
        "8.8.8.8 ",
        "010.8.8.8",
        "0x8.8.8.8",
        "134744072",
        "8.8.2056",
        "fe80::1%eth0",
        "::ffff:8.8.8.8%1",
        "example.org",
        "8.8.8.8:80",
        "[::1]",
        "8.8.8.8/32",
    ],
)
def test_an_address_has_one_reading(value: str) -> None:
    """Octal, hexadecimal, short and foreign digits are read differently by different resolvers."""
    with pytest.raises(InvalidBody, match="/miner_statuses/0/ip"):
        parse_batch(JSON, report(ip=value))


@pytest.mark.parametrize(
    "field", ["stake", "performance_score", "current_load", "max_capacity", "uid", "port"]
)
@pytest.mark.parametrize(
    "literal",
    [
        *("NaN", "Infinity", "-Infinity", "1e308", "-1e308", "1e999", "-1", "-0.5"),
        *("0x10", "1_000", "+1", ".5", "٣", '"1"', "true", "[1]", "9" * 41, "1e15000"),
    ],
)
def test_a_number_is_a_number_in_its_range(field: str, literal: str) -> None:
    """Nothing that is not one in JSON, none beyond its bounds, no other type that would convert."""
    marked: dict[str, Any] = {field: "@"}
    whole = report(**marked).replace(b'"@"', literal.encode())

    with pytest.raises(BodyError):
        parse_batch(JSON, whole)


@pytest.mark.parametrize("literal", ["-0.0", "-0", "5e-324", "0.0"])
def test_the_smallest_numbers_are_zero_or_nearly(literal: str) -> None:
    """A negative zero is 0, and equal to it in every comparison."""
    whole = report(performance_score="@").replace(b'"@"', literal.encode())

    assert 0 == pytest.approx(parse_batch(JSON, whole).statuses[0]["performance_score"])


@pytest.mark.parametrize(
    "body",
    [
        b'{"epoch":1,"epoch":2,"validator_uid":48,"miner_statuses":[]}',
        b'{"epoch":1,"\\u0065poch":2,"validator_uid":48,"miner_statuses":[]}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[{"uid":7,"uid":8}]}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[{"metadata":{"a":1,"a":2}}]}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[{"metadata":{"a":NaN}}]}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[{"metadata":{"a":[-Infinity]}}]}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[{"metadata":{"a":1e999}}]}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[{"unknown":Infinity}]}',
        b'\xef\xbb\xbf{"epoch":1,"validator_uid":48,"miner_statuses":[]}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[]}\0',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[]}{}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[],}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[]/**/}',
        b"{'epoch':1,'validator_uid':48,'miner_statuses':[]}",
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[],"x":"\n"}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[],"x":"\\ud800"}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[],"x":"\xed\xa0\x80"}',
        b'{"epoch":1,"validator_uid":48,"miner_statuses":[],"x":"\xc0\x80"}',
        '{"epoch":1,"validator_uid":48,"miner_statuses":[]}'.encode("utf-16"),
    ],
)
def test_json_that_readers_disagree_about_is_refused(body: bytes) -> None:
    """Keys that stand twice, what is no number, marks, second values, comments, half characters."""
    with pytest.raises(MalformedBody):
        parse_batch(JSON, body)


@pytest.mark.parametrize(
    "body",
    [
        b"validator_uid=48&validator_uid=49&epoch=1&miner_statuses=[]",
        b"validator_uid=48&validator%5fuid=49&epoch=1&miner_statuses=[]",
        b"validator_uid=48&epoch=1&miner_statuses=[]&miner_statuses=[]",
        b"validator_uid=48&epoch=1&miner_statuses=[]&x",
        b"validator_uid=48&epoch=1&miner_statuses=[]&x=%ff",
        b"validator_uid=48&epoch=1&miner_statuses=%5B%7B%22uid%22:7,%22uid%22:8%7D%5D",
        b"&".join(b"f%d=1" % number for number in range(17)),
    ],
)
def test_a_form_that_readers_disagree_about_is_refused(body: bytes) -> None:
    """Fields that stand twice, in whatever spelling, and what is no field."""
    with pytest.raises(MalformedBody):
        parse_batch(FORM, body)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True),
        st.text(max_size=30_000),
        min_size=1,
        max_size=forms.MAX_FIELDS,
    )
)
def test_a_form_is_read_as_it_was_written(fields: dict[str, str]) -> None:
    """Whatever the text, and wherever an escape falls among the pieces that are decoded."""
    pairs = [f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields.items()]

    assert fields == forms.loads("&".join(pairs))


@pytest.mark.parametrize("before", range(6))
def test_an_escape_is_never_cut_in_two(before: int) -> None:
    """A form of three pieces, with the cuts at each place of an escape and of a character."""
    text = "x" * before + "é%+" * 10_000

    assert {"a": text} == forms.loads(f"a={quote_plus(text)}")


HOSTILE = [
    "\u202egnp.exe",
    "\x1b[2J\x1b]0;pwned\x07",
    "\r\nSet-Cookie: a=b",
    "\u2028\u2029",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "{{7*7}}${7*7}#{7*7}",
    "'; DROP TABLE miners; --",
    "__proto__",
    "\0",
    "💣" * 20,
    "ﬀ",
    "e\u0301",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_free_text_is_kept_as_it_was_signed(text: str, submit: Submit) -> None:
    """It is data: nothing is normalised, interpreted or cut, and the bytes stay verifiable."""
    sent: dict[str, Any] = {"metadata": {text: text}, "task_type_specialization": {text[:64]: {}}}
    raw = report(**sent)

    assert 200 == submit.post(raw).status_code

    (kept,) = submit.stored
    assert raw == kept.body
    assert sent.items() <= parse_batch(kept.content_type, kept.body).statuses[0].items()


def test_a_validator_cannot_speak_for_another(submit: Submit) -> None:
    """Its own signature over another's uid, in any spelling, is refused."""
    answers = [submit.post(report(uid=uid)).status_code for uid in (49, 7, 0)]
    spelled = [report().replace(b"48", word) for word in (b"48.0", b'"48"', b"[48]", b"4.8e1")]

    assert [403] * 3 == answers
    assert [422] * 4 == [submit.post(raw).status_code for raw in spelled]
    assert [] == submit.stored


def test_the_stored_hotkey_is_the_signers(submit: Submit) -> None:
    """Whatever a body says about hotkeys, the report is its signer's."""
    batch = json.loads(report())
    raw = json.dumps({**batch, "hotkey": MINER.address, "validator_hotkey": "x"}).encode()

    assert 200 == submit.post(raw).status_code
    assert [VALIDATOR.address] == [kept.hotkey for kept in submit.stored]
