"""A venue that hangs, refuses, loses answers, fills in parts and acts by itself: proof of flat, or an alarm."""

from typing import Any

import pytest

from tests.e2e.house import ACCOUNT, House
from tests.e2e.rows import row

pytestmark = pytest.mark.e2e
CLOSE = "rules: {max_contracts: {limit: 2, on_breach: close_all}}\n"
REDUCE = "rules: {max_contracts: {limit: 2, on_breach: reduce_to_limit}}\n"
LOSS = "rules: {daily_realized_loss: {loss_limit: 100}}\n"
STOP = "rules: {trade_management: {auto_stop: {ticks: 40}}}\n"
FAST = "feed: {poll_every: 2s, slow_poll_every: 30s}\n"
WORKING = (0, 1, 6, 7, 8)

AMBIGUOUS: dict[str, dict[str, Any]] = {
    "429": {"status": 429},
    "503": {"status": 503},
    "a pending code": {"code": 6},
    "an unknown error": {"code": 7},
    "a reply that is no JSON": {"status": 200, "body": "<html>"},
}


async def breach(house: House, size: int = 3) -> float:
    """Hold too much; tell the seconds until the venue is flat."""
    house.buy(size)
    await house.until(lambda: house.net() == size or len(house.truth()["trades"]) > 1)
    return await house.until(house.is_flat)


async def proof(house: House) -> None:
    await house.until(lambda: house.stages()[-1:] == ["proven"])
    assert house.part("enforcement", ACCOUNT)["state"] == "live"


def limit_order(house: House, ticks: int) -> float:
    """A price so many ticks from the last one."""
    return house.move(0) + ticks * 0.25


@pytest.mark.parametrize("answer", AMBIGUOUS)
def test_a_close_that_was_answered_four_times_with_nothing_clear_is_repeated_within_seconds(
    tmp_path_factory: pytest.TempPathFactory, answer: str
) -> None:
    @row(CLOSE, settings=FAST)
    async def played(house: House) -> None:
        house.do("faults/rest", endpoint="closeContract", times=4, **AMBIGUOUS[answer])
        closed = await breach(house)
        assert closed < 5
        await proof(house)
        assert len(house.requests("/closeContract")) == 5
        house.measured(closed=closed)

    played.__name__ = f"test_four_closes_answered_with_{answer.replace(' ', '_')}"
    played(tmp_path_factory.mktemp("answer"))


@pytest.mark.parametrize("answer", AMBIGUOUS)
def test_a_close_that_was_done_though_its_answer_told_nothing_is_not_done_twice(
    tmp_path_factory: pytest.TempPathFactory, answer: str
) -> None:
    @row(CLOSE, settings=FAST)
    async def played(house: House) -> None:
        house.do("switches", fill_latency=0.6)
        house.do("faults/rest", endpoint="closeContract", executes=True, **AMBIGUOUS[answer])
        house.buy(3)
        await house.until(lambda: house.net() == 3)
        await house.until(house.is_flat)
        await proof(house)
        assert len(house.requests("/closeContract")) == 1

    played(tmp_path_factory.mktemp("answer"))


@row(CLOSE, settings=FAST)
async def test_a_close_that_is_never_answered_and_never_done_is_repeated_when_it_has_timed_out(house: House) -> None:
    house.do("faults/rest", endpoint="closeContract", delay=1000)
    closed = await breach(house)
    assert closed < 6
    await proof(house)
    house.measured(closed=closed)


@row(CLOSE, settings=FAST)
async def test_a_close_that_is_done_and_never_answered_is_proven_without_the_answer(house: House) -> None:
    house.do("faults/rest", endpoint="closeContract", hang=True)
    closed = await breach(house)
    proven = closed + await house.until(lambda: house.stages() == ["started", "proven"])
    assert proven < 3
    await house.pass_by(10)
    assert len(house.requests("/closeContract")) == 1
    house.measured(closed=closed, proven=proven)


@row(CLOSE, settings=FAST)
async def test_breach_after_breach_is_closed_within_a_moment_while_rest_answers_nothing(house: House) -> None:
    house.do("faults/rest", endpoint="*", times=100000, hang=True)
    slowest = 0.0
    for _ in range(8):
        fills = len(house.truth()["trades"])
        house.buy(3)
        slowest = max(slowest, await house.until(lambda: len(house.truth()["trades"]) > fills and house.is_flat()))  # noqa: B023  waited for here
        await house.pass_by(0.7)
    assert slowest < 0.5
    house.do("faults/clear")
    proven = await house.until(lambda: not house.enforces())
    assert proven < 5
    house.measured(closed=slowest, proven=proven)


@row(CLOSE, settings=FAST)
async def test_breach_after_breach_while_every_request_takes_two_seconds_ends_flat_with_the_last_answer(
    house: House,
) -> None:
    house.do("faults/rest", endpoint="*", times=100000, delay=2)
    for _ in range(5):
        house.buy(3)
        await house.pass_by(1)
    closed = await house.until(house.is_flat)
    assert closed < 8
    house.do("faults/clear")
    await house.until(lambda: not house.enforces())
    house.measured(closed=closed)


@row(CLOSE, settings=FAST)
async def test_after_rest_was_gone_for_a_quarter_of_a_minute_a_breach_is_closed_within_seconds(house: House) -> None:
    house.do("faults/rest", endpoint="*", times=100000, delay=1000)
    house.buy(3)
    await house.pass_by(15)
    await house.until(lambda: "not proven" in house.detail)
    assert "failed" in house.stages()
    await house.until(lambda: "not enforced" in house.told().lower() or "not proven" in house.told())
    house.do("faults/clear")
    closed = await house.until(house.is_flat)
    assert closed < 5
    await proof(house)
    house.measured(closed=closed)


@row(REDUCE, settings=FAST)
async def test_a_reduction_that_was_done_though_nothing_was_answered_is_not_done_twice(house: House) -> None:
    house.do("faults/rest", endpoint="partialCloseContract", hang=True)
    house.do("switches", fill_latency=0.6)
    house.buy(5)
    await house.until(lambda: house.net() == 2)
    await house.pass_by(10)
    assert house.net() == 2
    assert house.stages() == ["started", "proven"]
    assert len(house.requests("/partialCloseContract")) == 1


@row(REDUCE, settings=FAST)
async def test_a_reduction_under_a_list_that_lags_behind_takes_off_no_more_than_the_excess(house: House) -> None:
    house.do("switches", position_lag=2)
    house.buy(5)
    await house.until(lambda: house.net() == 2)
    await house.pass_by(15)
    assert house.net() == 2
    house.do("switches", position_lag=0)
    await proof(house)


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
def test_a_reduction_that_races_with_the_traders_own_exit_never_turns_the_position(
    tmp_path_factory: pytest.TempPathFactory, size: int
) -> None:
    @row(REDUCE, settings=FAST)
    async def played(house: House) -> None:
        await exit_by_hand(house, size)
        assert house.net() == 2 - size

    played(tmp_path_factory.mktemp("race"))


@pytest.mark.parametrize("size", [4, 5])
def test_what_two_exits_of_the_same_moment_open_together_is_taken_back(
    tmp_path_factory: pytest.TempPathFactory, size: int
) -> None:
    @row(REDUCE, settings=FAST, may_turn=True)
    async def played(house: House) -> None:
        await exit_by_hand(house, size)
        assert house.net() == 0
        assert "EXIT_OPENED" in house.alarms()
        await house.until(lambda: "taken back" in house.told())

    played(tmp_path_factory.mktemp("race"))


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


@pytest.mark.parametrize("answer", [{"status": 429}, {"status": 503}, {"code": 3}, {"code": 4}, {"code": 5}])
def test_a_cancel_that_was_answered_with_nothing_clear_is_repeated_until_the_order_is_gone(
    tmp_path_factory: pytest.TempPathFactory, answer: dict[str, int]
) -> None:
    @row(CLOSE, settings=FAST)
    async def played(house: House) -> None:
        house.sell(1, type="limit", limit=str(limit_order(house, 100)))
        house.do("faults/rest", endpoint="Order/cancel", times=2, **answer)
        closed = await breach(house)
        assert closed < 4
        await proof(house)
        assert len(house.requests("/Order/cancel")) == 3

    played(tmp_path_factory.mktemp("cancel"))


@pytest.mark.parametrize("executes", [True, False])
def test_a_stop_whose_placing_was_not_answered_is_placed_once(
    tmp_path_factory: pytest.TempPathFactory,
    executes: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    @row(STOP, settings=FAST)
    async def played(house: House) -> None:
        house.do("faults/rest", endpoint="Order/place", status=503, executes=executes)
        house.buy(1)
        await house.until(lambda: [one for one in house.truth()["orders"] if one["type"] == 4], longest=60)
        await house.pass_by(30)
        stops = [one for one in house.truth()["orders"] if one["type"] == 4 and one["status"] in WORKING]
        assert [(one["side"], one["size"]) for one in stops] == [(1, 1)]
        assert len(house.requests("/Order/place")) == (1 if executes else 2)

    played(tmp_path_factory.mktemp("stop"))


@row(CLOSE, settings=FAST)
async def test_twenty_orders_and_a_position_go_within_the_request_limit(house: House) -> None:
    for number in range(20):
        house.sell(1, type="limit", limit=str(limit_order(house, 100 + number)))
    closed = await breach(house)
    assert closed < 10
    await proof(house)
    assert [one for one in house.log("reply") if one["status"] == 429] == []
    house.measured(closed=closed)


@row(CLOSE, settings=FAST)
async def test_a_request_limit_that_others_have_used_up_delays_the_close_only_while_the_venue_refuses(
    house: House,
) -> None:
    house.do("faults/rest", endpoint="*", times=100000, status=429)
    house.buy(3)
    await house.until(lambda: house.net() == 3)
    await house.pass_by(20)
    assert house.net() == 3
    house.do("faults/clear")
    closed = await house.until(house.is_flat)
    assert closed < 6
    await proof(house)
    house.measured(closed=closed)


@row(CLOSE, settings=FAST)
async def test_a_fill_that_is_told_before_the_close_is_answered_leads_to_no_second_close(house: House) -> None:
    house.do("faults/rest", endpoint="closeContract", hold=1.5)
    closed = await breach(house)
    await house.pass_by(10)
    assert len(house.requests("/closeContract")) == 1
    assert house.stages() == ["started", "proven"]
    house.measured(closed=closed)
