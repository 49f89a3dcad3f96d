"""The interpreter's own habits, set for a program that must answer at once."""

import gc
import sys

SWITCH_SECONDS = 0.0005
"""How long the store's and the logs' threads may keep the interpreter from the loop; Python's own 5 ms is longer than
everything between a breach and its request."""

COLLECT_AFTER = 10_000
"""How many more objects there must be before the collector looks for rings among the new ones. Under load Python's own
700 are there several times a second, each time for half a millisecond, and one breach in a hundred waits for it; few
rings are ever found."""


def prefer_the_loop() -> None:
    """Let no other thread, and no collection, hold the loop up for long or often."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])


def leave_what_lasts() -> None:
    """Take what is there by now out of the collector's rounds: modules and settings live as long as we do."""
    gc.collect()
    gc.freeze()
