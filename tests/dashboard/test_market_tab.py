"""Positions and orders in full."""

from risk_manager.dashboard.market_tab import market_lines
from tests.dashboard import canned
from tests.dashboard.looks import changed, look, text


def test_positions_and_orders_are_counted_and_listed() -> None:
    page = text(market_lines(look(canned.near())))

    assert "Positions · 2" in page
    assert "▲ 14 s old" in page
    assert "Working orders · 1" in page


def test_flat_is_said() -> None:
    page = text(market_lines(look(changed(canned.calm(), positions=(), orders=()))))

    assert "Positions · 0" in page
    assert "flat" in page
