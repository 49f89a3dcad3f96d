"""What is known to go wrong at this venue, one row each: shapes, orphans, floods, resets, storms of requests."""

from pathlib import Path

import pytest

from tests.e2e.happenings import CLOSE, FAST, WORKING, breach, counts_are_right, limit_order, proof
from tests.e2e.house import ACCOUNT, House
from tests.e2e.rows import row

pytestmark = pytest.mark.e2e
SHAPES: dict[str, dict[str, object]] = {
    "bare events, ids as strings": {"envelope": "bare", "string_ids": True},
    "lists of events, ends as deletions": {"envelope": "list", "order_end_is_delete": True},
    "positions before their fills": {"fill_sequence": ["position", "account", "trade", "order"]},
    "plain text, no newer endpoint": {"text_plain": True, "missing": "order_query"},
    "no snapshots": {"account_snapshot": False, "quote_snapshot": False},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_shape_the_venue_speaks_in_a_breach_is_closed_and_counted(tmp_path: Path, shape: str) -> None:
    @row(CLOSE, settings=FAST, starts=False)
    async def played(house: House) -> None:
        house.do("switches", **SHAPES[shape])
        await house.start()
        assert await breach(house) < 1.5
        await proof(house)
        await house.until(lambda: counts_are_right(house))

    played(tmp_path)


@pytest.mark.parametrize("missing", ["nothing", "order_query"])
def test_orphans_and_sleeping_legs_of_brackets_go_with_the_position(tmp_path: Path, missing: str) -> None:
    @row(CLOSE, settings=FAST, starts=False)
    async def played(house: House) -> None:
        house.do("switches", legs_vanish=False, missing=missing)
        house.do("account", account=ACCOUNT, bracket_mode="auto_oco")
        await house.start()
        house.buy(2, stop_loss_ticks=-40, take_profit_ticks=80)
        await house.until(lambda: house.net() == 2)
        await breach(house, 1)
        await proof(house)
        await house.pass_by(5)
        assert [one["id"] for one in house.truth()["orders"] if one["status"] in WORKING] == []

    played(tmp_path)


@row(CLOSE, settings=FAST)
async def test_a_flood_of_quotes_delays_no_close(house: House) -> None:
    house.buy(2)
    await house.until(lambda: house.net() == 2)
    house.do("switches", prices_move=True, quotes_per_second=1000)
    await house.pass_by(2)
    house.buy(1)
    closed = await house.until(house.is_flat)
    assert closed < 1.5
    await proof(house)
    house.measured(closed=closed)


@row(CLOSE, settings=FAST)
async def test_a_market_hub_that_comes_and_goes_asks_nothing_more_of_rest(house: House) -> None:
    house.buy(1)
    await house.until(lambda: house.status()["positions"])
    await house.pass_by(60)
    began = house.venue.stage.log.note("note")
    await house.pass_by(60)
    in_peace = len(house.requests("", since=began))
    began = house.venue.stage.log.note("note")
    for _ in range(12):
        house.do("hub", deed="drop", hub="market")
        await house.pass_by(5)
    assert len(house.requests("", since=began)) <= in_peace + 10
    await house.until(lambda: house.part("market_feed")["state"] == "live")


@row(CLOSE, settings=FAST)
async def test_a_user_hub_that_comes_and_goes_leaves_the_budget_of_enforcement_alone(house: House) -> None:
    house.buy(2)
    await house.until(lambda: house.status()["positions"])
    for _ in range(17):
        house.do("hub", deed="drop", hub="user")
        await house.pass_by(7)
    assert [one for one in house.log("reply") if one["status"] == 429] == []
    house.buy(1)
    closed = await house.until(house.is_flat)
    assert closed < 3
    await proof(house)
    await house.until(lambda: counts_are_right(house))
    assert len(house.gaps("user")) > 5
    house.measured(closed=closed)


@row(CLOSE, settings=FAST)
async def test_an_account_that_was_reset_under_a_new_number_is_not_mistaken_for_the_old_one(house: House) -> None:
    new = house.do("reset_account", account=ACCOUNT)["account"]
    house.buy(3, account=new)
    await house.pass_by(70)
    assert house.net(account=new) == 3
    assert house.stages() == []
    assert not house.status()["can_trade"]


@row(CLOSE, settings=FAST)
async def test_an_order_that_is_found_gone_when_it_is_cancelled_counts_as_cancelled(house: House) -> None:
    house.sell(1, type="limit", limit=str(limit_order(house, 100)))
    house.do("faults/rest", endpoint="Order/cancel", code=2, executes=True)
    assert await breach(house) < 1
    await proof(house)
    assert len(house.requests("/Order/cancel")) == 1


@row(CLOSE, settings=FAST)
async def test_a_position_that_is_found_gone_when_it_is_closed_is_proven_by_the_list(house: House) -> None:
    house.do("faults/rest", endpoint="closeContract", code=2)
    closed = await breach(house)
    assert closed < 3
    await proof(house)
    assert len(house.requests("/closeContract")) == 2
    house.measured(closed=closed)
