"""Waits between attempts."""

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from risk_manager.signalr.backoff import backoff


def test_waits_double_up_to_the_longest() -> None:
    waits = backoff(first=1, longest=10, uniform=lambda _low, high: high)

    assert list(islice(waits, 6)) == [1, 2, 4, 8, 10, 10]


def test_a_wait_is_drawn_from_its_upper_half() -> None:
    waits = backoff(first=1, longest=10, uniform=lambda low, _high: low)

    assert list(islice(waits, 3)) == [0.5, 1, 2]


@given(st.integers(min_value=1, max_value=100))
def test_no_wait_is_longer_than_the_longest(attempts: int) -> None:
    assert all(0.25 <= wait <= 30 for wait in islice(backoff(), attempts))
