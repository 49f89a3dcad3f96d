from datetime import UTC, datetime, timedelta

from risk_manager.simulator.clock import VenueClock

LONG_AGO = datetime(2020, 1, 2, 3, 4, tzinfo=UTC)


def test_it_runs_on_from_where_it_was_set() -> None:
    clock = VenueClock(LONG_AGO)
    first, second = clock.now(), clock.now()
    assert LONG_AGO <= first <= second < LONG_AGO + timedelta(minutes=1)
    clock.set(LONG_AGO + timedelta(days=5))
    assert clock.now() >= LONG_AGO + timedelta(days=5)


def test_the_monotonic_reading_is_not_set_with_it() -> None:
    clock = VenueClock(LONG_AGO)
    before = clock.monotonic()
    clock.set(LONG_AGO - timedelta(days=5))
    assert clock.monotonic() >= before
