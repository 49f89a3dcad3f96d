"""The day's course as it travels."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from risk_manager.local_api.trading_day import PnlPoint

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_a_point_travels_in_few_words() -> None:
    point = PnlPoint(NOON, Decimal("-12.50"), Decimal(3))

    assert msgspec.json.encode(point) == b'["2026-03-10T12:00:00Z","-12.50","3"]'
    assert msgspec.json.decode(b'["2026-03-10T12:00:00Z","-12.50"]', type=PnlPoint).open is None


def test_what_is_open_counts_as_far_as_it_is_known() -> None:
    assert PnlPoint(NOON, Decimal(10), Decimal(-4)).total == Decimal(6)
    assert PnlPoint(NOON, Decimal(10)).total == Decimal(10)
