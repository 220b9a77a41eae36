"""What binds a report to this installation: its receiver."""

from __future__ import annotations

import json

import pytest

from functions import _wiring
from shared.settings import Settings
from tests.unit.edge.hotkeys import SERVICE


def warnings(capsys: pytest.CaptureFixture[str], **settings: object) -> list[str]:
    """What an instance of these settings warns of when it opens its intake."""
    _wiring._warn_if_unbound(Settings.model_validate(settings))
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    return [line["message"] for line in lines if line["severity"] == "WARNING"]


def test_a_deployment_without_a_receiver_is_warned(capsys: pytest.CaptureFixture[str]) -> None:
    """In the cloud, where reports for other installations exist."""
    assert ["reports_unbound"] == warnings(capsys)


@pytest.mark.parametrize(
    "settings",
    [{"receiver_hotkey": SERVICE.address}, {"functions_emulator": True}, {"store": "memory"}],
)
def test_who_is_bound_or_at_home_is_not_warned(
    settings: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """A receiver is set, or there is no installation to speak of."""
    assert [] == warnings(capsys, **settings)


@pytest.mark.usefixtures("fresh")
def test_the_warning_comes_with_the_intake(
    fresh: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once per instance, when the first report is taken in; no other function says it."""
    _wiring.stores()
    fresh.setenv("STORE", "firestore")
    _wiring.settings.forget()
    for _ in range(2):
        _wiring.intake()

    assert 1 == capsys.readouterr().out.count("reports_unbound")
