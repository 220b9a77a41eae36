from __future__ import annotations

import re
from pathlib import Path

from functions._problems import STATUS
from functions._routes import PUBLIC_PATHS
from shared.adapters.signatures import SignatureError
from shared.schemas import MinerStatus
from shared.service.refusals import REASONS, NotAllowed

DOCUMENT = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
SIGNATURES = {reason.code for reason in SignatureError.__subclasses__()}
CELL = re.compile("`([^`]+)`")


def rows(first_cell: str) -> list[list[str]]:
    """Cells of the table rows whose first cell matches."""
    lines = [line for line in DOCUMENT.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if re.fullmatch(first_cell, row[0])]


def test_every_endpoint_is_documented_at_its_public_path() -> None:
    """The table of `docs/api.md` lists exactly the routes."""
    documented = {
        CELL.findall(row[0])[0]: CELL.findall(row[1])[0] for row in rows("`[a-z]+-[a-z-]+`")
    }

    assert PUBLIC_PATHS == documented


def test_every_error_code_is_documented_under_its_status() -> None:
    """Each status names all its codes and no other."""
    documented = {
        (int(row[0][:3]), code) for row in rows(r"\d{3}.*") for code in CELL.findall(row[1])
    }
    finer = {SignatureError: SIGNATURES, NotAllowed: set(REASONS)}
    expected = {
        (status, code) for kind, (status, own) in STATUS.items() for code in finer.get(kind, {own})
    }

    assert expected | {(500, "internal")} == documented


def test_every_field_of_a_status_is_documented() -> None:
    """The table of fields is the schema's."""
    table = DOCUMENT.split("| field of a status")[1].split("\n\n")[0]
    documented = {
        name for line in table.splitlines()[2:] for name in CELL.findall(line.split("|")[1])
    }

    assert set(MinerStatus.__annotations__) == documented
