"""JSON Schema in words, as HTML; what is linked to is on the same page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

REFERENCE = "#/components/schemas/"
LIMITS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "maxProperties": "at most {}",
    "format": "{}",
    "pattern": "matching {}",
}
"""Keyword → words, in the order in which they are said."""

Row = tuple[str, str, str, bool]
"""Name, type as HTML, text, whether it is required."""


def schema_link(name: str) -> str:
    """The fragment that leads to a named schema."""
    return f"type-{escape(name, quote=True)}"


def phrase(schema: Mapping[str, Any]) -> str:
    """A schema as a phrase of HTML: "list of MinerStatus, at most 1024"."""
    said = [_kind(schema), *(escape(words) for words in _limits(schema))]
    return ", ".join(said)


def fields(schema: Mapping[str, Any]) -> list[Row]:
    """The fields of an object."""
    required = schema.get("required", [])
    return [
        (name, phrase(each), each.get("description", ""), name in required)
        for name, each in schema.get("properties", {}).items()
    ]


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REFERENCE)
        return f'<a href="#{schema_link(name)}">{escape(name)}</a>'
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(phrase(each) for each in schema[choice])
    if "const" in schema:
        return _value(schema["const"])
    if "enum" in schema:
        return " | ".join(map(_value, schema["enum"]))
    return _plain(schema)


def _plain(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {phrase(schema.get('items', {}))}"
    values = schema.get("additionalProperties")
    if kind == "object" and isinstance(values, Mapping):
        return f"object of {phrase(values)}"
    return escape(kind)


def _limits(schema: Mapping[str, Any]) -> list[str]:
    said = [words.format(schema[key]) for key, words in LIMITS.items() if key in schema]
    if "default" in schema:
        said.append(f"by default {json.dumps(schema['default'])}")
    return said


def _value(value: Any) -> str:
    return f"<code>{escape(json.dumps(value))}</code>"
