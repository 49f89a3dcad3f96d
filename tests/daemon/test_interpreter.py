"""What the daemon asks of the interpreter."""

import gc
import sys
from collections.abc import Iterator

import pytest

from risk_manager.daemon.interpreter import COLLECT_AFTER, SWITCH_SECONDS, leave_what_lasts, prefer_the_loop


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_no_thread_keeps_the_loop_waiting_for_long() -> None:
    prefer_the_loop()

    assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)


def test_rings_are_looked_for_so_rarely_that_hardly_a_breach_waits_for_it() -> None:
    young, *older = gc.get_threshold()
    prefer_the_loop()

    assert gc.get_threshold() == (COLLECT_AFTER, *older)
    assert young < COLLECT_AFTER


def test_what_is_there_at_the_start_is_not_collected_again_and_again() -> None:
    leave_what_lasts()

    assert gc.get_freeze_count() > 0
