"""Which beat it is, and when the next edge is worth a look."""

from datetime import timedelta

from risk_manager.dashboard.rhythm import Rhythm
from tests.dashboard.canned_day import NOW


def at(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_of_what_is_told_within_half_a_second_only_the_first_begins_a_beat() -> None:
    rhythm = Rhythm()

    assert [rhythm.is_another(NOW + at(seconds)) for seconds in (0.0, 0.02, 0.49, 0.5, 0.99, 1.0)] == [
        True, False, False, True, False, True,
    ]  # fmt: skip


def test_a_second_is_looked_at_just_past_its_edge() -> None:
    assert Rhythm().next_second(NOW + at(0.3)) == NOW + at(1.005)
    assert Rhythm().next_beat(NOW + at(0.3)) == NOW + at(0.505)


def test_while_the_daemon_tells_its_word_is_waited_for() -> None:
    rhythm = Rhythm()
    rhythm.is_another(NOW)

    assert rhythm.next_second(NOW + at(0.3)) == NOW + at(1.1)
    assert rhythm.next_beat(NOW + at(0.3)) == NOW + at(0.6)
    assert rhythm.next_second(NOW + at(1.5)) == NOW + at(2.005), "it has fallen silent"
