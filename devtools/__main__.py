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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what is expected to go wrong ends with one sentence and exit code 2."""
    given, rest = _parser().parse_known_args(arguments)
    commands: dict[str, Callable[[], int]] = {
        "toolchain": _tell_toolchain,
        "lock": lambda: _renew_locks("--upgrade" in rest),
        "up": run_up,
        "test": lambda: run_tests(rest),
        "demo": lambda: run_demo(given.store, given.seconds),
    }
    try:
        return commands[given.command]()
    except (toolchain.MissingError, PortTakenError, NotReadyError, DemoError) as error:
        print(f"quorate: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


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
