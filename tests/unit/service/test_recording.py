"""What a recorded line may be, and what is said of one that may not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.service.recording import BadLine, Recorded, Tick, read
from tests.unit.service.streams import line, score, tick

GOOD: dict[str, Any] = {"t": 5.0, "validator_uid": 48, "stake": 10.0, "miner_statuses": []}


def complaint(*lines: str | bytes) -> str:
    with pytest.raises(BadLine) as caught:
        list(read(lines))
    return str(caught.value)


def test_a_report_is_read_as_its_validator_sent_it() -> None:
    """Fields of any name are kept, nulls are absent, `t` is both signing and receipt."""
    (entry,) = read([line(5.0, 48, {"uid": 7, "colour": "red", "ip": None}, stake=10.0)])

    assert isinstance(entry, Recorded)
    assert ({"uid": 7, "colour": "red"},) == entry.report.statuses
    assert (48, 5.0, 5.0, 10.0) == (
        entry.report.validator_uid,
        entry.report.signed_at,
        entry.report.received_at,
        entry.stake,
    )


def test_a_tick_is_only_a_time() -> None:
    """A tick carries nothing else."""
    assert [Tick(60.0)] == list(read([tick(60)]))


def test_empty_lines_are_no_lines_but_count() -> None:
    """The number in a message is the one that an editor shows."""
    assert complaint("", "\n", "{}").startswith("line 3: t ")


def test_bytes_and_text_read_alike() -> None:
    """A file opened either way gives the same entries."""
    text = line(1.0, 3, score(0.5, name="å"))

    assert list(read([text])) == list(read([text.encode()]))


def test_of_two_reports_at_one_time_the_lower_line_is_the_later() -> None:
    """Whoever corrects itself within a second is taken by its correction."""
    first, second = read([line(1.0, 3), line(1.0, 3)])

    assert isinstance(first, Recorded)
    assert isinstance(second, Recorded)
    assert first.report.order < second.report.order


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"t": None}, "t should be a number of at least 0"),
        ({"t": -1}, "t should be a number of at least 0"),
        ({"t": True}, "t should be a number of at least 0"),
        ({"t": 10**400}, "t should be a number of at least 0"),
        ({"validator_uid": 4.5}, "validator_uid should be a whole number of at least 0"),
        ({"validator_uid": True}, "validator_uid should be a whole number of at least 0"),
        ({"stake": "10"}, "stake should be a number of at least 0"),
        ({"stake": -10}, "stake should be a number of at least 0"),
        ({"miner_statuses": {}}, "miner_statuses should be an array"),
        ({"miner_statuses": [7]}, "miner_statuses/0 should be an object"),
        ({"miner_statuses": [{}]}, "miner_statuses/0/uid should be a whole number of at least 0"),
        (
            {"miner_statuses": [{"uid": 1, "hotkey": 5}]},
            "miner_statuses/0/hotkey should be a string",
        ),
        ({"miner_statuses": [{"uid": 1}, {"uid": 1}]}, "miner_statuses/1/uid stands twice"),
        ({"tick": 1}, "tick should be true or false"),
    ],
)
def test_a_bad_field_is_named(change: dict[str, Any], expected: str) -> None:
    """The message has the line's number, the field and the rule that it breaks."""
    assert f"line 2: {expected}" == complaint(json.dumps(GOOD), json.dumps(GOOD | change))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "not JSON: Expecting property name enclosed in double quotes at column 2"),
        ('{"t": NaN}', "NaN is not JSON"),
        ("[]", "a line should be a JSON object"),
        (b"\xff", "not UTF-8 at byte 0"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_json_object_is_refused(text: str | bytes, expected: str) -> None:
    """Whatever stands in a file, the answer is one sentence."""
    assert f"line 1: {expected}" == complaint(text)


def test_ticks_do_not_go_back() -> None:
    """A round cannot end before the one before it."""
    assert "line 2: t should not be before the tick before it" == complaint(tick(60), tick(59))
