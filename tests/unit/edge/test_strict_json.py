from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import strict_json

NUMBERS = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_ordinary_json_is_read_as_everybody_reads_it(value: Any) -> None:
    """What `json` writes comes back equal."""
    assert value == strict_json.loads(json.dumps(value))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("{", "line 1 column 2"),
        ('{"a":1} x', "not JSON"),
        ('{"a":1,"a":1}', '"a" stands twice'),
        ('{"b":[{"a":1,"\\u0061":2}]}', "stands twice"),
        ("NaN", "NaN"),
        ("[-Infinity]", "Infinity"),
        ("1e999", "out of range"),
        ("-1e999", "out of range"),
        ("9" * 5000, "out of range"),
        ("0." + "1" * 100, "out of range"),
        ('"\\ud800"', "surrogate"),
        ('{"\\udfff":1}', "surrogate"),
        ("[" * 33 + "]" * 33, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_what_readers_disagree_about_is_refused(text: str, why: str) -> None:
    """Duplicates, non-finite numbers, half characters and depth are told apart and named."""
    with pytest.raises(strict_json.NotStrictJson, match=why):
        strict_json.loads(text)


def test_whole_surrogate_pairs_are_characters() -> None:
    """An escaped emoji is one character like any other."""
    assert "😀" == strict_json.loads('"\\ud83d\\ude00"')
