"""`python -m devtools COMMAND`: what the Makefile calls."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from devtools import locks, toolchain
from devtools.demo import DemoError, run_demo
from devtools.firebase import NotReadyError
from devtools.ports import PortTakenError
from devtools.testing import run_tests
from devtools.up import run_up
from shared.settings import BadSettings, load_settings

EXPECTED = (toolchain.MissingError, PortTakenError, NotReadyError, DemoError, BadSettings)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what is expected to go wrong ends with one sentence and exit code 2."""
    given, rest = _parser().parse_known_args(arguments)
    commands: dict[str, Callable[[], int]] = {
        "toolchain": _tell_toolchain,
        "lock": lambda: _renew_locks("--upgrade" in rest),
        "up": lambda: _with_settings(run_up),
        "test": lambda: run_tests(rest),
        "demo": lambda: _with_settings(lambda: run_demo(given.store, given.seconds)),
    }
    try:
        return commands[given.command]()
    except EXPECTED as error:
        print(f"quorate: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _with_settings(run: Callable[[], int]) -> int:
    """What the functions would refuse to start with is told now, not after their time-out."""
    load_settings()
    return run()


def _tell_toolchain() -> int:
    tools = toolchain.settle()
    print(f"· Java {toolchain.java_version(tools.java_home)}: {tools.java_home}")
    print(f"· emulators: from {tools.origin}")
    return 0


def _renew_locks(upgrade: bool) -> int:
    locks.renew(upgrade=upgrade)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devtools", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("toolchain", help="settle and tell which Java and emulators are used")
    commands.add_parser("lock", help="renew the lock files")
    commands.add_parser("up", help="the system on the emulators, in the foreground")
    commands.add_parser("test", help="every test, or as pytest's arguments say")
    demo = commands.add_parser("demo", help="a simulated subnet, live")
    demo.add_argument("--store", choices=("firestore", "memory"), default="firestore")
    demo.add_argument("--seconds", type=float, default=None)
    return parser


if __name__ == "__main__":
    sys.exit(main())
