from datetime import datetime, timedelta

from risk_manager.daemon.clock import SystemClock
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
    assert clock.last_jump is None


def test_a_jump_forward_is_followed_at_once() -> None:
    clock = SetByHand()
    assert clock.pass_by(1, wall=7200) == START + timedelta(seconds=7200)
    assert clock.last_jump == timedelta(seconds=7199)


def test_after_a_jump_back_no_instant_is_told_again_and_time_goes_on() -> None:
    clock = SetByHand()
    clock.pass_by(10)
    assert clock.pass_by(1, wall=-3600) == START + timedelta(seconds=11)
    assert clock.pass_by(1) == START + timedelta(seconds=12)


def test_small_steps_back_never_turn_time_around() -> None:
    clock = SetByHand()
    before = clock.pass_by(10)
    assert clock.pass_by(0.0, wall=-1) == before
