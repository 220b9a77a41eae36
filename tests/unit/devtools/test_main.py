"""`python -m devtools`: what cannot work is told before anything starts."""

from __future__ import annotations

import pytest

from devtools.__main__ import main


@pytest.mark.parametrize("command", [["up"], ["demo", "--store", "memory"]])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RECEIVER_HOTKEY", "abc"),
        ("API_KEYS", "x"),
        ("MAJORITY", "2"),
        ("NETUIDS", "a"),
        ("CHAIN_ENDPOINTS", "foo"),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_sentence(
    command: list[str],
    name: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It names the variable; no emulator was started to find out."""
    monkeypatch.setenv(name, value)

    code = main(command)

    said = capsys.readouterr()
    assert (2, "") == (code, said.out)
    assert said.err.startswith(f"quorate: {name}")
    assert 1 == len(said.err.splitlines())
