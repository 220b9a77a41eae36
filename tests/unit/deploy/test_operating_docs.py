"""The pages for operators say what Terraform does."""

from __future__ import annotations

import re

import pytest

from .sources import ROOT, RUNBOOKS, TERRAFORM, keys_of_map, terraform

DEPLOY = (ROOT / "docs" / "deploy.md").read_text()
OPERATE = (ROOT / "docs" / "operate.md").read_text()
ALERTS = keys_of_map(terraform("alerts.tf"), "alerts")


def blocks(kind: str, text: str) -> dict[str, str]:
    """Name → description of each `variable` or `output`."""
    found = re.findall(rf'(?ms)^{kind} "(\w+)" \{{\n  description = "(.*?)"\n', text)
    assert len(found) == text.count(f'{kind} "'), f"every {kind} begins with its description"
    return dict(found)


VARIABLES = blocks(
    "variable", "\n".join(path.read_text() for path in sorted(TERRAFORM.glob("variables*.tf")))
)


def table(text: str) -> dict[str, str]:
    """Name → last cell of the rows whose first cell is a name in code marks."""
    return dict(re.findall(r"(?m)^\| `(\w+)` \|.*?([^|]+) \|$", text))


def test_every_variable_is_documented_as_it_describes_itself() -> None:
    """docs/deploy.md lists the variables with their own descriptions."""
    assert VARIABLES.items() <= {name: it.strip() for name, it in table(DEPLOY).items()}.items()


def test_every_output_is_documented_as_it_describes_itself() -> None:
    """docs/deploy.md lists the outputs with their own descriptions."""
    described = blocks("output", terraform("outputs.tf"))

    assert described.items() <= {name: it.strip() for name, it in table(DEPLOY).items()}.items()


def test_nothing_is_documented_that_is_not_there() -> None:
    """A variable or output that is gone leaves the page too."""
    known = VARIABLES | blocks("output", terraform("outputs.tf"))

    assert set() == set(table(DEPLOY)) - set(known)


def test_the_examples_on_the_page_are_the_tested_ones() -> None:
    """Every Terraform block of the page stands in an example that `terraform test` runs."""
    tested = "\n".join(path.read_text() for path in TERRAFORM.glob("examples/*/*.tf"))
    shown = re.findall(r"(?s)```hcl\n(.*?)```", DEPLOY)

    assert shown
    assert [] == [block for block in shown if block not in tested]


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    """Who is woken finds a page, and no page is about an alert that never comes."""
    assert ALERTS == {path.stem for path in RUNBOOKS.glob("*.md")}


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_a_runbook_says_what_it_means_what_to_look_at_and_what_to_do(name: str) -> None:
    """The three questions of whoever is woken, in this order."""
    headings = re.findall(r"(?m)^## (.+)$", (RUNBOOKS / f"{name}.md").read_text())

    assert ["What it means", "What to look at", "What to do"] == headings


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_the_operators_page_leads_to_every_runbook(name: str) -> None:
    """docs/operate.md has a row for each alert."""
    assert f"(runbooks/{name}.md)" in OPERATE


def test_every_file_of_the_module_is_named_after_what_it_makes() -> None:
    """The page's list of files is the folder's."""
    named = set(re.findall(r"`(\w+\.tf)`", DEPLOY))

    assert {path.name for path in TERRAFORM.glob("*.tf")} == named
