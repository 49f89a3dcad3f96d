from datetime import UTC, datetime, timedelta

from risk_manager.daemon.enforcement.goals import Goals, Reading
from risk_manager.daemon.enforcement.latch import SLOWEST
from risk_manager.daemon.enforcement.pursuit import Pursuit
from risk_manager.daemon.enforcement.refusals import CLOSED_RETRY, REFUSED_LOOK, SLOWEST_LOOK, Refusals
from tests.daemon.enforcement.test_pursuit import seen
from tests.daemon.fake_venue import ES, REFUSED

OPEN = datetime(2026, 8, 20, 14, tzinfo=UTC)
CLOSED = datetime(2026, 8, 20, 21, tzinfo=UTC)


def refused() -> tuple[Refusals, Reading]:
    pursuit, reading = Pursuit(), seen(1)
    (request,) = pursuit.want(Goals(targets={ES: 0}), reading)
    pursuit.answered(request, REFUSED, 100.1)
    return Refusals(pursuit), reading


def test_a_reason_is_told_once_with_its_contract() -> None:
    refusals, reading = refused()
    told = refusals.news(reading, OPEN)
    assert told is not None
    assert told.contracts == (ES,)
    assert "outside trading hours" in told.words
    assert refusals.news(reading, OPEN) is None


def test_a_closed_market_is_asked_rarely_and_read_up_to_its_opening() -> None:
    refusals, _ = refused()
    refusals.mind_market_hours(CLOSED)
    assert refusals.pursuit.slowest_retry == CLOSED_RETRY
    assert refusals.slowest_look(CLOSED) == REFUSED_LOOK
    assert refusals.slowest_look(CLOSED + timedelta(minutes=59, seconds=57)) == 4.0
    assert not refusals.pursuit.refused()[0].may_retry_now
    refusals.mind_market_hours(CLOSED + timedelta(hours=1))
    assert refusals.pursuit.slowest_retry == SLOWEST
    assert refusals.pursuit.refused()[0].may_retry_now


def test_without_a_refusal_readings_stay_frequent() -> None:
    assert Refusals(Pursuit()).slowest_look(CLOSED) == SLOWEST_LOOK


def test_only_the_change_to_may_trade_is_a_reason_to_try_again() -> None:
    refusals, _ = refused()
    assert not refusals.account_told(can_trade=True)
    assert not refusals.account_told(can_trade=False)
    assert refusals.account_told(can_trade=True)
