"""What the README says is true."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"


def test_the_example_runs_as_printed() -> None:
    """Every `>>>` line of the README gives what stands below it."""
    result = doctest.testfile(str(README), module_relative=False)

    assert result.attempted > 0
    assert result.failed == 0


def test_the_readme_is_short() -> None:
    """150 lines at most."""
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_every_make_target_exists() -> None:
    """The commands that the README names are in the Makefile."""
    named = set(re.findall(r"`make ([a-z-]+)", README.read_text("utf-8")))
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    assert named <= known


def test_every_link_leads_somewhere() -> None:
    """Relative links are files of the checkout."""
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README.read_text("utf-8"))

    assert [] == [link for link in links if not (ROOT / link).exists()]
