"""A venue that refuses, fills in parts and acts by itself, and a trader who acts too: proof of flat, or an alarm."""

from pathlib import Path

import pytest

from tests.e2e.happenings import CLOSE, FAST, REDUCE, WORKING, breach, limit_order, proof
from tests.e2e.house import ACCOUNT, House
from tests.e2e.rows import row

pytestmark = pytest.mark.e2e
LOSS = "rules: {daily_realized_loss: {loss_limit: 100}}\n"


async def exit_by_hand(house: House, size: int) -> None:
    """Let the trader close some himself, in the moment between the daemon's request and its arrival."""
    house.do("switches", fill_latency=0.05)
    house.do("faults/rest", endpoint="partialCloseContract", delay=0.03)
    house.buy(5)
    await house.until(lambda: house.requests("/partialCloseContract"))
    house.sell(size)
    await house.until(lambda: len(house.truth()["trades"]) > 2 and not house.enforces())
    await house.pass_by(10)


@pytest.mark.parametrize("size", [1, 2])
def test_a_reduction_that_races_with_the_traders_own_exit_never_turns_the_position(tmp_path: Path, size: int) -> None:
    @row(REDUCE, settings=FAST)
    async def played(house: House) -> None:
        await exit_by_hand(house, size)
        assert house.net() == 2 - size

    played(tmp_path)


@pytest.mark.parametrize("size", [4, 5])
def test_what_two_exits_of_the_same_moment_open_together_is_taken_back(tmp_path: Path, size: int) -> None:
    @row(REDUCE, settings=FAST, may_turn=True)
    async def played(house: House) -> None:
        await exit_by_hand(house, size)
        assert house.net() == 0
        assert "EXIT_OPENED" in house.alarms()
        await house.until(lambda: "taken back" in house.told())

    played(tmp_path)


@row(LOSS, settings=FAST)
async def test_what_is_bought_between_close_and_proof_is_closed_as_well(house: House) -> None:
    house.do("switches", fill_latency=0.3)
    house.buy(3)
    await house.until(lambda: house.net() == 3)
    house.move(-120)
    house.sell(2)
    await house.until(lambda: house.requests("/closeContract"))
    house.buy(1)
    resting = house.buy(1, type="limit", limit=str(limit_order(house, -100)))
    await house.until(lambda: house.locks() and house.is_flat() and not house.enforces())
    await house.pass_by(5)
    assert house.is_flat()
    assert resting not in [order["id"] for order in house.truth()["orders"] if order["status"] in WORKING]
    assert house.locks() == ["daily_realized_loss"]


@row(CLOSE, settings=FAST)
async def test_a_stop_that_fires_after_the_close_is_closed_as_well(house: House) -> None:
    house.buy(2)
    await house.until(lambda: house.net() == 2)
    stop = house.sell(2, type="stop", stop=str(limit_order(house, -40)))
    house.do("faults/rest", endpoint="Order/cancel", times=2, status=503)
    house.do("faults/rest", endpoint="closeContract", hold=0.3)
    house.buy(1)
    await house.until(lambda: house.net() == 0 and len(house.truth()["trades"]) > 2)
    house.move(-60)
    await house.until(lambda: any(order["id"] == stop and order["status"] == 2 for order in house.truth()["orders"]))
    closed = await house.until(house.is_flat)
    assert closed < 3
    await house.until(lambda: not house.enforces())
    house.measured(closed=closed)


@row(CLOSE, settings=FAST)
async def test_what_the_venue_liquidates_at_the_same_time_is_not_closed_a_second_time(house: House) -> None:
    house.do("switches", fill_latency=0.1)
    house.buy(3)
    await house.until(lambda: house.net() == 3)
    house.do("liquidate", account=ACCOUNT)
    await house.until(lambda: house.is_flat() and not house.enforces())
    await house.pass_by(5)
    assert house.is_flat()
    assert not house.status()["can_trade"]


@row(CLOSE, settings=FAST)
async def test_what_a_locked_account_refuses_is_alarmed_with_its_reason_and_done_once_it_is_unlocked(
    house: House,
) -> None:
    house.do("switches", locked_may_close=False)
    house.buy(2)
    await house.until(lambda: house.net() == 2)
    house.buy(1)
    house.do("account", account=ACCOUNT, can_trade=False)
    await house.until(lambda: house.net() == 3)
    noticed = await house.until(lambda: "refuses" in house.detail)
    assert noticed < 2
    await house.until(lambda: "AccountRejected" in house.told() or "Rejected" in house.told())
    assert "MNQ" in house.told()
    await house.pass_by(60)
    assert house.net() == 3
    house.do("account", account=ACCOUNT, can_trade=True)
    closed = await house.until(house.is_flat)
    assert closed < 2
    await proof(house)
    house.measured(noticed=noticed, closed=closed)


@row(CLOSE, settings=FAST)
async def test_what_a_closed_market_refuses_is_told_with_the_opening_and_done_when_it_opens(house: House) -> None:
    house.set_time("2026-08-20T21:56:00+00:00")  # 16:56 in Chicago
    await house.until(lambda: house.part("user_feed")["state"] == "live" and house.gaps("machine"))
    house.buy(3)
    house.do("switches", session="clock")
    await house.until(lambda: "opens at 17:00 CDT" in house.detail)
    await house.until(lambda: "opens at 17:00 CDT" in house.told())
    await house.pass_by(200)
    assert house.net() == 3
    assert len(house.requests("/closeContract")) < 12
    await house.until(house.is_flat)
    at = house.venue.stage.clock.now()
    assert (at.hour, at.minute) == (22, 0)
    assert at.second < 5
    await proof(house)
    house.measured(closed=at.second + at.microsecond / 1e6)


@row(CLOSE, settings=FAST)
async def test_a_close_that_fills_in_part_only_is_followed_by_one_for_the_rest(house: House) -> None:
    house.do("faults/cut_close", contracts=1)
    closed = await breach(house, 5)
    assert closed < 3
    await proof(house)
    house.measured(closed=closed)


@row(CLOSE, settings=FAST)
async def test_a_close_that_fills_contract_by_contract_is_waited_for(house: House) -> None:
    house.do("switches", liquidity=1)
    house.buy(3)
    for _ in range(3):
        house.move(1)
        await house.pass_by(0.1)
    await house.until(lambda: house.requests("/closeContract"))
    for _ in range(3):
        house.move(1)
        await house.pass_by(0.5)
    await house.until(lambda: house.is_flat() and not house.enforces())
    assert len(house.requests("/closeContract")) == 1
