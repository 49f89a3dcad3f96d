from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from risk_manager.alerts.storm import CROWD, FIRST_WINDOW, LONGEST_WINDOW, MOST_AT_ONCE, Storm, Window, restored
from tests.alerts.post_office import START

GAPS = st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 2000)), max_size=60)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_the_first_is_told_at_once_and_repetitions_wait_for_the_end_of_the_window() -> None:
    storm = Storm()
    assert storm.due("a", START) == START
    assert storm.due("a", after(1)) == START + FIRST_WINDOW
    assert storm.due("a", after(59)) == START + FIRST_WINDOW
    assert storm.due("b", after(59)) == after(59)


def test_windows_grow_while_it_goes_on_and_begin_anew_after_quiet() -> None:
    storm = Storm()
    told = {storm.due("a", after(second)) for second in range(0, 3600, 5)}
    assert 5 <= len(told) <= 8
    assert storm.due("a", after(100_000)) == after(100_000)
    assert storm.windows["a"].length == FIRST_WINDOW


def test_a_thousand_within_a_minute_are_two() -> None:
    storm = Storm()
    assert len({storm.due("a", after(number * 0.05)) for number in range(1000)}) == 2


def test_what_was_told_before_a_restart_still_counts() -> None:
    storm = Storm()
    storm.due("a", START)
    assert restored(storm.windows).due("a", after(1)) == START + FIRST_WINDOW


def test_a_clock_that_was_set_back_silences_nothing() -> None:
    storm = restored({"a": Window(until=after(1_000_000), length=LONGEST_WINDOW)})
    assert storm.due("a", START) == START


def test_too_many_different_ones_are_a_crowd_until_a_minute_has_passed() -> None:
    storm = Storm()
    assert not any(storm.is_crowded(START) for _ in range(MOST_AT_ONCE))
    assert storm.is_crowded(after(30))
    assert not storm.is_crowded(START + CROWD)


def test_quiet_folds_are_forgotten() -> None:
    storm = Storm()
    storm.due("a", START)
    assert storm.forget(after(60)) == []
    assert storm.forget(after(121)) == ["a"]
    assert storm.windows == {}


@given(GAPS)
def test_an_alarm_is_never_told_before_it_happened_nor_later_than_the_longest_window(
    gaps: list[tuple[str, float]],
) -> None:
    storm, now = Storm(), START
    for fold, gap in gaps:
        now += timedelta(seconds=gap)
        assert now <= storm.due(fold, now) <= now + LONGEST_WINDOW


@given(GAPS)
def test_two_messages_of_one_alarm_are_never_closer_than_the_first_window(gaps: list[tuple[str, float]]) -> None:
    storm, now = Storm(), START
    told: dict[str, list[datetime]] = {}
    for fold, gap in gaps:
        now += timedelta(seconds=gap)
        due = storm.due(fold, now)
        if due not in told.setdefault(fold, []):
            told[fold].append(due)
    for instants in told.values():
        for before, then in pairwise(instants):
            assert then - before >= FIRST_WINDOW
