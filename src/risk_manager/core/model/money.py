"""Dollars, exact."""

from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)


def to_cents(amount: Decimal) -> Decimal:
    """Round half-even to the cent."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)
