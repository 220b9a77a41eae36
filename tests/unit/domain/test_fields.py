"""What counts as given."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.fields import address_of, is_number, kind_of, time_of


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("stake", 1, "number"),
        ("stake", True, None),
        ("stake", "1", None),
        ("current_load", float("inf"), None),
        ("max_capacity", 10**400, None),
        ("is_serving", False, "label"),
        ("is_serving", "false", None),
        ("is_serving", 0, None),
        ("last_seen", "2024-02-29T00:00:00Z", "recent"),
        ("last_seen", 1.7e9, None),
        ("metadata", {"a": [1, None]}, "recent"),
        ("metadata", {"a": [float("nan")]}, None),
        ("metadata", [1], None),
        ("weight_kg", 1.5, "number"),
        ("alive", True, "label"),
        ("colour", "red", "label"),
        ("tags", ["red"], "recent"),
        ("tags", [float("nan")], None),
        ("nothing", None, None),
        ("weight_kg", float("nan"), None),
    ],
)
def test_a_value_has_the_kind_of_its_field(name: str, value: Any, kind: str | None) -> None:
    """Known fields by name, unknown ones by JSON type; what is neither counts as missing."""
    assert kind == kind_of(name, value)


@pytest.mark.parametrize("value", [True, False, float("nan"), -float("inf"), 10**400, "1", None])
def test_no_number(value: Any) -> None:
    """Booleans, strings and what no finite float can hold are no numbers."""
    assert not is_number(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:10Z", 10.0),
        ("1970-01-01t01:00:10.25+01:00", 10.25),
        ("1970-01-01T00:00:10", None),
        ("1970-01-01", None),
        ("19700101T000010Z", None),
        ("1970-01-01T00:00:10+0100", None),
        ("1970-01-01T00:00:60Z", None),
        ("١٩٧٠-01-01T00:00:10Z", None),
    ],
)
def test_times_are_rfc_3339(text: str, expected: float | None) -> None:
    """A time needs date, time of day and timezone, in ASCII digits."""
    assert expected == time_of(text)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"ip": "203.0.113.9", "port": 80}, ("203.0.113.9", 80)),
        ({"ip": "203.0.113.9"}, ("203.0.113.9", None)),
        ({"ip": "203.0.113.9", "port": True}, ("203.0.113.9", None)),
        ({"port": 80}, None),
        ({"ip": "", "port": 80}, None),
        ({"ip": 7, "port": 80}, None),
        ({"external_ip": "203.0.113.9", "external_port": 80}, None),
    ],
)
def test_an_address_is_an_ip_with_its_port(status: Any, expected: Any) -> None:
    """A port alone is no address; an IP alone is one without a port."""
    assert expected == address_of(status, "ip")
