"""Whatever stands in a file, verifying it ends with a verdict or says why there is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.verification import UnusableFile, read, verify
from shared.report_paths import PATHS

from .conftest import Plain, checked, found_in

TEXTS = st.text(max_size=40) | st.sampled_from(["//[x", "//[x?netuid=1", "/?netuid=1&netuid=2", ""])
HEADERS = ("version", "hotkey", "nonce", "signature", "crypto", "receiver")
SIGNED = ["method", "target", *(f"x-bittensor-{name}" for name in HEADERS)]


def test_an_unreadable_target_is_a_finding(plain: Plain) -> None:
    """A port that is no port, a bracket that is never closed: it takes no reports."""
    for target in ("//[x", "http://[::1", "/a:b:c@[", "//[x?netuid=1", "\x00"):
        plain["reports"][0]["signature"]["target"] = target

        found = [what for _, what in found_in(checked(plain))]
        assert f"target: signed for {target!r}, which takes no reports" in found


@given(changed=st.dictionaries(st.sampled_from(SIGNED), TEXTS, min_size=1))
def test_whatever_was_signed_is_judged(files: dict[str, str], changed: dict[str, str]) -> None:
    """A report with other headers, method or target is no report of its validator's."""
    plain: dict[str, Any] = json.loads(files["current"])
    original = plain["reports"][0]["signature"]
    is_changed = any(original.get(name) != text for name, text in changed.items())
    original |= changed

    verdict = checked(plain)

    assert ("wrong" if is_changed else "verified") == verdict.word
    assert all(finding.what.encode() for finding in verdict.findings)


@pytest.mark.parametrize("escape", [r"\ud800", r"\udfff\ud800", r"a\uDCFFb"])
@pytest.mark.parametrize("name", ["target", "method", "x-bittensor-hotkey"])
def test_half_a_character_is_no_text(files: dict[str, str], name: str, escape: str) -> None:
    """Nobody could have signed it, and nobody could print it."""
    plain = json.loads(files["0"])
    plain["reports"][0]["signature"][name] = "@half@"

    with pytest.raises(UnusableFile, match=f"/reports/0/signature/{name}: half a character"):
        read(json.dumps(plain).replace("@half@", escape))


def test_half_a_character_is_no_key_either(files: dict[str, str]) -> None:
    """The message names the object that it stands in."""
    plain = json.loads(files["0"])
    plain["reports"][0]["signature"]["\ud800"] = "x"

    with pytest.raises(UnusableFile, match="/reports/0/signature: half a character"):
        read(json.dumps(plain))


def test_a_whole_character_is_text_however_it_is_written(files: dict[str, str]) -> None:
    """Escaped in two halves that belong together, it is judged as what it is."""
    plain = json.loads(files["0"])
    plain["reports"][0]["signature"]["target"] = "/💣"

    assert r"\ud83d\udca3" in json.dumps(plain)
    assert "wrong" == verify(read(json.dumps(plain))).word


@pytest.mark.parametrize("path", PATHS)
def test_a_target_that_takes_reports_is_no_finding(plain: Plain, path: str) -> None:
    """What is wrong then is that nobody signed it, and no more."""
    plain["reports"][0]["signature"]["target"] = f"{path}?netuid=1&x=1"

    [what] = {what for _, what in found_in(checked(plain))}
    assert what.startswith("signature: ")
