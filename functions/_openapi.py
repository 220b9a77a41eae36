"""The HTTP contract as OpenAPI 3.1, from the routes and the types that check bodies and answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from functions._routes import PUBLIC_PATHS
from shared import answer_schemas as answers
from shared import schemas, snapshot_schemas, task_bodies

REFERENCE = "#/components/schemas/{model}"
TITLE = "Quorate"
Needs = Literal["nothing", "maybe key", "key", "signature"]


@dataclass(frozen=True, slots=True)
class Operation:
    """What a function does, beside its path."""

    summary: str
    answer: Any
    """Type of the JSON answer; `str`: plain text."""
    needs: Needs = "maybe key"
    body: TypeAdapter[Any] | None = None
    query: tuple[str, ...] = ()


OPERATIONS = {
    "submit-miner-status": Operation(
        "Keep a validator's signed report", answers.Receipt, "signature", schemas.BATCH
    ),
    "get-consensus-stats": Operation("How well the validators agree", answers.ConsensusStats),
    "get-network-status": Operation("All miners, best first", answers.NetworkStatus),
    "get-miner-consensus": Operation(
        "One miner; explained: every vote and its factors",
        answers.MinerConsensus,
        query=("explain", "round"),
    ),
    "list-validators": Operation("Everyone who may report", answers.Validators),
    "get-history": Operation(
        "A miner or a validator, round after round",
        answers.History,
        query=("miner", "validator", "rounds"),
    ),
    "get-snapshot": Operation(
        "All that recomputing a closed round, or `current`, needs",
        snapshot_schemas.SnapshotFile,
        "key",
    ),
    "assign-tasks": Operation(
        "Hand out miners", answers.AssignmentAnswer, "key", task_bodies.REQUEST
    ),
    "complete-task": Operation(
        "Say how the miners did", answers.CompletionAnswer, "key", task_bodies.RESULTS
    ),
    "get-health": Operation("Four health checks", answers.HealthAnswer, "nothing"),
    "get-metrics": Operation("Key figures and counters for Prometheus", str, "key"),
    "get-openapi": Operation("This document", dict[str, Any], "nothing"),
}
"""Function id → what it does."""

FLAGS = frozenset({"explain"})
"""Query parameters that are `true` or `false`; all others are numbers."""

SECURITY: dict[Needs, list[dict[str, list[str]]]] = {
    "nothing": [],
    "maybe key": [{}, {"key": []}],
    "key": [{"key": []}],
    "signature": [{"hotkey": []}],
}


def document(version: str) -> dict[str, Any]:
    """The whole document, in JSON types; `version` is the deployment's."""
    references, definitions = _schemas()
    paths = {
        path: {_method(name): _operation(name, references)} for name, path in PUBLIC_PATHS.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": version, "license": _license()},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": definitions, "securitySchemes": _security_schemes()},
    }


def _schemas() -> tuple[dict[str, Any], dict[str, Any]]:
    """Key → schema or reference of each body and answer, and all definitions."""
    adapters: list[tuple[str, Literal["validation", "serialization"], TypeAdapter[Any]]] = [
        ("problem", "serialization", TypeAdapter(answers.ProblemAnswer))
    ]
    for name, operation in OPERATIONS.items():
        adapters.append((name, "serialization", TypeAdapter(operation.answer)))
        if operation.body is not None:
            adapters.append((f"{name} body", "validation", operation.body))
    found, whole = TypeAdapter.json_schemas(adapters, ref_template=REFERENCE)
    return {str(key): schema for (key, _mode), schema in found.items()}, whole["$defs"]


def _method(function: str) -> str:
    return "post" if OPERATIONS[function].body is not None else "get"


def _operation(function: str, references: dict[str, Any]) -> dict[str, Any]:
    operation = OPERATIONS[function]
    kind = "text/plain" if operation.answer is str else "application/json"
    answer = {"description": "Done", "content": {kind: {"schema": references[function]}}}
    problem = {"application/problem+json": {"schema": references["problem"]}}
    found: dict[str, Any] = {
        "operationId": function,
        "summary": operation.summary,
        "parameters": _parameters(function, operation),
        "responses": {"200": answer, "default": {"description": "Refused", "content": problem}},
        "security": SECURITY[operation.needs],
    }
    if operation.body is not None:
        content = {"application/json": {"schema": references[f"{function} body"]}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _parameters(function: str, operation: Operation) -> list[dict[str, Any]]:
    number = {"type": "integer", "minimum": 0}
    in_path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": number if name == "uid" else {"type": "string"},
        }
        for name in re.findall(r"{(\w+)}", PUBLIC_PATHS[function])
    ]
    in_query = [
        {"name": name, "in": "query", "schema": {"type": "boolean"} if name in FLAGS else number}
        for name in ("netuid", *operation.query)
    ]
    return [*in_path, *in_query]


def _security_schemes() -> dict[str, Any]:
    return {
        "key": {"type": "http", "scheme": "bearer"},
        "hotkey": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Bittensor-Signature",
            "description": "btauth/1: with X-Bittensor-Version, -Hotkey and -Nonce.",
        },
    }


def _license() -> dict[str, str]:
    return {"name": "Apache-2.0", "identifier": "Apache-2.0"}
