"""Positions and orders as lines."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from risk_manager.dashboard.known import Known, told_away
from risk_manager.dashboard.lines import Tone, plain
from risk_manager.dashboard.market_view import order_lines, position_lines
from tests.dashboard import canned
from tests.dashboard.canned import account, known, order, position
from tests.dashboard.canned_day import NOW


def _positions(*held: Any, state: Known | None = None) -> list[str]:
    lines = position_lines(account(positions=held), state or known(canned.calm()), now=NOW, width=78)
    return [plain(line) for line in lines]


def test_a_position_tells_side_size_prices_profit_and_age() -> None:
    assert _positions(position())[1].split() == ["▲", "ES", "long", "2", "5,800.25", "5,801.00", "+75.00", "0.3", "s"]


def test_no_position_is_flat() -> None:
    assert _positions() == ["flat"]


def test_an_old_quote_is_called_old_beyond_the_limit_and_not_at_it() -> None:
    assert _positions(position(quote_at=NOW - timedelta(seconds=10)))[1].endswith("  10 s")
    assert _positions(position(quote_at=NOW - timedelta(seconds=10, milliseconds=1)))[1].endswith("▲ 10 s old")


def test_a_position_without_a_price_has_no_profit_and_says_so() -> None:
    row = _positions(position(mark=None, unrealized_pnl=None, quote_at=None))[1]

    assert row.endswith("—           —  ▲ no price yet")


def test_a_mark_that_is_no_quote_has_no_age() -> None:
    assert _positions(position(quote_at=None))[1].endswith("age unknown")


def test_the_grace_of_a_position_without_a_stop_counts_down() -> None:
    rows = _positions(position(grace_until=NOW + timedelta(seconds=47)))

    assert rows[2].strip() == "▲ no stop protects it: it is closed in 0:47"


def test_without_a_daemon_nobody_closes_it() -> None:
    away = told_away(known(canned.calm()), "gone")

    rows = _positions(position(grace_until=NOW + timedelta(seconds=47)), state=away)

    assert rows[2].strip() == "▲ no stop protects it"


def test_a_loss_has_its_sign_and_tone() -> None:
    lines = position_lines(
        account(positions=(position(unrealized_pnl=Decimal(-100)),)), known(canned.calm()), now=NOW, width=78
    )

    assert (lines[1][3].text.strip(), lines[1][3].tone) == ("−100.00", Tone.BAD)


def _orders(*working: Any) -> list[str]:
    return [plain(line).strip() for line in order_lines(account(orders=working), width=78)]


def test_an_order_tells_side_size_kind_price_and_state() -> None:
    assert _orders(order()) == ["ES    sell     2  stop at 5,795.00  open  #3000000001"]


def test_a_stop_limit_tells_both_prices() -> None:
    assert (
        "stop limit at 5,795.00 limit 5,794.00" in _orders(order(type="stop_limit", limit_price=Decimal("5794.00")))[0]
    )


def test_a_partly_filled_order_and_one_of_the_daemons_say_so() -> None:
    row = _orders(order(type="market", stop_price=None, filled=1, ours=True))[0]

    assert row == "ES    sell     2  market  1 filled  open  by the daemon  #3000000001"


def test_no_order_is_none() -> None:
    assert _orders() == ["none"]
