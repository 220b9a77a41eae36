from __future__ import annotations

import threading
import time

import pytest

from functions import _wiring
from functions._wiring import Once


def test_what_is_built_once_is_built_once_by_many() -> None:
    """Threads that need it at the same time share one."""
    built: list[object] = []

    def build() -> object:
        time.sleep(0.01)
        built.append(object())
        return built[-1]

    once = Once(build)
    threads = [threading.Thread(target=once) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [once()] == built


def test_a_build_that_failed_is_tried_again() -> None:
    """A store that was down at the first request is not down for ever."""
    failures = [OSError("down")]

    def build() -> str:
        if failures:
            raise failures.pop()
        return "up"

    once = Once(build)
    with pytest.raises(OSError, match="down"):
        once()

    assert "up" == once()


@pytest.mark.usefixtures("instance")
def test_memory_is_one_for_the_whole_process() -> None:
    """With `STORE=memory` every function of the process sees the same reports."""
    assert _wiring.stores() is _wiring.stores()
    assert _wiring.intake().reports is _wiring.stores().reports


def test_a_forgotten_instance_starts_anew(instance: pytest.MonkeyPatch) -> None:
    """New settings hold after forgetting, and memory is empty."""
    before = _wiring.stores()
    instance.setenv("RATE_LIMIT_PER_MINUTE", "60")
    _wiring.forget()

    assert 60 == _wiring.settings().rate_limit_per_minute
    assert before is not _wiring.stores()


def test_rules_of_signatures_come_from_the_settings(instance: pytest.MonkeyPatch) -> None:
    """Asking for them opens no store."""
    instance.setenv("MAX_NONCE_AGE", "30")
    _wiring.forget()

    assert 30.0 == _wiring.signature_rules().max_age
    assert not _wiring.stores._built
