"""Looks every version in the lock file up in the database of known vulnerabilities; needs the network.

pip-audit lives in an environment of its own, so that the lock file need not carry it.
"""

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PIP_AUDIT = "pip-audit==2.10.1"
LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
ON_WINDOWS = sys.platform == "win32"


def main(arguments: Sequence[str]) -> int:
    """Audit: 0 when nothing is known against any version, 1 when something is, 2 when one could not be looked up.

    3 when pip-audit cannot be had, or tells nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True, symlinks=not ON_WINDOWS)
        python = str(Path(folder) / ("Scripts/python.exe" if ON_WINDOWS else "bin/python"))
        if subprocess.call([python, "-m", "pip", "--disable-pip-version-check", "install", "-q", PIP_AUDIT]):
            sys.stderr.write(f"do.py audit: pip could not install {PIP_AUDIT} (its message is above).\n")
            return 3
        options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
        audited = subprocess.run(
            [python, "-m", "pip_audit", *options, "-r", str(LOCK), *arguments],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    try:
        found = json.loads(audited.stdout)["dependencies"]
    except (ValueError, KeyError):
        sys.stderr.write(f"do.py audit: pip-audit gave no answer (exit {audited.returncode}; its message is above).\n")
        return 3
    words, code = verdict(found)
    sys.stdout.write(f"{words}\n")
    return code


def verdict(dependencies: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """Put pip-audit's findings into words, and into an exit code."""
    unknown = [one for one in dependencies if "skip_reason" in one]
    lines = [f"{one['name']}: not looked up ({one['skip_reason']})" for one in unknown]
    vulnerable = [one for one in dependencies if one.get("vulns")]
    for one in vulnerable:
        mended = {version for known in one["vulns"] for version in known.get("fix_versions", ())}
        ids = ", ".join(known["id"] for known in one["vulns"])
        lines.append(
            f"{one['name']} {one['version']}: {ids} (mended in {', '.join(sorted(mended)) or 'no version yet'})"
        )
    clean = len(dependencies) - len(unknown) - len(vulnerable)
    lines.append(f"audit: {clean} clean, {len(vulnerable)} vulnerable, {len(unknown)} not looked up")
    return "\n".join(lines), 1 if vulnerable else 2 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
