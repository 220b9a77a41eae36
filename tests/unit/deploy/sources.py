"""The files that say what is deployed, read once for the tests that hold them together."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
TERRAFORM = ROOT / "infra" / "terraform"
RUNBOOKS = ROOT / "docs" / "runbooks"

ENDPOINTS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "functions.yaml").read_text())[
    "endpoints"
]
FIREBASE: dict[str, Any] = json.loads((ROOT / "firebase.json").read_text())
REWRITES: list[dict[str, Any]] = FIREBASE["hosting"]["rewrites"]
INDEXES: dict[str, Any] = json.loads((ROOT / "firestore.indexes.json").read_text())

HTTP = {name for name, it in ENDPOINTS.items() if "httpsTrigger" in it}
EVENT = {name for name, it in ENDPOINTS.items() if "eventTrigger" in it}


def terraform(name: str) -> str:
    """The text of one file of the module."""
    return (TERRAFORM / name).read_text()


def keys_of_map(text: str, name: str) -> set[str]:
    """Keys of the local map `name = {` whose closing brace has the indentation of its name."""
    found = re.search(rf"(?ms)^( +){name} += \{{\n(.*?)^\1\}}", text)
    assert found, f"no map {name}"
    return set(re.findall(rf"(?m)^{found[1]}  ([\w-]+) += ", found[2]))
