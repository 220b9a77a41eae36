"""Setting up twice does the work once."""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools.setup import digest, ensure


class Work:
    """Counts how often it was done; fails on demand."""

    def __init__(self, folder: Path) -> None:
        """Make `folder` when called."""
        self.times = 0
        self.fails = False
        self._folder = folder

    def __call__(self) -> None:
        """Do it."""
        self._folder.mkdir(exist_ok=True)
        self.times += 1
        if self.fails:
            raise RuntimeError("interrupted")


def test_what_is_as_locked_is_left_alone(tmp_path: Path) -> None:
    """The second time nothing is done."""
    work = Work(tmp_path / "venv")

    told = [ensure(tmp_path / "venv", "lock 1", work) for _ in range(2)]

    assert told == [True, False]
    assert work.times == 1


def test_another_lock_is_installed(tmp_path: Path) -> None:
    """The stamp holds what the folder was made from."""
    work = Work(tmp_path / "venv")

    told = [ensure(tmp_path / "venv", lock, work) for lock in ("lock 1", "lock 2", "lock 2")]

    assert told == [True, True, False]


def test_an_interrupted_installation_is_done_again(tmp_path: Path) -> None:
    """A stamp appears when the work is whole; an old one does not survive a new attempt."""
    work = Work(tmp_path / "venv")
    ensure(tmp_path / "venv", "lock 1", work)
    work.fails = True
    with pytest.raises(RuntimeError):
        ensure(tmp_path / "venv", "lock 2", work)
    work.fails = False

    assert ensure(tmp_path / "venv", "lock 1", work)


def test_a_digest_tells_files_apart_from_each_other(tmp_path: Path) -> None:
    """Moving bytes from one file to the next makes another digest."""
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("ab")
    second.write_text("c")
    before = digest([first, second], "x")
    first.write_text("a")
    second.write_text("bc")

    assert digest([first, second], "x") != before
