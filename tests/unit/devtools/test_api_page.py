"""The page about the HTTP interface."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from devtools.api_page import PAGE, render
from devtools.api_schemas import phrase
from functions._openapi import document
from functions.get_openapi import VERSION


@pytest.fixture(scope="module")
def page() -> str:
    """As it is served."""
    return PAGE.read_text("utf-8")


def test_the_page_is_that_of_the_served_document(page: str) -> None:
    """`make docs` would change nothing."""
    assert render(document(VERSION)) == page


def test_every_operation_and_every_type_is_on_it(page: str) -> None:
    """Each with a place of its own that can be linked to."""
    openapi = document(VERSION)
    operations = {
        operation["operationId"]
        for methods in openapi["paths"].values()
        for operation in methods.values()
    }
    places = operations | {f"type-{name}" for name in openapi["components"]["schemas"]}

    assert set() == places - set(re.findall(r'id="([^"]+)"', page))


def test_every_link_on_it_leads_somewhere(page: str) -> None:
    """To a place on the page, or to a file or a path of the same host."""
    links = set(re.findall(r'(?:href|src)="([^"]+)"', page))
    inside = {link[1:] for link in links if link.startswith("#")}
    places = set(re.findall(r'id="([^"]+)"', page))

    assert set() == inside - places
    outside = {link for link in links if not link.startswith("#")}
    assert {"icon.svg", "style.css", "api.html", "./#/", "./#/validators"} | {
        "api/v1/openapi.json"
    } == outside


def test_it_needs_neither_script_nor_inline_style(page: str) -> None:
    """The Content-Security-Policy would refuse them."""
    assert [] == re.findall(r"<script|<style| style=| on\w+=", page)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 0, "maximum": 65535}, "integer, ≥ 0, ≤ 65535"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"enum": ["a", "b"], "type": "string"}, '"a" | "b"'),
        ({"const": True}, "true"),
        (
            {"type": "array", "items": {"type": "number"}, "maxItems": 3},
            "list of number, at most 3",
        ),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "object of string"),
        ({"type": "object", "additionalProperties": True}, "object"),
        ({"type": "integer", "default": 3}, "integer, by default 3"),
        ({"$ref": "#/components/schemas/Receipt"}, "Receipt"),
        ({}, "any"),
    ],
)
def test_a_schema_is_told_in_words(schema: dict[str, Any], words: str) -> None:
    """As people would say it."""
    assert words == unescape(re.sub("<[^>]+>", "", phrase(schema)))


def test_a_pattern_is_text_and_never_markup() -> None:
    """Whatever a schema says."""
    assert "string, matching &lt;b&gt;" == phrase({"type": "string", "pattern": "<b>"})
