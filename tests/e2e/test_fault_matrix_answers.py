"""A venue that hangs, answers nothing clear or loses answers: proof of flat, and nothing done twice."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.happenings import CLOSE, FAST, REDUCE, WORKING, breach, limit_order, proof
from tests.e2e.house import House
from tests.e2e.rows import row

pytestmark = pytest.mark.e2e
STOP = "rules: {trade_management: {auto_stop: {ticks: 40}}}\n"
AMBIGUOUS: dict[str, dict[str, Any]] = {
    "429": {"status": 429},
    "503": {"status": 503},
    "a pending code": {"code": 6},
    "an unknown error": {"code": 7},
    "a reply that is no JSON": {"status": 200, "body": "<html>"},
}


@pytest.mark.parametrize("answer", AMBIGUOUS)
def test_a_close_that_was_answered_four_times_with_nothing_clear_is_repeated_within_seconds(
    tmp_path: Path, answer: str
) -> None:
    @row(CLOSE, settings=FAST)
    async def played(house: House) -> None:
        house.do("faults/rest", endpoint="closeContract", times=4, **AMBIGUOUS[answer])
        closed = await breach(house)
        assert closed < 5
        await proof(house)
        assert len(house.requests("/closeContract")) == 5
        house.measured(closed=closed)

    played(tmp_path)


@pytest.mark.parametrize("answer", AMBIGUOUS)
def test_a_close_that_was_done_though_its_answer_told_nothing_is_not_done_twice(tmp_path: Path, answer: str) -> None:
    @row(CLOSE, settings=FAST)
    async def played(house: House) -> None:
        house.do("switches", fill_latency=0.6)
        house.do("faults/rest", endpoint="closeContract", executes=True, **AMBIGUOUS[answer])
        house.buy(3)
        await house.until(lambda: house.net() == 3)
        await house.until(house.is_flat)
        await proof(house)
        assert len(house.requests("/closeContract")) == 1

    played(tmp_path)


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
    assert slowest < 1.5
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


@pytest.mark.parametrize("answer", [{"status": 429}, {"status": 503}, {"code": 3}, {"code": 4}, {"code": 5}])
def test_a_cancel_that_was_answered_with_nothing_clear_is_repeated_until_the_order_is_gone(
    tmp_path: Path, answer: dict[str, int]
) -> None:
    @row(CLOSE, settings=FAST)
    async def played(house: House) -> None:
        house.sell(1, type="limit", limit=str(limit_order(house, 100)))
        house.do("faults/rest", endpoint="Order/cancel", times=2, **answer)
        closed = await breach(house)
        assert closed < 4
        await proof(house)
        assert len(house.requests("/Order/cancel")) == 3

    played(tmp_path)


@pytest.mark.parametrize("executes", [True, False])
def test_a_stop_whose_placing_was_not_answered_is_placed_once(
    tmp_path: Path,
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

    played(tmp_path)


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
