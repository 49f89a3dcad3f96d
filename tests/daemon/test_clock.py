from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from risk_manager.daemon.clock import SystemClock, ThisMachine, VenueClock
from tests.daemon.virtual_time import START


class SetByHand(SystemClock):
    """The system clock with both of its sources in the test's hand."""

    def __init__(self) -> None:
        self.wall = START
        self.elapsed = 0.0
        super().__init__()

    def monotonic(self) -> float:
        return self.elapsed

    def _read(self) -> datetime:
        return self.wall

    def pass_by(self, seconds: float, *, wall: float | None = None) -> datetime:
        self.elapsed += seconds
        self.wall += timedelta(seconds=seconds if wall is None else wall)
        return self.now()


def test_it_follows_the_wall_clock() -> None:
    clock = SetByHand()
    assert clock.pass_by(5) == START + timedelta(seconds=5)


def test_a_jump_forward_is_followed_at_once() -> None:
    clock = SetByHand()
    assert clock.pass_by(1, wall=7200) == START + timedelta(seconds=7200)


def test_after_a_jump_back_no_instant_is_told_again_and_time_goes_on() -> None:
    clock = SetByHand()
    clock.pass_by(10)
    assert clock.pass_by(1, wall=-3600) == START + timedelta(seconds=11)
    assert clock.pass_by(1) == START + timedelta(seconds=12)


def test_small_steps_back_never_turn_time_around() -> None:
    clock = SetByHand()
    before = clock.pass_by(10)
    assert clock.pass_by(0.0, wall=-1) == before


class SetMachine:
    """A machine with both of its clocks in the test's hand."""

    def __init__(self, *, wall: datetime = START) -> None:
        self.wall_now = wall
        self.seconds = 50.0

    def wall(self) -> datetime:
        return self.wall_now

    def elapsed(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall_now += timedelta(seconds=seconds)


FIVE_MINUTES = timedelta(minutes=5)


def anchored(machine: SetMachine, *, truth: datetime) -> VenueClock:
    clock = VenueClock(machine)
    for _ in range(2):
        clock.heard(truth, within=1.1)
    assert clock.is_anchored
    return clock


@pytest.mark.parametrize("ahead", [FIVE_MINUTES, -FIVE_MINUTES, timedelta(days=400), timedelta(seconds=30)])
def test_the_time_is_the_venues_whatever_the_wall_clock_says(ahead: timedelta) -> None:
    machine = SetMachine(wall=START + ahead)
    clock = anchored(machine, truth=START)
    assert clock.now() == START
    assert clock.skew == ahead
    machine.pass_by(60)
    assert clock.now() == START + timedelta(minutes=1)


def test_a_wall_clock_set_forward_or_back_changes_nothing() -> None:
    machine = SetMachine()
    clock = anchored(machine, truth=START)
    for jump in (timedelta(hours=9), timedelta(hours=-30)):
        machine.wall_now += jump
        assert clock.now() == START


def test_sleep_counts() -> None:
    machine = SetMachine()
    clock = anchored(machine, truth=START)
    machine.seconds += 8 * 3600
    assert clock.now() == START + timedelta(hours=8)


def test_until_the_venue_speaks_the_wall_clock_of_the_start_serves() -> None:
    machine = SetMachine(wall=START + FIVE_MINUTES)
    clock = VenueClock(machine)
    machine.pass_by(3)
    machine.wall_now += timedelta(hours=1)
    assert clock.now() == START + FIVE_MINUTES + timedelta(seconds=3)
    assert not clock.is_anchored


def test_one_absurd_first_reply_does_not_set_the_time() -> None:
    machine = SetMachine()
    clock = VenueClock(machine)
    clock.heard(datetime(1970, 1, 1, tzinfo=UTC), within=1.1)
    assert not clock.is_anchored
    clock.heard(START, within=1.1)
    assert clock.is_anchored
    assert clock.now() == START


@pytest.mark.parametrize("absurd", [timedelta(hours=5), timedelta(hours=-5), timedelta(seconds=40)])
def test_one_absurd_reply_changes_nothing_and_three_that_agree_are_believed(absurd: timedelta) -> None:
    machine = SetMachine()
    clock = anchored(machine, truth=START)
    for _ in range(2):
        clock.heard(START + absurd, within=1.1)
        clock.heard(START, within=1.1)
    assert clock.now() == START
    for _ in range(3):
        clock.heard(START + absurd, within=1.1)
    assert clock.now() == max(START + absurd, START)


def test_the_stamp_of_a_trade_is_a_lower_bound_of_the_time() -> None:
    machine = SetMachine()
    clock = anchored(machine, truth=START)
    clock.heard(START + timedelta(milliseconds=700))
    assert clock.now() == START + timedelta(milliseconds=700)
    clock.heard(START - timedelta(hours=1))
    assert clock.now() == START + timedelta(milliseconds=700)


@pytest.mark.parametrize("ahead", [timedelta(seconds=4), timedelta(days=3)])
def test_an_absurd_stamp_of_a_trade_changes_nothing(ahead: timedelta) -> None:
    clock = anchored(SetMachine(), truth=START)
    clock.heard(START + ahead)
    assert clock.now() == START


def test_a_stamp_sets_no_time_before_a_reply_has() -> None:
    clock = VenueClock(SetMachine())
    clock.heard(START + timedelta(seconds=30))
    assert clock.now() == START
    assert not clock.is_anchored


def test_many_replies_find_the_time_within_the_second() -> None:
    machine = SetMachine()
    clock = anchored(machine, truth=START)
    truth = START + timedelta(milliseconds=950)
    for _ in range(60):
        machine.pass_by(5.03)
        truth += timedelta(seconds=5.03)
        clock.heard(truth.replace(microsecond=0), within=1.05)
    assert timedelta() <= truth - clock.now() < timedelta(milliseconds=60)


def test_a_machine_that_runs_fast_is_held_to_the_venues_pace_without_turning_time_around() -> None:
    machine = SetMachine()
    clock = anchored(machine, truth=START)
    truth, told = START, START
    for _ in range(2000):
        machine.pass_by(30.003)  # 100 ppm
        truth += timedelta(seconds=30)
        clock.heard(truth, within=0.1)
        assert clock.now() >= told
        told = clock.now()
    assert abs(told - truth) < timedelta(seconds=0.2)


def test_time_that_ran_ahead_goes_on_at_half_its_pace() -> None:
    machine = SetMachine()
    clock = anchored(machine, truth=START)
    clock.now()
    for _ in range(3):
        clock.heard(START - timedelta(seconds=20), within=1.1)
    machine.pass_by(10)
    assert clock.now() == START + timedelta(seconds=5)
    machine.pass_by(30)
    assert clock.now() == START + timedelta(seconds=20)


@pytest.mark.parametrize("elapsed", [ThisMachine().elapsed, SystemClock().monotonic])
def test_elapsed_time_advances_in_steps_far_below_a_millisecond(elapsed: Callable[[], float]) -> None:
    readings = [elapsed()]
    while len(readings) < 100:
        reading = elapsed()
        if reading != readings[-1]:
            readings.append(reading)
    steps = [after - before for before, after in pairwise(readings)]
    assert 0 < min(steps) < 0.0005


def test_the_clock_of_this_machine_runs() -> None:
    machine = ThisMachine()
    assert machine.elapsed() <= machine.elapsed()
    assert machine.wall().tzinfo is UTC
