"""The waits between attempts to connect again."""

import random
from collections.abc import Callable, Iterator
from typing import Final

FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 30.0


def backoff(
    *,
    first: float = FIRST_WAIT,
    longest: float = LONGEST_WAIT,
    uniform: Callable[[float, float], float] = random.uniform,
) -> Iterator[float]:
    """Yield waits in seconds without end: doubling up to `longest`, each drawn from its upper half.

    The draw keeps many clients of a restarted server from returning all at once. Start a new one
    after a connection that held.
    """
    wait = min(first, longest)
    while True:
        yield uniform(wait / 2, wait)
        wait = min(2 * wait, longest)
