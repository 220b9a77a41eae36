"""The interface described for programs."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from functions import _wiring
from functions._openapi import OPERATIONS
from functions._routes import PUBLIC_PATHS
from tests.builders import signed
from tests.unit.functions.conftest import Load


@pytest.fixture
def document(load: Load) -> dict[str, Any]:
    """As it is served."""
    answer = load("get_openapi").get("/api/v1/openapi.json")
    found: dict[str, Any] = answer.get_json()
    return found


def test_the_document_is_openapi(document: dict[str, Any]) -> None:
    """Says a validator that is not ours."""
    validate(document)

    assert document["openapi"] == "3.1.0"


def test_every_function_is_described_at_its_path(document: dict[str, Any]) -> None:
    """No route is missing, and none is invented."""
    described = {
        operation["operationId"]: path
        for path, methods in document["paths"].items()
        for operation in methods.values()
    }

    assert PUBLIC_PATHS == described
    assert set(PUBLIC_PATHS) == set(OPERATIONS)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("get_consensus_stats", "/"),
        ("get_network_status", "/"),
        ("get_miner_consensus", "/api/v1/miners/7/consensus"),
        ("list_validators", "/"),
        ("get_history", "/?miner=7"),
        ("get_health", "/"),
    ],
)
@pytest.mark.parametrize("reports", [(48, 49), (48,)])
def test_real_answers_are_as_described(
    load: Load, document: dict[str, Any], target: str, path: str, reports: tuple[int, ...]
) -> None:
    """With a quorum and without one."""
    for uid in reports:
        _wiring.stores().reports.create(1, signed(uid, round(_wiring.clock(), 3)))
    _wiring.recompute()(1)

    answer = load(target).get(path).get_json()

    described = document["paths"][PUBLIC_PATHS[target.replace("_", "-")]]["get"]
    schema = described["responses"]["200"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    assert [] == [error.message for error in Draft202012Validator(whole).iter_errors(answer)]


def test_a_refusal_is_as_described(load: Load, document: dict[str, Any]) -> None:
    """The problem of an unknown miner."""
    answer = load("get_miner_consensus").get("/api/v1/miners/9/consensus").get_json()

    schema = {
        "$ref": "#/components/schemas/ProblemAnswer",
        "components": document["components"],
    }
    assert [] == [error.message for error in Draft202012Validator(schema).iter_errors(answer)]
