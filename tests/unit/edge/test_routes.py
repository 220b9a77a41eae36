from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import main
from functions._routes import PUBLIC_PATHS, parameters

ROOT = Path(__file__).parents[3]


def test_hosting_rewrites_are_the_public_paths() -> None:
    """`firebase.json` sends each public path to the function that says it answers there."""
    hosting: dict[str, Any] = json.loads((ROOT / "firebase.json").read_text())["hosting"]
    rewrites = {rule["function"]["functionId"]: rule["source"] for rule in hosting["rewrites"]}

    assert {name: re.sub(r"\{\w+\}", "*", path) for name, path in PUBLIC_PATHS.items()} == rewrites


def test_http_functions_of_the_manifest_have_a_public_path() -> None:
    """`functions.yaml` deploys exactly the functions that are routed."""
    endpoints = yaml.safe_load((ROOT / "functions.yaml").read_text())["endpoints"]

    assert set(PUBLIC_PATHS) == {name for name, row in endpoints.items() if "httpsTrigger" in row}


def test_every_function_has_its_entry_point() -> None:
    """An entry point is the function's id in Python's spelling."""
    assert {name.replace("-", "_") for name in PUBLIC_PATHS} <= main.ENTRY_POINTS


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/miners/49/consensus",
        "/miners/49/consensus",
        "/get-miner-consensus/api/v1/miners/49/consensus",
        "/get-miner-consensus/miners/49/consensus/",
    ],
)
def test_a_parameter_is_found_on_every_way_to_the_function(path: str) -> None:
    """On the public host and on the function's own URL."""
    assert {"uid": "49"} == parameters("get-miner-consensus", path)


@pytest.mark.parametrize("path", ["/", "/49", "/api/v1/miners/4/9/consensus", "/api/v1/miners/49"])
def test_a_path_without_its_parameter_leads_nowhere(path: str) -> None:
    """Nothing is guessed."""
    assert parameters("get-miner-consensus", path) is None


def test_a_function_without_parameters_answers_on_all_its_paths() -> None:
    """A function's own URL needs no path at all."""
    assert {} == parameters("get-health", "/") == parameters("get-health", "/api/v1/health")
