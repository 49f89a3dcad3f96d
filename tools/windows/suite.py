"""The suite on a Windows Python under Wine, then the end-to-end scenarios that cross from Linux to Windows.

It needs Wine with a CPython in `C:/Python311`, described by a shell file that sets Wine's environment and defines
`wx` (runs a Windows program with pipes for its standard handles). `WINDOWS_PYTHON_ENV` names that file; otherwise
it is looked for in `~/.cache/windows-python/env.sh`. The dependencies of requirements.lock go into a copy of that
Python inside the Wine prefix, one for each lock file, so that a second run starts at once. A plain copy and not a
venv: a venv's python.exe only starts another process, which a test that kills the daemon would miss.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LOCK = ROOT / "requirements.lock"
CANNOT_RUN = HERE / "cannot_run.toml"
PATIENCE = {"WX_T": "14400"}
"""Seconds that `wx` gives one Windows program: the suite takes an hour on two cores that others use too."""
NOTHING_COLLECTED = 5


def main(arguments: Sequence[str]) -> int:
    """Run both parts; the last lines say what ran, what did not and why."""
    description = environment_file()
    if description is None:
        sys.stderr.write(
            "no Windows Python here: set WINDOWS_PYTHON_ENV to the shell file that describes it "
            "(see tools/windows/README.md).\n"
        )
        return 3
    python = prepared_python(description)
    environment = windows_environment(python)
    excluded = tests_that_cannot_run()

    say("suite on the Windows Python")
    deselected = [option for test in excluded for option in ("--deselect", test)]
    pytest = [python, "-m", "pytest", "-p", "no:cacheprovider", "-n", "2", *deselected, *arguments]
    suite = wx(description, pytest, environment)

    say("daemon on the Windows Python, simulated venue on this system")
    across = subprocess.call(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "across_systems", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "WINDOWS_PYTHON_ENV": str(description),
            "WINDOWS_PYTHON": python,
            "RISK_MANAGER_E2E_PYTHON": shlex.quote(str(HERE / "python.sh")),
        },
    )
    for test, reason in excluded.items():
        say(f"not run on Windows: {test}: {reason}")
    say(f"suite on Windows: {verdict(suite)}; across systems: {verdict(across)}")
    return suite or across


def environment_file() -> Path | None:
    """Tell where the Windows Python is described; `None` where there is none."""
    named = os.environ.get("WINDOWS_PYTHON_ENV")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = Path(named) if named else cache / "windows-python" / "env.sh"
    return place.resolve() if place.is_file() else None


def prepared_python(description: Path) -> str:
    """Give the Windows path of a Python that has everything in the lock file."""
    name = f"python-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    drive = Path(shell(description, 'printf %s "$WINEPREFIX"')) / "drive_c"
    folder = drive / "risk-manager" / name
    python = f"C:/risk-manager/{name}/python.exe"
    ready = folder / "ready"
    if ready.exists():
        return python
    say("Installing requirements.lock for the Windows Python (once for each lock file, some minutes) ...")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(drive / "Python311", folder)
    pip = [
        python,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "-q",
        "--no-warn-script-location",
    ]
    code = wx(description, [*pip, "--require-hashes", "-r", windows_path(LOCK)], {})
    if code:
        sys.exit(f"pip on the Windows Python failed with exit code {code}.")
    ready.touch()
    return python


def windows_environment(python: str) -> dict[str, str]:
    """Tell the Windows Python where the project lies, and to keep its bytecode out of the clone."""
    return {
        "PYTHONPATH": windows_path(ROOT / "src"),
        "PYTHONPYCACHEPREFIX": f"{python.rpartition('/')[0]}/bytecode",
        "PYTHONUTF8": "1",
    }


def tests_that_cannot_run() -> dict[str, str]:
    """Read which tests are left out, each with its reason."""
    return {entry["test"]: entry["reason"] for entry in tomllib.loads(CANNOT_RUN.read_text("utf-8")).get("cannot", [])}


def windows_path(path: Path) -> str:
    """Name a file of this system as a Windows program under Wine sees it."""
    return f"Z:{path.as_posix()}"


def wx(description: Path, command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a Windows program to its end and return its exit code."""
    script = '. "$1"; shift; wx "$@"'
    return subprocess.call(
        ["bash", "-c", script, "wx", str(description), *command],  # noqa: S607 - whichever bash there is
        cwd=ROOT,
        env={**os.environ, **PATIENCE, **environment},
    )


def shell(description: Path, script: str) -> str:
    """Run a line of bash in the described environment and return what it prints."""
    command = ["bash", "-c", f'. "$1"; {script}', "shell", str(description)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def verdict(exit_code: int) -> str:
    """Say what a pytest exit code means."""
    return {0: "passed", NOTHING_COLLECTED: "NOTHING TO RUN"}.get(exit_code, f"FAILED (exit code {exit_code})")


def say(line: str) -> None:
    """Tell the person at the terminal, in order with what the tests print."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
