"""The interpreter's own habits, set for a program that must answer at once."""

import gc
import sys

SWITCH_SECONDS = 0.0005
"""How long the store's and the logs' threads may keep the interpreter from the loop; Python's own 5 ms is longer than
everything between a breach and its request."""


def prefer_the_loop() -> None:
    """Let no other thread hold the loop up for long."""
    sys.setswitchinterval(SWITCH_SECONDS)


def leave_what_lasts() -> None:
    """Take what is there by now out of the collector's rounds: modules and settings live as long as we do."""
    gc.collect()
    gc.freeze()
