"""A breach is closed at the venue and proven; what is not one is left alone."""

from pathlib import Path

import pytest

from tests.e2e.kit import ACCOUNT, Scene, account_of, comes_true, is_flat, scene, size_of, working

pytestmark = pytest.mark.e2e
LOSS = "rules: {daily_realized_loss: {loss_limit: 100}}\n"


async def lose_the_days_limit(stage: Scene) -> None:
    """Two MNQ, 30 points down: a loss of 120 and the fees."""
    await stage.buy(2, "MNQ")
    await stage.until(lambda truth: size_of(truth, "MNQ") == 2)
    price = float((await stage.venue.do("price", contract="MNQ", ticks=0))["last"])
    await stage.venue.do("price", contract="MNQ", last=str(price - 30))
    await stage.venue.do("close", account=ACCOUNT, contract="MNQ")
    await stage.until_status(lambda status: bool(account_of(status)["locks"]))


@pytest.mark.across_systems
async def test_one_contract_too_many_closes_everything_and_is_proven_by_rest(tmp_path: Path) -> None:
    async with scene(tmp_path, "rules: {max_contracts: {limit: 2}}\n") as stage:
        await stage.buy(2, "MNQ")
        await stage.until(lambda truth: size_of(truth, "MNQ") == 2)
        await stage.buy(1, "MES")
        await stage.until(is_flat)
        closes = await stage.requests("/Position/closeContract")
        assert {one["body"]["contractId"].split(".")[3] for one in closes} == {"MNQ", "MES"}
        await comes_true(lambda: stage.requests("/Position/searchOpen", since=closes[-1]["number"]), bool, stage.log)


async def test_only_the_excess_of_an_instrument_goes(tmp_path: Path) -> None:
    rules = "rules: {max_contracts_per_instrument: {limits: {ES: 1}, unknown_symbol_action: block}}\n"
    async with scene(tmp_path, rules) as stage:
        await stage.buy(3, "ES")
        await stage.until(lambda truth: size_of(truth, "EP") == 1)
        await stage.buy(1, "RTY")
        truth = await stage.until(lambda truth: size_of(truth, "RTY") == 0 and len(truth["trades"]) > 3)
        assert size_of(truth, "EP") == 1


async def test_a_position_outside_its_session_is_closed(tmp_path: Path) -> None:
    rules = """\
rules:
  session_block_outside:
    global_session: {start: "03:00", end: "03:01", timezone: UTC}
    per_instrument_sessions: {MNQ: {start: "00:00", end: "00:00", timezone: UTC}}
    days: [mon, tue, wed, thu, fri, sat, sun]
"""
    async with scene(tmp_path, rules) as stage:
        await stage.buy(1, "MNQ")
        await stage.buy(1, "MES")
        await stage.until(lambda truth: size_of(truth, "MES") == 0 and len(truth["orders"]) > 1)
        truth = await stage.until(lambda truth: not working(truth))
        assert size_of(truth, "MNQ") == 1


async def test_a_lost_day_is_over_whatever_the_trader_tries_next(tmp_path: Path) -> None:
    async with scene(tmp_path, LOSS) as stage:
        await lose_the_days_limit(stage)
        await stage.until(is_flat)
        price = float((await stage.venue.do("price", contract="MES", ticks=0))["last"])
        resting = await stage.buy(1, "MES", type="limit", limit=str(price - 10))
        await stage.until(lambda truth: resting not in working(truth))
        sent = await stage.venue.account(ACCOUNT)
        await stage.venue.do("place", account=ACCOUNT, contract="MES", side="sell", size=2)
        await stage.until(lambda truth: is_flat(truth) and len(truth["orders"]) > len(sent["orders"]))
        locks = account_of(await stage.status())["locks"]
        assert [lock["rule"] for lock in locks] == ["daily_realized_loss"]


async def test_a_trader_within_his_limits_is_left_alone(tmp_path: Path) -> None:
    rules = "rules: {max_contracts: {limit: 5}, daily_realized_loss: {loss_limit: 500}}\n"
    async with scene(tmp_path, rules) as stage:
        await stage.buy(2, "MNQ", stop_loss_ticks=-40, take_profit_ticks=80)
        await stage.until(lambda truth: size_of(truth, "MNQ") == 2 and len(working(truth)) == 2)
        await stage.venue.do("price", contract="MNQ", ticks=100)
        await stage.until(is_flat)
        await stage.until_status(lambda status: not account_of(status).get("positions", [1]))
        changing = ("/closeContract", "/partialCloseContract", "/cancel", "/modify", "/place")
        assert [one["path"] for one in await stage.requests() if one["path"].endswith(changing)] == []
