"""A daemon that grows is found, and one that is slow to start is not taken for one."""

from tests.trials.logs import Log
from trials.soak.__main__ import grown
from trials.soak.stage import Memory
from trials.soak.windows import starting_times


def lives(*delays: float) -> list[float]:
    log, at = Log(), 0.0
    for delay in delays:
        at += 100
        log.at(at).note(daemon="starts").at(at + delay).asks("Auth/loginKey")
        log.asks("Position/searchOpen")
    return starting_times(log.entries)


def test_a_life_begins_to_be_compared_when_it_has_spoken() -> None:
    assert lives(1, 55) == [1, 55]
    assert starting_times(Log().note(daemon="starts").entries) == [float("inf")]


def test_what_is_loaded_while_it_starts_is_no_growth() -> None:
    slow = Memory([[(5, 30.0), (25, 34.0), (50, 45.0), (80, 50.0), (120, 50.5)]])
    assert grown(slow, [55]) == 0.5
    assert grown(slow, [1]) == 16.5


def test_a_life_that_grows_once_it_has_settled_is_found_whichever_it_is() -> None:
    memory = Memory([[(30, 50.0), (60, 50.0)], [(80, 50.0), (120, 57.5)]])
    assert grown(memory, [1, 55]) == 7.5
