"""Looks every version in the lock file up in the database of known vulnerabilities; needs the network.

pip-audit lives in an environment of its own, so that the lock file need not carry it.
"""

import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

PIP_AUDIT = "pip-audit==2.10.1"
LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
ON_WINDOWS = sys.platform == "win32"


def main(arguments: Sequence[str]) -> int:
    """Audit; 0 when nothing is known against any of them, 3 when pip-audit cannot be had."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True, symlinks=not ON_WINDOWS)
        python = str(Path(folder) / ("Scripts/python.exe" if ON_WINDOWS else "bin/python"))
        if subprocess.call([python, "-m", "pip", "--disable-pip-version-check", "install", "-q", PIP_AUDIT]):
            sys.stderr.write(f"do.py audit: pip could not install {PIP_AUDIT} (its message is above).\n")
            return 3
        options = ["--require-hashes", "--disable-pip", "--strict", "--progress-spinner", "off", "-r", str(LOCK)]
        return subprocess.call([python, "-m", "pip_audit", *options, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
