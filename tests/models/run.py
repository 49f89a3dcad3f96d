"""Many streams at once: `python do.py models --streams 2000 --seed 1 [rule …]`; without a rule, all of them."""

import argparse
import sys
import time
from collections.abc import Sequence

from tests.models.examples import agree, agree_on_all
from tests.models.settings import BODIES

_ALL = "all"


def main(arguments: Sequence[str]) -> int:
    """Compare, and tell each result on a line; 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="do.py models", description=__doc__)
    parser.add_argument("--streams", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("rules", nargs="*", metavar="rule")
    chosen = parser.parse_args(arguments)
    names = [*BODIES, _ALL]
    if unknown := [name for name in chosen.rules if name not in names]:
        parser.error(f"no rule is named {', '.join(unknown)}; there are {', '.join(names)}")
    if chosen.streams < 1:
        parser.error("--streams must be at least 1")
    differs = False
    for name in chosen.rules or names:
        began = time.process_time()
        try:
            if name == _ALL:
                agree_on_all(streams=chosen.streams, number=chosen.seed)
            else:
                agree(name, streams=chosen.streams, number=chosen.seed)
        except AssertionError as difference:
            differs = True
            sys.stdout.write(f"{name}: differs: {difference}\n")
        else:
            took = time.process_time() - began
            sys.stdout.write(f"{name}: {chosen.streams} streams agree, seed {chosen.seed}, {took:.0f} s of processor\n")
        sys.stdout.flush()
    return 1 if differs else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
