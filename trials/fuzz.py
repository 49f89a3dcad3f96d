"""`python do.py fuzz`: the fuzz tests with new and many examples, round after round, until something is found."""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Fuzz for some minutes; 0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="do.py fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    wanted, others = parser.parse_known_args(arguments)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/fuzz",
        "-p",
        "no:cacheprovider",
        "-q",
        "--hypothesis-profile=fuzz",
    ]
    ends = time.monotonic() + wanted.minutes * 60
    while True:
        code = subprocess.call([*command, *others])
        if code or time.monotonic() >= ends:
            return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
