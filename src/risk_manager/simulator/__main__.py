"""`python -m risk_manager.simulator`: the played venue alone, on loopback."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from risk_manager.simulator.venue import main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m risk_manager.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=1, help="the same seed walks the same prices")
    parser.add_argument("--script", type=Path, default=None, help="YAML or JSON: steps of a scripted trader")
    chosen = parser.parse_args()
    sys.exit(main(port=chosen.port, seed=chosen.seed, script=chosen.script))
