"""Lost, silent, frozen: what the daemon does when it is told nothing, or not the truth."""

from datetime import datetime
from decimal import Decimal

import pytest

from tests.e2e.happenings import CLOSE, FAST, counts_are_right, lose_sight, user_hub_is_back
from tests.e2e.house import ACCOUNT, House
from tests.e2e.rows import row

pytestmark = pytest.mark.e2e
OPEN_LOSS = "rules: {daily_unrealized_loss: {loss_limit: 100}}\n"
COUNTERS = """
rules:
  daily_realized_loss: {loss_limit: 1000}
  trade_frequency_limit: {limits: {per_session: 20}}
  cooldown_after_loss: {loss_thresholds: [{loss_amount: 50, cooldown: 15m}]}
"""
FLATTENING = "feed: {poll_every: 2s, flatten_after: 1m}\n"


@row(CLOSE, settings=FAST)
async def test_a_lost_user_hub_is_noticed_at_once_and_a_breach_closed_by_what_rest_tells(house: House) -> None:
    lose_sight(house)
    noticed = await house.until(lambda: house.part("user_feed")["state"] != "live")
    assert noticed < 1
    assert "REST is asked instead" in house.detail
    house.buy(3)
    closed = await house.until(house.is_flat)
    assert closed < 3
    await house.until(lambda: "proven" in house.stages())
    house.do("hub", deed="admit", hub="user")
    back = await house.until(lambda: user_hub_is_back(house))
    assert back < 31
    (gap,) = house.gaps("user")
    assert gap["bridged_by"].startswith("REST, ")
    assert await house.until(lambda: counts_are_right(house)) < 1
    house.measured(noticed=noticed, closed=closed, back=back)


@row(CLOSE, settings=FAST)
async def test_a_silent_user_hub_is_taken_for_dead_after_thirty_seconds_and_bridged_meanwhile(house: House) -> None:
    house.do("hub", deed="freeze", hub="user")
    house.buy(3)
    closed = await house.until(house.is_flat)
    assert closed < 3
    house.do("hub", deed="refuse", hub="user")
    noticed = closed + await house.until(lambda: not user_hub_is_back(house))
    assert noticed <= 31
    house.do("hub", deed="admit", hub="user")
    back = await house.until(lambda: user_hub_is_back(house))
    assert len(house.gaps("user")) >= 1
    assert house.stages() == ["started", "proven"]
    house.measured(noticed=noticed, closed=closed, back=back)


@row(CLOSE, settings=FAST)
async def test_a_user_hub_that_pings_and_tells_nothing_is_found_out_and_connected_anew(house: House) -> None:
    await house.pass_by(20)
    house.do("hub", deed="freeze_events", hub="user")
    house.buy(3)
    closed = await house.until(house.is_flat)
    assert closed < 3
    noticed = closed + await house.until(lambda: "STREAM_FROZEN" in house.alarms())
    assert noticed < 30
    back = await house.until(lambda: user_hub_is_back(house) and house.gaps("user"))
    (gap,) = house.gaps("user")
    assert (gap["reason"], gap["accounts"]) == ("frozen", [ACCOUNT])
    await house.until(lambda: "frozen" in house.told())
    house.buy(3)
    assert await house.until(lambda: house.is_flat() and len(house.stages()) > 2) < 1.5
    house.measured(noticed=noticed, closed=closed, back=back)


@row(OPEN_LOSS, settings=FAST)
async def test_quotes_that_stop_are_shown_as_old_after_ten_seconds_and_fetched_by_a_new_connection(
    house: House,
) -> None:
    house.buy(1)
    await house.until(lambda: house.status()["positions"])
    await house.until(lambda: house.status()["unrealized_pnl"] is not None)
    house.do("hub", deed="freeze_events", hub="market")
    house.move(-240)  # 60 points, 120 dollars, of which nobody hears
    noticed = await house.until(lambda: house.part("market_feed")["state"] == "stale")
    assert noticed < 13
    assert "old" in house.part("market_feed")["meaning"]
    assert house.net() == 1
    closed = noticed + await house.until(house.is_flat)
    assert closed < 36
    assert house.gaps("market")
    await house.until(lambda: counts_are_right(house) and Decimal(house.status()["realized_pnl"]) < -100)
    house.measured(noticed=noticed, closed=closed)


@row(COUNTERS, settings=FAST)
async def test_what_was_lost_while_hubs_and_rest_were_gone_counts_as_if_nobody_had_looked_away(house: House) -> None:
    house.buy(1)
    await house.until(lambda: house.status().get("positions"))
    lose_sight(house, "both")
    house.do("faults/rest", endpoint="*", times=100000, status=503)
    noticed = await house.until(lambda: "BLIND_WITH_EXPOSURE" in house.alarms())
    assert noticed < 6
    house.move(-120)
    house.sell(1)
    for _ in range(2):
        house.buy(1, "MES")
        house.sell(1, "MES")
    await house.until(lambda: len(house.truth()["trades"]) == 6)
    lost_at = house.venue.stage.clock.now()
    await house.pass_by(60)
    assert house.locks() == []
    house.do("faults/clear")
    back = await house.until(house.locks)
    assert back < 62
    status = house.status()
    assert counts_are_right(house)
    (lock,) = status["locks"]
    assert 14.9 * 60 < (datetime.fromisoformat(lock["until"]) - lost_at).total_seconds() <= 15 * 60
    (count,) = (one for one in status["rules"] if one["name"] == "trade_frequency_limit")
    assert count["measured"] == "6"
    await house.until(lambda: user_hub_is_back(house))
    blind = [one for one in house.journal("gap") if one["reason"] == "blind"]
    assert [one["accounts"] for one in blind] == [[ACCOUNT]]
    assert blind[0]["seconds"] > 60
    await house.until(lambda: "neither stream nor REST" in house.told())
    house.measured(noticed=noticed, back=back)


@row(CLOSE, settings=FLATTENING)
async def test_exposure_that_nobody_sees_is_closed_after_flatten_after(house: House) -> None:
    stop = house.buy(1, type="stop", stop="30000")
    house.buy(1)
    await house.until(lambda: house.status().get("positions"))
    lose_sight(house)
    for reading in ("searchOpen", "v2/query", "Order/search", "Trade/search"):
        house.do("faults/rest", endpoint=reading, times=100000, status=503)
    closed = await house.until(house.is_flat)
    assert 55 < closed < 70
    assert stop not in [order["id"] for order in house.truth()["orders"] if order["status"] == 1]
    assert "BLIND_WITH_EXPOSURE" in house.alarms()
    house.do("faults/clear")
    back = await house.until(lambda: "proven" in house.stages())
    await house.until(lambda: "FEED_LOST" in house.told() or "feed" in house.told().lower())
    house.measured(closed=closed, back=back)


@row(CLOSE, settings=FAST)
async def test_fills_that_the_hub_never_tells_of_are_learned_from_rest(house: House) -> None:
    for target in ("GatewayUserOrder", "GatewayUserTrade", "GatewayUserPosition"):
        house.do("faults/event", deed="swallow", target=target, times=4)
    house.buy(3)
    closed = await house.until(house.is_flat)
    assert closed < 3
    await house.until(lambda: house.stages() == ["started", "proven"])
    await house.until(lambda: counts_are_right(house))
    house.measured(closed=closed)


@row(COUNTERS, settings=FAST)
async def test_what_is_told_twice_counts_once(house: House) -> None:
    house.do("switches", duplicate_trades=True)
    house.do("faults/event", deed="duplicate", target="*", times=1000)
    house.buy(1)
    house.move(-40)
    house.sell(1)
    await house.until(lambda: len(house.truth()["trades"]) == 2)
    await house.pass_by(35)
    assert counts_are_right(house)
    (count,) = (one for one in house.status()["rules"] if one["name"] == "trade_frequency_limit")
    assert count["measured"] == "2"


@row(CLOSE, settings=FAST)
async def test_an_answer_that_is_no_list_is_never_taken_for_flat(house: House) -> None:
    house.buy(2)
    await house.until(lambda: house.status().get("positions"))
    for status, body in ((404, ""), (200, '{"success": true}'), (200, '{"success": false, "errorCode": 1}')):
        for reading in ("Position/searchOpen", "v2/query"):
            house.do("faults/rest", endpoint=reading, times=10, status=status, body=body)
        await house.pass_by(12)
        assert [one["size"] for one in house.status()["positions"]] == [2]
        house.do("faults/clear")
    await house.pass_by(10)
    assert house.stages() == []
    assert house.net() == 2
