"""The emulators' configuration says the same as `firebase.json`, but for ports and places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from devtools import firebase, ports
from devtools.paths import FIREBASE, NODE, ROOT
from devtools.up import is_meaningful


def test_the_rewrites_are_those_of_the_repository() -> None:
    """What answers locally is what is deployed."""
    own = json.loads((ROOT / "firebase.json").read_text())
    config = firebase.configuration(ROOT, ports.all_free(), ui=False)

    assert config["hosting"]["rewrites"] == own["hosting"]["rewrites"]
    assert config["functions"]["ignore"] == own["functions"]["ignore"]


def test_every_place_is_found_from_a_folder_two_levels_down() -> None:
    """State is kept in `.quorate/NAME`, while source and files stay where they are."""
    config = firebase.configuration(ROOT, ports.all_free(), ui=False)
    folder = ROOT / ".quorate" / "any"

    assert Path(folder / config["functions"]["source"]).resolve() == ROOT
    assert Path(config["firestore"]["rules"]).is_file()
    assert Path(config["firestore"]["indexes"]).is_file()
    assert (folder / config["hosting"]["public"]).resolve() == ROOT / "dashboard"


def test_every_listener_has_a_port_that_was_chosen() -> None:
    """A listener left to its default would meet another checkout's."""
    chosen = ports.all_free()
    emulators = firebase.configuration(ROOT, chosen, ui=True)["emulators"]

    configured = {name: row["port"] for name, row in emulators.items() if isinstance(row, dict)}
    configured["websocket"] = emulators["firestore"]["websocketPort"]
    assert configured == chosen.numbers()


def test_no_package_json_lies_beside_the_functions() -> None:
    """firebase-tools would take the Python functions for Node's and refuse to load them."""
    assert not (ROOT / "package.json").exists()
    assert FIREBASE.is_relative_to(NODE)


@pytest.mark.parametrize(
    "line",
    [
        'i  functions: Beginning execution of "us-central1-get-health"',
        "\x1b[90m│\x1b[39m Functions \x1b[90m│\x1b[39m 127.0.0.1:15001 \x1b[90m│\x1b[39m",
        "[hosting] Rewriting /api/v1/health to http://127.0.0.1:5001/demo-quorate/…",
        "⚠  firestore: Env variable override detected. Using firestore emulator at …",
        "✔  hosting[demo-quorate]: Local server: http://127.0.0.1:5000",
        "",
    ],
)
def test_chatter_is_kept_to_the_log(line: str) -> None:
    """Progress and access logs say nothing to whoever works on the functions."""
    assert not is_meaningful(line)


@pytest.mark.parametrize(
    "line",
    [
        '>  {"severity": "ERROR", "message": "request"}',
        ">  Traceback (most recent call last):",
        "⚠  functions: Failed to load function definition from source",
        "Error: Could not start Firestore Emulator, port taken.",
    ],
)
def test_errors_and_the_functions_own_words_are_shown(line: str) -> None:
    """What a function logs and what goes wrong is seen at once."""
    assert is_meaningful(line)
