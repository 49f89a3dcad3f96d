"""How hard the fuzzing tries: the same few examples in the suite, new and many ones by `python do.py fuzz`."""

import sys
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

LONG_PROFILE = "fuzz"
IS_LONG = f"--hypothesis-profile={LONG_PROFILE}" in sys.argv
fuzzed = settings(derandomize=not IS_LONG, max_examples=600 if IS_LONG else 120, deadline=None)

ODD_NUMBERS = st.sampled_from([0, -1, 1, 2, 255, 2**31, 2**63, 2**64, 10**400, -(10**30), 1.5, -0.0, 1e308, 1e-320])
ODD_TEXTS = st.sampled_from(
    [
        "",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999999",
        "null",
        "\x00",
        "\ud83d\ude00",
        "x" * 3000,
        "1",
        "true",
        "ES",
        "\x1e",
    ]
)
INSTANTS = st.sampled_from(
    [
        "2026-08-19T14:16:01.4061289+00:00",
        "0001-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59.9999999+00:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "2026-13-45T99:99:99Z",
        "2026-08-19",
        "2026-08-19T14:16:01",
        "now",
    ]
)
SCALARS = st.one_of(st.none(), st.booleans(), ODD_NUMBERS, ODD_TEXTS, INSTANTS, st.integers(), st.text(max_size=20))
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)


def damaged(sound: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A sound object of which some values are replaced by anything, some are missing, and some were never heard of."""
    keys = sorted(sound)
    return st.builds(
        lambda wrong, missing, more: {
            key: value for key, value in {**sound, **wrong, **more}.items() if key not in missing
        },
        st.dictionaries(st.sampled_from(keys), ANYTHING, max_size=4),
        st.sets(st.sampled_from(keys), max_size=2),
        st.dictionaries(st.text(max_size=6), SCALARS, max_size=1),
    )
