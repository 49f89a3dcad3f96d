"""Large figures."""

import pytest

from risk_manager.dashboard.digits import big


@pytest.mark.parametrize("text", ["$387.50", "−1,512.50", "6:28:58", "0123456789", "—", "2 d 01:00:00"])
def test_the_three_rows_are_equally_long(text: str) -> None:
    assert len({len(row) for row in big(text)}) == 1


def test_every_digit_looks_different() -> None:
    assert len({big(digit) for digit in "0123456789"}) == 10
