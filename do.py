#!/usr/bin/env python3
"""The one command for a clone: sets itself up, then shows, checks, measures or locks the project.

Needs nothing but Python 3.11 or newer. Everything it installs lives in `.venv` beside this file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
STAMP = VENV / "set-up.json"
ON_WINDOWS = sys.platform == "win32"
OLDEST_PYTHON = (3, 11)
UV = "uv==0.13.9"

USAGE = """\
python do.py COMMAND

  setup            create or refresh .venv from requirements.lock; silent when there is nothing to do
  demo [...]       a simulated TopstepX, a trader who breaks rules, the daemon that stops him
                   (--headless: line by line, without a screen; --seconds N)
  test [...]       format, lint, types, import contracts and every test; options go to pytest
  test --windows   the suite on a Windows Python under Wine, and one scenario across both systems
  bench [...]      the benchmarks (--busy: three accounts, ten positions, 2000 quotes a second;
                   --screen: how soon the trader's screen shows an enforcement, and what it costs)
  screenshots      draw the pictures of the screen anew, for its tests and for the documents
  kills [...]      kill the daemon at every write, request and reply of a story, and compare how it ends
                   (--at request:7 for one of them, --twice to kill the second life too)
  soak [...]       random traders and random misfortunes, judged by the venue's own log
                   (--minutes N, --seed S; the story of a violation goes to soak-story/)
  fuzz [...]       new and many examples for tests/fuzz (--minutes N; other options go to pytest)
  mutants MODULE...  small changes of a module of the core (core/precedence.py, core/rules): which does no test notice?
                   (--own: by the module's own test file alone; survivors are killed by a test or explained)
  models [...]     the engine beside the naive models: 2000 random streams for each rule and for all together
                   (--streams N, --seed S; the names of rules, or `all`)
  coverage [...]   which branches of core/ its tests take, each module by the test files that mirror it
  audit [...]      look the locked dependencies up in the database of known vulnerabilities (needs the network)
  lock [...]       write requirements.lock anew; options go to uv (--upgrade, --upgrade-package NAME)
"""


class StepError(Exception):
    """A step that cannot go on; its text says what happened and what to do."""


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.stderr.write(f"do.py needs Python 3.11 or newer; {sys.executable} is {found}.\n")
        return 2
    parser = argparse.ArgumentParser(prog="do.py", usage=USAGE, add_help=False)
    parser.add_argument("command", choices=sorted(COMMANDS))
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(USAGE)
        return 0 if arguments else 2
    command = parser.parse_args(arguments[:1]).command
    try:
        return COMMANDS[command](list(arguments[1:]))
    except StepError as failure:
        sys.stderr.write(f"do.py {command}: {failure}\n")
        return 3


def setup(_arguments: Sequence[str] = ()) -> int:
    """Bring `.venv` to what the lock file and the project say."""
    wanted = fingerprints(lock=LOCK, project=PROJECT)
    present = read_stamp(STAMP)
    python = venv_python()
    if present == wanted and python.exists():
        return 0
    STAMP.unlink(missing_ok=True)
    if present.get("dependencies") != wanted["dependencies"] or not python.exists():
        say("Setting up .venv from requirements.lock (the first time takes a minute or two) ...")
        create_venv()
        install("--require-hashes", "-r", str(LOCK))
    install("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    return 0


def fingerprints(*, lock: Path, project: Path) -> dict[str, str]:
    """What `.venv` is made from, so that any change of it is noticed; a moved clone is one too."""

    def digest(*parts: bytes) -> str:
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    place = str(project.parent).encode()
    return {
        "dependencies": digest(lock.read_bytes(), sys.version.encode(), place),
        "project": digest(project.read_bytes(), place),
    }


def read_stamp(stamp: Path) -> dict[str, str]:
    """What `.venv` was last made from; empty where that is not known."""
    try:
        content = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def create_venv() -> None:
    """Start from an empty `.venv`, so that nothing of an older lock file is left in it."""
    try:
        venv.create(VENV, clear=True, with_pip=True, symlinks=not ON_WINDOWS)
    except (OSError, subprocess.CalledProcessError) as problem:
        shutil.rmtree(VENV, ignore_errors=True)
        raise StepError(
            f"cannot create {VENV}: {problem}. On Debian and Ubuntu: apt install python3-venv."
        ) from problem


def install(*what: str) -> None:
    """Let pip install into `.venv`; it is heard only when it fails."""
    pip = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-q"]
    outcome = run_quietly([*pip, *what])
    if outcome.returncode:
        sys.stderr.write(outcome.stdout)
        raise StepError("pip could not install the dependencies (its message is above).")


def venv_python() -> Path:
    """The interpreter of `.venv`."""
    return VENV / ("Scripts/python.exe" if ON_WINDOWS else "bin/python")


def demo(arguments: Sequence[str]) -> int:
    """Show the main job on a simulated venue."""
    setup()
    return hand_over("-m", "risk_manager", "demo", *arguments)


def bench(arguments: Sequence[str]) -> int:
    """Measure, and print the figures as ratios to a floor."""
    setup()
    return hand_over("-m", "benchmarks", *arguments)


def in_clone(*program: str) -> Callable[[Sequence[str]], int]:
    """Make the command that runs a program of the clone."""

    def command(arguments: Sequence[str]) -> int:
        setup()
        return hand_over(*program, *arguments)

    return command


def screenshots(arguments: Sequence[str]) -> int:
    """Draw every picture of the trader's screen."""
    setup()
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    return hand_over("-m", "tests.dashboard.gallery", *arguments)


def test(arguments: Sequence[str]) -> int:
    """Check everything; the last line is the test runner's own."""
    setup()
    if "--windows" in arguments:
        return test_on_windows([argument for argument in arguments if argument != "--windows"])
    failed = run_checks()
    if failed:
        raise StepError(f"{', '.join(failed)} failed; the tests were not run.")
    return hand_over("-m", "pytest", "-n", "logical", "--dist", "worksteal", *arguments)


def test_on_windows(arguments: Sequence[str]) -> int:
    """Run the suite where Python believes itself on Windows."""
    if ON_WINDOWS:
        say("This is Windows: `python do.py test` is the suite on Windows.")
        return test(arguments)
    return hand_over(str(ROOT / "tools" / "windows" / "suite.py"), *arguments)


def run_checks() -> list[str]:
    """Run format, lint and types side by side; show what fails and return its names."""
    typed = [name for name in ("src", "tests", "benchmarks", "trials", "tools", "do.py") if (ROOT / name).exists()]
    checks = {
        "format": ["ruff", "format", "--check", "."],
        "lint": ["ruff", "check", "."],
        "types": ["mypy", *typed],
        # A cache of its own: the two platforms would throw each other's away.
        "types (win32)": ["mypy", "--platform", "win32", "--cache-dir", ".mypy_cache/win32", *typed],
    }
    commands = [[str(venv_python()), "-m", *check] for check in checks.values()]
    failed = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for name, outcome in zip(checks, pool.map(run_quietly, commands), strict=True):
            say(f"{name}: {'ok' if outcome.returncode == 0 else 'FAILED'}")
            if outcome.returncode != 0:
                sys.stdout.write(outcome.stdout)
                failed.append(name)
    sys.stdout.flush()
    return failed


def run_quietly(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a program in the clone to its end and keep what it says."""
    return subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"},
    )


def lock(arguments: Sequence[str]) -> int:
    """Resolve the dependencies for every platform and write them down with their hashes."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True, symlinks=not ON_WINDOWS)
        scripts = Path(folder) / ("Scripts" if ON_WINDOWS else "bin")
        python = scripts / ("python.exe" if ON_WINDOWS else "python")
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-q", UV]
        if subprocess.call(pip):
            raise StepError(f"pip could not install {UV} (its message is above).")
        options = [
            "--universal",
            "--python-version",
            "3.11",
            "--generate-hashes",
            "--extra",
            "dev",
            "--system-certs",
            "-q",
        ]
        options += ["--custom-compile-command", "python do.py lock", "-o", LOCK.name, *arguments]
        return subprocess.call([str(python), "-m", "uv", "pip", "compile", PROJECT.name, *options], cwd=ROOT)


def hand_over(*arguments: str) -> int:
    """Become the Python of `.venv` with these arguments; where that cannot be, wait for it."""
    command = [str(venv_python()), *arguments]
    sys.stdout.flush()
    os.chdir(ROOT)
    if not ON_WINDOWS:
        os.execv(command[0], command)  # signals and exit codes then need no forwarding
    child = subprocess.Popen(command)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the child by itself
    return child.wait()


def say(line: str) -> None:
    """Tell the person at the terminal, in order with what the tools print."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "setup": setup,
    "demo": demo,
    "test": test,
    "bench": bench,
    "screenshots": screenshots,
    "kills": in_clone("-m", "trials.kills"),
    "soak": in_clone("-m", "trials.soak"),
    "fuzz": in_clone("-m", "trials.fuzz"),
    "mutants": in_clone("-m", "tools.mutants"),
    "models": in_clone("-m", "tests.models.run"),
    "coverage": in_clone("-m", "tools.core_coverage"),
    "audit": in_clone(str(ROOT / "tools" / "audit.py")),
    "lock": lock,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
