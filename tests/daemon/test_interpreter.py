"""What the daemon asks of the interpreter."""

import gc
import sys
from collections.abc import Iterator

import pytest

from risk_manager.daemon.interpreter import SWITCH_SECONDS, leave_what_lasts, prefer_the_loop


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)
    gc.unfreeze()


def test_no_thread_keeps_the_loop_waiting_for_long() -> None:
    prefer_the_loop()

    assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)


def test_what_is_there_at_the_start_is_not_collected_again_and_again() -> None:
    leave_what_lasts()

    assert gc.get_freeze_count() > 0
