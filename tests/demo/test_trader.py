"""The scripted trader."""

from decimal import Decimal

import pytest

from risk_manager.demo.processes import played_venue
from risk_manager.demo.trader import Trader, is_flat, size_of, working
from tests.patience import patience

HELD = {"contractId": "CON.F.US.EP.Z26", "size": 2}
OPEN = {"id": 5, "status": 1}
CHILD = {"id": 6, "status": 8}
DONE = {"id": 7, "status": 2}


def test_sizes_are_told_by_the_traders_own_names() -> None:
    truth = {"positions": [HELD, HELD | {"contractId": "CON.F.US.MNQ.Z26", "size": 1}], "orders": []}
    assert (size_of(truth, "ES"), size_of(truth, "MNQ"), size_of(truth, "CL")) == (2, 1, 0)


def test_flat_is_no_position_and_nothing_that_may_fill() -> None:
    assert working({"orders": [OPEN, CHILD, DONE]}) == [5, 6]
    assert is_flat({"positions": [], "orders": [DONE]})
    assert not is_flat({"positions": [], "orders": [CHILD]})
    assert not is_flat({"positions": [HELD], "orders": []})


@pytest.mark.e2e
async def test_he_trades_moves_prices_and_looks_at_the_venues_own_truth() -> None:
    async with played_venue(patience=patience(60)) as venue:
        await venue.do("switches", prices_move=False)
        trader, account = Trader(venue), venue.accounts[0]
        before = await trader.price("MNQ")
        await trader.move_price("MNQ", Decimal(-5))
        assert await trader.price("MNQ") == before - 5
        since = await trader.last_number()
        await trader.order(account, "buy", 2, "MNQ")
        assert await trader.sees(account, lambda truth: size_of(truth, "MNQ") == 2, within=patience(30))
        assert not await trader.sees(account, is_flat, within=0.1)
        assert not await trader.is_answered(account, since=since, within=0.1)
        assert await trader.latency_ms(account, since=since, trigger="GatewayUserPosition") is None
