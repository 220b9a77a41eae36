"""What deployed code has the means to do."""

from __future__ import annotations

import ast

import pytest

from devtools.package import source_files
from devtools.paths import ROOT

FORBIDDEN = {"ctypes", "dill", "marshal", "multiprocessing", "pickle", "shelve", "subprocess"}
"""Modules that start programs, or make code of data."""
EXCEPTED = {"shared/adapters/chain_decoder.py": {"subprocess"}}
"""The native decoder of the chain's answers runs as a process of its own, so that it harms none."""
CALLS = {"eval", "exec", "compile", "__import__"}
DEPLOYED = [name for name in source_files() if name.endswith(".py")]


@pytest.mark.parametrize("name", DEPLOYED)
def test_deployed_code_starts_no_program_and_makes_no_code_of_data(name: str) -> None:
    """It could not, whatever a stranger sends: it does not import the means."""
    imported, called = set(), set()
    for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called.add(node.func.id)

    assert imported & FORBIDDEN == EXCEPTED.get(name, set())
    assert not called & CALLS


def test_the_deployed_code_was_looked_at() -> None:
    """The list above is the package's own."""
    assert {"main.py", "functions/_http.py"} <= set(DEPLOYED)
