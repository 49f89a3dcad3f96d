"""How long tests wait for what must come before they give up: a guard, never the point of a test."""

import os
import sys

IS_SLOW = sys.platform == "win32" or "RISK_MANAGER_E2E_PYTHON" in os.environ
"""Whether Windows has part in it: under Wine a program takes seconds to start, on two busy cores many."""
FACTOR = 10.0 if IS_SLOW else 1.0


def patience(seconds: float) -> float:
    """Give what suffices on a quiet Linux machine the time that it takes where it runs."""
    return seconds * FACTOR
