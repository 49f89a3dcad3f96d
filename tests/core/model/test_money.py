"""Dollars, exact."""

from decimal import Decimal

import pytest

from risk_manager.core.model.money import to_cents


@pytest.mark.parametrize(
    ("amount", "cents"), [("0.005", "0.00"), ("0.015", "0.02"), ("-0.025", "-0.02"), ("0.0251", "0.03"), ("7", "7.00")]
)
def test_half_a_cent_goes_to_the_even_one(amount: str, cents: str) -> None:
    assert to_cents(Decimal(amount)) == Decimal(cents)
