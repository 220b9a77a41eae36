"""Where things lie in a checkout. State goes under `.quorate/`: git and the emulators ignore it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".quorate"
NODE = ROOT / "devtools"
"""Where package.json lies: at the root, firebase-tools would take the functions for Node's."""

NODE_MODULES = NODE / "node_modules"
FIREBASE = NODE_MODULES / ".bin" / "firebase"
