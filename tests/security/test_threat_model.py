"""`SECURITY.md` says what stops whom, and by which test."""

from __future__ import annotations

import re
from pathlib import Path

from devtools.paths import ROOT

DOCUMENT = (ROOT / "SECURITY.md").read_text("utf-8")
SUITE = {path.stem for path in Path(__file__).parent.glob("test_*.py")}
ABOUT_EVERYTHING = {"test_binding", "test_fuzz", "test_openapi", "test_text", "test_threat_model"}
"""Tests that stand for no single row."""


ACTORS = {"A validator", "A miner", "A proxy", "The network", "An insider"}


def test_the_threat_model_says_what_each_can_do() -> None:
    """Validator, miner, proxy, network and insider have a section, with what they can at worst."""
    sections = re.findall(r"^### (.+)\n\n(.+)$", DOCUMENT, re.MULTILINE)
    known = {title.partition(",")[0] for title, text in sections if not text.startswith("#")}

    assert ACTORS <= known


def test_every_test_that_the_threat_model_names_is_there() -> None:
    """A row without its test would be a promise."""
    assert set(re.findall(r"`(test_\w+)`", DOCUMENT)) <= SUITE


def test_every_test_of_the_suite_stands_for_a_row() -> None:
    """Or for all of them."""
    assert set(re.findall(r"`(test_\w+)`", DOCUMENT)) | ABOUT_EVERYTHING == SUITE


def test_every_page_that_it_leads_to_is_there() -> None:
    """Links within the repository."""
    links = re.findall(r"\]\((?!http)([^)#]+)", DOCUMENT)

    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []
