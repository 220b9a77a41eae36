"""docs/reliability.md names the tests that there are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "reliability.md"
NO_FAULTS = {"test_page.py", "test_proxy.py"}
"""Tests of the suite itself."""


def defined(files: Iterable[Path]) -> set[str]:
    """Names of the tests in these files."""
    found = (
        re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE) for file in files
    )
    return {name for names in found for name in names}


def rows() -> list[list[str]]:
    """The cells of the page's tables, headings left out."""
    lines = re.findall(r"^\| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    cells = [line.split(" | ") for line in lines]
    return [row for row in cells if row[0] not in {"fault", "---"}]


def test_every_row_names_a_test_that_exists() -> None:
    """Fault, what happens, what is guaranteed, and proof."""
    named = [set(re.findall(r"`(test_\w+)`", row[-1])) for row in rows()]

    assert {4} == {len(row) for row in rows()}
    assert all(named)
    assert set() == set().union(*named) - defined(TESTS.rglob("test_*.py"))


def test_every_fault_that_is_tested_has_a_row() -> None:
    """Whoever adds a fault says what it does."""
    suite = Path(__file__).parent.glob("test_*.py")
    here = (file for file in suite if file.name not in NO_FAULTS)

    assert defined(here) <= set(re.findall(r"`(test_\w+)`", PAGE.read_text("utf-8")))
